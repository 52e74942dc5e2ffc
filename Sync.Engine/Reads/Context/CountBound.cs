using System.Globalization;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Reads.Context;

/// <summary>How many items a read gives: when nothing is said, and at most. Said here once; surfaces document and check by it.</summary>
/// <param name="Default">When nothing is said.</param>
/// <param name="Max">At most. At least it is one.</param>
public readonly record struct CountBound(int Default, int Max)
{
    /// <summary>Messages in a context.</summary>
    public static CountBound Messages { get; } = new(100, 500);

    /// <summary>Messages and events in the dashboard bundle.</summary>
    public static CountBound Poll { get; } = new(500, 2_000);

    /// <summary>Writes in a page of a key's history.</summary>
    public static CountBound History { get; } = new(100, 500);

    /// <summary>Values of a view over time.</summary>
    public static CountBound Samples { get; } = new(120, 500);

    /// <summary>Events in a page of the log.</summary>
    public static CountBound Audit { get; } = new(100, 2_000);

    /// <summary>Events that followed from one.</summary>
    public static CountBound Followed { get; } = new(50, 500);

    /// <summary>Events of the log in a context, and writes of a key.</summary>
    public static CountBound ContextLog { get; } = new(100, 2_000);

    /// <summary>The same for a reader that pays for each byte.</summary>
    public static CountBound LeanContextLog { get; } = ContextLog with { Default = 20 };

    /// <summary>Results of a search.</summary>
    public static CountBound Search { get; } = new(20, 100);

    /// <summary>Events that one look back through the log gives to a page.</summary>
    public static CountBound Log { get; } = new(100, 500);

    /// <summary>The bound in words, for descriptions: <c>default 100, at most 500</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"default {Default}, at most {Max}");

    /// <summary>The number to give: <paramref name="asked"/> where it is within the bound, the default for null.</summary>
    /// <param name="name">The parameter that asks.</param>
    /// <param name="asked">What was asked for.</param>
    public Outcome<int> Check(string name, long? asked) => asked is null ? Default
        : asked >= 1 && asked <= Max ? (int)asked.Value
        : Refusal(name);

    /// <summary>The refusal of anything else.</summary>
    public SyncError Refusal(string name) =>
        new SyncError(ErrorCode.InvalidParameter, string.Create(CultureInfo.InvariantCulture, $"'{name}' must be a whole number from 1 to {Max}.")).With("parameter", name);
}
