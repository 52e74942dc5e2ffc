using Microsoft.AspNetCore.Components;
using MudBlazor;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;

namespace Sync.Web.Components.Dashboard.Members;

/// <summary>The members of a room and who was invited by name: their roles, and the ways out.</summary>
public sealed partial class PeopleBlock
{
    private readonly Dictionary<string, Pending<Role>> _pending = new(StringComparer.Ordinal);

    [Inject]
    private IDialogService Dialogs { get; set; } = null!; // Set by the framework before anything runs.

    private bool CanManage => Viewer is not null && RoomViewer.CanManage(Model);

    // A room keeps an owner: what the engine would refuse the page does not offer.
    private RoomMember? OnlyOwner => Model.Info.Members.Where(member => member.Role == Role.Owner).Take(2).ToList() is [var only] ? only : null;

    private bool IsOnlyOwner(RoomMember member) => OnlyOwner == member;

    private bool IsMe(RoomMember member) => string.Equals(member.User, Viewer?.Caller.UserName, StringComparison.OrdinalIgnoreCase);

    private Role Shown(RoomMember member) => _pending.TryGetValue(member.User, out var pending) ? pending.Shown(member.Role) : member.Role;

    private Task SetRoleAsync(RoomMember member, Role role)
    {
        if (!_pending.TryGetValue(member.User, out var pending))
        {
            _pending.Add(member.User, pending = new Pending<Role>());
        }

        return ChooseAsync("people", pending, role, member.Role, (viewer, cancellationToken) => viewer.Engine.Rooms.InviteAsync(viewer.Caller, viewer.Room, member.User, role, cancellationToken));
    }

    private async Task HandOverAsync(RoomMember member)
    {
        if (await AgreedAsync($"Hand the room over to {member.User}?", $"{member.User} becomes owner, and you become collaborator.", "Hand over"))
        {
            await AskAsync("people", (viewer, cancellationToken) => viewer.Engine.Rooms.TransferAsync(viewer.Caller, viewer.Room, member.User, cancellationToken));
        }
    }

    private async Task RemoveAsync(RoomMember member)
    {
        if (await AgreedAsync($"Remove {member.User}?", $"{member.User} loses the role at once, and the tokens of their agents here end. They come back by an invitation only.", "Remove"))
        {
            await RemoveAsync(member.User);
        }
    }

    private async Task TakeBackAsync(RoomMember invited)
    {
        if (await AgreedAsync($"Take the invitation of {invited.User} back?", $"Whoever is called {invited.User} has no role here any more.", "Take back"))
        {
            await RemoveAsync(invited.User);
        }
    }

    private Task<bool> RemoveAsync(string user) => AskAsync("people", (viewer, cancellationToken) => viewer.Engine.Rooms.RemoveMemberAsync(viewer.Caller, viewer.Room, user, cancellationToken));

    private async Task<bool> AgreedAsync(string title, string means, string yes) => await Dialogs.ShowMessageBoxAsync(title, means, yesText: yes, cancelText: "Cancel") == true;
}
