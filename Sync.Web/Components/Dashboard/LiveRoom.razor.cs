using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Dashboard;

/// <summary>
/// Opens a room once the browser is there to say with which token, paints it while it changes, lets it go with the circuit. For another room,
/// give the component another key.
/// </summary>
public sealed partial class LiveRoom : ComponentBase, IAsyncDisposable
{
    // The same object for as long as the page lives, so that names need not listen for another; see AgentLooks.
    private readonly AgentLooks _looks = new();
    private PageState _state = PageState.Opening;
    private IJSObjectReference? _browser;
    private RoomPageRefresher? _loop;
    private bool _presented;
    private bool _disposed;

    /// <summary>The room's id.</summary>
    [Parameter, EditorRequired]
    public required string Room { get; set; }

    /// <summary>What to show of it.</summary>
    [Parameter, EditorRequired]
    public required RenderFragment<RoomPageModel> ChildContent { get; set; }

    /// <summary>Without the header and without asking for a token.</summary>
    [Parameter]
    public bool Bare { get; set; }

    /// <summary>Shown instead of asking for a token, with <see cref="Bare"/>.</summary>
    [Parameter]
    public RenderFragment? Absent { get; set; }

    [Inject]
    private RoomOpener AuthorizedRoom { get; set; } = null!; // Set by the framework before anything runs, like those below.

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    [Inject]
    private ILogger<RoomPageRefresher> Log { get; set; } = null!;

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        if (_loop is not null)
        {
            await _loop.DisposeAsync();
        }

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
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        try
        {
            _browser = await Js.InvokeAsync<IJSObjectReference>("import", $"./{Assets["js/sync.js"]}");
            var token = Bare ? null : await _browser.InvokeAsync<string?>("readToken", Room);
            await OpenAsync(token);
        }
        catch (JSDisconnectedException)
        {
            // The browser left while the page opened.
        }
    }

    private async Task OpenAsync(string? token)
    {
        if (_loop is not null)
        {
            await _loop.DisposeAsync();
        }

        if (_disposed)
        {
            return;
        }

        _presented = token is not null;
        _loop = new RoomPageRefresher(AuthorizedRoom, Time, Log, PaintAsync);
        _loop.Start(Room, token);
    }

    private Task PaintAsync(PageState state) => InvokeAsync(() =>
    {
        _state = state;
        if (state.Model is { } model)
        {
            _looks.Follow(model.Agents);
        }

        StateHasChanged();
    });

    private async Task PresentAsync(string token)
    {
        if (_browser is not null)
        {
            await _browser.InvokeVoidAsync("keepToken", Room, token);
        }

        await OpenAsync(token);
    }

    private async Task ForgetAsync()
    {
        if (_browser is not null)
        {
            await _browser.InvokeVoidAsync("forgetToken", Room);
        }

        _state = PageState.Opening;
        await OpenAsync(token: null);
    }

    private async Task ReopenAsync()
    {
        var token = _browser is null || Bare ? null : await _browser.InvokeAsync<string?>("readToken", Room);
        _state = PageState.Opening;
        await OpenAsync(token);
    }
}
