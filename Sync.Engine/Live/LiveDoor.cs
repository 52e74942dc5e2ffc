using System.Collections.Immutable;

namespace Sync.Engine;

/// <summary>A room as it changes.</summary>
public sealed class LiveDoor
{
    /// <summary>
    /// Every event after <paramref name="since"/> (null = from now on), in order, nothing missed, nothing twice, as it becomes durable. Ends when access ends
    /// or the room is deleted.
    /// </summary>
    public Task<Outcome<IAsyncEnumerable<LiveEvent>>> EventsAsync(Caller caller, string room, long? since, CancellationToken cancellationToken) => throw new InvalidOperationException();

    /// <summary>Opens a room for a page. Dispose it when the page closes.</summary>
    public Task<Outcome<RoomWatch>> WatchAsync(Caller caller, string room, CancellationToken cancellationToken) => throw new InvalidOperationException();
}

/// <summary>One log event for a stream.</summary>
/// <param name="Seq">Its number, the stream's event id.</param>
/// <param name="Json">The event as UTF-8 JSON, as this reader may see it.</param>
public readonly record struct LiveEvent(long Seq, ReadOnlyMemory<byte> Json);

/// <summary>
/// A page's hold on a room: an immutable picture, and a signal when there is a newer one. Pictures are built on demand, at most one per
/// commit and reader kind, so a page that looks rarely costs little.
/// </summary>
public sealed class RoomWatch : IDisposable
{
    internal RoomWatch()
    {
    }

    /// <summary>The room as the caller may see it now. Throws nothing; when access has ended it keeps the last picture and <see cref="Ended"/> is true.</summary>
    public RoomPicture Current => throw new InvalidOperationException();

    /// <summary>Whether access or the room has ended.</summary>
    public bool Ended => throw new InvalidOperationException();

    /// <summary>Completes when something the caller may see has changed since <paramref name="seen"/>; false when the watch has ended.</summary>
    public ValueTask<bool> ChangedAsync(RoomPicture seen, CancellationToken cancellationToken) => throw new InvalidOperationException();

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}

/// <summary>Everything a reader may see of a room at one moment. Immutable; parts that did not change are the same objects as in the picture before.</summary>
public sealed record RoomPicture
{
    /// <summary>Newest event.</summary>
    public required long Seq { get; init; }

    /// <summary>The room.</summary>
    public required RoomInfo Info { get; init; }

    /// <summary>The agent the caller acts as, or null for a watcher.</summary>
    public string? Self { get; init; }

    /// <summary>Agents by id.</summary>
    public required ImmutableArray<AgentPicture> Agents { get; init; }

    /// <summary>State entries by scope and key, of the scopes the caller reads.</summary>
    public required ImmutableArray<EntryPicture> Entries { get; init; }

    /// <summary>The newest messages, oldest first, at most 500.</summary>
    public required ImmutableArray<MessagePicture> Messages { get; init; }

    /// <summary>Messages ever sent.</summary>
    public required long MessageCount { get; init; }

    /// <summary>Custom actions by id.</summary>
    public required ImmutableArray<ActionPicture> Actions { get; init; }

    /// <summary>Views by id, <c>_contested</c> among them.</summary>
    public required ImmutableArray<ViewPicture> Views { get; init; }

    /// <summary>The newest events, newest first, at most 100.</summary>
    public required ImmutableArray<EventPicture> Activity { get; init; }
}

/// <summary>An agent in a picture.</summary>
public sealed record AgentPicture(string Id, string Name, string Role, string Status, string? WaitingOn, DateTimeOffset? LastHeartbeat);

/// <summary>An entry in a picture; <paramref name="Value"/> is compact JSON text.</summary>
public sealed record EntryPicture(string Scope, string Key, string Value, string Version, long Revision, DateTimeOffset UpdatedAt, long Seq, string? Writer, string? Via);

/// <summary>A message in a picture; <paramref name="Body"/> is text, or compact JSON when it was no string.</summary>
public sealed record MessagePicture(long Seq, string From, string Kind, string Body, ImmutableArray<string> To, DateTimeOffset At);

/// <summary>An action in a picture; <paramref name="Definition"/> is its compact JSON.</summary>
public sealed record ActionPicture(string Id, string Scope, string? Description, bool Available, string? Reason, long Invocations, string Definition);

/// <summary>A view in a picture; <paramref name="Value"/> is compact JSON, <paramref name="Render"/> its render hint's compact JSON or null.</summary>
public sealed record ViewPicture(string Id, string Scope, string? Expression, string? Description, string Value, string? Render, bool System, string? Error);

/// <summary>An event in a picture; <paramref name="Params"/> is compact JSON or null.</summary>
public sealed record EventPicture(long Seq, DateTimeOffset At, string Kind, string? Agent, string? Action, bool Ok, string? Error, int Count, string? Params);
