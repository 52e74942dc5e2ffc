using Microsoft.AspNetCore.Components;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard;
using Sync.Web.Options;

namespace Sync.Web.Components.Connect;

/// <summary>
/// Makes a token of the least scope for a client, shows what to paste, and waits until the client has come. The token is in this page's memory only: it is shown until the page goes, and one that
/// nothing has used is revoked when its person starts over.
/// </summary>
public sealed partial class ConnectPanel : IDisposable
{
    /// <summary>The room tells of acts by itself; that a token was used, nobody tells.</summary>
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _gone = new();
    private readonly ConnectDraft _draft = new();
    private ConnectOffer? _offer;
    private Connection? _made;
    private TokenInfo? _token;
    private Arrival _arrival = Arrival.None;
    private long _since;
    private SyncError? _refusal;
    private bool _introduced;
    private bool _busy;

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    [CascadingParameter]
    private PageNavigation? Navigation { get; set; }

    [Inject]
    private SyncOptions Options { get; set; } = null!; // Set by the framework before anything runs, like the time.

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) => _made is null || drawn.Activity == now.Activity;

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        if (Viewer is { } viewer)
        {
            _draft.Client = ConnectClients.Of(Navigation?.Location.Filter("connect.client"));
            await DoAsync(async cancellationToken =>
            {
                _offer = await ConnectOffer.OfAsync(viewer, cancellationToken);
                _draft.Acts = _offer.MayAct;
                await ProposeAsync(viewer, cancellationToken);
            });
        }
    }

    /// <inheritdoc/>
    protected override void OnParametersSet() => Look();

    private async Task ChooseAsync(ConnectClient client)
    {
        _draft.Client = client;
        Navigation?.SetFilter("connect.client", client == ConnectClients.All[0] ? null : client.Id);
        if (_made is null && !_draft.IsNamed && Viewer is { } viewer)
        {
            await DoAsync(cancellationToken => ProposeAsync(viewer, cancellationToken));
        }

        Redraw();
    }

    private void Name(string? name)
    {
        (_draft.Agent, _draft.IsNamed, _refusal) = (name ?? "", !string.IsNullOrWhiteSpace(name), null);
        Redraw();
    }

    private void ReadOnly(bool isReadOnly)
    {
        _draft.Acts = !isReadOnly;
        Redraw();
    }

    private void Holds(int days)
    {
        _draft.Days = days;
        Redraw();
    }

    private async Task ProposeAsync(RoomViewer viewer, CancellationToken cancellationToken)
    {
        if (_draft.Acts)
        {
            _draft.Agent = await ConnectOffer.NameAsync(viewer, _draft.Client.AgentName, Model, cancellationToken);
        }
    }

    private Task MintAsync() => DoAsync(async cancellationToken =>
    {
        // Only offered where somebody looks.
        var viewer = Viewer!;
        var request = _draft.Request(viewer.Room);
        _refusal = null;
        _introduced = false;
        if (request.AgentId is { } agent && !(await viewer.Engine.Agents.IntroduceAsync(viewer.Caller, viewer.Room, agent, cancellationToken)).Try(out _introduced, out _refusal))
        {
            return;
        }

        if ((await viewer.Engine.Tokens.MintAsync(viewer.Caller, request, cancellationToken)).Try(out var issued, out _refusal))
        {
            (_token, _since, _arrival) = (issued.Info, Model.Seq, Arrival.None);
            _made = new Connection(Options.PublicUrl, viewer.Room, request.AgentId, issued.Secret);
            _ = WatchAsync(viewer, issued.Info.Id);
        }
    });

    // A token that nothing has come with is of no use to anybody any more: its lines are gone.
    private Task StartOverAsync() => DoAsync(async cancellationToken =>
    {
        if (Viewer is { } viewer && _token is { } token && _arrival.Stage == ArrivalStage.Waiting)
        {
            _refusal = (await viewer.Engine.Tokens.RevokeAsync(viewer.Caller, token.Id, cancellationToken)).Error;
            if (_introduced && _made?.Agent is { } agent)
            {
                // It came into the room for this token alone.
                _refusal ??= (await viewer.Engine.Agents.RemoveAsync(viewer.Caller, viewer.Room, agent, free: false, cancellationToken)).Error;
            }
        }

        (_made, _token, _arrival) = (null, null, Arrival.None);
        if (Viewer is { } still && !_draft.IsNamed)
        {
            await ProposeAsync(still, cancellationToken);
        }
    });

    private async Task WatchAsync(RoomViewer viewer, string token)
    {
        try
        {
            while (_token?.Id == token && _arrival.Stage == ArrivalStage.Waiting)
            {
                await Task.Delay(s_between, Time, _gone.Token);
                if (_token?.Id == token && (await viewer.Engine.Tokens.GetAsync(viewer.Caller, token, _gone.Token)).Try(out var now, out _))
                {
                    _token = now;
                    Look();
                    Redraw();
                }
            }
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The page has gone. The token stays: its lines may be pasted somewhere already.
        }
    }

    private void Look()
    {
        // What has come once has come, also when a busy room has shown its first act long ago.
        if (_made is { } made && Arrival.Of(Model, made.Agent, _since, _token?.LastUsedAt) is var seen && seen.Stage > _arrival.Stage)
        {
            _arrival = seen;
            DrawNext();
        }
    }

    private async Task DoAsync(Func<CancellationToken, Task> work)
    {
        if (_busy)
        {
            return;
        }

        _busy = true;
        try
        {
            await work(_gone.Token);
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The page has gone; what was asked may be done all the same.
        }

        _busy = false;
        if (!_gone.IsCancellationRequested)
        {
            Redraw();
        }
    }
}
