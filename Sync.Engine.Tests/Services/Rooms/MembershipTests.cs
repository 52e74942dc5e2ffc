using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Context;
using Sync.Engine.Services.Rooms;
using static Sync.Engine.Tests.EngineHost;

namespace Sync.Engine.Tests.Services.Rooms;

public sealed class MembershipTests
{
    [Fact]
    public async Task Remove_ByAnOwner_EndsWhatTheMemberHasOpen()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        var carl = await MemberAsync(host, "carl", Role.Participant);
        using var watch = (await host.Engine.Live.WatchAsync(carl, "r", Cancel)).Value;
        var changed = watch.ChangedAsync(watch.Current, Cancel).AsTask();
        var wait = host.Engine.Waits.WaitAsync(carl, "r", "false", TimeSpan.FromSeconds(20), ContextShape.Default, Cancel);
        var room = await host.LoadedAsync("r");
        await UntilAsync(() => room.Waits.Count == 1);

        Assert.Equal(new RoomMember("carl", Role.Participant), (await RemoveAsync(host, host.Owner, "CARL")).Value);

        Assert.False(await changed.WaitAsync(TimeSpan.FromSeconds(10), Cancel));
        Assert.NotNull((await wait.WaitAsync(TimeSpan.FromSeconds(10), Cancel)).Error);
        Assert.Equal("scope_denied", (await host.Engine.Rooms.GetAsync(carl, "r", Cancel)).Error!.Code.Name);
        Assert.Equal("user_not_found", (await RemoveAsync(host, host.Owner, "carl")).Error!.Code.Name);
        await host.RestartAsync();
        Assert.Equal([new RoomMember("olga", Role.Owner)], await MembersAsync(host));
    }

    [Fact]
    public async Task Remove_Member_TakesTheTokensOfTheirAgentsAlong()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r", JoinPolicy.Members);
        var carl = await MemberAsync(host, "carl", Role.Participant);
        var agent = await JoinAsAsync(host, carl, "scout");
        var owners = await JoinAsAsync(host, host.Owner, "host");
        Assert.Null((await host.TryInvokeAsync(agent, "r", "_send_message", """{"body":"x"}""")).Error);
        Assert.DoesNotContain((await host.Engine.Tokens.ListAsync(carl, Cancel)).Value, token => token.Id == agent.TokenId);

        await host.GiveRoleAsync("r", "carl", Role.Observer);
        Assert.Equal("read_only_token", (await host.RefusedAsync(agent, "r", "_send_message", """{"body":"x"}""")).Code.Name);
        await RemoveAsync(host, host.Owner, "carl");

        Assert.Equal("scope_denied", (await host.RefusedAsync(agent, "r", "_send_message", """{"body":"x"}""")).Code.Name);
        await host.RestartAsync();
        Assert.Equal("scope_denied", (await host.Engine.Rooms.GetAsync(Caller.Of((await host.Engine.IdentityCache.Tokens.AdoptStoredAsync(agent.TokenId!))), "r", Cancel)).Error!.Code.Name);
        Assert.Null((await host.Engine.Rooms.GetAsync(Caller.Of(await host.Engine.IdentityCache.Tokens.AdoptStoredAsync(owners.TokenId!)), "r", Cancel)).Error);
    }

    [Fact]
    public async Task Join_AgainAndAgain_KeepsTwentyTokensOfTheAgent()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        var first = await host.JoinAsync("r", "scout");
        var other = await host.JoinAsync("r", "other");
        var latest = first;
        for (var round = 0; round < 20; round++)
        {
            latest = await JoinAsAsync(host, latest, "scout");
        }

        Assert.Equal("scope_denied", (await host.Engine.Rooms.GetAsync(first, "r", Cancel)).Error!.Code.Name);
        Assert.Null((await host.Engine.Rooms.GetAsync(latest, "r", Cancel)).Error);
        Assert.Null((await host.Engine.Rooms.GetAsync(other, "r", Cancel)).Error);
    }

    [Theory]
    [InlineData(Role.Observer)]
    [InlineData(Role.Participant)]
    [InlineData(Role.Collaborator)]
    [InlineData(Role.Owner)]
    public async Task Remove_Oneself_IsEverybodysRight(Role role)
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        var carl = await MemberAsync(host, "carl", role);

        Assert.Equal(new RoomMember("carl", role), (await RemoveAsync(host, carl, "carl")).Value);
        Assert.Single(await MembersAsync(host));
    }

    [Fact]
    public async Task Remove_ByOthers_IsRefusedWithoutRevealingWhoIsThere()
    {
        await using var host = await StartAsync();
        var created = await host.RoomAsync("r");
        await MemberAsync(host, "carl", Role.Participant);
        (Caller Caller, string Code)[] denied =
        [
            (Caller.Anonymous, "authentication_required"),
            (await host.UserAsync("stan", "rooms:*"), "scope_denied"),
            (await MemberAsync(host, "otto", Role.Observer), "not_owner"),
            (await MemberAsync(host, "pat", Role.Participant), "not_owner"),
            (await MemberAsync(host, "cora", Role.Collaborator), "not_owner"),
            (await host.CallerAsync(created.ViewToken), "not_owner"),
            (await host.JoinAsync("r", "alice"), "not_owner"),
        ];

        foreach (var (caller, code) in denied)
        {
            Assert.Equal(code, (await RemoveAsync(host, caller, "carl")).Error!.Code.Name);
            Assert.Equal(code, (await RemoveAsync(host, caller, "nobody")).Error!.Code.Name);
        }

        Assert.Contains(new RoomMember("carl", Role.Participant), await MembersAsync(host));
        Assert.Equal("room_not_found", (await host.Engine.Rooms.RemoveMemberAsync(host.Owner, "none", "carl", Cancel)).Error!.Code.Name);
    }

    [Theory]
    [InlineData("rooms:r:read", Role.Participant, "read_only_token")]
    [InlineData("rooms:r:write", Role.Owner, "room_token_required")]
    [InlineData("rooms:r:agent:bot", Role.Participant, "not_owner")]
    public async Task Remove_OneselfWithANarrowToken_IsRefused(string scope, Role role, string code)
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        await MemberAsync(host, "carl", role);
        await host.JoinAsync("r", "bot");

        Assert.Equal(code, (await RemoveAsync(host, await host.UserAsync("carl", scope), "carl")).Error!.Code.Name);
        Assert.Contains(new RoomMember("carl", role), await MembersAsync(host));
    }

    [Fact]
    public async Task LastOwner_StaysWhatTheyAre()
    {
        await using var host = await StartAsync();
        var created = await host.RoomAsync("r");
        await MemberAsync(host, "carl", Role.Collaborator);

        foreach (var caller in (Caller[])[host.Owner, await host.CallerAsync(created.RoomToken), Caller.System("test")])
        {
            var error = (await RemoveAsync(host, caller, "olga")).Error!;
            Assert.Equal("last_owner", error.Code.Name);
            Assert.Contains("delete", error.Hint, StringComparison.Ordinal);
            Assert.Equal("last_owner", (await host.Engine.Rooms.InviteAsync(caller, "r", "olga", Role.Observer, Cancel)).Error!.Code.Name);
        }

        Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", "olga", Role.Owner, Cancel)).Error);
        Assert.Contains(new RoomMember("olga", Role.Owner), await MembersAsync(host));
    }

    [Fact]
    public async Task LastOwner_TwoLeavingOrLoweringAtOnce_OneStays()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        var carl = await MemberAsync(host, "carl", Role.Owner);
        for (var round = 0; round < 10; round++)
        {
            Task<SyncError?>[] both = round % 2 == 0
                ? [Task.Run(async () => (await RemoveAsync(host, host.Owner, "olga")).Error, Cancel), Task.Run(async () => (await RemoveAsync(host, carl, "carl")).Error, Cancel)]
                : [Task.Run(() => LowerAsync(host.Owner, "carl"), Cancel), Task.Run(() => LowerAsync(carl, "olga"), Cancel)];
            var errors = await Task.WhenAll(both);

            Assert.Single(errors, error => error is not null);
            var owner = Assert.Single((await host.Engine.Rooms.GetAsync(Caller.System("test"), "r", Cancel)).Value.Members, member => member.Role == Role.Owner);
            await host.Engine.Rooms.InviteAsync(Caller.System("test"), "r", owner.User == "olga" ? "carl" : "olga", Role.Owner, Cancel);
        }

        async Task<SyncError?> LowerAsync(Caller caller, string whom) => (await host.Engine.Rooms.InviteAsync(caller, "r", whom, Role.Observer, Cancel)).Error;
    }

    [Fact]
    public async Task Members_ChangedByManyAtOnce_AreTheSameInMemoryAndOnDisk()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        await host.UserAsync("carl", "rooms:*");
        Role[] roles = [Role.Observer, Role.Participant, Role.Collaborator];

        await Task.WhenAll(Enumerable.Range(0, 30).Select(index => Task.Run(
            async () => index % 5 == 4
                ? (await RemoveAsync(host, host.Owner, "carl")).Error
                : index % 5 == 3
                    ? (await host.Engine.Rooms.PatchAsync(host.Owner, "r", new RoomPatch($"n{index}", null), Cancel)).Error
                    : (await host.Engine.Rooms.InviteAsync(host.Owner, "r", "carl", roles[index % 3], Cancel)).Error,
            Cancel)));

        var before = await MembersAsync(host);
        await host.RestartAsync();
        Assert.Equal(before, await MembersAsync(host));
    }

    [Fact]
    public async Task Transfer_ExchangesTheRoles()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        var carl = await MemberAsync(host, "carl", Role.Observer);

        Assert.Equal(new RoomMember("carl", Role.Owner), (await TransferAsync(host, host.Owner, "Carl")).Value);

        Assert.Equal([new RoomMember("carl", Role.Owner), new RoomMember("olga", Role.Collaborator)], (await host.Engine.Rooms.GetAsync(carl, "r", Cancel)).Value.Members);
        Assert.Equal("room_token_required", (await TransferAsync(host, host.Owner, "olga")).Error!.Code.Name);
        await host.RestartAsync();
        Assert.Equal(Role.Collaborator, (await host.Engine.Rooms.GetAsync(host.Owner, "r", Cancel)).Value.Role);
    }

    [Fact]
    public async Task Transfer_ByOthersOrToOthers_IsRefused()
    {
        await using var host = await StartAsync();
        var created = await host.RoomAsync("r");
        var carl = await MemberAsync(host, "carl", Role.Collaborator);
        await host.UserAsync("stan", "rooms:*");
        (Caller Caller, string To, string Code)[] denied =
        [
            (Caller.Anonymous, "carl", "authentication_required"),
            (await host.UserAsync("stan", "rooms:*"), "carl", "scope_denied"),
            (carl, "carl", "room_token_required"),
            (await host.UserAsync("olga", "rooms:r:write"), "carl", "room_token_required"),
            (await host.CallerAsync(created.RoomToken), "carl", "not_owner"),
            (Caller.System("test"), "carl", "not_owner"),
            (host.Owner, "stan", "user_not_found"),
            (host.Owner, "nobody", "user_not_found"),
            (host.Owner, "olga", "invalid_parameter"),
        ];

        foreach (var (caller, to, code) in denied)
        {
            Assert.Equal(code, (await TransferAsync(host, caller, to)).Error?.Code.Name);
        }

        Assert.Equal([new RoomMember("olga", Role.Owner), new RoomMember("carl", Role.Collaborator)], await MembersAsync(host));
    }

    [Fact]
    public async Task Transfer_TwiceAtOnce_LeavesOneOwner()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        await MemberAsync(host, "carl", Role.Participant);
        await MemberAsync(host, "cora", Role.Participant);

        var outcomes = await Task.WhenAll(
            Task.Run(() => TransferAsync(host, host.Owner, "carl"), Cancel),
            Task.Run(() => TransferAsync(host, host.Owner, "cora"), Cancel));

        Assert.Single(outcomes, outcome => outcome.Error is null);
        Assert.Single(await MembersAsync(host), member => member.Role == Role.Owner);
    }

    [Fact]
    public async Task Claim_OfAnOrphanByTwoAtOnce_GivesItToOne()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        var row = (await host.LoadedAsync("r")).Record.Row;
        await host.Engine.Database.ExecuteAsync(work => work.Execute("DELETE FROM members WHERE room = $1", row), Cancel);
        await host.RestartAsync();
        List<Caller> people = [];
        for (var index = 0; index < 4; index++)
        {
            people.Add(await host.UserAsync($"p{index}", "rooms:*"));
        }

        var outcomes = await Task.WhenAll(people.Select(caller => Task.Run(() => host.Engine.Rooms.ClaimAsync(caller, "r", null, Cancel), Cancel)));

        Assert.Single(outcomes, outcome => outcome.Error is null);
        Assert.All(outcomes.Where(outcome => outcome.Error is not null), outcome => Assert.Equal("already_owned", outcome.Error!.Code.Name));
    }

    [Fact]
    public async Task Claim_OfAnOrphan_NeedsAScopeThatReachesIt()
    {
        await using var host = await StartAsync();
        var created = await host.RoomAsync("r");
        var row = (await host.LoadedAsync("r")).Record.Row;
        await host.Engine.Database.ExecuteAsync(work => work.Execute("DELETE FROM members WHERE room = $1", row), Cancel);
        await host.RestartAsync();

        foreach (var scope in (string[])["create_rooms", "rooms:*:write", "rooms:other", "rooms:r:agent:x"])
        {
            Assert.Equal("scope_denied", (await host.Engine.Rooms.ClaimAsync(await host.UserAsync("carl", scope), "r", null, Cancel)).Error!.Code.Name);
        }

        Assert.Null((await host.Engine.Rooms.ClaimAsync(await host.UserAsync("carl", "create_rooms"), "r", created.RoomToken, Cancel)).Error);
        Assert.Equal([new RoomMember("carl", Role.Owner)], (await host.Engine.Rooms.GetAsync(Caller.System("test"), "r", Cancel)).Value.Members);
    }

    private static async Task<Caller> MemberAsync(EngineHost host, string name, Role role)
    {
        var caller = await host.UserAsync(name, "rooms:*");
        await host.GiveRoleAsync("r", name, role);
        return caller;
    }

    private static async Task<Caller> JoinAsAsync(EngineHost host, Caller caller, string agent)
    {
        var joined = (await host.Engine.Agents.JoinAsync(caller, "r", EngineHost.Json($$"""{"id":"{{agent}}"}"""), Cancel)).Value;
        return await host.CallerAsync(Node(joined.Json)["token"]!.GetValue<string>());
    }

    private static Task<Outcome<RoomMember>> RemoveAsync(EngineHost host, Caller caller, string name) => host.Engine.Rooms.RemoveMemberAsync(caller, "r", name, Cancel);

    private static Task<Outcome<RoomMember>> TransferAsync(EngineHost host, Caller caller, string name) => host.Engine.Rooms.TransferAsync(caller, "r", name, Cancel);

    private static async Task<IReadOnlyList<RoomMember>> MembersAsync(EngineHost host) => (await host.Engine.Rooms.GetAsync(host.Owner, "r", Cancel)).Value.Members;
}
