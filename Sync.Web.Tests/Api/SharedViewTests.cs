using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Api;

/// <summary>A token that shows single views, as a program meets it.</summary>
public sealed class SharedViewTests(SyncHost host)
{
    private const string Secret = "for us alone";

    [Fact]
    public async Task Context_WithSuchAToken_HasTheViewsAndNothingElse()
    {
        var (room, shared) = await RoomAsync();

        var reply = (await shared.GetAsync(room.Path + "/context?depth=full")).AssertOk();

        Assert.Equal("""{"open tasks":{"value":3,"render":{"type":"metric","label":"Open"}}}""", reply["views"].GetRawText());
        foreach (var section in (string[])["state", "agents", "actions"])
        {
            Assert.Equal("{}", reply[section].GetRawText());
        }

        Assert.DoesNotContain(Secret, reply.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("expr", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Samples_OfTheView_AreGivenAndOfOthersRefused()
    {
        var (room, shared) = await RoomAsync();

        (await shared.GetAsync(room.Path + "/samples/open%20tasks")).AssertOk();
        var refused = (await shared.GetAsync(room.Path + "/samples/hidden")).AssertRefusal("scope_denied", 403);

        Assert.Contains("'open tasks'", refused["hint"].GetString(), StringComparison.Ordinal);
        Assert.Null(refused.Header("WWW-Authenticate"));
    }

    [Fact]
    public async Task Rooms_WithSuchAToken_AreNone()
    {
        var (_, shared) = await RoomAsync();

        Assert.Empty((await shared.GetAsync("/rooms")).AssertOk()["rooms"].EnumerateArray());
    }

    [Fact]
    public async Task Join_OfAnOpenRoomWithSuchAToken_IsRefused()
    {
        var room = await host.RoomAsync(new { join = "open" });
        var shared = host.Client(await host.MintAsync(room.OwnerName, $"rooms:{room.Id}:view:x"));

        (await shared.PostAsync(room.Path + "/agents", new { id = "guest" })).AssertRefusal("scope_denied", 403);
    }

    [Fact]
    public async Task Mcp_WithSuchAToken_ShowsNothing()
    {
        var (room, shared) = await RoomAsync();
        await using var mcp = await McpConnection.OpenAsync(host, shared.Token!); // It was made with one.

        await mcp.RefusedAsync("scope_denied", "sync_read_context", new { room = room.Id });
        var refusal = await Assert.ThrowsAnyAsync<ModelContextProtocol.McpException>(() => mcp.Client.ReadResourceAsync($"sync://rooms/{room.Id}/context", cancellationToken: TestContext.Current.CancellationToken).AsTask());

        Assert.DoesNotContain(Secret, refusal.Message, StringComparison.Ordinal);
        Assert.Empty(await mcp.Client.ListResourcesAsync(cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Mint_OfViews_AnswersTheCanonicalScope()
    {
        var (room, _) = await RoomAsync();

        var minted = (await room.Owner.PostAsync("/tokens", new { scope = $"rooms:{room.Id}:view:z rooms:{room.Id}:view:a%20b rooms:{room.Id}:view:z" })).AssertOk(201);

        Assert.Equal($"rooms:{room.Id}:view:a%20b rooms:{room.Id}:view:z", minted["scope"].GetString());
        Assert.Equal(room.Id, minted["room_id"].GetString());
    }

    private async Task<(TestRoom Room, ApiClient Shared)> RoomAsync()
    {
        var room = await host.RoomAsync(new { join = "members" });
        (await room.InvokeAsync("_register_view", new { id = "open tasks", expr = "3", description = Secret, render = new { type = "metric", label = "Open" } })).AssertOk();
        (await room.InvokeAsync("_register_view", new { id = "hidden", expr = $"'{Secret}'" })).AssertOk();
        (await room.InvokeAsync("_send_message", new { body = Secret })).AssertOk();
        return (room, host.Client(await host.MintAsync(room.OwnerName, $"rooms:{room.Id}:view:open%20tasks")));
    }
}
