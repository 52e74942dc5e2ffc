using System.Collections.Immutable;
using Sync.Engine;
using Sync.Web.Api.Answers;
using Sync.Web.Api.Requests;

namespace Sync.Web.Api.Operations;

/// <summary>Joining and updating agents. The engine reads the bodies: the same objects arrive over MCP.</summary>
internal static class AgentOperations
{
    public static ImmutableArray<ApiOperation> All { get; } =
    [
        new()
        {
            Method = "POST", Pattern = "/rooms/{room}/agents", Name = "joinRoom", Group = "Agents",
            Summary = "Join a room as an agent, or join it again",
            Description = "Rooms whose join policy is `open` need no token. Joining an id that exists needs that agent's token, its owner's, or admin access; "
                + "the agent keeps its state. A token of a user that joins acts as that agent in this room from then on. `token` is shown this once.",
            Body = "Join", Success = StatusCodes.Status201Created, AlsoSuccess = (StatusCodes.Status200OK, "The agent was there before."), Answer = "AgentJoined",
            Authentication = Authentication.Optional,
            Errors = [ErrorCode.AgentExists, ErrorCode.InvalidId, ErrorCode.ReadOnlyToken, ErrorCode.IdentityMismatch, ErrorCode.InvalidTimer, ErrorCode.InvalidCel],
            Handle = JoinAsync,
        },
        new()
        {
            Method = "PATCH", Pattern = "/rooms/{room}/agents/{agent}", Name = "updateAgent", Group = "Agents",
            Summary = "Change an agent: by itself, by its owner, or with admin access",
            Body = "UpdateAgent", Answer = "Agent",
            Errors = [ErrorCode.AgentNotFound, ErrorCode.IdentityMismatch, ErrorCode.ReadOnlyToken, ErrorCode.InvalidTimer, ErrorCode.InvalidCel],
            Handle = UpdateAsync,
        },
    ];

    private static async Task<Outcome<ApiAnswer>> JoinAsync(ApiCall call)
    {
        if (!(await call.BodyAsync()).Try(out var body, out var error)
            || !(await call.Engine.Agents.JoinAsync(call.Caller, call.Room, body, call.Aborted)).Try(out var joined, out error))
        {
            return error;
        }

        return joined.Rejoined
            ? ApiAnswer.Of(joined.Json)
            : ApiAnswer.Of(joined.Json, StatusCodes.Status201Created) with
            {
                Location = $"/rooms/{Uri.EscapeDataString(call.Room)}/agents/{Uri.EscapeDataString(joined.Id)}",
            };
    }

    private static async Task<Outcome<ApiAnswer>> UpdateAsync(ApiCall call) =>
        (await call.BodyAsync()).Try(out var body, out var error)
        && (await call.Engine.Agents.UpdateAsync(call.Caller, call.Room, call.Path(1), body, call.Aborted)).Try(out var json, out error)
            ? ApiAnswer.Of(json)
            : error;
}
