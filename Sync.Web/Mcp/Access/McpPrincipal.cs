using System.Security.Claims;
using Sync.Engine.Identity;

namespace Sync.Web.Mcp.Access;

/// <summary>
/// Who makes a request to <c>/mcp</c>, as the SDK carries it to the handlers. Its one claim is <see cref="Delegator"/>: the SDK binds a session to it, so that nobody else can take the
/// session over.
/// </summary>
internal sealed class McpPrincipal(Caller caller, McpServices services, CancellationToken aborted)
    : ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, DelegatorOf(caller))], "Bearer"))
{
    /// <summary>The caller, outside of any session.</summary>
    public Caller Caller { get; } = caller.Through(services.Steps);

    /// <summary>Whose a session is: the token's, or of tokens issued by OAuth the user's with that client, since a client that has asked for more comes back with another.</summary>
    public string Delegator { get; } = DelegatorOf(caller);

    public McpServices Services { get; } = services;

    /// <summary>Cancelled when the client hangs up. The SDK does not tell the handlers of a session: the client could come back for the answer.</summary>
    public CancellationToken Aborted { get; } = aborted;

    public static McpPrincipal Of(ClaimsPrincipal? user) =>
        user as McpPrincipal ?? throw new InvalidOperationException("A request has come to an MCP handler past the request filter.");

    /// <summary>Whose the sessions of a caller are.</summary>
    public static string DelegatorOf(Caller caller) => caller is { ClientId: { } client, UserId: { } user } ? $"{user} {client}" : caller.TokenId ?? ""; // No id has a space in it.
}
