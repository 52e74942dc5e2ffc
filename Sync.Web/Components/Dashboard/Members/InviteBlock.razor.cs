using Sync.Engine.Identity.Invitations;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Services.Invitations;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Dashboard.Members;

/// <summary>Invites people into the room and takes invitations back.</summary>
public sealed partial class InviteBlock
{
    private IReadOnlyList<InvitationInfo> _open = [];
    private InvitationMade? _made;
    private Role _role = Role.Participant;
    private int _hours = Lifetimes.Week;
    private string _name = "";
    private string? _invited;

    private bool HasUser => Viewer is { Caller.UserId: not null };

    private string Who => _role is Role.Owner or Role.Observer ? $"An {Roles.Word(_role)}" : $"A {Roles.Word(_role)}";

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => ListAsync();

    private async Task ListAsync()
    {
        if (HasUser)
        {
            await AskAsync("list", (viewer, cancellationToken) => viewer.Engine.Invitations.ListAsync(viewer.Caller, viewer.Room, cancellationToken), open => _open = open);
        }
    }

    private async Task InviteAsync()
    {
        var (name, role) = (_name.Trim(), _role);
        _invited = null;
        if (name.Length > 0 && await AskAsync("name", (viewer, cancellationToken) => viewer.Engine.Rooms.InviteAsync(viewer.Caller, viewer.Room, name, role, cancellationToken)))
        {
            (_name, _invited) = ("", $"{name} is invited as {Roles.Word(role)}.");
        }
    }

    private async Task MakeAsync()
    {
        var life = TimeSpan.FromHours(_hours);
        if (await AskAsync("make", (viewer, cancellationToken) => viewer.Engine.Invitations.CreateAsync(viewer.Caller, viewer.Room, _role, life, cancellationToken), made => _made = made))
        {
            await ListAsync();
        }
    }

    private async Task TakeBackAsync(InvitationInfo invitation)
    {
        if (await AskAsync("list", (viewer, cancellationToken) => viewer.Engine.Invitations.RevokeAsync(viewer.Caller, invitation.Id, cancellationToken)))
        {
            _made = _made?.Info.Id == invitation.Id ? null : _made;
            await ListAsync();
        }
    }
}
