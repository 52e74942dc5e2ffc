using Microsoft.AspNetCore.Components;
using Sync.Engine.Identity.Invitations;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services;
using Sync.Web.Accounts;
using Sync.Web.Options;

namespace Sync.Web.Components.Account;

/// <summary>Registers a person, with an invitation or without where registration is open. Somebody who is signed in is asked whether to take the invitation.</summary>
public sealed partial class Register
{
    private InvitationInfo? _invitation;
    private SyncError? _refusal;
    private string? _person;
    private State _state;

    private enum State
    {
        Register,
        Accept,
        Refused,
    }

    /// <summary>The secret of an invitation.</summary>
    [SupplyParameterFromQuery(Name = "invitation")]
    public string? Invitation { get; set; }

    /// <summary>Where to go afterwards.</summary>
    [SupplyParameterFromQuery(Name = "return")]
    public string? Return { get; set; }

    [Inject]
    private SyncEngine Engine { get; set; } = null!; // Set by the framework before anything runs, like those below.

    [Inject]
    private SyncOptions Options { get; set; } = null!;

    [CascadingParameter]
    private HttpContext Http { get; set; } = null!; // The page is static.

    private string Title => _invitation is not null ? "You are invited" : _state == State.Register ? "Create an account" : "No registration";

    private string SignInHref => AccountPaths.SignInFor(
        string.IsNullOrEmpty(Invitation) ? LocalPath.Of(Return) : $"{AccountPaths.Register}?invitation={Uri.EscapeDataString(Invitation)}").TrimStart('/');

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        _person = BrowserSession.Of(Http.User, Engine).UserName;
        if (!string.IsNullOrEmpty(Invitation))
        {
            var found = await Engine.Invitations.FindAsync(Invitation, Http.RequestAborted);
            _refusal = found.Try(out _invitation, out var error) ? null : error;
        }

        (_state, _refusal) = Decide();
    }

    // What the page offers. Whether it is so, the engine says when it is done.
    private (State State, SyncError? Refusal) Decide() => (_invitation, _person) switch
    {
        (null, _) when _refusal is not null => (State.Refused, _refusal),

        // Nobody can register before the first user has, with an invitation as little as without.
        (_, null) when Engine.Users.SetupSecret is not null => Refuse("This server waits for its first user.", "Open the setup link that the server printed when it started."),
        ({ Room: null }, not null) => Refuse("You have an account already.", "This invitation is for somebody who has none yet."),
        ({ }, not null) => (State.Accept, null),
        ({ }, null) => (State.Register, null),
        (null, not null) => Refuse($"You are signed in as {_person}.", "Sign out first to create another account."),
        _ => Options.Registration switch
        {
            RegistrationPolicy.Open => (State.Register, null),
            RegistrationPolicy.Invite => Refuse("Registration needs an invitation.", "Ask an owner of a room, or an administrator of the server, for an invitation link."),
            _ => Refuse("This server takes no new users.", "Whoever runs it can change that."),
        },
    };

    private static (State State, SyncError? Refusal) Refuse(string message, string hint) =>
        (State.Refused, new SyncError(ErrorCode.RegistrationClosed, message) { Hint = hint });
}
