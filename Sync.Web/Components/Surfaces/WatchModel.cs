using Sync.Engine;

namespace Sync.Web.Components.Surfaces;

/// <summary>The entries a watch names: <c>scope.key</c>, <c>state.scope.key</c>, a key of <c>_shared</c>, or <c>scope.*</c>.</summary>
internal static class WatchModel
{
    private const int Most = 100;

    /// <summary>Each with its entry, or null where it is not there.</summary>
    public static IReadOnlyList<(string Path, EntryPicture? Entry)> Of(IReadOnlyList<string> keys, RoomPicture picture)
    {
        var rows = new List<(string, EntryPicture?)>();
        foreach (var asked in keys.Take(Most))
        {
            var path = asked.StartsWith("state.", StringComparison.Ordinal) ? asked["state.".Length..] : asked;
            if (path.EndsWith(".*", StringComparison.Ordinal))
            {
                rows.AddRange(picture.Entries.Where(entry => entry.Scope == path[..^2]).Take(Most).Select(entry => ($"{entry.Scope}.{entry.Key}", (EntryPicture?)entry)));
            }
            else
            {
                rows.Add((path, picture.Entries.FirstOrDefault(entry => $"{entry.Scope}.{entry.Key}" == path || (entry.Scope == "_shared" && entry.Key == path))));
            }
        }

        return [.. rows.DistinctBy(row => row.Item1, StringComparer.Ordinal).Take(Most)];
    }
}
