using Sync.Engine.Commands;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Runtime;

/// <summary>The one writer of a room, as whoever sends it commands sees it.</summary>
internal interface IRoomWriter
{
    /// <summary>
    /// Runs a command: decides on top of everything accepted so far, and answers when what it decided, or was decided on, is on disk.
    /// </summary>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">A caller that gives up leaves the queue, and the line where its command waits; once that is decided it is carried out.</param>
    /// <remarks>Errors: what the decision refuses; <c>unavailable</c>, <c>rate_limited</c> for a full queue.</remarks>
    Task<Outcome<Committed>> ExecuteAsync(RoomCommand command, CancellationToken cancellationToken);
}

/// <summary>The request keys of a room that count, for a decision: with those of everything accepted, whether or not it is durable.</summary>
internal interface IRequestIndex
{
    /// <summary>The event of the first call of a request key, or null.</summary>
    long? FindRequest(string key, DateTimeOffset now);

    /// <summary>What tells a retry from another request, of a call that waits under a request key; null where none does.</summary>
    string? FindParked(string key);

    /// <summary>The agent of a call that stands in line before an arrival (0: a newcomer's) for what cannot be held together with this; null where there is none, "" where it is nobody's.</summary>
    string? FindAhead(Commands.Leases.WantedLease wanted, long arrival);

    /// <summary>What the call of an arrival stands before; null for a newcomer, whose arrival is 0.</summary>
    Obstacle? FindObstacle(long arrival);

    /// <summary>Who has how many request keys that count.</summary>
    IReadOnlyList<KeyValuePair<string, int>> RequestHolders();

    /// <summary>How many request keys one has that still count, and how many all have together.</summary>
    (int Own, int All) RequestUse(string? holder, DateTimeOffset now);

    /// <summary>When so many request keys are over, of all or of some holders; null when there are not so many.</summary>
    DateTimeOffset? RequestsOver(long count, Func<string, bool>? isOne);
}
