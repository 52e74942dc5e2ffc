using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Surfaces;

/// <summary>The entries a watch names: <c>scope.key</c>, <c>state.scope.key</c>, a key of <c>_shared</c>, or <c>scope.*</c>.</summary>
internal static class WatchModel
{
    private const int Max = 100;

    /// <summary>Each with its entry, or null where it is not there.</summary>
    public static IReadOnlyList<(string Path, EntryModel? Entry)> Of(IReadOnlyList<string> keys, RoomPageModel model)
    {
        var rows = new List<(string, EntryModel?)>();
        foreach (var asked in keys.Take(Max))
        {
            var path = asked.StartsWith("state.", StringComparison.Ordinal) ? asked["state.".Length..] : asked;
            if (path.EndsWith(".*", StringComparison.Ordinal))
            {
                rows.AddRange(model.Entries.Where(entry => entry.Scope == path[..^2]).Take(Max).Select(entry => ($"{entry.Scope}.{entry.Key}", (EntryModel?)entry)));
            }
            else
            {
                rows.Add((path, model.Entries.FirstOrDefault(entry => $"{entry.Scope}.{entry.Key}" == path || (entry.Scope == "_shared" && entry.Key == path))));
            }
        }

        return [.. rows.DistinctBy(row => row.Item1, StringComparer.Ordinal).Take(Max)];
    }
}
