using Sync.Engine.Identity.Scopes;

namespace Sync.Engine.Storage.Sqlite.Schema;

/// <summary>A row of <c>event_keys</c>: which events touched a key, for the events that ask to be found that way.</summary>
internal sealed class StoredEventKey
{
    public required long Room { get; init; }

    public required string Scope { get; init; }

    public required string Key { get; init; }

    public required long Seq { get; init; }
}
