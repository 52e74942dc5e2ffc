using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Sync.Engine.Storage.Sqlite.Schema;

namespace Sync.Engine.Storage.Sqlite.Configurations;

internal sealed class ClientConfiguration : IEntityTypeConfiguration<StoredClient>
{
    public void Configure(EntityTypeBuilder<StoredClient> builder)
    {
        builder.ToTable("clients");
        builder.HasKey(client => client.Id);
        builder.Property(client => client.Id).HasColumnName("id");
        builder.Property(client => client.Name).HasColumnName("name");
        builder.Property(client => client.RedirectUris).HasColumnName("redirect_uris");
        builder.Property(client => client.Uri).HasColumnName("uri");
        builder.Property(client => client.CreatedMs).HasColumnName("created_ms");
        builder.Property(client => client.LastUsedMs).HasColumnName("last_used_ms");
        builder.HasIndex(client => client.LastUsedMs);
    }
}
