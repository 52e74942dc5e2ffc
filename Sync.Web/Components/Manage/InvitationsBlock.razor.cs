using Microsoft.AspNetCore.Components;
using Sync.Engine.Identity.Invitations;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Services.Invitations;

namespace Sync.Web.Components.Manage;

/// <summary>Invitation links: of a room, or of the server.</summary>
public sealed partial class InvitationsBlock
{
    private IReadOnlyList<InvitationInfo> _open = [];
    private InvitationMade? _made;
    private Role _role = Role.Participant;
    private int _days = 7;

    /// <summary>Into which room; null for the server alone.</summary>
    [Parameter, EditorRequired]
    public string? Room { get; set; }

    private protected override Task LoadAsync() => AskAsync("list", (caller, cancellationToken) => Engine.Invitations.ListAsync(caller, Room, cancellationToken), open => _open = open);

    private async Task MakeAsync()
    {
        var life = TimeSpan.FromDays(_days);
        if (await AskAsync("make", (caller, cancellationToken) => Room is null
            ? Engine.Invitations.CreateForServerAsync(caller, life, cancellationToken)
            : Engine.Invitations.CreateAsync(caller, Room, _role, life, cancellationToken), made => _made = made))
        {
            await LoadAsync();
        }
    }

    private async Task TakeBackAsync(InvitationInfo invitation)
    {
        if (await AskAsync("list", (caller, cancellationToken) => Engine.Invitations.RevokeAsync(caller, invitation.Id, cancellationToken)))
        {
            _made = _made?.Info.Id == invitation.Id ? null : _made;
            await LoadAsync();
        }
    }
}
