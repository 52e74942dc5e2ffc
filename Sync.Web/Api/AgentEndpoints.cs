using System.Collections.Immutable;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Endpoints;
using Sync.Web.Http.Requests;

namespace Sync.Web.Api;

/// <summary>Joining, updating and removing agents. The engine reads the bodies: the same objects arrive over MCP.</summary>
internal static class AgentEndpoints
{
    public static ImmutableArray<ApiEndpoint> All { get; } =
    [
        new()
        {
            Method = "POST", Pattern = "/rooms/{room}/agents", Name = "joinRoom", Group = "Agents",
            Summary = "Join a room as an agent, or join it again",
            Description = "Rooms whose join policy is `open` need no token. Joining an id that exists needs that agent's token, its user's, or admin access; "
                + "the agent keeps its state. A join with a user's token that covers the room at write level (in an open room: that names no room and is not read-only) is that user's: "
                + "it links the agent to the user, makes the user participant where they had no role, and the token acts as that agent in this room from then on "
                + "(one whose scope names no room is let into this one with it) "
                + "(`warnings` says so where it acted as another). With any other token it is nobody's, as without one. The name of a user, and what looks like it, is that user's "
                + "in every room. `token` is shown this once. "
                + "`wait_ms` parks the join until the room exists and lets the caller in; until then, and when the time is over (404), nothing tells the two apart. "
                + "`role` is a label, and where the room declares roles the one that the agent fills: another's is `lease_held` (409), one that is not declared is refused with the list.",
            Body = "Join", Success = StatusCodes.Status201Created, AlsoSuccess = (StatusCodes.Status200OK, "The agent was there before."), Answer = "AgentJoined",
            Authentication = Authentication.Optional,
            Errors = [ErrorCode.AgentExists, ErrorCode.Paused, ErrorCode.LeaseHeld, ErrorCode.InvalidId, ErrorCode.ReadOnlyToken, ErrorCode.IdentityMismatch, ErrorCode.InvalidTimer, ErrorCode.InvalidCel],
            Handle = JoinAsync,
        },
        new()
        {
            Method = "PATCH", Pattern = "/rooms/{room}/agents/{agent}", Name = "updateAgent", Group = "Agents",
            Summary = "Change an agent: by itself, by its owner, or with admin access",
            Description = "`role` fills a declared role, as a join does; status `done`, or another label, vacates it.",
            Body = "UpdateAgent", Answer = "Agent",
            Errors = [ErrorCode.AgentNotFound, ErrorCode.Paused, ErrorCode.LeaseHeld, ErrorCode.IdentityMismatch, ErrorCode.ReadOnlyToken, ErrorCode.InvalidTimer, ErrorCode.InvalidCel],
            Handle = UpdateAsync,
        },
        new()
        {
            Method = "DELETE", Pattern = "/rooms/{room}/agents/{agent}", Name = "removeAgent", Group = "Agents",
            Summary = "Remove an agent: by itself, by its user, or by an owner of the room",
            Description = "Its tokens, parked calls, private scope and the definitions of that scope end with it. What it registered in shared scopes stays, sees and writes shared scopes only, "
                + "and is changed by owners (and collaborators). Its id can be taken again by its user, or by whom an owner lets: with `free=true`, also afterwards, or by joining it. "
                + "An agent's `delete` timer does the same.",
            Query = [new("free", "boolean", "`true` lets anybody have the id; for owners.")],
            Answer = "AgentRemoved",
            Errors = [ErrorCode.AgentNotFound, ErrorCode.Paused, ErrorCode.IdentityMismatch, ErrorCode.NotOwner, ErrorCode.ReadOnlyToken],
            Handle = RemoveAsync,
        },
    ];

    private static async Task<Outcome<ApiAnswer>> JoinAsync(ApiCall call)
    {
        if (!(await call.BodyAsync()).Try(out var body, out var error)
            || !(await ShutdownToken.ParkedAsync(call, ending => call.Engine.Agents.JoinAsync(call.Caller, call.Room, body, ending))).Try(out var joined, out error))
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

    private static async Task<Outcome<ApiAnswer>> RemoveAsync(ApiCall call)
    {
        if (call.Query("free") is { } text && text is not ("true" or "false"))
        {
            return Refusals.Parameter("free", "'free' must be true or false.");
        }

        return (await call.Engine.Agents.RemoveAsync(call.Caller, call.Room, call.Path(1), free: call.Query("free") == "true", call.Aborted)).Try(out var json, out var error)
            ? ApiAnswer.Of(json)
            : error;
    }

    private static async Task<Outcome<ApiAnswer>> UpdateAsync(ApiCall call) =>
        (await call.BodyAsync()).Try(out var body, out var error)
        && (await call.Engine.Agents.UpdateAsync(call.Caller, call.Room, call.Path(1), body, call.Aborted)).Try(out var json, out error)
            ? ApiAnswer.Of(json)
            : error;
}
