using System.Text.Json;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp;

/// <summary>A client of OAuth that was told to ask its user for more comes back with another token, and is the client it was; every other token is another client's.</summary>
public sealed class StepUpTests(SyncHost host)
{
    public static TheoryData<string> Versions => [McpConnection.Stateful, McpConnection.Stateless];

    private static DateTimeOffset Soon => TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(1);

    [Fact]
    public async Task NewToken_OfAChallengedClientWithoutSessions_GoesOnAsTheSameAgent()
    {
        var room = await host.RoomAsync();
        await using var before = await ChallengedAsync(room, McpConnection.Stateless);

        await using var after = await OpenAsync(room, McpConnection.Stateless, issuedAt: Soon);

        Assert.Equal(Agent(room), (await after.ContextAsync(room.Id)).GetProperty("self").GetString());
        Assert.Equal(Agent(room), await EmbodyAsync(after, room));
    }

    [Fact]
    public async Task NewToken_OfAChallengedClientThatInitialisesAnew_EmbodiesTheSameAgent()
    {
        var room = await host.RoomAsync();
        await using var before = await ChallengedAsync(room, McpConnection.Stateful);

        await using var after = await OpenAsync(room, McpConnection.Stateful, issuedAt: Soon);

        // Its session is a new one, and observes until it embodies.
        Assert.Equal(JsonValueKind.Null, (await after.ContextAsync(room.Id)).GetProperty("self").ValueKind);
        Assert.Equal(Agent(room), await EmbodyAsync(after, room));
        Assert.Equal(Agent(room), (await before.ContextAsync(room.Id)).GetProperty("_session").GetProperty("taken_over").GetString());
    }

    [Fact]
    public async Task NewToken_OfAChallengedClientWithoutSessions_LeavesGivenUpWhatWas()
    {
        var room = await host.RoomAsync();
        await using var before = await ChallengedAsync(room, McpConnection.Stateless);
        await before.OkAsync("sync_restrict_scope", new { room = room.Id, level = "observe" });

        await using var after = await OpenAsync(room, McpConnection.Stateless, issuedAt: Soon);

        await after.RefusedAsync("read_only_token", "sync_embody", new { room = room.Id });
    }

    [Fact]
    public async Task Challenge_IsAnsweredByOneToken()
    {
        var room = await host.RoomAsync();
        await using var before = await ChallengedAsync(room, McpConnection.Stateless);
        await using var after = await OpenAsync(room, McpConnection.Stateless, issuedAt: Soon);
        await EmbodyAsync(after, room);

        await using var third = await OpenAsync(room, McpConnection.Stateless, issuedAt: Soon);

        Assert.Equal(Agent(room) + "-2", await EmbodyAsync(third, room));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task NewToken_OfAClientThatWasNotChallenged_IsASecondAgent(string version)
    {
        var room = await host.RoomAsync();
        await using var one = await OpenAsync(room, version, "create_rooms");
        await EmbodyAsync(one, room);

        await using var two = await OpenAsync(room, version, issuedAt: Soon);

        Assert.Equal(Agent(room) + "-2", await EmbodyAsync(two, room));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Token_IssuedBeforeTheChallenge_IsASecondAgent(string version)
    {
        var room = await host.RoomAsync();
        await using var one = await ChallengedAsync(room, version);

        await using var two = await OpenAsync(room, version);

        Assert.Equal(Agent(room) + "-2", await EmbodyAsync(two, room));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Token_IssuedLongAfterTheChallenge_IsASecondAgent(string version)
    {
        var room = await host.RoomAsync();
        await using var one = await ChallengedAsync(room, version);

        await using var two = await OpenAsync(room, version, issuedAt: Soon + TimeSpan.FromMinutes(20));

        Assert.Equal(Agent(room) + "-2", await EmbodyAsync(two, room));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task NewToken_OfAnotherOAuthClientOfTheSameName_IsASecondAgent(string version)
    {
        var room = await host.RoomAsync();
        await using var one = await ChallengedAsync(room, version);

        await using var two = await OpenAsync(room, version, client: "client-2", issuedAt: Soon);

        Assert.Equal(Agent(room) + "-2", await EmbodyAsync(two, room));
    }

    private static string Agent(TestRoom room) => room.OwnerName + ":narrow";

    private static async Task<string?> EmbodyAsync(McpConnection connection, TestRoom room) =>
        (await connection.OkAsync("sync_embody", new { room = room.Id })).GetProperty("agent").GetString();

    private async Task<McpConnection> OpenAsync(TestRoom room, string version, string more = "create_rooms", string client = "client-1", DateTimeOffset? issuedAt = null) =>
        await McpConnection.OpenAsync(host, await OAuthTokens.IssueAsync(host, room.OwnerName, $"rooms:{room.Id} {more}".TrimEnd(), client, issuedAt), "narrow", version);

    // A connection that acts as an agent and was then told to ask for making rooms.
    private async Task<McpConnection> ChallengedAsync(TestRoom room, string version)
    {
        var connection = await OpenAsync(room, version, more: "");
        Assert.Equal(Agent(room), await EmbodyAsync(connection, room));
        await connection.OkAsync("sync_send_message", new { room = room.Id, body = "hi" });
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => connection.CallAsync("sync_create_room"));
        return connection;
    }
}
