using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Sync.Engine.Services;

namespace Sync.Web.Accounts;

/// <summary>
/// Who a circuit's person is. A circuit can outlive the request that opened it by hours; it looks again and again whether the session still holds, and its
/// person becomes nobody when it does not. What a page does, it does by <see cref="BrowserSession.Of"/>, which is never late.
/// </summary>
internal sealed class SessionAuthentication(SyncEngine engine, ILoggerFactory loggers) : RevalidatingServerAuthenticationStateProvider(loggers)
{
    // A look costs one look-up in memory.
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(2);

    protected override Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        Task.FromResult(!BrowserSession.Of(authenticationState.User, engine).IsAnonymous);
}
