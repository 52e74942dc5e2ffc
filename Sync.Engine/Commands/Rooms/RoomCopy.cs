using System.Collections.Immutable;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Rooms;

/// <summary>What a new room takes over from another, ready to be its first entries.</summary>
/// <param name="At">The event of the other room up to which it is copied.</param>
/// <param name="Entries">The entries; agents before what they registered.</param>
internal sealed record RoomCopy(long At, ImmutableArray<CopiedEntry> Entries);

/// <summary>One entry of a copy.</summary>
internal sealed record CopiedEntry(string Scope, string Key, JsonText Value)
{
    /// <summary>A timer with what was left of it.</summary>
    public EntryTimer? Timer { get; init; }

    public string? Enabled { get; init; }
}
