using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Storage.Sqlite.Configurations;

/// <summary>The table is WITHOUT ROWID, which EF Core cannot say: the first migration creates it in SQL.</summary>
internal sealed class EventKeyConfiguration : IEntityTypeConfiguration<StoredEventKey>
{
    public void Configure(EntityTypeBuilder<StoredEventKey> builder)
    {
        builder.ToTable("event_keys");
        builder.HasKey(stored => new { stored.Room, stored.Scope, stored.Key, stored.Seq });
        builder.Property(stored => stored.Room).HasColumnName("room");
        builder.Property(stored => stored.Scope).HasColumnName("scope");
        builder.Property(stored => stored.Key).HasColumnName("key");
        builder.Property(stored => stored.Seq).HasColumnName("seq");
        builder.HasOne<StoredRoom>().WithMany().HasForeignKey(stored => stored.Room).OnDelete(DeleteBehavior.Restrict);
    }
}
