using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Sync.Engine;
using Sync.Web.Components.Dashboard.Time;
using Sync.Web.Components.Surfaces;
using Sync.Web.Live;

namespace Sync.Web.Components.Dashboard;

/// <summary>
/// The panels of a room, at the moment the reader has chosen. Where the reader is stands in the address, which the browser changes without a navigation. When the reader may see less
/// than before, every panel is made anew: nothing that was fetched for more stays.
/// </summary>
public sealed partial class RoomBoard : IAsyncDisposable
{
    private static readonly (string? Id, string Title)[] s_parts =
    [
        (null, "Overview"), ("surfaces", "Surfaces"), ("agents", "Agents"), ("state", "State"), ("messages", "Messages"), ("actions", "Actions"),
        ("views", "Views"), ("log", "Log"), ("console", "Console"), ("vocabulary", "Vocabulary"), ("members", "Members"),
    ];

    private RoomDesk _desk = null!; // Made before the first render, like the machine.
    private TimeMachine _machine = null!;
    private RoomPicture? _last;
    private IJSObjectReference? _browser;
    private int _reading;
    private bool _disposed;

    /// <summary>The room as it is now.</summary>
    [Parameter, EditorRequired]
    public required RoomPicture Picture { get; set; }

    [CascadingParameter]
    private RoomSeat Seat { get; set; } = null!; // Cascaded by the room this is part of.

    [Inject]
    private NavigationManager Navigation { get; set; } = null!; // Set by the framework before anything runs, like those below.

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    private RoomPlace Place => _desk.Place;

    private RoomPicture Shown => _machine.Past ?? Picture;

    private bool HasSurfaces => SurfaceLayout.Any(Shown);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        _machine.Dispose();
        if (_browser is not null)
        {
            try
            {
                await _browser.DisposeAsync();
            }
            catch (JSDisconnectedException)
            {
                // The browser has gone, and the module with it.
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        var place = RoomPlace.Read(Navigation.Uri);
        place = Array.Exists(s_parts, part => part.Id == place.Panel) ? place : place with { Panel = null };
        _desk = new RoomDesk(place, Moved);
        _machine = new TimeMachine((seq, cancellationToken) => Seat.Engine.Live.AtAsync(Seat.Caller, Seat.Room, seq, cancellationToken), Time, TimeChanged);
        if (place.At is { } at)
        {
            await _machine.GoToAsync(at, Picture.Seq);
        }
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        var before = _last;
        _last = Picture;
        if (before is not null && Picture.MaySeeLessThan(before))
        {
            _reading++;
            await _machine.RefreshAsync();
        }
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        try
        {
            _browser = await Js.InvokeAsync<IJSObjectReference>("import", $"./{Assets["js/sync.js"]}");
        }
        catch (JSDisconnectedException)
        {
            // The browser left while the page opened.
        }
    }

    private void Show(string? panel) => _desk.Go(Place with { Panel = panel });

    // A place with another moment moves the machine; the machine's moment is written back to the place.
    private void Moved(RoomPlace place)
    {
        if (place.At != _machine.At)
        {
            if (place.At is { } at)
            {
                _ = _machine.GoToAsync(at, Picture.Seq);
            }
            else
            {
                _machine.GoLive();
            }
        }

        _ = TellAddressAsync(place);
        StateHasChanged();
    }

    private void TimeChanged()
    {
        if (!_disposed)
        {
            _desk.Go(Place with { At = _machine.At });
            StateHasChanged();
        }
    }

    private async Task TellAddressAsync(RoomPlace place)
    {
        if (_browser is null)
        {
            return;
        }

        try
        {
            await _browser.InvokeVoidAsync("tellPlace", place.Query());
        }
        catch (Exception gone) when (gone is JSDisconnectedException or OperationCanceledException or ObjectDisposedException)
        {
            // The browser has left; its address does not matter any more.
        }
    }
}
