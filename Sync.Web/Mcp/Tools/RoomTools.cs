using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Context;
using Sync.Engine.Services.Rooms;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Requests;

namespace Sync.Web.Mcp.Tools;

/// <summary>Finding, making and joining rooms.</summary>
internal static class RoomTools
{
    private const int InLobby = 20;
    private const int InList = 100;
    private const int InvitationsInLobby = 10;

    // A lobby of as many rooms as it shows has 12,000 characters at most; beside its rooms there is little in it.
    private const int LobbyLength = 11_500;
    private const int RoomFrame = 140;

    public static ImmutableArray<ToolDefinition> All { get; } =
    [
        new()
        {
            Name = "sync_lobby", Title = "Lobby",
            Description = "Start here: who you are, your rooms (newest 20) with agents and roles, whom you embody where, invitations. Example: {}",
            Input = "", Required = [],
            Output = """ "user":{"type":["string","null"]},"client":{"type":"string"},"rooms":{"type":"array"},"total":{"type":"integer"},"next":{"type":"string"} """,
            Effect = ToolEffect.Reads,
            Handle = LobbyAsync,
        },
        new()
        {
            Name = "sync_create_room", Title = "Create a room",
            Description = """Make a room; you own it. "template": a pack to begin with (help packs). "fork": a room to copy. "invite" gives roles, also in a room of yours that exists. Example: {"id":"launch","template":"task_queue","invite":["bob","eve:observer"]}""",
            Input = """ "id":{"type":"string"},"name":{"type":"string"},"join":{"type":"string","enum":["open","members"],"description":"open: whoever knows the id may join"},"invite":{"type":"ids","items":{"type":"string"},"description":"USER or USER:ROLE"},"template":{"type":"any"},"fork":{"type":"string"},"at":{"type":"cursor"} """,
            Required = [],
            Output = """ "id":{"type":"string"},"name":{"type":["string","null"]},"access":{"type":"string"},"role":{"type":["string","null"]},"created":{"type":"boolean"},"invited":{"type":"array"},"warnings":{"type":"array"} """,
            Effect = ToolEffect.Adds, CreatesRooms = true,
            Handle = CreateAsync,
        },
        new()
        {
            Name = "sync_list_rooms", Title = "List rooms",
            Description = "The rooms you can read, newest first, 100 at a time. Example: {}",
            Input = """ "after":{"type":"string","description":"next_after of the page before"} """, Required = [],
            Output = """ "rooms":{"type":"array"},"total":{"type":"integer"},"next_after":{"type":"string"} """,
            Effect = ToolEffect.Reads,
            Handle = ListAsync,
        },
        new()
        {
            Name = "sync_join_room", Title = "Join a room (low level)",
            Description = """Join as an agent, with a token of its own for another process, or with views and meta. You act as it where you are no agent there yet. Example: {"room":"launch","id":"bob"}""",
            Input = """
                "room":{"type":"string"},"id":{"type":"string"},"name":{"type":"string"},"role":{"type":"string"},"meta":{"type":"any object","description":"any JSON"},"enabled":{"type":"cel","description":"CEL"},
                "state":{"type":"object","description":"private keys"},"public_keys":{"type":"array","items":{"type":"string"},"description":"keys of state to publish as views"},"views":{"type":"array","items":{"type":"object","properties":{"id":{"type":"string"},"expr":{"type":"cel"}}}},"wait_ms":{"type":"integer","minimum":0,"maximum":45000,"description":"wait for the room to exist and let you in"}
                """,
            Output = """ "id":{"type":"string"},"token":{"type":"string","description":"as_…, shown once"},"acting_as":{"type":["string","null"]},"warnings":{"type":"array"} """,
            Effect = ToolEffect.Adds, Enters = true,
            Handle = JoinAsync,
        },
    ];

    private static async Task<Outcome<ReadOnlyMemory<byte>>> LobbyAsync(ToolCall call)
    {
        if (!call.Engine.Rooms.Page(call.Caller, after: null, InLobby).Try(out var rooms, out var error)
            || !call.Engine.Rooms.Invitations(call.Caller).Try(out var invitations, out error))
        {
            return error;
        }

        var shown = new List<(RoomInfo Info, LobbyRoom Room)>();
        foreach (var info in rooms.Rooms)
        {
            if ((await call.Engine.Context.LobbyAsync(call.Caller, info.Id, call.Cancelled)).Try(out var room, out _))
            {
                shown.Add((info, room));
            }
        }

        var invited = invitations.Take(InvitationsInLobby).Select(PendingInvitationJson.InLobby).ToList();
        var left = LobbyLength - invited.Sum(static invitation => invitation.ToJsonString().Length + 1);
        return ToolJson.Write((call, rooms.Total, shown, invitations, invited, left), static (writer, t) =>
        {
            writer.WriteString("user", t.call.Caller.UserName);
            writer.WriteString("client", t.call.Session.Chosen.Client);
            writer.WriteStartArray("rooms");
            foreach (var (info, room) in t.shown)
            {
                WriteRoom(writer, info, room, t.left / t.shown.Count);
            }

            writer.WriteEndArray();
            writer.WriteNumber("total", t.Total);
            if (t.invited.Count > 0)
            {
                writer.WriteStartArray("invitations");
                foreach (var invitation in t.invited)
                {
                    invitation.WriteTo(writer);
                }

                writer.WriteEndArray();
                PendingInvitationJson.WriteTotal(writer, t.invitations);
            }

            writer.WriteString("next", string.Join(' ', NextInLobby(t.call, t.Total, t.shown.Count, t.invitations)));
        });
    }

    private static IEnumerable<string> NextInLobby(ToolCall call, int total, int shown, IReadOnlyList<RoomInvitation> invitations)
    {
        if (invitations.Count > 0)
        {
            // Who may only watch is no agent, and no tool answers for the user.
            yield return invitations.FirstOrDefault(static invitation => invitation.Role > Role.Observer) is { } first
                ? $"You are invited: {call.Services.Steps.Call(NextStep.Embody(first.Room))} takes that role up."
                : $"You are invited: {call.Services.Steps.Call(NextStep.ReadContext(invitations[0].Room))} reads the room; your user takes the role up on {call.Services.Steps.Call(NextStep.ListInvitations)}.";
        }

        if (total > 0)
        {
            yield return "sync_read_context reads a room; sync_embody makes you an agent in it, which acting needs.";
        }
        else if (invitations.Count == 0)
        {
            yield return "sync_create_room makes a room.";
        }

        if (shown < total)
        {
            yield return "sync_list_rooms lists those that are missing here.";
        }
    }

    private static void WriteRoom(Utf8JsonWriter writer, RoomInfo info, LobbyRoom room, int length)
    {
        writer.WriteStartObject();
        writer.WriteString("id", info.Id);
        writer.WriteString("name", info.Name);
        writer.WriteString("access", WireText.Of(info.Access));
        writer.WriteString("role", info.Role is { } role ? WireText.Of(role) : null);
        room.WriteMembers(writer, length - RoomFrame - info.Id.Length - (info.Name?.Length ?? 0));
        writer.WriteEndObject();
    }

    private static async Task<Outcome<ReadOnlyMemory<byte>>> CreateAsync(ToolCall call)
    {
        if (!call.Text("id").Try(out var id, out var error) || !call.Text("name").Try(out var name, out error) || !call.Text("join").Try(out var word, out error))
        {
            return error;
        }

        if (word is not (null or "open" or "members"))
        {
            return Refusals.Parameter("join", "'join' must be open or members.");
        }

        JoinPolicy? join = word switch { null => null, "open" => JoinPolicy.Open, _ => JoinPolicy.Members };
        if (!InviteList.Read(call.Argument("invite")).Try(out var invites, out error))
        {
            return error;
        }

        if (!call.Text("fork").Try(out var source, out error) || !call.Cursor("at").Try(out var at, out error))
        {
            return error;
        }

        if (source is not null)
        {
            return await ForkAsync(call, source, new ForkRoom(id, name, join, at), isAlone: invites.IsEmpty && call.Argument("template").ValueKind is JsonValueKind.Undefined or JsonValueKind.Null);
        }

        // The room's own tokens stay unsaid: the caller's token reaches the room it has made, and a conversation is no place for secrets.
        return (await call.Engine.Rooms.CreateOrFindAsync(call.Caller, new CreateRoom(id, name, join) { Invites = invites, Template = call.Argument("template") }, call.Cancelled)).Try(out var created, out error)
            ? RoomOf(RoomJson.Of(created.Info) with { Created = created.IsNew, Template = RoomTemplateJson.Of(created.Template), Warnings = WarningsOf(created, call) })
            : error;
    }

    // What a hint quotes is not escaped: a model reads it, and pays for it.
    private static ReadOnlyMemory<byte> RoomOf(RoomJson room) => ToolJson.Of(writer => JsonSerializer.Serialize(writer, room, ApiJson.Default.RoomJson));

    private static async Task<Outcome<ReadOnlyMemory<byte>>> ForkAsync(ToolCall call, string source, ForkRoom fork, bool isAlone)
    {
        if (!isAlone)
        {
            return Refusals.Parameter("fork", "'fork' goes with neither 'template' nor 'invite'.") with { Hint = "Fork the room first; then call again with its id to invite, and install a pack in it by _install_pack." };
        }

        return (await call.Engine.Rooms.ForkAsync(call.Caller, source, fork, call.Cancelled)).Try(out var made, out var error)
            ? RoomOf(RoomJson.Of(made.Info) with { Created = true, ForkedAt = made.ForkedAt })
            : error;
    }

    private static RoomWarningJson[]? WarningsOf(RoomFound found, ToolCall call)
    {
        var steps = call.Services.Steps;
        RoomWarningJson[] warnings =
        [
            .. found.ToChange is { } change ? [new("room_exists", "The room is there already and keeps its name and who may join.", steps.Sentence(change))] : Array.Empty<RoomWarningJson>(),
            .. found.ToInstall is { } install ? [new("room_exists", "The room is there already, so nothing was installed in it.", steps.Sentence(install))] : Array.Empty<RoomWarningJson>(),
        ];
        return warnings.Length == 0 ? null : warnings;
    }

    private static Task<Outcome<ReadOnlyMemory<byte>>> ListAsync(ToolCall call) => Task.FromResult(
        call.Text("after").Try(out var after, out var error) && call.Engine.Rooms.Page(call.Caller, after, InList).Try(out var page, out error)
        && call.Engine.Rooms.Invitations(call.Caller).Try(out var invitations, out error)
            ? ToolJson.Write((page, invitations), static (writer, t) =>
            {
                var (page, invitations) = t;
                writer.WritePropertyName("rooms");
                JsonSerializer.Serialize(writer, [.. page.Rooms.Select(RoomJson.InToolList)], ApiJson.Default.IReadOnlyListRoomJson);
                writer.WriteNumber("total", page.Total);
                if (page.Rooms.Count > 0 && page.Rooms.Count < page.Left)
                {
                    writer.WriteString("next_after", RoomPage.EndAt(page.Rooms[^1]));
                }

                PendingInvitationJson.WriteTotal(writer, invitations);
            })
            : (Outcome<ReadOnlyMemory<byte>>)error);

    private static async Task<Outcome<ReadOnlyMemory<byte>>> JoinAsync(ToolCall call) =>
        (await call.ParkedAsync(ending => call.Engine.Agents.JoinAsync(call.Caller, call.Room, call.Body("room"), ToolCall.LongestWait, ending))).Try(out var joined, out var error)
            ? joined.Json
            : error;
}
