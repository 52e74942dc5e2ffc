using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;

namespace Sync.Web.Components.Dashboard;

/// <summary>Where on a room's page its reader is, as the address says it. Immutable, equal by what the address says.</summary>
/// <param name="Panel">The panel opened to full; null is the overview.</param>
/// <param name="Event">The event opened in the log.</param>
/// <param name="Key">The entry opened in the state, as <c>scope/key</c>.</param>
/// <param name="At">The event the page is turned back to; null is now.</param>
public sealed record PageLocation(string? Panel = null, long? Event = null, string? Key = null, long? At = null)
{
    /// <summary>Longest value that is read of an address.</summary>
    private const int MaxValue = 2_000;

    private const int MaxFilters = 24;

    private static readonly string[] s_known = ["panel", "event", "key", "at", "agent", "action", "view", "message"];

    /// <summary>The agent whose page is open.</summary>
    public string? Agent { get; init; }

    /// <summary>The action opened in its panel.</summary>
    public string? Action { get; init; }

    /// <summary>The view opened in its panel.</summary>
    public string? View { get; init; }

    /// <summary>The message that is pointed at.</summary>
    public long? Message { get; init; }

    /// <summary>What panels filter, search and sort by: <c>panel.name</c> to its text, such as <c>log.agent</c>; what is at its default is not in it.</summary>
    public ImmutableSortedDictionary<string, string> Filters { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Reads an address; what it does not know or cannot read is left out.</summary>
    public static PageLocation Read(string uri)
    {
        var query = QueryHelpers.ParseQuery(uri.IndexOf('?') is var at and >= 0 ? uri[at..].Split('#')[0] : "");
        string? Text(string name) => query.TryGetValue(name, out var values) && values[0] is { Length: > 0 and <= MaxValue } text ? text : null;
        long? Number(string name) => long.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
        return new PageLocation(Text("panel"), Number("event"), Text("key"), Number("at"))
        {
            Agent = Text("agent"),
            Action = Text("action"),
            View = Text("view"),
            Message = Number("message"),
            Filters = query.Keys.Where(IsFilter).Order(StringComparer.Ordinal).Take(MaxFilters).Where(name => Text(name) is not null)
                .ToImmutableSortedDictionary(static name => name, name => Text(name)!, StringComparer.Ordinal), // Asked in the line above.
        };
    }

    /// <summary>What a filter is set to, or null at its default.</summary>
    public string? Filter(string name) => Filters.GetValueOrDefault(name);

    /// <summary>The same place with a filter set, or with null or an empty text at its default.</summary>
    public PageLocation WithFilter(string name, string? value) =>
        this with { Filters = string.IsNullOrEmpty(value) || value.Length > MaxValue ? Filters.Remove(name) : Filters.SetItem(name, value) };

    /// <summary>The query of its address, with its question mark; empty for the overview as it is now.</summary>
    public string Query()
    {
        var parts = new List<string>(4);
        void Add(string name, string? value)
        {
            if (value is not null)
            {
                parts.Add($"{name}={Uri.EscapeDataString(value)}");
            }
        }

        Add("panel", Panel);
        Add("agent", Agent);
        Add("action", Action);
        Add("view", View);
        Add("message", Message?.ToString(CultureInfo.InvariantCulture));
        Add("event", Event?.ToString(CultureInfo.InvariantCulture));
        Add("key", Key);
        foreach (var (name, value) in Filters)
        {
            Add(name, value);
        }

        Add("at", At?.ToString(CultureInfo.InvariantCulture));
        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }

    /// <summary>Its address within the site.</summary>
    public string Href(string room) => $"rooms/{Uri.EscapeDataString(room)}/dashboard{Query()}";

    /// <inheritdoc/>
    public bool Equals(PageLocation? other) => other is not null && Query() == other.Query();

    /// <inheritdoc/>
    public override int GetHashCode() => Query().GetHashCode(StringComparison.Ordinal);

    // Filters carry the name of their panel, so that they never meet another name of the address.
    private static bool IsFilter(string name) => name.Length <= 40 && name.Contains('.', StringComparison.Ordinal) && !s_known.Contains(name, StringComparer.Ordinal);
}
