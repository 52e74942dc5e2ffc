using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Rooms;

namespace Sync.Web.Components.Dashboard.Members;

/// <summary>The room as a whole: its name, a copy of it, leaving it, its end.</summary>
public sealed partial class RoomEndBlock
{
    private string _name = "";
    private string? _named;
    private string _typed = "";

    [Inject]
    private NavigationManager Navigation { get; set; } = null!; // Set by the framework before anything runs, like those below.

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    private bool CanManage => Viewer is not null && RoomViewer.CanManage(Model);

    private bool IsOnlyOwner => Model.Info.Role == Role.Owner && Model.Info.Members.Count(member => member.Role == Role.Owner) == 1;

    // A token that is narrower than its user's role does not give the role up.
    private bool CanLeave(Role role) =>
        Viewer is { Caller.UserName: not null } && !Model.IsPast && Model.Info.Access >= RoomReach.OfRole(Model.Info.Id, role, Model.Info.Join).Level;

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        // What is being typed stays until the room's name is another one.
        if (_named != (Model.Info.Name ?? ""))
        {
            _named = _name = Model.Info.Name ?? "";
        }
    }

    private Task RenameAsync() => _name.Trim() is { Length: > 0 } name
        ? AskAsync("name", (viewer, cancellationToken) => viewer.Engine.Rooms.PatchAsync(viewer.Caller, viewer.Room, new RoomPatch(name, null), cancellationToken))
        : Task.CompletedTask;

    // Through a file of its own, so that a long log does not lie in memory; it is gone once it is closed.
    private async Task ExportAsync()
    {
        await using var file = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 65_536, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        if (!await AskAsync("export", async (viewer, cancellationToken) =>
            (await viewer.Engine.History.ExportAsync(viewer.Caller, viewer.Room, file, cancellationToken)).Try(out var events, out var error) ? (Outcome<object>)(object)events : error))
        {
            return;
        }

        file.Position = 0;
        try
        {
            var browser = await Js.InvokeAsync<IJSObjectReference>("import", Gone, $"./{Assets["js/sync.js"]}");
            using var content = new DotNetStreamReference(file, leaveOpen: true);
            await browser.InvokeVoidAsync("save", Gone, $"{Model.Info.Id}.jsonl", content);
            await browser.DisposeAsync();
        }
        catch (Exception gone) when (gone is JSDisconnectedException or OperationCanceledException)
        {
            // The browser left before it had all of it.
        }
    }

    private async Task LeaveAsync()
    {
        if (Viewer?.Caller.UserName is { } me && await AskAsync("leave", (viewer, cancellationToken) => viewer.Engine.Rooms.RemoveMemberAsync(viewer.Caller, viewer.Room, me, cancellationToken)))
        {
            Navigation.NavigateTo("rooms");
        }
    }

    private async Task DeleteAsync()
    {
        if (_typed == Model.Info.Id && await AskAsync("delete", (viewer, cancellationToken) => viewer.Engine.Rooms.DeleteAsync(viewer.Caller, viewer.Room, cancellationToken)))
        {
            Navigation.NavigateTo(Viewer?.Caller.IsSession == true ? "manage/rooms" : "");
        }
    }
}
