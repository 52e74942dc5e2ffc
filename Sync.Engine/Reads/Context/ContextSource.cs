using System.Collections.Immutable;
using Sync.Cel.Values.Limits;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Messages;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Reads.History;
using Sync.Engine.Runtime.Waits;

namespace Sync.Engine.Reads.Context;

/// <summary>All that a context is written from. What had to be fetched from the log is fetched already, so writing is synchronous.</summary>
internal sealed record ContextSource
{
    public required Moment Moment { get; init; }

    /// <summary>The reader's agent, or null for a watcher.</summary>
    public string? Self { get; init; }

    public required VisibleScopes VisibleScopes { get; init; }

    public required AccessLevel Level { get; init; }

    public required ContextShape Shape { get; init; }

    /// <summary>The sections of the context: those that are asked for, without leases where nobody named them and nobody holds any.</summary>
    public ImmutableArray<ContextSection> Sections => Shape.NamesSections || Moment.State.UsesLeases ? Shape.Sections : Shape.Sections.Remove(ContextSection.Leases);

    /// <summary>What <c>only</c> comes to in the room.</summary>
    public ContextSelection Selection { get; init; } = ContextSelection.All;

    /// <summary>The parked waits of the room, among them perhaps the reader's.</summary>
    public WaitRegistry? Waits { get; init; }

    /// <summary>The room's id.</summary>
    public required string Room { get; init; }

    /// <summary>How the surface that asks says calls.</summary>
    public required IStepRenderer Steps { get; init; }

    /// <summary>The messages to show, oldest first.</summary>
    public IReadOnlyList<Message> Messages { get; init; } = [];

    /// <summary>How far the reader had read before this answer.</summary>
    public MessageCursor Cursor { get; init; } = MessageCursor.Start;

    /// <summary>Whether the messages go forward from a number; otherwise they are the newest.</summary>
    public bool IsForward => Shape.MessagesAfter is not null || IsUnreadOnly;

    /// <summary>Whether only unread messages are shown: to an agent, since nobody else has a cursor.</summary>
    public bool IsUnreadOnly => Shape.OnlyUnread && Self is not null;

    /// <summary>How many messages fit the filter but are not shown.</summary>
    public long MessagesCut { get; init; }

    /// <summary>Paged forward: the number up to which messages have been read.</summary>
    public long MessagesRead { get; init; }

    /// <summary>Log events for <c>_audit</c>: the newest, newest first; after a position oldest first.</summary>
    public LogPart Audit { get; init; } = LogPart.None;

    /// <summary>Invocations for <c>activity</c>, in the same order.</summary>
    public LogPart Activity { get; init; } = LogPart.None;

    /// <summary>Writes of the one key that is asked for, newest first, and whether there are older ones.</summary>
    public (IReadOnlyList<KeyStep> Steps, bool More) History { get; init; } = ([], false);

    /// <summary>The targets of contests that the reader has been told of.</summary>
    public ImmutableSortedSet<string> KnownContests { get; init; } = [];

    /// <summary>With <c>since</c>: keys that changed; null means everything is shown.</summary>
    public IReadOnlySet<StateKey>? Changed { get; init; }

    /// <summary>Paged forward: how many messages there are after this number.</summary>
    public long CountAfter(long number)
    {
        var window = Moment.State.Messages;
        return IsUnreadOnly ? window.Unread(Self!, window.CursorAt(Self!, number, Cursor)) : window.Count - number; // IsUnreadOnly says it.
    }

    /// <summary>What the context says of the client session it is read in; null outside of one.</summary>
    public SessionNote? Session { get; init; }

    /// <summary>What the request may spend on expressions.</summary>
    public required CelBudget Budget { get; init; }
}
