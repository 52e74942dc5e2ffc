using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Storage.Sqlite.Configurations;

internal sealed class InvitationConfiguration : IEntityTypeConfiguration<StoredInvitation>
{
    public void Configure(EntityTypeBuilder<StoredInvitation> builder)
    {
        builder.ToTable("invitations");
        builder.HasKey(invitation => invitation.Id);
        builder.Property(invitation => invitation.Id).HasColumnName("id");
        builder.Property(invitation => invitation.Hash).HasColumnName("hash");
        builder.Property(invitation => invitation.Room).HasColumnName("room");
        builder.Property(invitation => invitation.Role).HasColumnName("role").HasConversion<string>();
        builder.Property(invitation => invitation.UserId).HasColumnName("user_id");
        builder.Property(invitation => invitation.CreatedMs).HasColumnName("created_ms");
        builder.Property(invitation => invitation.ExpiresMs).HasColumnName("expires_ms");
        builder.HasIndex(invitation => invitation.Hash).IsUnique();
        builder.HasIndex(invitation => invitation.Room);
        builder.HasOne<StoredRoom>().WithMany().HasForeignKey(invitation => invitation.Room).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<StoredUser>().WithMany().HasForeignKey(invitation => invitation.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
