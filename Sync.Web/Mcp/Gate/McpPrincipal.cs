using System.Security.Claims;
using Sync.Engine;

namespace Sync.Web.Mcp.Gate;

/// <summary>
/// Who makes a request to <c>/mcp</c>, as the SDK carries it to the handlers. Its one claim is the token's id: the SDK binds a session to it, so that another token, though it
/// be the same user's, cannot take the session over.
/// </summary>
internal sealed class McpPrincipal(Caller caller, McpServices services, CancellationToken aborted)
    : ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, caller.TokenId ?? "")], "Bearer"))
{
    /// <summary>The caller, outside of any session.</summary>
    public Caller Caller { get; } = caller;

    public McpServices Services { get; } = services;

    /// <summary>Cancelled when the client hangs up. The SDK does not tell the handlers of a session: the client could come back for the answer.</summary>
    public CancellationToken Aborted { get; } = aborted;

    public static McpPrincipal Of(ClaimsPrincipal? user) =>
        user as McpPrincipal ?? throw new InvalidOperationException("A request has come to an MCP handler past the gate.");
}
