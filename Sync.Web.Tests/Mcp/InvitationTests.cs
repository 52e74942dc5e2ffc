using System.Text.Json;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp;

/// <summary>Rooms that one was invited into stand in no list before the role is taken up; the lists say that they wait, and how they are taken up.</summary>
public sealed class InvitationTests(SyncHost host)
{
    [Fact]
    public async Task Lobby_OfAnInvitedUser_NamesTheCallThatTakesTheRoleUp()
    {
        var room = await host.RoomAsync();
        var (user, token) = await InvitedAsync(room, "collaborator");
        await using var mcp = await McpConnection.OpenAsync(host, token);

        var lobby = await mcp.OkAsync("sync_lobby");
        var listed = await mcp.OkAsync("sync_list_rooms");

        var invitation = Assert.Single(lobby.GetProperty("invitations").EnumerateArray());
        Assert.Equal(room.Id, invitation.GetProperty("room").GetString());
        Assert.Equal("collaborator", invitation.GetProperty("role").GetString());
        Assert.Equal(room.OwnerName, invitation.GetProperty("invited_by").GetString());
        Assert.Equal(1, lobby.GetProperty("invitations_total").GetInt32());
        Assert.Equal(1, listed.GetProperty("invitations_total").GetInt32());

        // The call as it stands there.
        var next = lobby.GetProperty("next").GetString()!; // Every lobby has one.
        Assert.Contains("sync_embody {", next, StringComparison.Ordinal);
        var arguments = JsonElement.Parse(next[next.IndexOf('{', StringComparison.Ordinal)..(next.IndexOf('}', StringComparison.Ordinal) + 1)]);
        await mcp.OkAsync("sync_embody", new { room = arguments.GetProperty("room").GetString() });
        var after = await mcp.OkAsync("sync_lobby");
        Assert.False(after.TryGetProperty("invitations", out _));
        Assert.Equal(room.Id, Assert.Single(after.GetProperty("rooms").EnumerateArray()).GetProperty("id").GetString());
        Assert.False((await mcp.OkAsync("sync_list_rooms")).TryGetProperty("invitations_total", out _));
        Assert.Contains(user, (await room.Owner.GetAsync($"/rooms/{room.Id}/members")).AssertOk().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lobby_OfAnInvitedObserver_NamesReadingAndThePage()
    {
        var room = await host.RoomAsync();
        var (_, token) = await InvitedAsync(room, "observer");
        await using var mcp = await McpConnection.OpenAsync(host, token);

        var next = (await mcp.OkAsync("sync_lobby")).GetProperty("next").GetString();

        Assert.Contains($$"""sync_read_context {"room":"{{room.Id}}"}""", next, StringComparison.Ordinal);
        Assert.Contains("/rooms", next, StringComparison.Ordinal);
        Assert.DoesNotContain("sync_embody", next, StringComparison.Ordinal);
        await mcp.ContextAsync(room.Id);
    }

    [Fact]
    public async Task Lobby_WithManyInvitations_ShowsTenAndHasItsBound()
    {
        var owner = host.Client(await host.MintAsync(SyncHost.NewName("inviting")));
        var user = SyncHost.NewName("wanted");
        var token = await host.MintAsync(user);
        for (var number = 0; number < 25; number++)
        {
            (await owner.PostAsync("/rooms", new { id = SyncHost.NewName("party"), name = new string('n', 200), invite = new[] { user } })).AssertOk(201);
        }

        await using var mcp = await McpConnection.OpenAsync(host, token);
        var lobby = await mcp.OkAsync("sync_lobby");

        Assert.Equal(10, lobby.GetProperty("invitations").GetArrayLength());
        Assert.Equal(25, lobby.GetProperty("invitations_total").GetInt32());
        Assert.True(lobby.GetRawText().Length <= 12_000, $"{lobby.GetRawText().Length} characters.");
    }

    [Fact]
    public async Task Rooms_OfAnInvitedUser_SayThatInvitationsWait()
    {
        var room = await host.RoomAsync();
        var (_, token) = await InvitedAsync(room, "participant");
        var invited = host.Client(token);

        var waiting = (await invited.GetAsync("/rooms")).AssertOk().Json;
        (await invited.PostAsync($"/invitations/{room.Id}", new { accept = true })).AssertOk();
        var taken = (await invited.GetAsync("/rooms")).AssertOk().Json;

        Assert.Equal(0, waiting.GetProperty("total").GetInt32());
        Assert.Equal(1, waiting.GetProperty("invitations_total").GetInt32());
        Assert.Equal(1, taken.GetProperty("total").GetInt32());
        Assert.False(taken.TryGetProperty("invitations_total", out _));
    }

    private async Task<(string User, string Token)> InvitedAsync(TestRoom room, string role)
    {
        var user = SyncHost.NewName("invited");
        var token = await host.MintAsync(user);
        (await room.Owner.PostAsync($"/rooms/{room.Id}/invite", new { username = user, role })).AssertOk();
        return (user, token);
    }
}
