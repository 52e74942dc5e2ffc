using System.Text.Json;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Api;

/// <summary>Packs, templates and forks over HTTP.</summary>
public sealed class PackTests(SyncHost host)
{
    [Fact]
    public async Task Schema_IsServed()
    {
        var schema = (await host.Client().GetAsync("/reference/pack.schema.json")).AssertOk();

        Assert.Equal("application/schema+json", schema.Header("Content-Type")?.Split(';')[0]);
        Assert.Equal("Pack", schema["title"].GetString());
    }

    [Theory]
    [InlineData("task_queue")]
    [InlineData("vote")]
    [InlineData("review")]
    [InlineData("blackboard")]
    [InlineData("coding_fleet")]
    public async Task BuiltInPack_IsServedAndInstallsAsADocument(string name)
    {
        var document = (await host.Client().GetAsync($"/reference/packs/{name}.json")).AssertOk().Json;
        var room = await host.RoomAsync();

        var reply = (await room.InvokeAsync("_install_pack", new { pack = document })).AssertOk();

        Assert.Equal(name, reply["pack"].GetString());
        (await host.Client().GetAsync("/reference/packs/nothing.json")).AssertRefusal("not_found", 404);
    }

    [Fact]
    public async Task CreateRoom_WithATemplate_BeginsWithIt()
    {
        var owner = await host.UserAsync();
        var id = SyncHost.NewName("templated");

        var reply = (await owner.PostAsync("/rooms", new { id, template = "vote" })).AssertOk(201);

        Assert.Equal("vote", reply["template"].GetProperty("name").GetString());
        Assert.Equal(1, (await owner.GetAsync($"/rooms/{id}")).AssertOk()["seq"].GetInt64());
        Assert.True((await owner.GetAsync($"/rooms/{id}/context")).AssertOk()["actions"].TryGetProperty("open_ballot", out _));
    }

    [Fact]
    public async Task CreateRoom_WithABadTemplate_MakesNone()
    {
        var owner = await host.UserAsync();
        var id = SyncHost.NewName("untemplated");

        (await owner.PostAsync("/rooms", new { id, template = "voting" })).AssertRefusal("pack_not_found", 404);
        (await owner.PostAsync("/rooms", new { id, template = new { name = "p", version = "1", views = new[] { new { id = "v", expr = "1 +" } } } })).AssertRefusal("invalid_cel", 400);
        (await owner.GetAsync($"/rooms/{id}")).AssertRefusal("room_not_found", 404);
    }

    [Fact]
    public async Task Pack_OfARoom_MakesTheSameRoomAgain()
    {
        var room = await host.RoomAsync();
        (await room.InvokeAsync("_install_pack", new { pack = "vote" })).AssertOk();

        var pack = (await room.Owner.GetAsync(room.Path + "/pack?name=ours&version=2")).AssertOk().Json;
        var again = (await room.Owner.PostAsync("/rooms", new { template = pack })).AssertOk(201);

        Assert.Equal("ours", again["template"].GetProperty("name").GetString());
        var second = (await room.Owner.GetAsync($"/rooms/{again["id"].GetString()}/pack?name=ours&version=2")).AssertOk().Json;
        Assert.True(JsonElement.DeepEquals(pack, second));
        (await room.Owner.GetAsync(room.Path + "/pack?name=No%20Name")).AssertRefusal("invalid_pack", 400);
    }

    [Fact]
    public async Task Fork_OverHttp_IsARoomOfTheCaller()
    {
        var room = await host.RoomAsync();
        (await room.InvokeAsync("_install_pack", new { pack = "vote" })).AssertOk();
        (await room.InvokeAsync("open_ballot", new { question = "Tea?", options = new[] { "yes", "no" } })).AssertOk();
        var at = (await room.Owner.GetAsync(room.Path)).AssertOk()["seq"].GetInt64();
        (await room.InvokeAsync("vote", new { ballot = "1", choice = "yes" })).AssertOk();
        var id = SyncHost.NewName("forked");

        var reply = (await room.Owner.PostAsync(room.Path + "/fork", new { id, at = at.ToString(System.Globalization.CultureInfo.InvariantCulture) })).AssertOk(201);

        Assert.Equal(at, reply["forked_at"].GetInt64());
        Assert.Equal("/rooms/" + id, reply.Header("Location"));
        var state = (await room.Owner.GetAsync($"/rooms/{id}/context")).AssertOk()["state"];
        Assert.Equal("Tea?", state.GetProperty("_ballots").GetProperty("1").GetProperty("question").GetString());
        Assert.False(state.TryGetProperty("_votes", out _));
        (await room.Owner.PostAsync(room.Path + "/fork", new { at = new[] { 1 } })).AssertRefusal("invalid_parameter", 400);
        (await room.Owner.PostAsync(room.Path + "/fork", new { template = "vote" })).AssertRefusal("unknown_field", 400);
        (await (await host.UserAsync()).PostAsync(room.Path + "/fork", new { })).AssertRefusal("scope_denied", 403);
    }
}
