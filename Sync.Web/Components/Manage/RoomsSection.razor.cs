using Microsoft.AspNetCore.Components;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Onboarding;
using Sync.Engine.Services.Rooms;
using Sync.Web.Components.Shared;
using Sync.Web.Options;

namespace Sync.Web.Components.Manage;

/// <summary>The rooms one is in, and how to get into others.</summary>
public sealed partial class RoomsSection
{
    private RoomPage? _page;
    private FirstSteps? _steps;
    private int _shown = ShowMore.Step;
    private RoomCreated? _created;
    private string? _open;
    private string _name = "";
    private string _id = "";
    private JoinPolicy _join;
    private string _claimed = "";
    private string _proof = "";

    [Inject]
    private SyncOptions Options { get; set; } = null!; // Set by the framework before anything runs.

    private protected override async Task LoadAsync()
    {
        await AskAsync("list", (caller, _) => Task.FromResult(Engine.Rooms.Page(caller, after: null, _shown)), page => _page = page);
        await AskAsync("list", Engine.Onboarding.ReadAsync, steps => _steps = steps);
    }

    private Task ShowMoreAsync()
    {
        _shown += ShowMore.Step;
        return LoadAsync();
    }

    private string Expanded(string form) => _open == form ? "true" : "false";

    private void Open(string form) => (_open, _join) = (_open == form ? null : form, Options.Rooms.Join);

    private async Task CreateAsync()
    {
        var request = new CreateRoom(Given(_id), Given(_name), _join) { IdFromName = true };
        if (await AskAsync("create", (caller, cancellationToken) => Engine.Rooms.CreateAsync(caller, request, cancellationToken), created => _created = created))
        {
            (_open, _name, _id) = (null, "", "");
            await LoadAsync();
        }
    }

    private async Task ClaimAsync()
    {
        if (await AskAsync("claim", (caller, cancellationToken) => Engine.Rooms.ClaimAsync(caller, _claimed.Trim(), Given(_proof), cancellationToken)))
        {
            (_open, _claimed, _proof) = (null, "", "");
            await LoadAsync();
        }
    }

    private static string? Given(string text) => text.Trim() is { Length: > 0 } given ? given : null;
}
