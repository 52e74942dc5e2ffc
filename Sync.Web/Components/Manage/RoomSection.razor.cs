using Microsoft.AspNetCore.Components;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Rooms;
using Sync.Web.Accounts;

namespace Sync.Web.Components.Manage;

/// <summary>One room: who is in it, who may come, what it is called, its end.</summary>
public sealed partial class RoomSection
{
    private RoomInfo? _info;
    private string _name = "";
    private JoinPolicy _join;
    private string _saved = "";
    private string _invitee = "";
    private Role _role = Role.Participant;
    private string _typed = "";

    /// <summary>The room's id.</summary>
    [Parameter, EditorRequired]
    public required string Room { get; set; }

    private bool IsOwner => _info?.Role == Role.Owner;

    private protected override Task LoadAsync() => AskAsync("room", (caller, cancellationToken) => Engine.Rooms.GetAsync(caller, Room, cancellationToken), Show);

    private bool IsMe(RoomMember member) => string.Equals(member.User, Caller.UserName, StringComparison.OrdinalIgnoreCase);

    private void Show(RoomInfo info) => (_info, _name, _join) = (info, info.Name ?? "", info.Join);

    private async Task SaveAsync()
    {
        var patch = new RoomPatch(_name.Trim() is { Length: > 0 } name ? name : null, _join);
        _saved = await AskAsync("settings", (caller, cancellationToken) => Engine.Rooms.PatchAsync(caller, Room, patch, cancellationToken), Show) ? "Saved." : "";
    }

    private async Task SetRoleAsync(RoomMember member, ChangeEventArgs change)
    {
        if (Enum.TryParse<Role>(change.Value?.ToString(), out var role))
        {
            await ChangeAsync("members", (caller, cancellationToken) => Engine.Rooms.InviteAsync(caller, Room, member.User, role, cancellationToken));
        }
    }

    private Task RemoveAsync(RoomMember member) => ChangeAsync("members", (caller, cancellationToken) => Engine.Rooms.RemoveMemberAsync(caller, Room, member.User, cancellationToken));

    private Task TransferAsync(RoomMember member) => ChangeAsync("members", (caller, cancellationToken) => Engine.Rooms.TransferAsync(caller, Room, member.User, cancellationToken));

    private async Task InviteAsync()
    {
        if (await ChangeAsync("invite", (caller, cancellationToken) => Engine.Rooms.InviteAsync(caller, Room, _invitee.Trim(), _role, cancellationToken)))
        {
            _invitee = "";
        }
    }

    private async Task LeaveAsync()
    {
        if (await AskAsync("leave", (caller, cancellationToken) => Engine.Rooms.RemoveMemberAsync(caller, Room, caller.UserName!, cancellationToken))) // A session has a user.
        {
            Navigation.NavigateTo(AccountPaths.Below(AccountPaths.Manage + "/rooms"));
        }
    }

    private async Task DeleteAsync()
    {
        if (_typed == Room && await AskAsync("delete", (caller, cancellationToken) => Engine.Rooms.DeleteAsync(caller, Room, cancellationToken)))
        {
            Navigation.NavigateTo(AccountPaths.Below(AccountPaths.Manage + "/rooms"));
        }
    }

    // A refused change is shown as it stands again; without the reload a select would keep what was refused.
    private async Task<bool> ChangeAsync<T>(string place, Func<Caller, CancellationToken, Task<Outcome<T>>> ask)
    {
        var done = await AskAsync(place, ask);
        if (done)
        {
            await LoadAsync();
        }
        else
        {
            _info = _info is null ? null : _info with { Members = [.. _info.Members] };
        }

        return done;
    }
}
