using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Embodiments;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Services.Rooms;

/// <summary>Whom an owner removed stays out of an open room, over every door and with every token known to be theirs, until they are invited.</summary>
public sealed class EvictionTests
{
    private static readonly Dictionary<string, Func<EngineHost, Task<SyncError?>>> s_doors = new()
    {
        ["join"] = async host => await JoinAsync(host, await host.UserAsync("carl", "rooms:* create_rooms"), "again"),
        ["join by a token that is for no room"] = async host => await JoinAsync(host, await host.UserAsync("carl", "create_rooms"), "again"),
        ["join as nobody by a token of another room"] = async host => await JoinAsync(host, await host.UserAsync("carl", "rooms:other"), "again"),
        ["join as nobody by a token that reads"] = async host => await JoinAsync(host, await host.UserAsync("carl", "rooms:*:read"), "again"),
        ["join as nobody by an agent's token of another room"] = async host => await JoinAsync(host, await AgentAsync(host, await host.UserAsync("carl", "rooms:*"), "other", "scout"), "again"),
        ["join on the page"] = async host => await JoinAsync(host, await host.SessionAsync("carl"), "again"),
        ["join again"] = async host => await JoinAsync(host, await host.UserAsync("carl", "rooms:*"), "carl"),
        ["join in a client's session"] = async host => await JoinAsync(host, await ClientAsync(host), "again"),
        ["embody"] = async host => (await host.Engine.Embodiments.EmbodyAsync(await ClientAsync(host), "r", new EmbodyRequest(), EngineHost.Cancel)).Error,
        ["embody the agent of before"] = async host => (await host.Engine.Embodiments.EmbodyAsync(await ClientAsync(host), "r", new EmbodyRequest { Agent = "carl" }, EngineHost.Cancel)).Error,
        ["name an agent in a call"] = async host => (await host.Engine.Embodiments.ActAsAsync(await ClientAsync(host), "r", "carl", acts: true, EngineHost.Cancel)).Error,
        ["act"] = async host => (await host.TryInvokeAsync(await host.UserAsync("carl", "rooms:*"), "r", "_send_message", """{"body":"x"}""")).Error,
        ["act on the page"] = async host => (await host.TryInvokeAsync(await host.SessionAsync("carl"), "r", "_send_message", """{"body":"x"}""")).Error,
        ["read"] = async host => (await host.Engine.Context.ReadAsync(await host.UserAsync("carl", "rooms:*"), "r", EngineHost.Shape(""), EngineHost.Cancel)).Error,
    };

    public static TheoryData<string> Doors => [.. s_doors.Keys];

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Removed_OverEachDoor_StaysOut_UntilInvited(string door)
    {
        await using var host = await StageAsync();
        Assert.Null((await host.Engine.Rooms.RemoveMemberAsync(host.Owner, "r", "carl", EngineHost.Cancel)).Error);

        Assert.Equal("scope_denied", (await s_doors[door](host))?.Code.Name);
        await host.RestartAsync();
        Assert.Equal("scope_denied", (await s_doors[door](host))?.Code.Name);
        Assert.DoesNotContain("carl", (await host.Engine.Rooms.GetAsync(host.Owner, "r", EngineHost.Cancel)).Value.Members.Select(member => member.User));

        await host.GiveRoleAsync("r", "carl", Role.Participant);
        Assert.Null((await s_doors[door](host))?.Code.Name);
    }

    [Fact]
    public async Task Removed_IsToldWhatLetsThemIn()
    {
        await using var host = await StageAsync();
        await host.Engine.Rooms.RemoveMemberAsync(host.Owner, "r", "carl", EngineHost.Cancel);

        foreach (var scope in new[] { "rooms:*", "rooms:other", "create_rooms" })
        {
            var refusal = await JoinAsync(host, await host.UserAsync("carl", scope), "again");

            Assert.Contains("removed the user 'carl'", refusal!.Message, StringComparison.Ordinal); // It is refused.
            Assert.Contains("invitation", refusal.Hint, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("rooms:*", true)]
    [InlineData("rooms:other", true)]
    [InlineData("rooms:other", false)]
    public async Task Removed_TokensOfTheirAgents_EndForGood(string scope, bool restarts)
    {
        await using var host = await StageAsync();
        var agent = await AgentAsync(host, await host.UserAsync("carl", scope), "r", "helper");
        var second = await AgentAsync(host, agent, "r", "helper");
        var stranger = await host.JoinAsync("r", "stranger");
        await host.InvokeAsync(agent, "r", "_send_message", """{"body":"x"}""");
        if (restarts)
        {
            await host.RestartAsync();
            await host.Engine.IdentityCache.Tokens.AdoptStoredAsync(agent.TokenId!);
        }

        await host.Engine.Rooms.RemoveMemberAsync(host.Owner, "r", "carl", EngineHost.Cancel);
        foreach (var gone in new[] { agent, second })
        {
            Assert.Equal("scope_denied", (await host.RefusedAsync(gone, "r", "_send_message", """{"body":"x"}""")).Code.Name);
        }

        await host.GiveRoleAsync("r", "carl", Role.Participant);
        Assert.Equal("scope_denied", (await host.RefusedAsync(agent, "r", "_send_message", """{"body":"x"}""")).Code.Name);
        await host.InvokeAsync(stranger, "r", "_send_message", """{"body":"x"}""");
    }

    [Fact]
    public async Task Leaving_IsNoRemoval()
    {
        await using var host = await StageAsync();
        var carl = await host.UserAsync("carl", "rooms:*");
        Assert.Null((await host.Engine.Rooms.RemoveMemberAsync(carl, "r", "carl", EngineHost.Cancel)).Error);

        Assert.Null(await JoinAsync(host, carl, "again"));
        Assert.Contains("carl", (await host.Engine.Rooms.GetAsync(host.Owner, "r", EngineHost.Cancel)).Value.Members.Select(member => member.User));
    }

    [Fact]
    public async Task RefusingAnInvitation_IsNoRemoval()
    {
        await using var host = await StageAsync();
        await host.Engine.Rooms.InviteAsync(host.Owner, "r", "dana", Role.Participant, EngineHost.Cancel);
        await host.Engine.Rooms.AnswerInvitationAsync(await host.SessionAsync("dana"), "r", accept: false, EngineHost.Cancel);

        Assert.Null(await JoinAsync(host, await host.UserAsync("dana", "rooms:*"), "dana"));
    }

    [Fact]
    public async Task Removed_OthersComeInAsBefore_AndSoDoesNobody()
    {
        await using var host = await StageAsync();
        await host.Engine.Rooms.RemoveMemberAsync(host.Owner, "r", "carl", EngineHost.Cancel);

        Assert.Null(await JoinAsync(host, await host.UserAsync("dana", "rooms:*"), "dana"));
        Assert.Null(await JoinAsync(host, Caller.Anonymous, "anybody"));
    }

    [Fact]
    public async Task Removed_ExportedAndImported_StaysOut()
    {
        await using var host = await StageAsync();
        await host.Engine.Rooms.RemoveMemberAsync(host.Owner, "r", "carl", EngineHost.Cancel);
        using var copy = new MemoryStream();
        Assert.Null((await host.Engine.History.ExportAsync(host.Owner, "r", copy, EngineHost.Cancel)).Error);
        copy.Position = 0;
        Assert.Null((await Sync.Engine.Services.Maintenance.RoomImport.RunAsync(host.Engine.Database, copy, "copied", EngineHost.Cancel)).Error);
        await host.RestartAsync();

        var refusal = (await host.Engine.Agents.JoinAsync(await host.UserAsync("carl", "rooms:*"), "copied", EngineHost.Json("""{"id":"again"}"""), EngineHost.Cancel)).Error;

        Assert.Equal("scope_denied", refusal?.Code.Name);
    }

    // An open room where carl has come in by himself, and another room of his.
    private static async Task<EngineHost> StageAsync()
    {
        var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var carl = await host.UserAsync("carl", "rooms:* create_rooms");
        Assert.Null((await host.Engine.Rooms.CreateAsync(carl, new Sync.Engine.Services.Rooms.CreateRoom("other", Name: null, JoinPolicy.Open), EngineHost.Cancel)).Error);
        Assert.Null(await JoinAsync(host, carl, "carl"));
        return host;
    }

    private static async Task<Caller> ClientAsync(EngineHost host)
    {
        var carl = await host.UserAsync("carl", "rooms:* create_rooms");
        return carl.In(host.Engine.Embodiments.Open(carl, "probe"));
    }

    private static async Task<Caller> AgentAsync(EngineHost host, Caller caller, string room, string agent)
    {
        var joined = (await host.Engine.Agents.JoinAsync(caller, room, EngineHost.Json($$"""{"id":"{{agent}}"}"""), EngineHost.Cancel)).Value;
        return await host.CallerAsync(joined.Token);
    }

    private static async Task<SyncError?> JoinAsync(EngineHost host, Caller caller, string agent) =>
        (await host.Engine.Agents.JoinAsync(caller, "r", EngineHost.Json($$"""{"id":"{{agent}}"}"""), EngineHost.Cancel)).Error;
}
