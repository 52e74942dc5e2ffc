using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp;

/// <summary>Sessions of one user are bounded, and end only for sessions of the same user.</summary>
public sealed class SessionBoundTests
{
    private static readonly Dictionary<string, string> s_few = new() { ["Sync:Limits:SessionsPerUser"] = "3" };

    [Theory]
    [InlineData(McpConnection.Stateful)]
    [InlineData(McpConnection.Stateless)]
    public async Task Sessions_OfOneUser_EndOnlyTheirOwn(string version)
    {
        await using var host = new SyncHost(s_few);
        await host.InitializeAsync();
        var room = await host.RoomAsync();
        var member = await room.MemberAsync("participant");
        await using var other = await McpConnection.OpenAsync(host, room.Owner.Token!, "other", version);
        await other.OkAsync("sync_embody", new { room = room.Id, agent = "keeper", state = new { kept = 1 } });
        await using var first = await McpConnection.OpenAsync(host, member.Token!, "first", version);
        await first.OkAsync("sync_embody", new { room = room.Id, agent = "early", state = new { kept = 1 } });

        var later = new List<McpConnection>();
        for (var number = 0; number < 5; number++)
        {
            later.Add(await McpConnection.OpenAsync(host, member.Token!, $"later-{number}", version));
            await later[^1].OkAsync("sync_lobby");
        }

        // Whoever was silent longest among the user's own has ended, which lets its agent go; the other user's goes on.
        await other.OkAsync("sync_send_message", new { room = room.Id, body = "still here" });
        var waited = await other.OkAsync("sync_wait", new { room = room.Id, condition = "agents.early.status == 'idle'", timeout = 20_000 });
        Assert.True(waited.GetProperty("triggered").GetBoolean());
        await later[^1].OkAsync("sync_lobby");
        foreach (var connection in later)
        {
            await connection.DisposeAsync();
        }
    }
}
