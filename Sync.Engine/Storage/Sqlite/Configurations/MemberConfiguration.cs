using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Storage.Sqlite.Configurations;

internal sealed class MemberConfiguration : IEntityTypeConfiguration<StoredMember>
{
    public void Configure(EntityTypeBuilder<StoredMember> builder)
    {
        builder.ToTable("members");
        builder.HasKey(member => new { member.Room, member.UserId });
        builder.Property(member => member.Room).HasColumnName("room");
        builder.Property(member => member.UserId).HasColumnName("user_id");
        builder.Property(member => member.Role).HasColumnName("role").HasConversion<string>();
        builder.Property(member => member.ViaOpen).HasColumnName("via_open").HasDefaultValue(false);
        builder.Property(member => member.Pending).HasColumnName("pending").HasDefaultValue(false);
        builder.HasOne<StoredRoom>().WithMany().HasForeignKey(member => member.Room).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<StoredUser>().WithMany().HasForeignKey(member => member.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
