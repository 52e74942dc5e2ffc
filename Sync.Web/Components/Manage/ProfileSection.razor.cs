using Sync.Engine.Identity;
using Sync.Engine.Identity.Users;

namespace Sync.Web.Components.Manage;

/// <summary>Who one is, and where one is signed in.</summary>
public sealed partial class ProfileSection
{
    private UserInfo? _user;
    private IReadOnlyList<SessionInfo> _sessions = [];

    private protected override async Task LoadAsync()
    {
        _user = Caller.UserId is { } id ? Engine.Users.Find(id) : null;
        await AskAsync("sessions", (caller, cancellationToken) => Engine.Users.SessionsAsync(caller.UserId!, cancellationToken), sessions => _sessions = sessions); // A session has a user, here and below.
    }

    private async Task EndAsync(SessionInfo session)
    {
        if (await AskAsync("sessions", (caller, cancellationToken) => Engine.Users.EndSessionAsync(caller.UserId!, session.Id, cancellationToken)))
        {
            await LoadAsync();
        }
    }

    private async Task EndAllAsync(string? except)
    {
        if (await AskAsync("sessions", (caller, cancellationToken) => Engine.Users.EndSessionsAsync(caller.UserId!, except, cancellationToken)))
        {
            await LoadAsync();
        }
    }
}
