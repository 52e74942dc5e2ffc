namespace Sync.Web.Components.Shared;

/// <summary>One of eight hues for a name: the same name has the same hue on every page and machine.</summary>
internal static class Hue
{
    public static int Of(string name)
    {
        // FNV-1a; string.GetHashCode differs from one process to the next.
        var hash = 2166136261u;
        foreach (var unit in name)
        {
            hash = (hash ^ unit) * 16777619u;
        }

        return (int)((hash >> 8) % 8);
    }
}
