using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Storage.Sqlite.Configurations;

internal sealed class GrantConfiguration : IEntityTypeConfiguration<StoredGrant>
{
    public void Configure(EntityTypeBuilder<StoredGrant> builder)
    {
        builder.ToTable("grants");
        builder.HasKey(grant => grant.Id);
        builder.Property(grant => grant.Id).HasColumnName("id");
        builder.Property(grant => grant.DeviceHash).HasColumnName("device_hash");
        builder.Property(grant => grant.UserCode).HasColumnName("user_code");
        builder.Property(grant => grant.ClientId).HasColumnName("client_id");
        builder.Property(grant => grant.ClientName).HasColumnName("client_name");
        builder.Property(grant => grant.Asked).HasColumnName("asked");
        builder.Property(grant => grant.Granted).HasColumnName("granted");
        builder.Property(grant => grant.UserId).HasColumnName("user_id");
        builder.Property(grant => grant.State).HasColumnName("state").HasConversion<string>();
        builder.Property(grant => grant.TokenId).HasColumnName("token_id");
        builder.Property(grant => grant.CreatedMs).HasColumnName("created_ms");
        builder.Property(grant => grant.ExpiresMs).HasColumnName("expires_ms");
        builder.Property(grant => grant.PolledMs).HasColumnName("polled_ms");
        builder.Property(grant => grant.IntervalSeconds).HasColumnName("interval_s");
        builder.HasIndex(grant => grant.DeviceHash).IsUnique();
        builder.HasIndex(grant => grant.UserCode).IsUnique();
        builder.HasIndex(grant => grant.ExpiresMs);
        builder.HasOne<StoredUser>().WithMany().HasForeignKey(grant => grant.UserId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<StoredToken>().WithMany().HasForeignKey(grant => grant.TokenId).OnDelete(DeleteBehavior.SetNull);
    }
}
