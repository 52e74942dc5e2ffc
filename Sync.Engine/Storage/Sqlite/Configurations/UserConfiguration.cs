using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Storage.Sqlite.Configurations;

internal sealed class UserConfiguration : IEntityTypeConfiguration<StoredUser>
{
    public void Configure(EntityTypeBuilder<StoredUser> builder)
    {
        builder.ToTable("users");
        builder.HasKey(user => user.Id);
        builder.Property(user => user.Id).HasColumnName("id");

        // Names are ASCII, so SQLite's NOCASE folds all of them.
        builder.Property(user => user.Name).HasColumnName("name").UseCollation("NOCASE");
        builder.Property(user => user.CreatedMs).HasColumnName("created_ms");
        builder.Property(user => user.IsAdmin).HasColumnName("is_admin").HasDefaultValue(false);
        builder.HasIndex(user => user.Name).IsUnique();
    }
}
