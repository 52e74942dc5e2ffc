using System.Text;
using Sync.Web.Api;
using Sync.Web.Http.Endpoints;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Api;

/// <summary>Every operation, asked by those who may not.</summary>
public sealed class DeniedTests(SyncHost host)
{
    /// <summary>Operations that change something, so that reading is not enough.</summary>
    private static readonly HashSet<string> s_writes =
        ["updateRoom", "deleteRoom", "inviteMember", "updateAgent", "removeAgent", "invokeAction", "transferRoom", "createInvitation", "listInvitations", "revokeInvitation", "listRoomTokens", "mintRoomToken", "revokeRoomToken",
         "listRoomWebhooks", "createRoomWebhook", "changeRoomWebhook", "removeRoomWebhook", "testRoomWebhook", "listRoomWebhookDeliveries"];

    private static readonly HashSet<string> s_ownersOnly = ["inviteMember", "createInvitation", "listInvitations", "revokeInvitation"];

    private static readonly Dictionary<string, string> s_bodies = new()
    {
        ["updateRoom"] = """{"name":"x"}""",
        ["inviteMember"] = """{"username":"nobody","role":"observer"}""",
        ["transferRoom"] = """{"username":"nobody"}""",
        ["answerInvitation"] = """{"accept":true}""",
        ["mintRoomToken"] = """{"kind":"view"}""",
        ["mintToken"] = """{"scope":"rooms:*"}""",
        ["updateAgent"] = """{"name":"x"}""",
        ["invokeAction"] = """{"params":{"body":"hi"}}""",
        ["waitFor"] = """{"condition":"true","timeout":1}""",
        ["evaluate"] = """{"expr":"1"}""",
    };

    public static TheoryData<string> Guarded =>
        [.. ApiTable.All.Where(operation => operation.Authentication == Authentication.Required).Select(operation => operation.Name)];

    public static TheoryData<string> InRooms =>
        [.. ApiTable.All.Where(operation => operation.Authentication == Authentication.Required && operation.Pattern.Contains("{room}", StringComparison.Ordinal) && operation.Name != "claimRoom")
            .Select(operation => operation.Name)];

    /// <summary>All but what such a token is for, the lists of rooms and of invitations, which are empty, and claiming, which a room's own token proves.</summary>
    public static TheoryData<string> BeyondViews =>
        [.. ApiTable.All.Where(operation => operation.Authentication == Authentication.Required && operation.Name is not ("readContext" or "viewSamples" or "listRooms" or "listOwnInvitations" or "claimRoom")).Select(operation => operation.Name)];

    public static TheoryData<string> Writes => [.. s_writes];

    [Theory]
    [MemberData(nameof(Guarded))]
    public async Task Operation_WithoutToken_IsRefused(string name)
    {
        var room = await host.RoomAsync();

        (await AskAsync(name, room, host.Client())).AssertRefusal("authentication_required", 401);
    }

    [Theory]
    [MemberData(nameof(Guarded))]
    public async Task Operation_WithAnInventedToken_IsRefused(string name)
    {
        var room = await host.RoomAsync();

        var reply = await AskAsync(name, room, host.Client("tok_invented"));

        reply.AssertRefusal("invalid_token", 401);
        Assert.Contains("error=\"invalid_token\"", reply.Header("WWW-Authenticate"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(InRooms))]
    public async Task Operation_ByAStrangerWithAllRooms_IsRefused(string name)
    {
        var room = await host.RoomAsync();

        var reply = await AskAsync(name, room, await host.UserAsync());

        Assert.Contains(reply.Error, (string[])["scope_denied", "room_not_found"]);
        reply.AssertRefusal(reply.Error!, reply.Error == "scope_denied" ? 403 : 404); // It is one of two texts.
        Assert.DoesNotContain(room.OwnerName, reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(InRooms))]
    public async Task Operation_WithAnotherRoomsToken_IsRefused(string name)
    {
        var room = await host.RoomAsync();
        var other = await host.RoomAsync();

        var reply = await AskAsync(name, room, host.Client(other.RoomToken));

        Assert.Contains(reply.Error, (string[])["scope_denied", "room_not_found"]);
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task Operation_ThatWrites_WithAReadOnlyToken_IsRefused(string name)
    {
        var room = await host.RoomAsync();
        await room.JoinAsync("alice");

        var reply = await AskAsync(name, room, host.Client(room.ViewToken));

        reply.AssertRefusal(s_ownersOnly.Contains(name) ? "not_owner" : "read_only_token", 403);
    }

    [Theory]
    [MemberData(nameof(BeyondViews))]
    public async Task Operation_WithATokenThatShowsOneView_IsRefused(string name)
    {
        var room = await host.RoomAsync();

        (await AskAsync(name, room, host.Client(await host.MintAsync(room.OwnerName, $"rooms:{room.Id}:view:seen")))).AssertRefusal("scope_denied", 403);
    }

    [Fact]
    public async Task Rooms_OfAStranger_AreNotListed()
    {
        var room = await host.RoomAsync();

        var reply = (await (await host.UserAsync()).GetAsync("/rooms")).AssertOk();

        Assert.DoesNotContain(room.Id, reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Join_OfAMembersRoomWithoutToken_IsRefused()
    {
        var room = await host.RoomAsync(new { join = "members" });

        (await host.Client().PostAsync(room.Path + "/agents", new { id = "alice" })).AssertRefusal("authentication_required", 401);
    }

    [Fact]
    public async Task Join_OfAMembersRoomWithAReadOnlyToken_IsRefused()
    {
        var room = await host.RoomAsync(new { join = "members" });

        (await host.Client(room.ViewToken).PostAsync(room.Path + "/agents", new { id = "alice" })).AssertRefusal("read_only_token", 403);
    }

    [Fact]
    public async Task Role_TakenDown_HoldsFromTheNextRequestOn()
    {
        var room = await host.RoomAsync();
        var name = SyncHost.NewName("member");
        var member = host.Client(await host.MintAsync(name));
        (await room.Owner.PostAsync(room.Path + "/invite", new { username = name, role = "collaborator" })).AssertOk();
        (await room.InvokeAsync("_send_message", new { body = "hi" }, member)).AssertOk();

        (await room.Owner.PostAsync(room.Path + "/invite", new { username = name, role = "observer" })).AssertOk();

        (await room.InvokeAsync("_send_message", new { body = "hi" }, member)).AssertRefusal("read_only_token", 403);
    }

    [Fact]
    public async Task Authorization_OfAnotherScheme_IsRefused()
    {
        var reply = await host.Client().SendAsync(HttpMethod.Get, "/rooms", content: null, ("Authorization", "Basic YTpi"));

        reply.AssertRefusal("invalid_token", 401);
    }

    [Fact]
    public async Task Token_InTheQuery_IsIgnored()
    {
        var room = await host.RoomAsync();

        var reply = await host.Client().GetAsync($"{room.Path}/events?token={room.RoomToken}");

        Assert.Contains(reply.Status, (int[])[400, 401]);
    }

    private static Task<ApiReply> AskAsync(string name, TestRoom room, ApiClient client)
    {
        var operation = ApiTable.All.Single(candidate => candidate.Name == name);
        var path = operation.Pattern
            .Replace("{room}", room.Id, StringComparison.Ordinal)
            .Replace("{agent}", "alice", StringComparison.Ordinal)
            .Replace("{action}", "_send_message", StringComparison.Ordinal)
            .Replace("{scope}", "_shared", StringComparison.Ordinal)
            .Replace("{**key}", "k", StringComparison.Ordinal)
            .Replace("{username}", "nobody", StringComparison.Ordinal)
            .Replace("{id}", "t_nothing", StringComparison.Ordinal)
            .Replace("{**view}", "seen", StringComparison.Ordinal)
            .Replace("{seq}", "1", StringComparison.Ordinal);
        if (name == "wait")
        {
            path += "?condition=true&timeout=1";
        }

        var content = operation.Body is null ? null : new StringContent(s_bodies.GetValueOrDefault(name, "{}"), Encoding.UTF8, "application/json");
        return client.SendAsync(new HttpMethod(operation.Method!), path, content); // Only the vault has none, and it needs no token.
    }
}
