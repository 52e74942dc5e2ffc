using Microsoft.AspNetCore.Components;
using Sync.Engine.Identity;
using Sync.Engine.Services;
using Sync.Web.Accounts;
using Sync.Web.OAuth;

namespace Sync.Web.Components.Account.Consent;

/// <summary>
/// A step at which a signed-in person decides what a program may do. Rendered on the server alone, because what is decided must not hang on a script;
/// whoever is not signed in is sent to do so and comes back.
/// </summary>
public abstract class DecisionComponent : ComponentBase
{
    [CascadingParameter]
    private protected HttpContext Http { get; set; } = null!; // Cascaded to every page that is rendered on the server, before anything runs.

    [Inject]
    private protected SyncEngine Engine { get; set; } = null!; // Set by the framework, like those below.

    [Inject]
    private protected NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private protected TimeProvider Time { get; set; } = null!;

    /// <summary>Who decides, as it stands at this moment.</summary>
    private protected Caller Caller => BrowserSession.Of(Http.User, Engine);

    /// <summary>Where to come back to after signing in: a path of this server.</summary>
    private protected virtual string ReturnPath => Http.Request.Path + Http.Request.QueryString;

    /// <summary>
    /// Where the program of a client id comes from. A document is not fetched for it: whoever started a device's code, or minted the token, may have named any address, so that its host alone is shown.
    /// </summary>
    private protected async Task<ClientOrigin> OriginAsync(string? client) =>
        client is null ? ClientOrigin.Unknown
        : KnownClients.IsDocument(client) ? ClientOrigin.OfDocument(client)
        : await Engine.Clients.FindAsync(client, Http.RequestAborted) is { } known ? ClientOrigin.Of(known, Time.GetUtcNow())
        : ClientOrigin.Gone;

    /// <summary>Sends whoever is not signed in to do so.</summary>
    /// <returns>Whether somebody is signed in.</returns>
    private protected bool IsSignedIn()
    {
        if (!Caller.IsAnonymous)
        {
            return true;
        }

        Navigation.NavigateTo(AccountPaths.Below(AccountPaths.SignInFor(ReturnPath)));
        return false;
    }
}
