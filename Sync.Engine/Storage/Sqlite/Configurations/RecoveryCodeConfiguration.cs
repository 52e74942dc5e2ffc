using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Storage.Sqlite.Configurations;

internal sealed class RecoveryCodeConfiguration : IEntityTypeConfiguration<StoredRecoveryCode>
{
    public void Configure(EntityTypeBuilder<StoredRecoveryCode> builder)
    {
        builder.ToTable("recovery_codes");
        builder.HasKey(code => code.Hash);
        builder.Property(code => code.Hash).HasColumnName("hash");
        builder.Property(code => code.UserId).HasColumnName("user_id");
        builder.Property(code => code.CreatedMs).HasColumnName("created_ms");
        builder.HasIndex(code => code.UserId);
        builder.HasOne<StoredUser>().WithMany().HasForeignKey(code => code.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
