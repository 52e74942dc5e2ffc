using System.Collections.Immutable;

namespace Sync.Engine.Reads.Context;

/// <summary>What <c>depth</c> calls the levels of detail.</summary>
internal static class ContextDepths
{
    /// <summary>Every name, in the order of the enumeration.</summary>
    public static ImmutableArray<string> Names { get; } = [.. Enum.GetValues<ContextDepth>().Select(Name)];

    /// <summary>The name of a depth.</summary>
    public static string Name(this ContextDepth depth) => depth switch
    {
        ContextDepth.Full => "full",
        ContextDepth.Usage => "usage",
        _ => "lean",
    };

    /// <summary>The depth of a name; null when there is none.</summary>
    public static ContextDepth? Find(string name) => Names.IndexOf(name) is >= 0 and var index ? (ContextDepth)index : null;
}
