using System.Collections.Immutable;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Messages;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Reads.Context;

/// <summary>A description of an expression: its value and what it depends on.</summary>
/// <param name="Value">Compact JSON.</param>
/// <param name="Type">The value's type in the language of expressions.</param>
/// <param name="Reads">What the expression itself may read, in the order it stands in it.</param>
/// <param name="Warnings">Paths that nothing in the room has or writes, and the like.</param>
public sealed record Examination(string Value, string Type, ImmutableArray<ExpressionRead> Reads, ImmutableArray<ExpressionWarning> Warnings)
{
    internal static ExpressionRead? Of(ReadPath path) => path.Kind switch
    {
        ReadKind.Entry => new ExpressionRead("state", Known(path.Scope), Known(path.Key)),
        ReadKind.Scope => new ExpressionRead("state", Known(path.Scope), Key: null),
        ReadKind.Everything => new ExpressionRead("state", Scope: null, Key: null),
        ReadKind.View => new ExpressionRead("views", Scope: null, path.Key),
        ReadKind.AllViews => new ExpressionRead("views", Scope: null, Key: null),
        ReadKind.Action => new ExpressionRead("actions", Scope: null, path.Key),
        ReadKind.AllActions => new ExpressionRead("actions", Scope: null, Key: null),
        ReadKind.MessageCount => new ExpressionRead("messages", Scope: null, MessageFigures.Count),
        ReadKind.ToAnswer => new ExpressionRead("messages", Scope: null, MessageFigures.ToAnswer),
        ReadKind.Unread => new ExpressionRead("messages", Scope: null, Key: null),
        ReadKind.Approvals => new ExpressionRead("approvals", Scope: null, path.Key),
        ReadKind.ToDecide => new ExpressionRead("approvals", Scope: null, ApprovalFigures.ToDecide),
        ReadKind.Heartbeat => new ExpressionRead("agents", Scope: null, Known(path.Key)),
        ReadKind.Lease or ReadKind.OwnLease => new ExpressionRead("leases", Scope: null, Known(path.Key)),
        ReadKind.Time => new ExpressionRead("now", Scope: null, Key: null),
        ReadKind.Self => new ExpressionRead("self", Scope: null, Key: null),
        _ => null,
    };

    private static string? Known(string? name) => name == ReadPath.SelfMark ? ReservedScopes.Self : name;
}

/// <summary>A place an expression reads.</summary>
/// <param name="Root">The variable: <c>state views actions agents messages leases approvals now self</c>.</param>
/// <param name="Scope">The scope, under <c>state</c>; null is all of them.</param>
/// <param name="Key">The name under it; null is everything there.</param>
public sealed record ExpressionRead(string Root, string? Scope, string? Key);

/// <summary>Something about an expression that its writer may not have meant.</summary>
/// <param name="Message">One sentence.</param>
/// <param name="Hint">What may have been meant, or null.</param>
public sealed record ExpressionWarning(string Message, string? Hint);
