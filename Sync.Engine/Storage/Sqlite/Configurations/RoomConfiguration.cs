using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Storage.Sqlite.Configurations;

internal sealed class RoomConfiguration : IEntityTypeConfiguration<StoredRoom>
{
    public void Configure(EntityTypeBuilder<StoredRoom> builder)
    {
        builder.ToTable("rooms");
        builder.HasKey(room => room.Row);
        builder.Property(room => room.Row).HasColumnName("row").ValueGeneratedOnAdd();
        builder.Property(room => room.Id).HasColumnName("id").IsRequired();
        builder.Property(room => room.Name).HasColumnName("name");
        builder.Property(room => room.Join).HasColumnName("join_policy").HasConversion<string>();
        builder.Property(room => room.CreatedMs).HasColumnName("created_ms");
        builder.Property(room => room.DeletedMs).HasColumnName("deleted_ms");
        builder.Property(room => room.Epoch).HasColumnName("epoch").HasDefaultValue(0L);
        builder.HasIndex(room => room.Id).IsUnique();
    }
}
