using Microsoft.EntityFrameworkCore;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>
/// The schema of the whole database, the log's tables included, and the relational side's reads and writes. One context per
/// operation. Writes happen on the writer thread (<c>DatabaseWriter</c>), so the context is used synchronously there:
/// SQLite has no asynchronous I/O to offer. The log's hot path uses prepared statements on the same tables instead.
/// </summary>
internal sealed class SyncDbContext(DbContextOptions<SyncDbContext> options) : DbContext(options)
{
    public DbSet<StoredUser> Users => Set<StoredUser>();

    public DbSet<StoredToken> Tokens => Set<StoredToken>();

    public DbSet<StoredRefreshToken> RefreshTokens => Set<StoredRefreshToken>();

    public DbSet<StoredPasskey> Passkeys => Set<StoredPasskey>();

    public DbSet<StoredRecoveryCode> RecoveryCodes => Set<StoredRecoveryCode>();

    public DbSet<StoredPasskeyLink> PasskeyLinks => Set<StoredPasskeyLink>();

    public DbSet<StoredGrant> Grants => Set<StoredGrant>();

    public DbSet<StoredClient> Clients => Set<StoredClient>();

    public DbSet<StoredInvitation> Invitations => Set<StoredInvitation>();

    public DbSet<StoredWebhook> Webhooks => Set<StoredWebhook>();

    public DbSet<StoredWebhookDelivery> WebhookDeliveries => Set<StoredWebhookDelivery>();

    public DbSet<StoredRoom> Rooms => Set<StoredRoom>();

    public DbSet<StoredMember> Members => Set<StoredMember>();

    public DbSet<StoredInvitedName> InvitedNames => Set<StoredInvitedName>();

    public DbSet<StoredRemovedMember> RemovedMembers => Set<StoredRemovedMember>();

    public DbSet<StoredEvent> Events => Set<StoredEvent>();

    public DbSet<StoredEventKey> EventKeys => Set<StoredEventKey>();

    public DbSet<StoredEventCause> EventCauses => Set<StoredEventCause>();

    public DbSet<StoredSnapshot> Snapshots => Set<StoredSnapshot>();

    public DbSet<StoredPresence> Presence => Set<StoredPresence>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.Properties<Enum>().HaveConversion<string>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => SchemaModel.Configure(modelBuilder);
}
