using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services;
using Sync.Web.Accounts;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Manage;

/// <summary>
/// A part of the manage pages. It asks the engine in the name of the signed-in browser, as its session stands at that moment: one that has ended does
/// nothing more and is sent to sign in. Refusals are kept by the place they are to be shown at.
/// </summary>
public abstract class ManageSection : AskingComponent
{
    private ClaimsPrincipal? _principal;
    private (string Location, SyncError Error)? _refused;

    [Inject]
    private protected SyncEngine Engine { get; set; } = null!; // Set by the framework before anything runs, like those below.

    [Inject]
    private protected NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private protected TimeProvider Time { get; set; } = null!;

    [Inject]
    private protected AuthenticationStateProvider Authentication { get; set; } = null!;

    /// <summary>Who is asking, at this moment.</summary>
    private protected Caller Caller => BrowserSession.Of(_principal, Engine);

    /// <summary>The session of this browser.</summary>
    private protected string? SessionId => BrowserSession.IdOf(_principal);

    /// <inheritdoc/>
    protected sealed override async Task OnInitializedAsync()
    {
        _principal = (await Authentication.GetAuthenticationStateAsync()).User;
        await LoadAsync();
    }

    /// <summary>Reads what the section shows; again after each change.</summary>
    private protected virtual Task LoadAsync() => Task.CompletedTask;

    /// <summary>The refusal to show at a place, or null.</summary>
    private protected SyncError? RefusedAt(string place) => _refused is { } refused && refused.Location == place ? refused.Error : null;

    /// <summary>Asks the engine; a refusal stays at its place until the next question.</summary>
    /// <returns>Whether it was done.</returns>
    private protected async Task<bool> AskAsync<T>(string place, Func<Caller, CancellationToken, Task<Outcome<T>>> ask, Action<T>? then = null)
    {
        if (IsBusy)
        {
            return false;
        }

        var caller = Caller;
        if (caller.IsAnonymous)
        {
            SendToSignIn();
            return false;
        }

        var done = false;
        await AskAsync(async () =>
        {
            _refused = null;
            if ((await ask(caller, Gone)).Try(out var answer, out var error))
            {
                then?.Invoke(answer);
                done = true;
                return;
            }

            _refused = (place, error);
        });
        return done;
    }

    /// <summary>The same for what is not refused once the session holds.</summary>
    private protected Task<bool> AskAsync<T>(string place, Func<Caller, CancellationToken, Task<T>> ask, Action<T>? then = null) =>
        AskAsync(place, async (caller, cancellationToken) => Outcome<T>.Of(await ask(caller, cancellationToken)), then);

    /// <summary>Goes to sign in and comes back to this page.</summary>
    private protected void SendToSignIn() =>
        Navigation.NavigateTo(AccountPaths.Below(AccountPaths.SignInFor("/" + Navigation.ToBaseRelativePath(Navigation.Uri))), forceLoad: true);
}
