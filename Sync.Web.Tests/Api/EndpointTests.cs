using System.Net;
using System.Text.Json;
using Sync.Engine.Identity;
using Sync.Engine.Services.Rooms;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Api;

/// <summary>What each endpoint answers when all is well.</summary>
public sealed class EndpointTests(SyncHost host)
{
    [Fact]
    public async Task CreateRoom_WithEverything_AnswersRoomAndTokensAndWhereItIs()
    {
        var owner = await host.UserAsync();
        var id = SyncHost.NewName("created");

        var reply = (await owner.PostAsync("/rooms", new { id, name = "A room", join = "members" })).AssertOk(201);

        Assert.Equal(["id", "name", "created_at", "join", "role", "token", "view_token"], Names(reply.Json));
        Assert.Equal("A room", reply["name"].GetString());
        Assert.Equal("members", reply["join"].GetString());
        Assert.StartsWith("room_", reply["token"].GetString(), StringComparison.Ordinal);
        Assert.StartsWith("view_", reply["view_token"].GetString(), StringComparison.Ordinal);
        Assert.True(reply["created_at"].TryGetDateTimeOffset(out _));
        Assert.Equal("/rooms/" + id, reply.Header("Location"));
    }

    [Fact]
    public async Task CreateRoom_WithoutBody_GeneratesAnId()
    {
        var owner = await host.UserAsync();

        var reply = (await owner.PostRawAsync("/rooms", ReadOnlyMemory<byte>.Empty, contentType: null)).AssertOk(201);

        Assert.NotEmpty(reply["id"].GetString()!); // AssertOk: it is there.
    }

    [Fact]
    public async Task ListRooms_OfAnOwner_GivesTheirRooms()
    {
        var room = await host.RoomAsync();

        var reply = (await room.Owner.GetAsync("/rooms")).AssertOk();

        var listed = Assert.Single(reply["rooms"].EnumerateArray());
        Assert.Equal(room.Id, listed.GetProperty("id").GetString());
        Assert.Equal("admin", listed.GetProperty("access").GetString());
        Assert.Equal("owner", listed.GetProperty("role").GetString());
    }

    [Fact]
    public async Task GetRoom_ByItsOwner_GivesSettingsMembersAndFigures()
    {
        var room = await host.RoomAsync();
        await room.JoinAsync("alice");

        var reply = (await room.Owner.GetAsync(room.Path)).AssertOk();

        Assert.Equal(room.Id, reply["id"].GetString());
        Assert.Equal("open", reply["join"].GetString());
        var member = Assert.Single(reply["members"].EnumerateArray());
        Assert.Equal(room.OwnerName, member.GetProperty("user").GetString());
        Assert.Equal("owner", member.GetProperty("role").GetString());
        Assert.Equal(1, reply["agents"].GetInt32());
        Assert.True(reply["seq"].GetInt64() >= 1);
    }

    [Fact]
    public async Task UpdateRoom_Name_ChangesItAndNothingElse()
    {
        var room = await host.RoomAsync();

        var reply = (await room.Owner.PatchAsync(room.Path, new { name = "Renamed" })).AssertOk();

        Assert.Equal("Renamed", reply["name"].GetString());
        Assert.Equal("open", reply["join"].GetString());
    }

    [Fact]
    public async Task DeleteRoom_ByItsOwner_LeavesNothing()
    {
        var room = await host.RoomAsync();

        var reply = (await room.Owner.DeleteAsync(room.Path)).AssertOk();

        Assert.True(reply["deleted"].GetBoolean());
        Assert.Equal(room.Id, reply["id"].GetString());
        Assert.Contains((await room.Owner.GetAsync(room.Path)).Status, (int[])[403, 404]);
    }

    [Fact]
    public async Task Invite_AnotherUser_GivesThemTheRole()
    {
        var room = await host.RoomAsync();
        var name = SyncHost.NewName("bob");
        var bob = host.Client(await host.MintAsync(name));

        var reply = (await room.Owner.PostAsync(room.Path + "/invite", new { username = name, role = "observer" })).AssertOk();

        Assert.True(reply["invited"].GetBoolean());
        Assert.Equal(name, reply["username"].GetString());
        Assert.Equal(room.Id, reply["room"].GetString());
        Assert.Equal("observer", reply["role"].GetString());
        Assert.Equal("read", (await bob.GetAsync(room.Path)).AssertOk()["access"].GetString());
    }

    [Fact]
    public async Task Claim_WithTheRoomToken_MakesAnOwnerOfAnOrphanAndOfNothingElse()
    {
        var room = await host.RoomAsync();
        var claimant = await host.UserAsync();
        (await claimant.PostAsync(room.Path + "/claim", new { room_token = room.RoomToken })).AssertRefusal("already_owned", 403);
        var orphan = (await host.Engine.Rooms.CreateAsync(Caller.System("test"), new CreateRoom(SyncHost.NewName("orphan"), Name: null, Join: null), TestContext.Current.CancellationToken)).Value;
        var path = "/rooms/" + orphan.Info.Id;

        var reply = (await claimant.PostAsync(path + "/claim", new { room_token = orphan.RoomToken })).AssertOk();

        Assert.True(reply["claimed"].GetBoolean());
        Assert.Equal("owner", reply["role"].GetString());
        Assert.Equal("admin", (await claimant.GetAsync(path)).AssertOk()["access"].GetString());
    }

    [Fact]
    public async Task Join_TwiceWithTheSameToken_IsARejoin()
    {
        var room = await host.RoomAsync();
        var first = (await room.Owner.PostAsync(room.Path + "/agents", new { id = "alice", name = "Alice" })).AssertOk(201);

        var again = (await room.Owner.PostAsync(room.Path + "/agents", new { id = "alice" })).AssertOk();

        Assert.StartsWith("as_", first["token"].GetString(), StringComparison.Ordinal);
        Assert.Equal($"{room.Path}/agents/alice", first.Header("Location"));
        Assert.Equal("alice", again["id"].GetString());
    }

    [Fact]
    public async Task UpdateAgent_ByItself_ChangesIt()
    {
        var room = await host.RoomAsync();
        var alice = await room.JoinAsync("alice");

        var reply = (await alice.PatchAsync(room.Path + "/agents/alice", new { name = "Alice B.", status = "done" })).AssertOk();

        Assert.Equal("Alice B.", reply["name"].GetString());
        Assert.Equal("done", reply["status"].GetString());
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("100%")]
    [InlineData("two words + more")]
    [InlineData("größe?&#")]
    [InlineData("☃ 😀")]
    [InlineData("quote\"'")]
    [InlineData("back\\slash")]
    [InlineData("...")]
    public async Task Invoke_IdWithAnyPrintableCharacter_IsFound(string id)
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id, writes = new[] { new { key = id, value = 1 } } });

        var reply = (await room.InvokeAsync(id)).AssertOk();

        Assert.Equal(id, reply["action"].GetString());
        var history = (await room.Owner.GetAsync($"{room.Path}/history/_shared/{Uri.EscapeDataString(id)}")).AssertOk();
        Assert.Equal(id, history["key"].GetString());
        Assert.Single(history["history"].EnumerateArray());
    }

    [Fact]
    public async Task History_KeyWithPlainSlashes_IsFound()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "put", writes = new[] { new { key = "a/b/c", value = 1 } } });
        (await room.InvokeAsync("put")).AssertOk();

        var history = (await room.Owner.GetAsync($"{room.Path}/history/_shared/a/b/c")).AssertOk();

        Assert.Equal("a/b/c", history["key"].GetString());
    }

    [Fact]
    public async Task Invoke_TwiceWithOneIdempotencyKey_CommitsOnceAndSaysSo()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "count", writes = new[] { new { key = "n", increment = 1 } } });
        var path = room.Path + "/actions/count/invoke";

        var first = (await room.Owner.PostAsync(path, new { }, ("Idempotency-Key", "k1"))).AssertOk();
        var second = (await room.Owner.PostAsync(path, new { }, ("Idempotency-Key", "k1"))).AssertOk();
        var differing = await room.Owner.PostAsync(path, new { request_id = "k2" }, ("Idempotency-Key", "k1"));
        Assert.Equal(400, differing.Status);
        (await room.Owner.PostAsync(path, new { request_id = "k1" }, ("Idempotency-Key", "k1"))).AssertOk();

        Assert.Null(first.Header("Idempotent-Replay"));
        Assert.Equal("true", second.Header("Idempotent-Replay"));
        Assert.Equal(first.Text, second.Text);
        Assert.Equal(1, await SharedAsync(room, "n"));
    }

    [Fact]
    public async Task Invoke_DryRun_CommitsNothing()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "count", writes = new[] { new { key = "n", increment = 1 } } });

        var reply = (await room.Owner.PostAsync(room.Path + "/actions/count/invoke", new { dry_run = true })).AssertOk();

        Assert.True(reply["dry_run"].GetBoolean());
        var context = (await room.Owner.GetAsync(room.Path + "/context")).AssertOk();
        Assert.DoesNotContain("\"n\":", context["state"].GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_ClosedGuard_SaysWhy()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new Dictionary<string, object>
        {
            ["id"] = "open",
            ["if"] = "state._shared.key == 1 && true",
            ["writes"] = new[] { new { key = "door", value = 1 } },
        });

        var reply = (await room.Owner.PostAsync(room.Path + "/actions/open/explain", new { })).AssertOk();

        Assert.False(reply["available"].GetBoolean());
    }

    [Fact]
    public async Task Context_Shaped_GivesOnlyWhatWasAskedFor()
    {
        var room = await host.RoomAsync();

        var reply = (await room.Owner.GetAsync(room.Path + "/context?only=actions&depth=full")).AssertOk();

        Assert.Equal("full", reply["_context"].GetProperty("depth").GetString());
        Assert.NotEqual(JsonValueKind.Undefined, reply["actions"].ValueKind);
        Assert.Equal(JsonValueKind.Undefined, reply["messages"].ValueKind);
    }

    [Fact]
    public async Task Wait_ThatNeverComesTrue_AnswersWithContextInTime()
    {
        var room = await host.RoomAsync();

        var reply = (await room.Owner.GetAsync(room.Path + "/wait?condition=false&timeout=50")).AssertOk();

        Assert.False(reply["triggered"].GetBoolean());
        Assert.True(reply["timeout"].GetBoolean());
        Assert.NotEqual(JsonValueKind.Undefined, reply["context"].ValueKind);
    }

    [Fact]
    public async Task Wait_WithoutTime_AnswersAtOnce()
    {
        var room = await host.RoomAsync();

        Assert.False((await room.Owner.GetAsync(room.Path + "/wait?condition=false&timeout=0")).AssertOk()["triggered"].GetBoolean());
    }

    [Fact]
    public async Task Wait_ForTheLongestCondition_FitsTheRequestLine()
    {
        var room = await host.RoomAsync();
        var condition = "size('" + new string('"', 8000) + "') == 8000";

        Assert.True((await room.Owner.GetAsync($"{room.Path}/wait?condition={Uri.EscapeDataString(condition)}")).AssertOk()["triggered"].GetBoolean());
    }

    [Fact]
    public async Task Wait_WhoseClientGoesAway_IsFreedAtOnce()
    {
        var room = await host.RoomAsync();
        var alice = await room.JoinAsync("alice");
        using var client = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var waiting = alice.OpenAsync(room.Path + "/wait?condition=false", client.Token);
        (await room.Owner.GetAsync(room.Path + "/wait?condition=" + Uri.EscapeDataString("agents.alice.status == 'waiting'"))).AssertOk();

        await client.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        var freed = (await room.Owner.GetAsync(room.Path + "/wait?condition=" + Uri.EscapeDataString("agents.alice.status != 'waiting'"))).AssertOk();
        Assert.True(freed["triggered"].GetBoolean());
    }

    [Fact]
    public async Task Wait_ByBody_TakesShapingToo()
    {
        var room = await host.RoomAsync();

        var reply = (await room.Owner.PostAsync(
            room.Path + "/wait",
            new { condition = "1 + 1 == 2", timeout = 50, depth = "full", messages = false, only = new[] { "actions", "agents" } })).AssertOk();

        Assert.True(reply["triggered"].GetBoolean());
        Assert.Equal(JsonValueKind.Undefined, reply["context"].TryGetProperty("messages", out var messages) ? messages.ValueKind : JsonValueKind.Undefined);
    }

    [Fact]
    public async Task Poll_ByAReader_GivesEverySection()
    {
        var room = await host.RoomAsync();

        var reply = (await host.Client(room.ViewToken).GetAsync(room.Path + "/poll?messages_limit=10&audit_limit=10")).AssertOk();

        Assert.Subset(Names(reply.Json).ToHashSet(StringComparer.Ordinal), new HashSet<string> { "agents", "state", "messages", "actions", "views", "audit" });
    }

    [Fact]
    public async Task Eval_AnExpression_GivesValueAndType()
    {
        var room = await host.RoomAsync();

        var reply = (await room.Owner.PostAsync(room.Path + "/eval", new { expr = "[1, 2, 3].map(n, n * 2)" })).AssertOk();

        Assert.Equal("[2,4,6]", reply["value"].GetRawText().Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal("[1, 2, 3].map(n, n * 2)", reply["expression"].GetString());
        Assert.Equal("list", reply["type"].GetString());
    }

    [Fact]
    public async Task Replay_OfAnEarlierEvent_GivesTheStateOfThen()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "count", writes = new[] { new { key = "n", increment = 1 } } });
        var first = (await room.InvokeAsync("count")).AssertOk()["seq"].GetInt64();
        (await room.InvokeAsync("count")).AssertOk();

        var reply = (await room.Owner.GetAsync($"{room.Path}/replay/{first}")).AssertOk();

        Assert.Contains("\"n\":", reply.Text, StringComparison.Ordinal);
        Assert.Equal(2, await SharedAsync(room, "n"));
    }

    [Fact]
    public async Task Audit_Filtered_GivesMatchingEventsOnly()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "count", writes = new[] { new { key = "n", increment = 1 } } });
        (await room.InvokeAsync("count")).AssertOk();

        var reply = (await room.Owner.GetAsync(room.Path + "/audit?action=count&ok=true&limit=5")).AssertOk();

        var events = reply.Json.EnumerateObject().Single(property => property.Value.ValueKind == JsonValueKind.Array).Value;
        Assert.Equal("count", Assert.Single(events.EnumerateArray()).GetProperty("action").GetString());
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task Health_Serving_IsOk(string path)
    {
        var reply = (await host.Client().GetAsync(path)).AssertOk();

        Assert.Equal("ok", reply["status"].GetString());
    }

    [Fact]
    public async Task Answers_HaveALengthAndAreNotStored()
    {
        var room = await host.RoomAsync();

        var reply = (await room.Owner.GetAsync(room.Path + "/poll")).AssertOk();

        Assert.Equal("application/json; charset=utf-8", reply.Header("Content-Type"));
        Assert.NotNull(reply.ContentHeaders.ContentLength);
        Assert.Equal("no-store", reply.Header("Cache-Control"));
    }

    [Fact]
    public async Task Head_OfHealth_HasNoBody()
    {
        var reply = await host.Client().SendAsync(HttpMethod.Head, "/health", content: null);

        Assert.Equal(HttpStatusCode.OK, (HttpStatusCode)reply.Status);
        Assert.Empty(reply.Text);
    }

    private static string[] Names(JsonElement json) => [.. json.EnumerateObject().Select(property => property.Name)];

    private static async Task<double> SharedAsync(TestRoom room, string key) =>
        (await room.Owner.GetAsync(room.Path + "/context")).AssertOk()["state"].GetProperty("_shared").GetProperty(key).GetDouble();
}
