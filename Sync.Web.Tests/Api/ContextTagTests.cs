using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Api;

/// <summary>Who has a context already is told so in a word, and only they.</summary>
public sealed class ContextTagTests(SyncHost host)
{
    [Theory]
    [InlineData("")]
    [InlineData("?depth=full&meta=true")]
    [InlineData("?only=agents")]
    [InlineData("?compact=true")]
    [InlineData("?only=state._shared&limit=3")]
    public async Task Reader_ThatPolls_GetsNotModifiedWhenNothingChanged(string query)
    {
        var (room, alice) = await PreparedAsync();
        var path = room.Path + "/context" + query;
        var first = (await alice.GetAsync(path)).AssertOk();

        var second = await AskAsync(alice, path, first);
        var third = await AskAsync(alice, path, second);

        Assert.Equal((304, ""), (second.Status, second.Text));
        Assert.Equal(304, third.Status);
        foreach (var reply in (ApiReply[])[first, second])
        {
            Assert.StartsWith("W/\"", reply.Header("ETag"), StringComparison.Ordinal);
            Assert.Contains("Authorization", reply.Header("Vary"), StringComparison.Ordinal);
            Assert.Equal(["no-cache", "private"], reply.Header("Cache-Control")!.Split(", ").Order()); // It has one.
        }

        Assert.Equal(first.Header("ETag"), second.Header("ETag"));
    }

    [Theory]
    [InlineData("_send_message", """{"body":"hi"}""")]
    [InlineData("put", """{"value":"other"}""")]
    [InlineData("_register_view", """{"id":"seen","expr":"1"}""")]
    [InlineData("_register_action", """{"id":"more","writes":[{"key":"k","value":1}]}""")]
    public async Task Change_OfAnySection_IsGiven(string action, string parameters)
    {
        var (room, alice) = await PreparedAsync();
        var path = room.Path + "/context";
        var first = (await alice.GetAsync(path)).AssertOk();

        (await room.InvokeAsync(action, System.Text.Json.JsonElement.Parse(parameters))).AssertOk();

        (await AskAsync(alice, path, first)).AssertOk();
    }

    [Fact]
    public async Task Change_WithoutAnEvent_IsGiven()
    {
        var (room, alice) = await PreparedAsync();
        var bob = await room.JoinAsync("bob");
        var first = (await alice.GetAsync(room.Path + "/context")).AssertOk();
        var agents = first["agents"].GetProperty("bob").GetProperty("last_heartbeat").GetString();

        // Another agent's heartbeat is content: somebody may wait for it.
        ApiReply seen;
        do
        {
            (await bob.GetAsync(room.Path + "/context")).AssertOk();
            seen = (await alice.GetAsync(room.Path + "/context")).AssertOk();
        }
        while (seen["agents"].GetProperty("bob").GetProperty("last_heartbeat").GetString() == agents);

        Assert.NotEqual(first.Header("ETag"), seen.Header("ETag"));
    }

    [Fact]
    public async Task Tag_OfAnotherReaderOrShape_IsUnknown()
    {
        var (room, alice) = await PreparedAsync();
        var bob = await room.JoinAsync("bob");
        var path = room.Path + "/context";
        var first = (await alice.GetAsync(path + "?only=state")).AssertOk();

        (await AskAsync(bob, path + "?only=state", first)).AssertOk();
        (await AskAsync(alice, path + "?only=state&meta=true", first)).AssertOk();
        (await AskAsync(alice, path, first)).AssertOk();
        (await AskAsync(host.Client(), path + "?only=state", first)).AssertRefusal("authentication_required", 401);
        Assert.Equal(304, (await AskAsync(alice, path + "?only=state", first)).Status);
    }

    [Fact]
    public async Task Answer_ThatIsUnchanged_MovesNoCursor_AndIsASignOfLife()
    {
        var (room, alice) = await PreparedAsync();
        (await room.InvokeAsync("_send_message", new { body = "hi" })).AssertOk();
        var path = room.Path + "/context";
        var head = (await alice.SendAsync(HttpMethod.Head, path, content: null)).AssertOk();

        var known = await AskAsync(alice, path, head);
        var read = (await alice.GetAsync(path)).AssertOk();

        Assert.Equal(304, known.Status);
        Assert.Equal(1, read["messages"].GetProperty("unread").GetInt64());
        Assert.Equal("active", read["agents"].GetProperty("alice").GetProperty("status").GetString());
    }

    [Fact]
    public async Task Token_OfSingleViews_HasTagsToo()
    {
        var (room, _) = await PreparedAsync();
        var link = host.Client(await host.MintAsync(room.OwnerName, $"rooms:{room.Id}:view:seen"));
        var first = (await link.GetAsync(room.Path + "/context")).AssertOk();

        Assert.Equal(304, (await AskAsync(link, room.Path + "/context", first)).Status);
        (await room.InvokeAsync("put", new { value = "other" })).AssertOk();
        Assert.Equal("other", (await AskAsync(link, room.Path + "/context", first)).AssertOk()["views"].GetProperty("seen").GetProperty("value").GetString());
    }

    private async Task<(TestRoom Room, ApiClient Alice)> PreparedAsync()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "put", @params = new { value = new { type = "string" } }, writes = new[] { new { key = "k", value = "${params.value}" } } });
        (await room.InvokeAsync("put", new { value = "first" })).AssertOk();
        (await room.InvokeAsync("_register_view", new { id = "seen", expr = "state._shared.k" })).AssertOk();
        return (room, await room.JoinAsync("alice"));
    }

    private static Task<ApiReply> AskAsync(ApiClient client, string path, ApiReply had) =>
        client.SendAsync(HttpMethod.Get, path, content: null, ("If-None-Match", had.Header("ETag")!)); // Each of them had one.
}
