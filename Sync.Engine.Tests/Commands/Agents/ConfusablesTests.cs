using Microsoft.Extensions.Logging.Abstractions;
using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Access;
using Sync.Engine.Services.Agents;

namespace Sync.Engine.Tests.Commands.Agents;

/// <summary>Names of users whom another process has made beside the running server, and what looks like them, are theirs from the first moment on.</summary>
public sealed class ConfusablesTests
{
    private static CancellationToken Cancel => EngineHost.Cancel;

    [Theory]
    [InlineData("alice", "alice")]
    [InlineData("alice", "ALICE")]
    [InlineData("alice", "a1ice")]
    [InlineData("alice", "alice:claude")]
    [InlineData("alice", "al1ce:claude")]
    [InlineData("ann.lee", "ann-lee")]
    [InlineData("dorn", "dom")]
    public async Task Join_UnderTheNameOfAUserMadeElsewhere_IsRefusedAsTaken(string user, string id)
    {
        await using var host = await StartAsync();
        await MintElsewhereAsync(host, user);

        Assert.Equal(ErrorCode.AgentExists, (await TryJoinAsync(host, Caller.Anonymous, id)).Error?.Code);
        Assert.Equal(ErrorCode.AgentExists, (await TryJoinAsync(host, await host.UserAsync("mallory", "rooms:* create_rooms"), id)).Error?.Code);
    }

    [Fact]
    public async Task Join_AfterAnotherUserWasMadeElsewhere_AsksForThatOneToo()
    {
        await using var host = await StartAsync();
        await MintElsewhereAsync(host, "alice");
        Assert.Equal(ErrorCode.AgentExists, (await TryJoinAsync(host, Caller.Anonymous, "al1ce")).Error?.Code);
        await MintElsewhereAsync(host, "bill");

        Assert.Equal(ErrorCode.AgentExists, (await TryJoinAsync(host, Caller.Anonymous, "bi11")).Error?.Code);
        Assert.Null((await TryJoinAsync(host, Caller.Anonymous, "carl")).Error);
    }

    [Fact]
    public async Task FirstAct_OfAUser_GivesItsAgentNoNameOfAUserMadeElsewhere()
    {
        await using var host = await StartAsync();
        await MintElsewhereAsync(host, "dora");

        // Agents' ids do not begin with a line, so this user's plain agent would be called as the other one is.
        var other = await host.UserAsync("_dora", "rooms:*");
        await host.GiveRoleAsync("r", "_dora", Role.Participant);
        var answer = await host.InvokeAsync(other, "r", "_send_message", """{"body":"hello"}""");

        Assert.Equal("dora-2", answer["agent"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("bob")]
    [InlineData("gone")]
    [InlineData("alice")]
    public async Task Refusal_OfATakenId_IsTheSameForEveryReason(string id)
    {
        await using var host = await StartAsync();
        await host.JoinAsync("r", "bob");
        await host.JoinAsync("r", "gone");
        Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", "gone", free: false, Cancel)).Error);
        await MintElsewhereAsync(host, "alice");

        var error = (await TryJoinAsync(host, Caller.Anonymous, id)).Error!;

        Assert.Equal(ErrorCode.AgentExists, error.Code);
        Assert.Equal("Join under another id. Whose id this is joins with a token of their own, the agent's or its user's.", error.Hint);
    }

    private static async Task<EngineHost> StartAsync()
    {
        var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        return host;
    }

    private static Task<Outcome<AgentJoined>> TryJoinAsync(EngineHost host, Caller caller, string id) =>
        host.Engine.Agents.JoinAsync(caller, "r", EngineHost.Json($$"""{"id":"{{id}}"}"""), Cancel);

    // As the command does that mints a token beside a running server: another table over the same database.
    private static async Task MintElsewhereAsync(EngineHost host, string user)
    {
        await using var elsewhere = IdentityCache.OpenEmpty(host.Engine.Database, host.Time, NullLogger.Instance);
        Assert.Null((await new AccessService(elsewhere).MintAsync(user, "rooms:*", label: null, expiresIn: null, Cancel)).Error);
    }
}
