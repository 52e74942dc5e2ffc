using System.Security.Claims;
using Sync.Engine.Identity;
using Sync.Engine.Services;

namespace Sync.Web.Accounts;

/// <summary>
/// The signed-in browser behind a principal. The cookie carries a session's id and nothing else; who that is, and whether it still holds, the engine says at each call.
/// </summary>
internal static class BrowserSession
{
    /// <summary>The claim that carries the session's id.</summary>
    public const string ClaimType = "sync:session";

    /// <summary>The caller of a principal; anonymous when nobody is signed in or the session has ended.</summary>
    public static Caller Of(ClaimsPrincipal? principal, SyncEngine engine) =>
        IdOf(principal) is { } id && engine.Users.OfSession(id).Try(out var caller, out _) ? caller : Caller.Anonymous;

    /// <summary>The session's id, or null.</summary>
    public static string? IdOf(ClaimsPrincipal? principal) => principal?.FindFirst(ClaimType)?.Value;
}
