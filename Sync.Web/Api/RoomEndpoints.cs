using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Rooms;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Endpoints;
using Sync.Web.Http.Requests;

namespace Sync.Web.Api;

/// <summary>Room life cycle and membership.</summary>
internal static class RoomEndpoints
{
    private static readonly string[] s_createFields = ["id", "name", "join", "invite", "template"];
    private static readonly string[] s_forkFields = ["id", "name", "join", "at"];
    private static readonly string[] s_patchFields = ["name", "join"];
    private static readonly string[] s_inviteFields = ["username", "role"];
    private static readonly string[] s_claimFields = ["room_token"];

    public static ImmutableArray<ApiEndpoint> All { get; } =
    [
        new()
        {
            Method = "POST", Pattern = "/rooms", Name = "createRoom", Group = "Rooms",
            Summary = "Create a room",
            Description = "The token's user becomes its owner. `token` and `view_token` are shown this once. `invite` gives users roles in it, as `POST /rooms/{room}/invite` does. With `template` the room begins with that pack; where the pack cannot be installed, there is no room.",
            Body = "CreateRoom", Success = StatusCodes.Status201Created, Answer = "RoomCreated",
            Errors = [ErrorCode.ScopeDenied, ErrorCode.InvalidId, ErrorCode.RoomExists, ErrorCode.InvalidPack, ErrorCode.PackNotFound],
            Handle = CreateAsync,
        },
        new()
        {
            Method = "POST", Pattern = "/rooms/{room}/fork", Name = "forkRoom", Group = "Rooms",
            Summary = "Make a room of what the caller may read of another",
            Description = "Needs `create_rooms` and reading the room. The new room begins a log of its own: entries, definitions, help, installed packs and agents come along, private scopes with full access only. "
                + "Left behind are tokens, members, invitations, links of agents to users, holders of roles, leases, approvals, pauses, messages, request keys, cooldowns and history.",
            Body = "ForkRoom", Success = StatusCodes.Status201Created, Answer = "RoomCreated",
            Errors = [ErrorCode.ScopeDenied, ErrorCode.InvalidId, ErrorCode.RoomExists, ErrorCode.CursorReset],
            Handle = ForkAsync,
        },
        new()
        {
            Method = "GET", Pattern = "/rooms/{room}/pack", Name = "exportPack", Group = "Rooms",
            Summary = "The room's definitions, help texts and roles as a pack",
            Description = "`_install_pack` and `POST /rooms` take the answer as it is. What is in the scope of an agent is left out and named in `left_out`.",
            Query = [new("name", "string", "The pack's name; made of the room's id when left out."), new("version", "string", "The pack's version; `1.0.0` when left out.")],
            Answer = "Pack",
            Errors = [ErrorCode.InvalidPack],
            Handle = ExportAsync,
        },
        new()
        {
            Method = "GET", Pattern = "/rooms", Name = "listRooms", Group = "Rooms",
            Summary = "List the rooms the token can read, newest first",
            Description = "`invitations_total`, there when it is not 0, says how many more rooms wait to be taken up: `GET /invitations` lists them.",
            Query = ListPage.Query,
            Answer = "RoomList",
            Handle = ListAsync,
        },
        new()
        {
            Method = "GET", Pattern = "/rooms/{room}", Name = "getRoom", Group = "Rooms",
            Summary = "One room: its settings, the caller's access, members and figures",
            Answer = "Room",
            Handle = GetAsync,
        },
        new()
        {
            Method = "GET", Pattern = "/rooms/{room}/members", Name = "listMembers", Group = "Rooms",
            Summary = "List the room's members, owners first; empty for who may only read",
            Query = ListPage.Query, Answer = "MemberList",
            Handle = MembersAsync,
        },
        new()
        {
            Method = "PATCH", Pattern = "/rooms/{room}", Name = "updateRoom", Group = "Rooms",
            Summary = "Change a room's name or join policy",
            Body = "UpdateRoom", Answer = "Room",
            Errors = [ErrorCode.RoomTokenRequired, ErrorCode.ReadOnlyToken],
            Handle = PatchAsync,
        },
        new()
        {
            Method = "DELETE", Pattern = "/rooms/{room}", Name = "deleteRoom", Group = "Rooms",
            Summary = "Delete a room with every trace of it",
            Answer = "RoomDeleted",
            Errors = [ErrorCode.RoomTokenRequired, ErrorCode.ReadOnlyToken],
            Handle = DeleteAsync,
        },
        new()
        {
            Method = "POST", Pattern = "/rooms/{room}/invite", Name = "inviteMember", Group = "Rooms",
            Summary = "Give a user a role in the room",
            Description = "The role works at once; the room stands in that user's lists after they took it up, and they can refuse. A name that no user has is answered alike.",
            Body = "Invite", Answer = "Invited",
            Errors = [ErrorCode.NotOwner, ErrorCode.InvalidParameter, ErrorCode.LastOwner, ErrorCode.MissingParam],
            Handle = InviteAsync,
        },
        new()
        {
            Method = "POST", Pattern = "/rooms/{room}/claim", Name = "claimRoom", Group = "Rooms",
            Summary = "Become the owner of a room without members, or prove ownership by its room token",
            Body = "Claim", Answer = "Claimed",
            Errors = [ErrorCode.AlreadyOwned, ErrorCode.IdentityMismatch],
            Handle = ClaimAsync,
        },
    ];

    private static async Task<Outcome<ApiAnswer>> CreateAsync(ApiCall call)
    {
        if (!(await call.BodyAsync()).Try(out var body, out var error)
            || (error = Refusals.CheckFields(body, s_createFields)) is not null
            || !Refusals.Text(body, "id").Try(out var id, out error)
            || !Refusals.Text(body, "name").Try(out var name, out error)
            || !Join(body).Try(out var join, out error)
            || !InviteList.Read(body.TryGetProperty("invite", out var invite) ? invite : default).Try(out var invites, out error)
            || !(await call.Engine.Rooms.CreateAsync(call.Caller, new CreateRoom(id, name, join) { Invites = invites, Template = body.TryGetProperty("template", out var template) ? template : default }, call.Aborted)).Try(out var created, out error))
        {
            return error;
        }

        return Created(created);
    }

    private static async Task<Outcome<ApiAnswer>> ForkAsync(ApiCall call) =>
        (await call.BodyAsync()).Try(out var body, out var error)
        && (error = Refusals.CheckFields(body, s_forkFields)) is null
        && Refusals.Text(body, "id").Try(out var id, out error)
        && Refusals.Text(body, "name").Try(out var name, out error)
        && Join(body).Try(out var join, out error)
        && Refusals.Cursor(body, "at").Try(out var at, out error)
        && (await call.Engine.Rooms.ForkAsync(call.Caller, call.Room, new ForkRoom(id, name, join, at), call.Aborted)).Try(out var created, out error)
            ? Created(created)
            : error!; // One of them was refused.

    private static async Task<Outcome<ApiAnswer>> ExportAsync(ApiCall call) =>
        (await call.Engine.Packs.ExportAsync(call.Caller, call.Room, call.Query("name"), call.Query("version"), call.Aborted)).Try(out var pack, out var error)
            ? ApiAnswer.Of(pack)
            : error;

    private static ApiAnswer Created(RoomCreated created) =>
        ApiAnswer.Of(RoomCreatedJson.Of(created), ApiJson.Default.RoomCreatedJson, StatusCodes.Status201Created) with
        {
            Location = "/rooms/" + Uri.EscapeDataString(created.Info.Id),
        };

    private static Task<Outcome<ApiAnswer>> ListAsync(ApiCall call) => Task.FromResult(
        call.Integer("limit", ListPage.Default, 1, ListPage.Max).Try(out var limit, out var error)
        && call.Engine.Rooms.Page(call.Caller, call.Query("after"), (int)limit).Try(out var page, out error)
        && call.Engine.Rooms.Invitations(call.Caller).Try(out var invitations, out error)
            ? ListPage.Of(call, "rooms", page.Rooms, page.Total, page.Left, RoomPage.EndAt, RoomJson.InList, ApiJson.Default.RoomJson, writer => PendingInvitationJson.WriteTotal(writer, invitations))
            : (Outcome<ApiAnswer>)error);

    private static async Task<Outcome<ApiAnswer>> MembersAsync(ApiCall call) =>
        (await call.Engine.Rooms.GetAsync(call.Caller, call.Room, call.Aborted)).Try(out var info, out var error)
            ? ListPage.Of(call, "members", info.Members, static member => member.User, RoomMemberJson.Of, ApiJson.Default.RoomMemberJson)
            : error;

    private static async Task<Outcome<ApiAnswer>> GetAsync(ApiCall call) =>
        Room(await call.Engine.Rooms.GetAsync(call.Caller, call.Room, call.Aborted));

    private static async Task<Outcome<ApiAnswer>> PatchAsync(ApiCall call)
    {
        if (!(await call.BodyAsync()).Try(out var body, out var error)
            || (error = Refusals.CheckFields(body, s_patchFields)) is not null
            || !Refusals.Text(body, "name").Try(out var name, out error)
            || !Join(body).Try(out var join, out error))
        {
            return error;
        }

        return Room(await call.Engine.Rooms.PatchAsync(call.Caller, call.Room, new RoomPatch(name, join), call.Aborted));
    }

    private static async Task<Outcome<ApiAnswer>> DeleteAsync(ApiCall call) =>
        (await call.Engine.Rooms.DeleteAsync(call.Caller, call.Room, call.Aborted)).Try(out var id, out var error)
            ? ApiAnswer.Of(new RoomDeletedJson(Deleted: true, id), ApiJson.Default.RoomDeletedJson)
            : error;

    private static async Task<Outcome<ApiAnswer>> InviteAsync(ApiCall call)
    {
        if (!(await call.BodyAsync()).Try(out var body, out var error)
            || (error = Refusals.CheckFields(body, s_inviteFields)) is not null
            || !Refusals.Text(body, "username").Try(out var userName, out error)
            || !Refusals.Text(body, "role").Try(out var roleName, out error))
        {
            return error;
        }

        if (userName is null)
        {
            return Refusals.Missing("username", """{"username":"bob","role":"participant"}""");
        }

        if (WireText.Role(roleName ?? WireText.Of(Role.Participant)) is not { } role)
        {
            return Refusals.Parameter("role", "'role' must be owner, collaborator, participant or observer.");
        }

        return (await call.Engine.Rooms.InviteAsync(call.Caller, call.Room, userName, role, call.Aborted)).Try(out var invited, out error)
            ? ApiAnswer.Of(new InvitedJson(Invited: true, invited.UserName, invited.Room, WireText.Of(invited.Role)), ApiJson.Default.InvitedJson)
            : error;
    }

    private static async Task<Outcome<ApiAnswer>> ClaimAsync(ApiCall call)
    {
        if (!(await call.BodyAsync()).Try(out var body, out var error)
            || (error = Refusals.CheckFields(body, s_claimFields)) is not null
            || !Refusals.Text(body, "room_token").Try(out var roomToken, out error))
        {
            return error;
        }

        return (await call.Engine.Rooms.ClaimAsync(call.Caller, call.Room, roomToken, call.Aborted)).Try(out var claimed, out error)
            ? ApiAnswer.Of(new ClaimedJson(Claimed: true, claimed.Room, WireText.Of(claimed.Role)), ApiJson.Default.ClaimedJson)
            : error;
    }

    private static Outcome<ApiAnswer> Room(Outcome<RoomInfo> outcome) =>
        outcome.Try(out var info, out var error) ? ApiAnswer.Of(RoomJson.Of(info), ApiJson.Default.RoomJson) : error;

    private static Outcome<JoinPolicy?> Join(JsonElement body)
    {
        if (!Refusals.Text(body, "join").Try(out var text, out var error))
        {
            return error;
        }

        return text switch
        {
            null => (JoinPolicy?)null,
            "open" => JoinPolicy.Open,
            "members" => JoinPolicy.Members,
            _ => Refusals.Parameter("join", "'join' must be open or members."),
        };
    }
}
