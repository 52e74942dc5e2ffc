using System.Collections.Immutable;

namespace Sync.Engine.Model.Messages;

/// <summary>The names under <c>messages</c>, in expressions and in contexts.</summary>
internal static class MessageFigures
{
    /// <summary>Messages ever sent.</summary>
    public const string Count = "count";

    /// <summary>Messages of others after the reader's cursor.</summary>
    public const string Unread = "unread";

    /// <summary>Those of them that name the reader in <c>to</c>.</summary>
    public const string DirectedUnread = "directed_unread";

    /// <summary>Questions directed to the reader that it has not replied to.</summary>
    public const string ToAnswer = "to_answer";

    public static ImmutableArray<string> Names { get; } = [Count, Unread, DirectedUnread, ToAnswer];
}
