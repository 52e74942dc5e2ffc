using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Storage.Sqlite.Configurations;

internal sealed class InvitedNameConfiguration : IEntityTypeConfiguration<StoredInvitedName>
{
    public void Configure(EntityTypeBuilder<StoredInvitedName> builder)
    {
        builder.ToTable("invited_names");
        builder.HasKey(invited => new { invited.Room, invited.Name });
        builder.Property(invited => invited.Room).HasColumnName("room");

        // Names are ASCII, so SQLite's NOCASE folds all of them.
        builder.Property(invited => invited.Name).HasColumnName("name").UseCollation("NOCASE");
        builder.Property(invited => invited.Role).HasColumnName("role").HasConversion<string>();
        builder.Property(invited => invited.InvitedBy).HasColumnName("invited_by");
        builder.Property(invited => invited.CreatedMs).HasColumnName("created_ms");
        builder.HasOne<StoredRoom>().WithMany().HasForeignKey(invited => invited.Room).OnDelete(DeleteBehavior.Cascade);
    }
}
