using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Storage.Sqlite.Configurations;

internal sealed class PresenceConfiguration : IEntityTypeConfiguration<StoredPresence>
{
    public void Configure(EntityTypeBuilder<StoredPresence> builder)
    {
        builder.ToTable("presence");
        builder.HasKey(stored => new { stored.Room, stored.Agent });
        builder.Property(stored => stored.Room).HasColumnName("room");
        builder.Property(stored => stored.Agent).HasColumnName("agent");
        builder.Property(stored => stored.LastHeartbeatMs).HasColumnName("last_heartbeat_ms");
        builder.Property(stored => stored.Status).HasColumnName("status");
        builder.Property(stored => stored.CursorSeq).HasColumnName("cursor_seq");
        builder.Property(stored => stored.CursorOwn).HasColumnName("cursor_own");
        builder.Property(stored => stored.CursorDirected).HasColumnName("cursor_directed");
        builder.HasOne<StoredRoom>().WithMany().HasForeignKey(stored => stored.Room).OnDelete(DeleteBehavior.Restrict);
    }
}
