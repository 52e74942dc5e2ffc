namespace Sync.Web.Components.Shared;

/// <summary>One of twelve hues for a name: the same name has the same hue on every page and machine, unless another in its room has it already.</summary>
internal static class Hue
{
    /// <summary>How many there are; more are not told apart.</summary>
    public const int Count = 12;

    public static int Of(string name)
    {
        // FNV-1a; string.GetHashCode differs from one process to the next.
        var hash = 2166136261u;
        foreach (var unit in name)
        {
            hash = (hash ^ unit) * 16777619u;
        }

        return (int)((hash >> 8) % Count);
    }
}
