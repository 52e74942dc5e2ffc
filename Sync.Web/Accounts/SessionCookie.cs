using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Sync.Engine.Identity.Users;
using Sync.Engine.Services;

namespace Sync.Web.Accounts;

/// <summary>
/// The cookie of a signed-in browser. It holds a user's id and name and the session's id, protected; the session itself lives in the engine, which is asked at
/// every request, so that ending it there ends the cookie.
/// </summary>
internal static class SessionCookie
{
    /// <summary>
    /// The authentication scheme. Its name goes into the protection of each cookie: with another one every browser that is signed in would be signed out. It is
    /// that of the library that signed people in before.
    /// </summary>
    public const string Scheme = "Identity.Application";

    private static readonly TimeSpan s_life = TimeSpan.FromDays(30);

    /// <summary>A cookie's name: with the prefix that binds it to TLS, where there is TLS, and to this host, where the server has the whole of it (RFC 6265bis §4.1.3).</summary>
    public static string Name(string name, TrustedOrigins own) => !own.IsSecure ? name : Path(own) == "/" ? "__Host-" + name : "__Secure-" + name;

    /// <summary>The path that a cookie is for.</summary>
    public static string Path(TrustedOrigins own) => own.CookiePath;

    /// <summary>The cookie that keeps a browser signed in.</summary>
    public static void Configure(CookieAuthenticationOptions cookie, TrustedOrigins own)
    {
        Harden(cookie.Cookie, "sync", own);
        // Lax, not Strict: a link to a room in a message opens it signed in. What changes anything asks for an antiforgery token besides.
        cookie.Cookie.SameSite = SameSiteMode.Lax;
        cookie.ExpireTimeSpan = s_life;
        cookie.SlidingExpiration = false;
        cookie.Events = new CookieAuthenticationEvents
        {
            OnValidatePrincipal = ValidateAsync,
            OnRedirectToLogin = Challenge,
            OnRedirectToAccessDenied = static context =>
            {
                context.Response.StatusCode = StatusCodes.Status403Forbidden;
                return Task.CompletedTask;
            },
        };
    }

    /// <summary>Signs a user in: a new session each time, so that nobody can have known its id before, and the one this browser had ends.</summary>
    public static async Task SignInAsync(HttpContext http, UserInfo user)
    {
        var engine = http.RequestServices.GetRequiredService<SyncEngine>();
        await EndAsync(http, engine);
        var session = await engine.Users.StartSessionAsync(user.Id, BrowserName.Of(http.Request), http.RequestAborted);
        var principal = PrincipalOf(user, session);
        await http.SignInAsync(Scheme, principal, PropertiesOf(session));
        http.User = principal;
    }

    /// <summary>Signs out: ends the session, whatever copies of the cookie there are, and removes the cookie.</summary>
    public static async Task SignOutAsync(HttpContext http)
    {
        await EndAsync(http, http.RequestServices.GetRequiredService<SyncEngine>());
        await http.SignOutAsync(Scheme);
        http.User = new ClaimsPrincipal(new ClaimsIdentity());
    }

    /// <summary>What the cookie says.</summary>
    public static ClaimsPrincipal PrincipalOf(UserInfo user, SessionInfo session) => new(new ClaimsIdentity(
        [new(ClaimTypes.NameIdentifier, user.Id), new(ClaimTypes.Name, user.Name), new(BrowserSession.ClaimType, session.Id)],
        Scheme));

    /// <summary>The cookie ends when the session does.</summary>
    public static AuthenticationProperties PropertiesOf(SessionInfo session) => new()
    {
        IsPersistent = true,
        AllowRefresh = false,
        IssuedUtc = session.CreatedAt,
        ExpiresUtc = session.ExpiresAt,
    };

    private static void Harden(CookieBuilder cookie, string name, TrustedOrigins own)
    {
        cookie.Name = Name(name, own);
        cookie.Path = Path(own);
        cookie.HttpOnly = true;
        cookie.IsEssential = true;
        cookie.SecurePolicy = own.IsSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
    }

    private static async Task EndAsync(HttpContext http, SyncEngine engine)
    {
        if (BrowserSession.IdOf(http.User) is { } session && http.User.FindFirstValue(ClaimTypes.NameIdentifier) is { } user)
        {
            // It may have ended already.
            _ = await engine.Users.EndSessionAsync(user, session, http.RequestAborted);
        }
    }

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var engine = context.HttpContext.RequestServices.GetRequiredService<SyncEngine>();
        if (BrowserSession.Of(context.Principal, engine).IsAnonymous)
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(Scheme);
        }
    }

    private static Task Challenge(RedirectContext<CookieAuthenticationOptions> context)
    {
        // What was sent to another page cannot be sent again by a link to it.
        var request = context.Request;
        var back = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) ? request.Path.ToUriComponent() + request.QueryString.ToUriComponent() : null;
        context.Response.Redirect(AccountPaths.SignInFor(back));
        return Task.CompletedTask;
    }
}
