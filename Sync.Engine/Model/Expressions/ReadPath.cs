using Sync.Cel.Checking;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.Messages;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Expressions;

/// <summary>The kinds of paths that an expression reads in a room.</summary>
internal enum ReadKind
{
    /// <summary>A constant of the evaluation: nothing to follow.</summary>
    None,

    /// <summary>The reader's own id.</summary>
    Self,

    /// <summary>One entry.</summary>
    Entry,

    /// <summary>A whole scope.</summary>
    Scope,

    /// <summary>Anything in the room.</summary>
    Everything,

    View,
    AllViews,
    Action,
    AllActions,

    /// <summary>Number of messages.</summary>
    MessageCount,

    /// <summary>Unread counts: messages and the reader's cursor.</summary>
    Unread,

    /// <summary>Questions the reader has not replied to: messages alone.</summary>
    ToAnswer,

    /// <summary>A lease, or all of them: what everybody reads of it.</summary>
    Lease,

    /// <summary>The same with whether the reader holds it.</summary>
    OwnLease,

    /// <summary>An approval, or all of them.</summary>
    Approvals,

    /// <summary>The approvals that the reader may decide: its agent, and whose that is.</summary>
    ToDecide,

    /// <summary>The clock.</summary>
    Time,

    /// <summary>An agent's heartbeat or everything about agents: changes without an event.</summary>
    Heartbeat,
}

/// <summary>One static read of an expression. <c>self</c> in a path stays symbolic until the reader is known.</summary>
internal readonly record struct ReadPath(ReadKind Kind, string? Scope = null, string? Key = null)
{
    /// <summary>Stands for the reader's id in <see cref="Scope"/> or <see cref="Key"/>; no id can contain it.</summary>
    public const string SelfMark = "\0self";

    public static ReadPath Of(CelPath path)
    {
        var first = path.Segments.Length > 0 ? Text(path.Segments[0]) : null;
        var second = path.Segments.Length > 1 ? Text(path.Segments[1]) : null;
        return path.Root switch
        {
            "state" when first == ReservedScopes.Self => Cell(SelfMark, second),
            "state" when first == ReservedScopes.Views && second is not null => new(ReadKind.Entry, ReservedScopes.Views, second),
            "state" when first is not null => Cell(first, second),
            "state" => new(ReadKind.Everything),
            "views" when first is not null and not SelfMark => new(ReadKind.View, Key: first),
            "views" => new(ReadKind.AllViews),
            "agents" when first is not null && second is not null and not "last_heartbeat" => Cell(ReservedScopes.Agents, first),
            "agents" when first is not null => new(ReadKind.Heartbeat, ReservedScopes.Agents, first),
            "agents" => path.KeysOnly ? new(ReadKind.Scope, ReservedScopes.Agents) : new(ReadKind.Heartbeat, ReservedScopes.Agents),
            "actions" when first is not null and not SelfMark => new(ReadKind.Action, Key: first),
            "actions" => new(ReadKind.AllActions),
            "messages" when first == MessageFigures.Count => new(ReadKind.MessageCount),
            "messages" when first == MessageFigures.ToAnswer => new(ReadKind.ToAnswer),
            "messages" => new(ReadKind.Unread),
            "leases" when first is not null => new(second == LeaseFigures.Mine ? ReadKind.OwnLease : ReadKind.Lease, ReservedScopes.Leases, first),

            // Under a key that is worked out, any of its fields may be read.
            "leases" => new(path.KeysOnly ? ReadKind.Lease : ReadKind.OwnLease, ReservedScopes.Leases),
            "approvals" when first == ApprovalFigures.ToDecide => new(ReadKind.ToDecide),
            "approvals" => new(ReadKind.Approvals, ReservedScopes.Approvals, first is null or ApprovalFigures.Pending or SelfMark ? null : first),
            "self" => new(ReadKind.Self),
            "now" => new(ReadKind.Time),
            _ => new(ReadKind.None),
        };
    }

    private static ReadPath Cell(string scope, string? key) =>
        key is null ? new(ReadKind.Scope, scope) : new(ReadKind.Entry, scope, key);

    // Another variable than self as a key is unknown here; the path ends before it.
    private static string? Text(CelSegment segment) =>
        !segment.IsVariable ? segment.Text : segment.Text == "self" ? SelfMark : null;
}
