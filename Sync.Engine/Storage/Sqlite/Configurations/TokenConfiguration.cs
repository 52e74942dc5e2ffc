using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Storage.Sqlite.Configurations;

internal sealed class TokenConfiguration : IEntityTypeConfiguration<StoredToken>
{
    public void Configure(EntityTypeBuilder<StoredToken> builder)
    {
        builder.ToTable("tokens");
        builder.HasKey(token => token.Id);
        builder.Property(token => token.Id).HasColumnName("id");
        builder.Property(token => token.Hash).HasColumnName("hash");
        builder.Property(token => token.Scope).HasColumnName("scope");
        builder.Property(token => token.UserId).HasColumnName("user_id");
        builder.Property(token => token.Room).HasColumnName("room");
        builder.Property(token => token.Label).HasColumnName("label");
        builder.Property(token => token.CreatedMs).HasColumnName("created_ms");
        builder.Property(token => token.ExpiresMs).HasColumnName("expires_ms");
        builder.Property(token => token.RevokedMs).HasColumnName("revoked_ms");
        builder.Property(token => token.LastUsedMs).HasColumnName("last_used_ms");
        builder.Property(token => token.Agents).HasColumnName("agents");
        builder.Property(token => token.Kind).HasColumnName("kind").HasConversion<string>().HasDefaultValue(CredentialKind.Token);
        builder.Property(token => token.ClientId).HasColumnName("client_id");
        builder.Property(token => token.AccessSeconds).HasColumnName("access_s");
        builder.Property(token => token.Parent).HasColumnName("parent");
        builder.Property(token => token.SeesPrivate).HasColumnName("sees_private").HasDefaultValue(false);
        builder.HasIndex(token => token.Hash).IsUnique();
        builder.HasIndex(token => token.Parent);
        builder.HasOne<StoredUser>().WithMany().HasForeignKey(token => token.UserId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<StoredRoom>().WithMany().HasForeignKey(token => token.Room).OnDelete(DeleteBehavior.Cascade);
    }
}
