using System.Collections.Immutable;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Reads.Context;

/// <summary>What <c>include</c> calls the extras of a context.</summary>
internal static class ContextExtraNames
{
    /// <summary>The section of newest invocations.</summary>
    public const string Activity = "activity";

    /// <summary>The section of newest writes of a key.</summary>
    public const string History = "history";

    /// <summary>The private scopes of others.</summary>
    public const string Private = "private";

    /// <summary>The section of approvals.</summary>
    public const string Approvals = "approvals";

    private static readonly ImmutableArray<ContextExtras> s_extras = [ContextExtras.Audit, ContextExtras.Messages, ContextExtras.Activity, ContextExtras.Private, ContextExtras.History, ContextExtras.Approvals];

    /// <summary>Every name.</summary>
    public static ImmutableArray<string> All { get; } = [ReservedScopes.Audit, ReservedScopes.Messages, Activity, Private, History, Approvals];

    /// <summary>The extra of a name; null when there is none.</summary>
    public static ContextExtras? Find(string name) => All.IndexOf(name) is >= 0 and var index ? s_extras[index] : null;
}
