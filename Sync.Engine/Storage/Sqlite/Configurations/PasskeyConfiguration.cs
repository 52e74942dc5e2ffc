using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Storage.Sqlite.Configurations;

internal sealed class PasskeyConfiguration : IEntityTypeConfiguration<StoredPasskey>
{
    public void Configure(EntityTypeBuilder<StoredPasskey> builder)
    {
        builder.ToTable("passkeys");
        builder.HasKey(passkey => passkey.CredentialId);
        builder.Property(passkey => passkey.CredentialId).HasColumnName("credential_id");
        builder.Property(passkey => passkey.UserId).HasColumnName("user_id");
        builder.Property(passkey => passkey.Name).HasColumnName("name");
        builder.Property(passkey => passkey.Data).HasColumnName("data");
        builder.Property(passkey => passkey.CreatedMs).HasColumnName("created_ms");
        builder.Property(passkey => passkey.LastUsedMs).HasColumnName("last_used_ms");
        builder.HasIndex(passkey => passkey.UserId);
        builder.HasOne<StoredUser>().WithMany().HasForeignKey(passkey => passkey.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
