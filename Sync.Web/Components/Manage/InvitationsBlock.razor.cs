using Sync.Engine.Identity.Invitations;
using Sync.Engine.Services.Invitations;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Manage;

/// <summary>Invitation links onto the server, for its administrators.</summary>
public sealed partial class InvitationsBlock
{
    private IReadOnlyList<InvitationInfo> _open = [];
    private InvitationMade? _made;
    private int _hours = Lifetimes.Week;

    private protected override Task LoadAsync() => AskAsync("list", (caller, cancellationToken) => Engine.Invitations.ListAsync(caller, room: null, cancellationToken), open => _open = open);

    private async Task MakeAsync()
    {
        var life = TimeSpan.FromHours(_hours);
        if (await AskAsync("make", (caller, cancellationToken) => Engine.Invitations.CreateForServerAsync(caller, life, cancellationToken), made => _made = made))
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
