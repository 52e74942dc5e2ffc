using System.Text.Json;
using System.Text.RegularExpressions;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Surfaces;

/// <summary>
/// Which entry a row of a view's value is about: one of a scope that the view's expression names, whose key the row carries as its own key, <c>id</c> or <c>key</c>. Entries of the model only, which
/// are those its reader may see; a key that two of the scopes have leads nowhere.
/// </summary>
internal sealed partial class EntryLinks
{
    private const int MaxScopes = 20;

    // Longer than any that is registered.
    private const int MaxExpression = 20_000;
    private static readonly string[] s_ids = ["id", "key", "task", "name"];

    private readonly Dictionary<string, EntryModel?> _entries = new(StringComparer.Ordinal);

    public static EntryLinks None { get; } = new();

    public static EntryLinks Of(ViewModel view, RoomPageModel model)
    {
        if (view.Expression is null or { Length: > MaxExpression })
        {
            return None;
        }

        var scopes = Scopes().Matches(view.Expression).Take(MaxScopes).Select(match => match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value).ToHashSet(StringComparer.Ordinal);
        var links = new EntryLinks();
        foreach (var entry in model.Entries.Where(entry => scopes.Contains(entry.Scope)))
        {
            links._entries[entry.Key] = links._entries.ContainsKey(entry.Key) ? null : entry;
        }

        return links;
    }

    /// <summary>The entry, or null.</summary>
    public EntryModel? For(TableItem item)
    {
        if (_entries.Count == 0)
        {
            return null;
        }

        if (item.Key is { } key && _entries.TryGetValue(key, out var named))
        {
            return named;
        }

        return s_ids.Select(name => item.Value.Member(name) is { ValueKind: JsonValueKind.String } id ? _entries.GetValueOrDefault(id.GetString()!) : null).FirstOrDefault(entry => entry is not null); // A string has one.
    }

    [GeneratedRegex("""\bstate\.([A-Za-z_][A-Za-z0-9_]*)|\bstate\["([^"\\]+)"\]""")]
    private static partial Regex Scopes();
}
