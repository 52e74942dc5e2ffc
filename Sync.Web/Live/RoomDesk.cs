namespace Sync.Web.Live;

/// <summary>
/// Where the reader of a room's page is, shared by its panels: a panel that opens something says so here, and the page writes it into the address. On the page's dispatcher only.
/// </summary>
/// <param name="place">Where the page begins.</param>
/// <param name="moved">Told of each change.</param>
public sealed class RoomDesk(RoomPlace place, Action<RoomPlace> moved)
{
    /// <summary>Where the reader is.</summary>
    public RoomPlace Place { get; private set; } = place;

    /// <summary>Goes elsewhere.</summary>
    public void Go(RoomPlace place)
    {
        if (place != Place)
        {
            Place = place;
            moved(place);
        }
    }

    /// <summary>Opens an event in the log, or with null closes the open one.</summary>
    public void OpenEvent(long? seq) => Go(Place with { Event = seq, Panel = seq is null || Place.Panel is null ? Place.Panel : "log" });

    /// <summary>Opens an entry in the state, or with null closes the open one.</summary>
    public void OpenKey(string? scope, string? key) =>
        Go(Place with { Key = scope is null ? null : $"{scope}/{key}", Panel = scope is null || Place.Panel is null ? Place.Panel : "state" });
}
