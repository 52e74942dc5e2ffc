using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Storage.Sqlite.Configurations;

internal sealed class EventConfiguration : IEntityTypeConfiguration<StoredEvent>
{
    public void Configure(EntityTypeBuilder<StoredEvent> builder)
    {
        builder.ToTable("events");
        builder.HasKey(stored => stored.Id);

        // A plain rowid, without AUTOINCREMENT: appends go to the end of the table, and nothing refers to the number.
        builder.Property(stored => stored.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(stored => stored.Room).HasColumnName("room");
        builder.Property(stored => stored.Seq).HasColumnName("seq");
        builder.Property(stored => stored.AtMs).HasColumnName("at_ms");
        builder.Property(stored => stored.Kind).HasColumnName("kind");
        builder.Property(stored => stored.Agent).HasColumnName("agent");
        builder.Property(stored => stored.Action).HasColumnName("action");
        builder.Property(stored => stored.Ok).HasColumnName("ok");
        builder.Property(stored => stored.RequestKey).HasColumnName("request_key");
        builder.Property(stored => stored.Body).HasColumnName("body");
        builder.HasIndex(stored => new { stored.Room, stored.Seq }).IsUnique();

        // Covers what a room reads of its request keys when it is loaded. That a key is used once within its time is the room's matter; after it, it may be again.
        builder.HasIndex(stored => new { stored.Room, stored.AtMs, stored.Seq, stored.Agent, stored.RequestKey }).HasFilter("request_key IS NOT NULL");
        builder.HasOne<StoredRoom>().WithMany().HasForeignKey(stored => stored.Room).OnDelete(DeleteBehavior.Restrict);
    }
}
