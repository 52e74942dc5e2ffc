using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard.Time;
using Sync.Web.Components.Layout.Palette;
using Sync.Web.Components.Surfaces;

namespace Sync.Web.Components.Dashboard;

/// <summary>
/// The panels of a room, at the moment the reader has chosen. Where the reader is stands in the address: a step is a navigation within the page, so that Back takes it back; what only
/// changes the present step is written by the browser without one. When the reader may see less than before, every panel is made anew: nothing that was fetched for more stays.
/// </summary>
public sealed partial class RoomBoard : IAsyncDisposable
{
    // Steps of ours that the browser has not confirmed yet; its confirmation of one must not take the reader back from a later one.
    private readonly Queue<PageLocation> _unconfirmed = new();
    private PageNavigation _navigation = null!; // Made before the first render, like the machine.
    private TimeMachine _machine = null!;
    private RoomPageModel? _last;
    private IJSObjectReference? _browser;
    private int _reading;
    private bool _disposed;

    /// <summary>The room as it is now.</summary>
    [Parameter, EditorRequired]
    public required RoomPageModel Model { get; set; }

    [CascadingParameter]
    private RoomViewer Viewer { get; set; } = null!; // Cascaded by the room this is part of.

    [Inject]
    private NavigationManager Navigation { get; set; } = null!; // Set by the framework before anything runs, like those below.

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    [Inject]
    private RoomInView InView { get; set; } = null!;

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    private PageLocation Location => _navigation.Location;

    private RoomPageModel Shown => _machine.Past ?? Model;

    private bool HasSurfaces => SurfaceLayout.Any(Shown);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        Navigation.LocationChanged -= Follow;
        if (InView.Navigation == _navigation)
        {
            InView.Navigation = null;
        }

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
        var location = PageLocation.Read(Navigation.Uri);
        InView.Navigation = _navigation = new PageNavigation(Known(location), Moved);
        _machine = new TimeMachine((seq, cancellationToken) => Viewer.Engine.Live.AtAsync(Viewer.Caller, Viewer.Room, seq, cancellationToken), Time, TimeChanged);
        Navigation.LocationChanged += Follow;
        if (location.At is { } at)
        {
            await _machine.GoToAsync(at, Model.Seq);
        }
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        var before = _last;
        _last = Model;
        if (before is not null && Model.MaySeeLessThan(before))
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

    private static PageLocation Known(PageLocation location) => RoomPanels.Has(location.Panel) ? location : location with { Panel = null };

    private void Moved(PageLocation location, bool isStep)
    {
        Travel(location);
        if (isStep)
        {
            _unconfirmed.Enqueue(location);
            Navigation.NavigateTo(location.Href(Model.Info.Id));
        }
        else
        {
            _ = TellAddressAsync(location);
        }

        StateHasChanged();
    }

    // Back, Forward, and links within the page.
    private void Follow(object? sender, LocationChangedEventArgs changed)
    {
        var location = PageLocation.Read(changed.Location);
        if (_unconfirmed.TryPeek(out var ours) && ours == location)
        {
            _unconfirmed.Dequeue();
            return;
        }

        _ = InvokeAsync(() =>
        {
            if (!_disposed && new Uri(changed.Location).AbsolutePath.EndsWith("/dashboard", StringComparison.Ordinal))
            {
                _unconfirmed.Clear();
                _navigation.Follow(Known(location));
                Travel(_navigation.Location);
                StateHasChanged();
            }
        });
    }

    // A place with another moment moves the machine; the machine's moment is written back to the place.
    private void Travel(PageLocation location)
    {
        if (location.At == _machine.At)
        {
            return;
        }

        if (location.At is { } at)
        {
            _ = _machine.GoToAsync(at, Model.Seq);
        }
        else
        {
            _machine.GoLive();
        }
    }

    private void TimeChanged()
    {
        if (!_disposed)
        {
            _navigation.Go(Location with { At = _machine.At }, isStep: false);
            StateHasChanged();
        }
    }

    private async Task TellAddressAsync(PageLocation location)
    {
        if (_browser is null)
        {
            return;
        }

        try
        {
            await _browser.InvokeVoidAsync("tellPlace", location.Query());
        }
        catch (Exception gone) when (gone is JSDisconnectedException or OperationCanceledException or ObjectDisposedException)
        {
            // The browser has left; its address does not matter any more.
        }
    }
}
