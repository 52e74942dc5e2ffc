using System.Collections.Immutable;

namespace Sync.Engine.Reads.Context;

/// <summary>Why a part of a context matters to its reader. The later reason outweighs all before it together; a part without any is quiet.</summary>
[Flags]
internal enum Salience
{
    /// <summary>None: nothing about it concerns the reader more than anyone.</summary>
    Quiet = 0,

    /// <summary>It changes often.</summary>
    Active = 1,

    /// <summary>Somebody else changed it after what the reader has seen.</summary>
    New = 2,

    /// <summary>The reader's waits, views or guards read it.</summary>
    Read = 4,

    /// <summary>The reader holds it: its own scope, what names it, what it registered.</summary>
    Held = 8,

    /// <summary>It was said to the reader, who has not read it.</summary>
    Directed = 16,
}

/// <summary>What contexts call the reasons.</summary>
internal static class SalienceNames
{
    private static readonly ImmutableArray<(Salience Reason, string Name)> s_names =
        [(Salience.Directed, "directed"), (Salience.Held, "held"), (Salience.Read, "read"), (Salience.New, "new"), (Salience.Active, "active")];

    /// <summary>The names of the reasons, the weightiest first; of none <c>quiet</c>.</summary>
    public static IEnumerable<string> Of(Salience salience) =>
        salience == Salience.Quiet ? ["quiet"] : s_names.Where(known => salience.HasFlag(known.Reason)).Select(static known => known.Name);
}
