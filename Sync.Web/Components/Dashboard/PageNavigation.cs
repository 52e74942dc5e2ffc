namespace Sync.Web.Components.Dashboard;

/// <summary>
/// Where the reader of a room's page is, shared by its panels: a panel that opens something says so here, and the page writes it into the address. On the page's dispatcher only.
/// </summary>
/// <param name="location">Where the page begins.</param>
/// <param name="moved">Told of each change.</param>
public sealed class PageNavigation(PageLocation location, Action<PageLocation> moved)
{
    /// <summary>Where the reader is.</summary>
    public PageLocation Location { get; private set; } = location;

    /// <summary>Goes elsewhere.</summary>
    public void Go(PageLocation location)
    {
        if (location != Location)
        {
            Location = location;
            moved(location);
        }
    }

    /// <summary>Opens an event in the log, or with null closes the open one.</summary>
    public void OpenEvent(long? seq) => Go(Location with { Event = seq, Panel = seq is null || Location.Panel is null ? Location.Panel : "log" });

    /// <summary>Opens an entry in the state, or with null closes the open one.</summary>
    public void OpenKey(string? scope, string? key) =>
        Go(Location with { Key = scope is null ? null : $"{scope}/{key}", Panel = scope is null || Location.Panel is null ? Location.Panel : "state" });
}
