using System.Text;
using Microsoft.EntityFrameworkCore;
using Sync.Engine.Identity.Tokens;

namespace Sync.Engine.Storage.Sqlite.Schema;

/// <summary>
/// The tables: keys, indexes, foreign keys, and what differs from the rule. The rule is that a table and its columns are called as the set and the properties of
/// <see cref="SyncDbContext"/> are, in lower case with underscores, and that a choice is kept as its name. A column is added by its property and a migration.
/// </summary>
internal static class SchemaModel
{
    // Names are ASCII, so this collation of SQLite folds all of them.
    private const string IgnoringCase = "NOCASE";

    public static void Configure(ModelBuilder model)
    {
        foreach (var entity in model.Model.GetEntityTypes())
        {
            entity.SetTableName(ToSnakeCase(entity.GetTableName()!)); // Every entity has a table, which its set names.
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(ToSnakeCase(property.Name));
            }
        }

        ConfigureLog(model);
        ConfigureMemberships(model);
        ConfigureAccounts(model);
        ConfigureTokens(model);
        ConfigureWebhooks(model);
    }

    private static void ConfigureLog(ModelBuilder model)
    {
        model.Entity<StoredRoom>(room =>
        {
            room.HasKey(static r => r.Row);
            room.Property(static r => r.Row).ValueGeneratedOnAdd();

            // EF Core takes it for the key at first, and lets it be null when another one is named.
            room.Property(static r => r.Id).IsRequired();
            room.Property(static r => r.Join).HasColumnName("join_policy");
            room.Property(static r => r.Epoch).HasDefaultValue(0L);
            room.HasIndex(static r => r.Id).IsUnique();
        });
        model.Entity<StoredEvent>(stored =>
        {
            // A plain rowid, without AUTOINCREMENT: appends go to the end of the table, and nothing refers to the number.
            stored.Property(static e => e.Id).ValueGeneratedNever();
            stored.HasIndex(static e => new { e.Room, e.Seq }).IsUnique();

            // Covers what a room reads of its request keys when it is loaded. That a key is used once within its time is the room's matter; after it, it may be again.
            stored.HasIndex(static e => new { e.Room, e.AtMs, e.Seq, e.Agent, e.RequestKey }).HasFilter("request_key IS NOT NULL");
            stored.HasOne<StoredRoom>().WithMany().HasForeignKey(static e => e.Room).OnDelete(DeleteBehavior.Restrict);
        });

        // The table is WITHOUT ROWID, which EF Core cannot say: the first migration creates it in SQL.
        model.Entity<StoredEventKey>(key =>
        {
            key.HasKey(static k => new { k.Room, k.Scope, k.Key, k.Seq });
            key.HasOne<StoredRoom>().WithMany().HasForeignKey(static k => k.Room).OnDelete(DeleteBehavior.Restrict);
        });

        // WITHOUT ROWID too.
        model.Entity<StoredEventCause>(cause =>
        {
            cause.HasKey(static c => new { c.Room, c.Cause, c.Seq });
            cause.HasOne<StoredRoom>().WithMany().HasForeignKey(static c => c.Room).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<StoredSnapshot>(snapshot =>
        {
            snapshot.HasKey(static s => new { s.Room, s.Seq });
            snapshot.HasOne<StoredRoom>().WithMany().HasForeignKey(static s => s.Room).OnDelete(DeleteBehavior.Restrict);
        });
        model.Entity<StoredPresence>(presence =>
        {
            presence.HasKey(static p => new { p.Room, p.Agent });
            presence.HasOne<StoredRoom>().WithMany().HasForeignKey(static p => p.Room).OnDelete(DeleteBehavior.Restrict);
        });
    }

    private static void ConfigureMemberships(ModelBuilder model)
    {
        model.Entity<StoredMember>(member =>
        {
            member.HasKey(static m => new { m.Room, m.UserId });
            member.Property(static m => m.ViaOpen).HasDefaultValue(false);
            member.Property(static m => m.Pending).HasDefaultValue(false);
            member.HasOne<StoredRoom>().WithMany().HasForeignKey(static m => m.Room).OnDelete(DeleteBehavior.Cascade);
            member.HasOne<StoredUser>().WithMany().HasForeignKey(static m => m.UserId).OnDelete(DeleteBehavior.Cascade);
        });
        model.Entity<StoredInvitedName>(invited =>
        {
            invited.HasKey(static i => new { i.Room, i.Name });
            invited.Property(static i => i.Name).UseCollation(IgnoringCase);
            invited.HasOne<StoredRoom>().WithMany().HasForeignKey(static i => i.Room).OnDelete(DeleteBehavior.Cascade);
        });
        model.Entity<StoredRemovedMember>(removed =>
        {
            removed.HasKey(static r => new { r.Room, r.UserId });
            removed.HasOne<StoredRoom>().WithMany().HasForeignKey(static r => r.Room).OnDelete(DeleteBehavior.Cascade);
            removed.HasOne<StoredUser>().WithMany().HasForeignKey(static r => r.UserId).OnDelete(DeleteBehavior.Cascade);
        });
        model.Entity<StoredInvitation>(invitation =>
        {
            invitation.HasIndex(static i => i.Hash).IsUnique();
            invitation.HasIndex(static i => i.Room);
            invitation.HasOne<StoredRoom>().WithMany().HasForeignKey(static i => i.Room).OnDelete(DeleteBehavior.Cascade);
            invitation.HasOne<StoredUser>().WithMany().HasForeignKey(static i => i.UserId).OnDelete(DeleteBehavior.Cascade);
        });
    }

    private static void ConfigureAccounts(ModelBuilder model)
    {
        model.Entity<StoredUser>(user =>
        {
            user.Property(static u => u.Name).UseCollation(IgnoringCase);
            user.Property(static u => u.IsAdmin).HasDefaultValue(false);
            user.HasIndex(static u => u.Name).IsUnique();
        });
        model.Entity<StoredPasskey>(passkey =>
        {
            passkey.HasKey(static p => p.CredentialId);
            passkey.HasIndex(static p => p.UserId);
            passkey.HasOne<StoredUser>().WithMany().HasForeignKey(static p => p.UserId).OnDelete(DeleteBehavior.Cascade);
        });
        model.Entity<StoredRecoveryCode>(code =>
        {
            code.HasKey(static c => c.Hash);
            code.HasIndex(static c => c.UserId);
            code.HasOne<StoredUser>().WithMany().HasForeignKey(static c => c.UserId).OnDelete(DeleteBehavior.Cascade);
        });
        model.Entity<StoredPasskeyLink>(link =>
        {
            link.HasIndex(static l => l.Hash).IsUnique();
            link.HasIndex(static l => l.UserId).IsUnique();
            link.HasOne<StoredUser>().WithMany().HasForeignKey(static l => l.UserId).OnDelete(DeleteBehavior.Cascade);
        });
    }

    private static void ConfigureTokens(ModelBuilder model)
    {
        model.Entity<StoredToken>(token =>
        {
            token.Property(static t => t.Kind).HasDefaultValue(CredentialKind.Token);
            token.Property(static t => t.AccessSeconds).HasColumnName("access_s");
            token.Property(static t => t.SeesPrivate).HasDefaultValue(false);
            token.HasIndex(static t => t.Hash).IsUnique();
            token.HasIndex(static t => t.Parent);
            token.HasOne<StoredUser>().WithMany().HasForeignKey(static t => t.UserId).OnDelete(DeleteBehavior.Cascade);
            token.HasOne<StoredRoom>().WithMany().HasForeignKey(static t => t.Room).OnDelete(DeleteBehavior.Cascade);
        });
        model.Entity<StoredRefreshToken>(refresh =>
        {
            refresh.HasKey(static r => r.Hash);
            refresh.HasIndex(static r => r.TokenId);
            refresh.HasOne<StoredToken>().WithMany().HasForeignKey(static r => r.TokenId).OnDelete(DeleteBehavior.Cascade);
        });
        model.Entity<StoredGrant>(grant =>
        {
            grant.Property(static g => g.IntervalSeconds).HasColumnName("interval_s");
            grant.HasIndex(static g => g.DeviceHash).IsUnique();
            grant.HasIndex(static g => g.UserCode).IsUnique();
            grant.HasIndex(static g => g.ExpiresMs);
            grant.HasOne<StoredUser>().WithMany().HasForeignKey(static g => g.UserId).OnDelete(DeleteBehavior.Cascade);
            grant.HasOne<StoredToken>().WithMany().HasForeignKey(static g => g.TokenId).OnDelete(DeleteBehavior.SetNull);
        });
        model.Entity<StoredClient>(static client => client.HasIndex(static c => c.LastUsedMs));
    }

    private static void ConfigureWebhooks(ModelBuilder model)
    {
        model.Entity<StoredWebhook>(webhook =>
        {
            webhook.HasIndex(static w => w.UserId);
            webhook.HasIndex(static w => w.Room);
            webhook.HasOne<StoredUser>().WithMany().HasForeignKey(static w => w.UserId).OnDelete(DeleteBehavior.Cascade);
            webhook.HasOne<StoredRoom>().WithMany().HasForeignKey(static w => w.Room).OnDelete(DeleteBehavior.Cascade);
            webhook.HasOne<StoredToken>().WithMany().HasForeignKey(static w => w.TokenId).OnDelete(DeleteBehavior.Cascade);
        });
        model.Entity<StoredWebhookDelivery>(delivery =>
        {
            delivery.HasIndex(static d => new { d.WebhookId, d.Key }).IsUnique();
            delivery.HasIndex(static d => d.DueMs).HasFilter("state = 'Waiting'");
            delivery.HasOne<StoredWebhook>().WithMany().HasForeignKey(static d => d.WebhookId).OnDelete(DeleteBehavior.Cascade);
        });
    }

    private static string ToSnakeCase(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        foreach (var character in name)
        {
            if (char.IsAsciiLetterUpper(character) && text.Length > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(character));
        }

        return text.ToString();
    }
}
