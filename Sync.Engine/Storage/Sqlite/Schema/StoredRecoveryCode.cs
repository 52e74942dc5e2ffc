namespace Sync.Engine.Storage.Sqlite.Schema;

/// <summary>A row of <c>recovery_codes</c>. A used code is gone.</summary>
internal sealed class StoredRecoveryCode
{
    public required byte[] Hash { get; init; }

    public required string UserId { get; init; }

    public required long CreatedMs { get; init; }
}
