namespace Sync.Engine.Storage.Sqlite.Schema;

/// <summary>A row of <c>events</c>, the log. Rows are inserted by the log's prepared statements only and never change.</summary>
internal sealed class StoredEvent
{
    public required long Id { get; init; }

    public required long Room { get; init; }

    public required long Seq { get; init; }

    public required long AtMs { get; init; }

    public required string Kind { get; init; }

    public string? Agent { get; init; }

    public string? Action { get; init; }

    public required bool Ok { get; init; }

    public string? RequestKey { get; init; }

    public required byte[] Body { get; init; }
}
