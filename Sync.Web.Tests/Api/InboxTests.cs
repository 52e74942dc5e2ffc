using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Api;

/// <summary>The inbox over HTTP: what a token is told of what waits for its user, and who is told nothing.</summary>
public sealed class InboxTests(SyncHost host)
{
    [Fact]
    public async Task Inbox_OfAnOwner_HasTheApprovalThatNoTokenDecides()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "deploy", @params = new { v = new { type = "string" } }, writes = new[] { new { key = "live", value = "${params.v}" } }, approve = new { by = "person" } });
        var bob = (await host.Client().PostAsync(room.Path + "/agents", new { id = "bob" })).AssertOk(201)["token"].GetString()!; // A join answers one.
        var id = (await room.InvokeAsync("deploy", new { v = "2" }, by: host.Client(bob))).AssertOk(202)["approval"].GetString()!; // It asks.

        var inbox = (await room.Owner.GetAsync($"/inbox?room={room.Id}")).AssertOk();

        var item = Assert.Single(inbox["items"].EnumerateArray());
        Assert.Equal($"{room.Id}/approval/{id}", item.GetProperty("key").GetString());
        Assert.Equal(("approval", "bob", id, "deploy", """{"v":"2"}"""), (item.GetProperty("kind").GetString(), item.GetProperty("from").GetString(), item.GetProperty("approval").GetString(), item.GetProperty("action").GetString(), item.GetProperty("text").GetString()));
        Assert.True(inbox["waiting"].GetInt32() >= 1);
        (await room.InvokeAsync("_decide", new { approval = id, decision = "accept" }, by: room.Owner)).AssertRefusal("person_required", 403);
        Assert.Empty((await host.Client(await host.MintAsync(room.OwnerName, "create_rooms")).GetAsync("/inbox")).AssertOk()["items"].EnumerateArray());
    }

    [Theory]
    [InlineData("/inbox?kind=mail", "invalid_parameter", 400)]
    [InlineData("/inbox?limit=0", "invalid_parameter", 400)]
    [InlineData("/inbox?limit=501", "invalid_parameter", 400)]
    [InlineData("/inbox?limit=many", "invalid_parameter", 400)]
    [InlineData("/inbox?unknown=1", "invalid_parameter", 400)]
    public async Task Inbox_AskedWrongly_IsRefused(string path, string code, int status) => (await (await host.UserAsync()).GetAsync(path)).AssertRefusal(code, status);

    [Fact]
    public async Task Inbox_OfNobody_IsRefused()
    {
        var room = await host.RoomAsync();
        var guest = (await host.Client().PostAsync(room.Path + "/agents", new { id = "guest" })).AssertOk(201)["token"].GetString()!; // A join answers one.

        (await host.Client().GetAsync("/inbox")).AssertRefusal("authentication_required", 401);
        foreach (var token in (string[])[room.RoomToken, room.ViewToken, guest])
        {
            (await host.Client(token).GetAsync("/inbox")).AssertRefusal("scope_denied", 403);
        }
    }

    [Fact]
    public async Task Inbox_AskedByABrowser_IsThePage_AndByAProgramTheOperation()
    {
        var page = await host.Client().SendAsync(HttpMethod.Get, "/inbox", content: null, ("Accept", "text/html"));
        Assert.Contains(page.Status, (int[])[200, 302]);
        Assert.DoesNotContain("authentication_required", page.Text, StringComparison.Ordinal);
        (await (await host.UserAsync()).GetAsync("/inbox")).AssertOk();
    }
}
