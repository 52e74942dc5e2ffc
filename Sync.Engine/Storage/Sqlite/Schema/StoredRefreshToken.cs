namespace Sync.Engine.Storage.Sqlite.Schema;

/// <summary>A row of <c>refresh_tokens</c>. Used ones stay as long as they would have lived, to tell a second use.</summary>
internal sealed class StoredRefreshToken
{
    public required byte[] Hash { get; init; }

    /// <summary>The token it renews.</summary>
    public required string TokenId { get; init; }

    public required long CreatedMs { get; init; }

    public required long ExpiresMs { get; init; }

    public long? UsedMs { get; set; }
}
