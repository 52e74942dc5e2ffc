using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Pages;
using Sync.Engine.Services.Rooms;

namespace Sync.Web.Components.Dashboard.Members;

/// <summary>Who belongs to the room, and what its owners do with the room as a whole.</summary>
public sealed partial class MembersPanel : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private (string Location, SyncError Error)? _refused;
    private string _typed = "";
    private bool _busy;

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    [Inject]
    private NavigationManager Navigation { get; set; } = null!; // Set by the framework before anything runs, like those below.

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    private bool CanManage => Viewer is not null && RoomViewer.CanManage(Model);

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) =>
        drawn.Info.Join == now.Info.Join && drawn.Info.Role == now.Info.Role && drawn.Info.Members.SequenceEqual(now.Info.Members) && drawn.Info.Invited.SequenceEqual(now.Info.Invited)
        // Joins make tokens.
        && drawn.Agents == now.Agents
        // The share links name the surfaces there are.
        && drawn.Views == now.Views;

    private SyncError? RefusedAt(string place) => _refused is { } refused && refused.Location == place ? refused.Error : null;

    private async Task<T?> AskAsync<T>(string place, Func<RoomViewer, CancellationToken, Task<Outcome<T>>> ask)
        where T : class
    {
        if (Viewer is null || _busy)
        {
            return null;
        }

        (_busy, _refused) = (true, null);
        Redraw();
        try
        {
            if ((await ask(Viewer, _gone.Token)).Try(out var answer, out var error))
            {
                return answer;
            }

            _refused = (place, error);
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The panel was closed.
        }
        finally
        {
            _busy = false;
            Redraw();
        }

        return null;
    }

    private Task JoinAsync(ChangeEventArgs change) => Enum.TryParse<JoinPolicy>(change.Value?.ToString(), out var join)
        ? AskAsync("join", (viewer, cancellationToken) => viewer.Engine.Rooms.PatchAsync(viewer.Caller, viewer.Room, new RoomPatch(null, join), cancellationToken))
        : Task.CompletedTask;

    // Through a file of its own, so that a long log does not lie in memory; it is gone once it is closed.
    private async Task ExportAsync()
    {
        await using var file = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 65_536, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        var written = await AskAsync("export", async (viewer, cancellationToken) =>
            (await viewer.Engine.History.ExportAsync(viewer.Caller, viewer.Room, file, cancellationToken)).Try(out var events, out var error) ? (Outcome<object>)(object)events : error);
        if (written is null)
        {
            return;
        }

        file.Position = 0;
        try
        {
            var browser = await Js.InvokeAsync<IJSObjectReference>("import", _gone.Token, $"./{Assets["js/sync.js"]}");
            using var content = new DotNetStreamReference(file, leaveOpen: true);
            await browser.InvokeVoidAsync("save", _gone.Token, $"{Model.Info.Id}.jsonl", content);
            await browser.DisposeAsync();
        }
        catch (Exception gone) when (gone is JSDisconnectedException or OperationCanceledException)
        {
            // The browser left before it had all of it.
        }
    }

    private async Task DeleteAsync()
    {
        if (_typed == Model.Info.Id && await AskAsync("delete", (viewer, cancellationToken) => viewer.Engine.Rooms.DeleteAsync(viewer.Caller, viewer.Room, cancellationToken)) is not null)
        {
            Navigation.NavigateTo(Viewer?.Caller.IsSession == true ? "manage/rooms" : "");
        }
    }
}
