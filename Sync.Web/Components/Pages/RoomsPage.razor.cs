using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Runtime;
using Sync.Engine.Services;
using Sync.Engine.Services.Onboarding;
using Sync.Engine.Services.Rooms;
using Sync.Web.Accounts;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Pages;

/// <summary>The rooms a person reads, with what goes on in them. Pins are kept in the browser.</summary>
public sealed partial class RoomsPage : ComponentBase, IAsyncDisposable
{
    /// <summary>However much goes on, the list is not drawn more often.</summary>
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _gone = new();
    private ActivityWatch? _watch;
    private RoomActivities? _rooms;
    private int _mostLive = ShowMore.Step;
    private int _mostQuiet = ShowMore.Step;
    private int _reads;
    private ImmutableHashSet<string> _pins = ImmutableHashSet.Create<string>(StringComparer.Ordinal);
    private IReadOnlyList<RoomInvitation> _invitations = [];
    private bool _answering;
    private SyncError? _refusal;
    private FirstSteps? _steps;
    private bool _hidesSteps;
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
        _watch?.Dispose();
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
    protected override async Task OnInitializedAsync()
    {
        if (!RendererInfo.IsInteractive)
        {
            return;
        }

        // Before the first look, so that nothing falls between.
        var caller = BrowserSession.Of((await Person).User, Engine);
        if (Engine.Rooms.WatchActivity(caller).Try(out _watch, out _refusal))
        {
            await ReadAsync();
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
            _browser = await Js.InvokeAsync<IJSObjectReference>("import", $"./{Assets["js/rooms.js"]}");
            _pins = [.. await _browser.InvokeAsync<string[]>("readPins")];
            _hidesSteps = await _browser.InvokeAsync<bool>("hidesSteps");
            await ReadAsync();
            StateHasChanged();
            while (_watch is { } watch)
            {
                await watch.ChangedAsync(_gone.Token);
                await ReadAsync();
                StateHasChanged();
                await Task.Delay(s_between, Time, _gone.Token);
            }
        }
        catch (Exception left) when (left is OperationCanceledException or JSDisconnectedException or ObjectDisposedException)
        {
            // The page has gone.
        }
    }

    private static bool IsEmpty(RoomActivities rooms) => rooms.Pinned.Count + rooms.LiveTotal + rooms.QuietTotal == 0;

    private async Task ReadAsync()
    {
        // What is typed while an answer is on its way is what counts.
        var read = ++_reads;
        try
        {
            var caller = BrowserSession.Of((await Person).User, Engine);
            var request = new ActivityRequest { Pinned = _pins, Search = _query, MaxLive = _mostLive, MaxQuiet = _mostQuiet };
            var list = await Engine.Rooms.ActivityAsync(caller, request, _gone.Token);
            if (read == _reads)
            {
                Take(caller, list);
            }

            // Until they are all done: then nothing is looked up for them any more.
            if (_steps is not { IsComplete: true } && (await Engine.Onboarding.ReadAsync(caller, _gone.Token)).Try(out var steps, out _))
            {
                _steps = steps;
            }
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The page has gone.
        }
    }

    private void Take(Caller caller, Outcome<RoomActivities> list)
    {
        if (list.Try(out var rooms, out _refusal))
        {
            _rooms = rooms;
        }

        if (Engine.Rooms.Invitations(caller).Try(out var invitations, out var refused))
        {
            _invitations = invitations;
        }

        _refusal ??= refused;
    }

    private async Task AnswerAsync(RoomInvitation invitation, bool accept)
    {
        if (_answering)
        {
            return;
        }

        _answering = true;
        try
        {
            var caller = BrowserSession.Of((await Person).User, Engine);
            var answered = await Engine.Rooms.AnswerInvitationAsync(caller, invitation.Room, accept, _gone.Token);
            await ReadAsync();
            _refusal ??= answered.Error;
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The page has gone.
        }
        finally
        {
            _answering = false;
        }
    }

    private async Task PinAsync(string room)
    {
        _pins = _pins.Contains(room) ? _pins.Remove(room) : _pins.Add(room);
        await ReadAsync();
        if (_browser is not null)
        {
            await _browser.InvokeVoidAsync("keepPins", _pins);
        }
    }

    private async Task HideStepsAsync()
    {
        _hidesSteps = true;
        if (_browser is not null)
        {
            await _browser.InvokeVoidAsync("hideSteps");
        }
    }

    private Task MoreLiveAsync()
    {
        _mostLive += ShowMore.Step;
        return ReadAsync();
    }

    private Task MoreQuietAsync()
    {
        _mostQuiet += ShowMore.Step;
        return ReadAsync();
    }
}
