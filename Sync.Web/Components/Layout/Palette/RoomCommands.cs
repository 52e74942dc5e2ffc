using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard;
using Sync.Web.Components.Dashboard.Actions;

namespace Sync.Web.Components.Layout.Palette;

/// <summary>Draws nothing: offers the palette what a person can do in the room on the page. What is offered follows what they may; the engine decides.</summary>
public sealed class RoomCommands : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private IDisposable? _offer;

    /// <summary>The room as it is now.</summary>
    [Parameter, EditorRequired]
    public required RoomPageModel Model { get; set; }

    /// <summary>Where the reader is.</summary>
    [Parameter, EditorRequired]
    public required PageNavigation Navigation { get; set; }

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    [Inject]
    private PageCommands Commands { get; set; } = null!; // Set by the framework before anything runs, like those below.

    [Inject]
    private ISnackbar Notes { get; set; } = null!;

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    private bool IsPaused => Model.Pauses.Any(static pause => pause.What == "room");

    /// <inheritdoc/>
    public void Dispose()
    {
        _offer?.Dispose();
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnInitialized() => _offer = Commands.Add(Offered);

    /// <inheritdoc/>
    protected override bool ShouldRender() => false;

    private IEnumerable<PageCommand> Offered()
    {
        yield return new PageCommand("Copy the link to this page", "with its filters and what is open", null, CopyLinkAsync);
        if (Model.IsPast)
        {
            yield return new PageCommand("Back to now", "leave the moment the page is turned to", "n", Go(Navigation.Location with { At = null }));
        }

        if (Viewer is null || Model.Shows is not null)
        {
            yield break;
        }

        if (Viewer.Caller.IsSession && !Model.IsPast)
        {
            yield return new PageCommand("Connect an agent", "lines for your client, with a token made on the spot", "g n", Go(Navigation.Location with { Panel = "connect" }));
        }

        if (RoomViewer.CanAct(Model))
        {
            yield return new PageCommand("Write a message", "to everyone in the room, or to one of them", "c", ComposeAsync);
        }

        if (RoomViewer.CanManage(Model))
        {
            yield return IsPaused
                ? new PageCommand("Resume the room", "agents go on", null, () => InvokeAsync("_resume", "The room goes on."))
                : new PageCommand("Pause the room", "nothing is written until it is resumed", null, () => InvokeAsync("_pause", "The room is paused."));
            yield return new PageCommand("Share this room", "links that read, or let somebody act", null, Go(Navigation.Location with { Panel = "members" }));
            yield return new PageCommand("Invite somebody", "members, roles and invitations", null, Go(Navigation.Location with { Panel = "members" }));
        }

        if (Model.Info.Access >= AccessLevel.Read)
        {
            yield return new PageCommand("Evaluate an expression", "over all that you may see of the room", "g c", Go(Navigation.Location with { Panel = "console" }));
        }
    }

    private Func<Task> Go(PageLocation to) => () =>
    {
        Navigation.Go(to);
        return Task.CompletedTask;
    };

    private async Task CopyLinkAsync()
    {
        await using var browser = await Js.InvokeAsync<IJSObjectReference>("import", $"./{Assets["js/sync.js"]}");
        var copied = await browser.InvokeAsync<bool>("copyAddress");
        Notes.Add(copied ? "The link is copied." : "The browser did not let it be copied: take it from the address bar.", copied ? Severity.Normal : Severity.Warning);
    }

    private async Task ComposeAsync()
    {
        await using var browser = await Js.InvokeAsync<IJSObjectReference>("import", $"./{Assets["js/keys.js"]}");
        await browser.InvokeVoidAsync("compose");
    }

    private async Task InvokeAsync(string action, string done)
    {
        try
        {
            // Only offered where somebody sits.
            var refusal = (await Viewer!.InvokeAsync(action, JsonSerializer.SerializeToElement(new { what = "room" }), preview: false, Model, _gone.Token)).Error;
            Notes.Add(refusal?.Message ?? done, refusal is null ? Severity.Normal : Severity.Error);
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The page has gone; it may be done all the same.
        }
    }
}
