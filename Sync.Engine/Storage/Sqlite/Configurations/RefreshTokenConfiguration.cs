using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Storage.Sqlite.Configurations;

internal sealed class RefreshTokenConfiguration : IEntityTypeConfiguration<StoredRefreshToken>
{
    public void Configure(EntityTypeBuilder<StoredRefreshToken> builder)
    {
        builder.ToTable("refresh_tokens");
        builder.HasKey(refresh => refresh.Hash);
        builder.Property(refresh => refresh.Hash).HasColumnName("hash");
        builder.Property(refresh => refresh.TokenId).HasColumnName("token_id");
        builder.Property(refresh => refresh.CreatedMs).HasColumnName("created_ms");
        builder.Property(refresh => refresh.ExpiresMs).HasColumnName("expires_ms");
        builder.Property(refresh => refresh.UsedMs).HasColumnName("used_ms");
        builder.HasIndex(refresh => refresh.TokenId);
        builder.HasOne<StoredToken>().WithMany().HasForeignKey(refresh => refresh.TokenId).OnDelete(DeleteBehavior.Cascade);
    }
}
