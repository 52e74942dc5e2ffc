using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using Sync.Engine;
using Sync.Web.Accounts;

namespace Sync.Web.Components.Rooms;

/// <summary>The rooms a person reads, with what goes on in them. Pins are kept in the browser.</summary>
public sealed partial class RoomsPage : ComponentBase, IAsyncDisposable
{
    /// <summary>Rooms are not held open for the list, so nobody tells it of changes: it looks again.</summary>
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _gone = new();
    private IReadOnlyList<RoomActivity>? _rooms;
    private ImmutableHashSet<string> _pins = ImmutableHashSet.Create<string>(StringComparer.Ordinal);
    private SyncError? _refusal;
    private IJSObjectReference? _browser;
    private string _query = "";

    [CascadingParameter]
    private Task<AuthenticationState> Person { get; set; } = null!; // Cascaded to every component.

    [Inject]
    private SyncEngine Engine { get; set; } = null!; // Set by the framework before anything runs, like those below.

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        _gone.Dispose();
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
    /// <remarks>Only where it can be used: a list that is there before the circuit would swallow what is typed into its search.</remarks>
    protected override Task OnInitializedAsync() => RendererInfo.IsInteractive ? ReadAsync() : Task.CompletedTask;

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        try
        {
            _browser = await Js.InvokeAsync<IJSObjectReference>("import", $"./{Assets["js/rooms.js"]}");
            _pins = [.. await _browser.InvokeAsync<string[]>("readPins")];
            StateHasChanged();
            using var timer = new PeriodicTimer(s_between, Time);
            while (await timer.WaitForNextTickAsync(_gone.Token))
            {
                await ReadAsync();
                StateHasChanged();
            }
        }
        catch (Exception left) when (left is OperationCanceledException or JSDisconnectedException or ObjectDisposedException)
        {
            // The page has gone.
        }
    }

    private async Task ReadAsync()
    {
        var caller = BrowserSession.Of((await Person).User, Engine);
        if ((await Engine.Rooms.ActivityAsync(caller, _gone.Token)).Try(out var rooms, out _refusal))
        {
            _rooms = rooms;
        }
    }

    private async Task PinAsync(string room)
    {
        _pins = _pins.Contains(room) ? _pins.Remove(room) : _pins.Add(room);
        if (_browser is not null)
        {
            await _browser.InvokeVoidAsync("keepPins", _pins);
        }
    }
}
