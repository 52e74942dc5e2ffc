using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;

namespace Sync.Web.Components.Dashboard;

/// <summary>Where on a room's page its reader is, as the address says it. Immutable.</summary>
/// <param name="Panel">The panel opened to full; null is the overview.</param>
/// <param name="Event">The event opened in the log.</param>
/// <param name="Key">The entry opened in the state, as <c>scope/key</c>.</param>
/// <param name="At">The event the page is turned back to; null is now.</param>
public sealed record PageLocation(string? Panel = null, long? Event = null, string? Key = null, long? At = null)
{
    /// <summary>Reads an address; what it does not know or cannot read is left out.</summary>
    public static PageLocation Read(string uri)
    {
        var query = QueryHelpers.ParseQuery(uri.IndexOf('?') is var at and >= 0 ? uri[at..].Split('#')[0] : "");
        string? Text(string name) => query.TryGetValue(name, out var values) && values[0] is { Length: > 0 and <= 600 } text ? text : null;
        long? Number(string name) => long.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
        return new PageLocation(Text("panel"), Number("event"), Text("key"), Number("at"));
    }

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
        Add("event", Event?.ToString(CultureInfo.InvariantCulture));
        Add("key", Key);
        Add("at", At?.ToString(CultureInfo.InvariantCulture));
        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }

    /// <summary>Its address within the site.</summary>
    public string Href(string room) => $"rooms/{Uri.EscapeDataString(room)}/dashboard{Query()}";
}
