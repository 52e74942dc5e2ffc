using Microsoft.AspNetCore.WebUtilities;
using Sync.Engine.Reads.Inbox;

namespace Sync.Web.Components.Inbox;

/// <summary>Where in the inbox its reader is, as the address says it. Immutable.</summary>
internal sealed record InboxLocation
{
    private const int MaxValue = 600;

    /// <summary>The kind alone that is shown; null for all.</summary>
    public InboxKind? Kind { get; init; }

    /// <summary>The room alone that is shown; null for all.</summary>
    public string? Room { get; init; }

    /// <summary>The item that is open.</summary>
    public string? Item { get; init; }

    /// <summary>Reads an address; what it cannot read is left out.</summary>
    public static InboxLocation Read(string uri)
    {
        var query = QueryHelpers.ParseQuery(uri.IndexOf('?', StringComparison.Ordinal) is var at and >= 0 ? uri[at..].Split('#')[0] : "");
        string? Text(string name) => query.TryGetValue(name, out var values) && values[0] is { Length: > 0 and <= MaxValue } text ? text : null;
        return new InboxLocation { Kind = InboxKinds.Parse(Text("kind")), Room = Text("room"), Item = Text("item") };
    }

    /// <summary>Its address within the site.</summary>
    public string Href()
    {
        var parts = new List<string>(3);
        void Add(string name, string? value)
        {
            if (value is not null)
            {
                parts.Add($"{name}={Uri.EscapeDataString(value)}");
            }
        }

        Add("kind", Kind?.Name());
        Add("room", Room);
        Add("item", Item);
        return parts.Count == 0 ? "inbox" : "inbox?" + string.Join('&', parts);
    }

    /// <summary>Whether an item is among those that are shown.</summary>
    public bool Takes(InboxItem item) => (Kind is not { } kind || item.Kind == kind) && (Room is null || item.Room == Room);
}
