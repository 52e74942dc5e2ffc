using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Storage.Sqlite.Configurations;

internal sealed class SnapshotConfiguration : IEntityTypeConfiguration<StoredSnapshot>
{
    public void Configure(EntityTypeBuilder<StoredSnapshot> builder)
    {
        builder.ToTable("snapshots");
        builder.HasKey(stored => new { stored.Room, stored.Seq });
        builder.Property(stored => stored.Room).HasColumnName("room");
        builder.Property(stored => stored.Seq).HasColumnName("seq");
        builder.Property(stored => stored.Body).HasColumnName("body");
        builder.HasOne<StoredRoom>().WithMany().HasForeignKey(stored => stored.Room).OnDelete(DeleteBehavior.Restrict);
    }
}
