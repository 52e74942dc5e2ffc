using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Rooms;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Services.Rooms;

/// <summary>A fork is what its caller may read of a room, in a room of their own; all that bound it to people and to its past stays behind.</summary>
public sealed class ForkTests
{
    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task Fork_ByAnOwner_HasEntriesDefinitionsHelpPacksAndPrivateScopes()
    {
        await using var host = await EngineHost.StartAsync();
        await FurnishAsync(host);

        var fork = await ForkAsync(host, host.Owner);

        var (from, to) = (await StateAsync(host, "r"), await StateAsync(host, "f"));
        Assert.Equal(from.Seq, fork.ForkedAt);
        Assert.Equal(1, to.Seq);
        Assert.Equal(from.Actions.Keys, to.Actions.Keys);
        Assert.Equal(from.Views.Keys, to.Views.Keys);
        Assert.Equal(from.Agents.Keys, to.Agents.Keys);
        Assert.Equal("Be kind.", (await host.InvokeAsync(host.Owner, "f", "help", """{"key":"manners"}"""))["content"].Text());
        Assert.Equal("1", (await host.EvalAsync(host.Owner, "f", "state._packs.manners.version")).Text());
        Assert.Equal("42", (await host.StoredAsync("f", "_shared", "answer")).Text());
        Assert.Equal("ace", (await host.StoredAsync("f", "ann", "hand")).Text());
        Assert.Equal("ann", (await host.StoredAsync("f", "_actions", "anns"))!["registered_by"].Text());
        Assert.Equal("ace", (await host.EvalAsync(host.Owner, "f", "views['ann.hand']")).Text());
    }

    [Fact]
    public async Task Fork_AfterARestartAndAnExport_IsTheSame()
    {
        await using var host = await EngineHost.StartAsync();
        await FurnishAsync(host);
        await ForkAsync(host, host.Owner);
        var before = await host.ContextAsync(host.Owner, "f", "only=state,views,actions,agents&depth=full");

        await host.RestartAsync();

        var after = await host.ContextAsync(host.Owner, "f", "only=state,views,actions,agents&depth=full");
        Assert.Equal(before["state"]!.ToJsonString(), after["state"]!.ToJsonString());
        Assert.Equal(before["actions"]!.ToJsonString(), after["actions"]!.ToJsonString());
    }

    [Fact]
    public async Task Fork_ByAReader_HasNoPrivateScope()
    {
        await using var host = await EngineHost.StartAsync();
        await FurnishAsync(host);
        foreach (var (name, scope, role) in new[] { ("rita", "create_rooms rooms:r:read", Role.Observer), ("pete", "create_rooms rooms:r:write", Role.Participant), ("otto", "create_rooms rooms:r:read", Role.Owner) })
        {
            var caller = await host.UserAsync(name, scope);
            await host.GiveRoleAsync("r", name, role);

            Assert.Null((await host.Engine.Rooms.ForkAsync(caller, "r", new ForkRoom("f-" + name, null, null, null), Cancel)).Error);

            var state = await StateAsync(host, "f-" + name);
            Assert.Equal("42", state.Find("_shared", "answer")!.Value.ToNode().Text());
            Assert.All(state.ScopeNames, static scope => Assert.StartsWith("_", scope, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Fork_OfAgents_HasNeitherLinksNorTrustNorGuests()
    {
        await using var host = await EngineHost.StartAsync();
        await FurnishAsync(host);

        await ForkAsync(host, host.Owner);

        var agents = (await StateAsync(host, "f")).Agents;
        Assert.All(agents.Values, static agent => Assert.Null(agent.User));
        Assert.All(agents.Values, static agent => Assert.Empty(agent.Trusts));
        Assert.All(agents.Values, static agent => Assert.False(agent.IsGuest));
        Assert.Equal(["bob"], agents["ann"].Grants);
    }

    [Fact]
    public async Task Fork_TokensOfTheOldRoom_AreNoneInTheNew()
    {
        await using var host = await EngineHost.StartAsync();
        var ann = await FurnishAsync(host);
        var bob = await host.UserAsync("bert", "rooms:*");
        await host.GiveRoleAsync("r", "bert", Role.Collaborator);

        await ForkAsync(host, host.Owner);

        Assert.Equal("scope_denied", (await host.TryInvokeAsync(ann, "f", "help")).Error!.Code.Name);
        Assert.Equal("scope_denied", (await host.TryInvokeAsync(bob, "f", "help")).Error!.Code.Name);
        Assert.Equal("olga", Assert.Single((await host.Engine.Rooms.GetAsync(host.Owner, "f", Cancel)).Value.Members).User);
        Assert.Empty((await host.Engine.Rooms.GetAsync(host.Owner, "f", Cancel)).Value.Invited);
        Assert.Equal("agent_exists", (await host.Engine.Agents.JoinAsync(Caller.Anonymous, "f", EngineHost.Json("""{"id":"ann"}"""), Cancel)).Error!.Code.Name);
    }

    [Fact]
    public async Task Fork_LeavesMessagesHistoryUsesCooldownsRequestKeysAndHoldersBehind()
    {
        await using var host = await EngineHost.StartAsync();
        var ann = await FurnishAsync(host);
        await host.InvokeAsync(ann, "r", "_send_message", """{"body":"secret plan"}""");
        await host.RegisterAsync(ann, "r", """{"id":"rest","writes":[{"key":"rested","increment":1}],"on_invoke":{"timer":{"ms":600000,"effect":"enable"}}}""");
        await host.InvokeAsync(ann, "r", "rest", requestId: "once");
        Assert.Equal("action_cooldown", (await host.RefusedAsync(ann, "r", "rest")).Code.Name);
        await host.RegisterAsync(ann, "r", """{"from":"standard_library","id":"define_role"}""");
        await host.RegisterAsync(ann, "r", """{"from":"standard_library","id":"fill_role"}""");
        await host.InvokeAsync(ann, "r", "define_role", """{"role":"lead","description":"Leads."}""");
        await host.InvokeAsync(ann, "r", "fill_role", """{"role":"lead"}""");
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"task:1","paths":["src/**"]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"deploy","approve":{"by":"owner"},"writes":[{"key":"deployed","value":true}]}""");
        Assert.NotNull((await host.InvokeAsync(ann, "r", "deploy"))["approval"]);
        await host.InvokeAsync(host.Owner, "r", "_pause", """{"what":"agent:ann","reason":"Lunch."}""");
        var from = await StateAsync(host, "r");
        Assert.All(["_leases", "_approvals", "_pauses"], scope => Assert.NotEmpty(from.Scope(scope)!.Entries));

        await ForkAsync(host, host.Owner);

        var state = await StateAsync(host, "f");
        Assert.Equal(0, state.Messages.Count);
        Assert.Empty(state.Uses);
        Assert.Null(state.Scope("_role_holders"));
        Assert.Null(state.Scope("_leases"));
        Assert.Null(state.Scope("_approvals"));
        Assert.Null(state.Scope("_pauses"));
        Assert.NotNull(state.Find("_roles", "lead"));
        var log = EngineHost.Node((await host.Engine.History.AuditAsync(host.Owner, "f", new(0, 500, Agent: null, Action: null, Ok: null), Cancel)).Value);
        Assert.Equal("room_created", Assert.Single(log["events"]!.AsArray())!["kind"].Text());
        Assert.DoesNotContain("\"r\"", log["events"]![0]!["params"]!.ToJsonString(), StringComparison.Ordinal);
        var answer = await host.InvokeAsync(host.Owner, "f", "rest", agent: "ann", requestId: "once");
        Assert.Equal(2, answer["seq"]!.GetValue<long>());
        Assert.Equal("rested", answer["writes"]![0]!["key"].Text());
        await host.InvokeAsync(host.Owner, "f", "fill_role", """{"role":"lead"}""", agent: "bob");
    }

    [Fact]
    public async Task Fork_DefinitionsOfOthers_HaveLostFullAccess()
    {
        await using var host = await EngineHost.StartAsync();
        await FurnishAsync(host);
        var otto = await host.UserAsync("otto", "create_rooms rooms:*");
        await host.GiveRoleAsync("r", "otto", Role.Owner);
        await host.RegisterAsync(host.Owner, "r", """{"id":"deal","reach":"all","params":{"to":"string"},"writes":[{"scope":"${params.to}","key":"hand","value":"king"}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"configure","writes":[{"scope":"_config","key":"k","value":1}]}""");

        await ForkAsync(host, otto, "theirs");
        await ForkAsync(host, host.Owner, "own");

        Assert.Equal("scope_denied", (await host.RefusedAsync(otto, "theirs", "deal", """{"to":"ann"}""")).Code.Name);
        Assert.Equal("scope_denied", (await host.RefusedAsync(otto, "theirs", "configure")).Code.Name);
        Assert.Equal("olga", (await host.StoredAsync("theirs", "_actions", "deal"))!["registered_by"].Text());
        await host.InvokeAsync(host.Owner, "own", "deal", """{"to":"ann"}""");
        Assert.Equal("king", (await host.StoredAsync("own", "ann", "hand")).Text());
    }

    [Fact]
    public async Task Fork_DefinitionOfARemovedAgentWhoseIdIsTaken_NamesNobody()
    {
        await using var host = await EngineHost.StartAsync();
        await FurnishAsync(host);
        Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", "ann", free: true, Cancel)).Error);
        await host.JoinAsync("r", "ann", ""","state":{"hand":"queen"}""");

        await ForkAsync(host, host.Owner);

        Assert.Null((await host.StoredAsync("f", "_actions", "anns"))!["registered_by"]);
        Assert.Contains("_error", (await host.ContextAsync(host.Owner, "f"))["views"]!["peek"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fork_OfAPastEvent_IsTheRoomAsItWasByTodaysSight()
    {
        await using var host = await EngineHost.StartAsync();
        await FurnishAsync(host);
        var at = (await StateAsync(host, "r")).Seq;
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"answer","value":"43"}""");

        var fork = (await host.Engine.Rooms.ForkAsync(host.Owner, "r", new ForkRoom("f", "Then", JoinPolicy.Members, new EventCursor(at, Tag: null)), Cancel)).Value;

        Assert.Equal(at, fork.ForkedAt);
        Assert.Equal("Then", fork.Info.Name);
        Assert.Equal(JoinPolicy.Members, fork.Info.Join);
        Assert.Equal("42", (await host.StoredAsync("f", "_shared", "answer")).Text());
        Assert.Equal("invalid_parameter", (await host.Engine.Rooms.ForkAsync(host.Owner, "r", new ForkRoom("g", null, null, new EventCursor(0, null)), Cancel)).Error!.Code.Name);
        Assert.Equal("invalid_parameter", (await host.Engine.Rooms.ForkAsync(host.Owner, "r", new ForkRoom("g", null, null, new EventCursor(9_999, null)), Cancel)).Error!.Code.Name);
        Assert.Equal("cursor_reset", (await host.Engine.Rooms.ForkAsync(host.Owner, "r", new ForkRoom("g", null, null, new EventCursor(at, "nothis")), Cancel)).Error!.Code.Name);
    }

    [Fact]
    public async Task Fork_OfWhatDoesNotShow_LeavesItAndOfTimersTakesWhatWasLeft()
    {
        var clock = EngineHost.Clock();
        await using var host = await EngineHost.StartAsync(clock);
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"go","writes":[{"key":"hidden","value":1,"enabled":"state._shared.open == true"},{"key":"later","value":1,"timer":{"ms":60000,"effect":"enable"}},{"key":"brief","value":1,"timer":{"ms":60000,"effect":"delete"}},{"key":"plain","value":1}]}""");
        await host.InvokeAsync(host.Owner, "r", "go");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(20));

        await ForkAsync(host, host.Owner);

        Assert.Equal(["brief", "plain"], (await StateAsync(host, "f")).Scope("_shared")!.Entries.Keys);
        await host.AdvanceAsync("f", TimeSpan.FromSeconds(39));
        Assert.NotNull((await host.ContextAsync(host.Owner, "f"))["state"]!["_shared"]!["brief"]);
        await host.AdvanceAsync("f", TimeSpan.FromSeconds(2));
        Assert.Null((await host.ContextAsync(host.Owner, "f"))["state"]!["_shared"]!["brief"]);
    }

    [Fact]
    public async Task Fork_OfWhatAPersonWrote_IsAPersonsNoMore()
    {
        await using var host = await EngineHost.StartAsync();
        await FurnishAsync(host);
        var person = await host.SessionAsync("olga");
        await host.InvokeAsync(person, "r", "set", """{"key":"by_hand","value":1}""");
        Assert.True((await StateAsync(host, "r")).Find("_shared", "by_hand")!.ByPerson);

        await ForkAsync(host, host.Owner);

        Assert.False((await StateAsync(host, "f")).Find("_shared", "by_hand")!.ByPerson);
    }

    [Fact]
    public async Task Fork_OfASystemsRoom_HasNotItsMark()
    {
        await using var host = await EngineHost.StartAsync();
        var system = Caller.System("test");
        Assert.Null((await host.Engine.Rooms.CreateAsync(system, new CreateRoom("r", Name: null, JoinPolicy.Open), Cancel)).Error);
        Assert.NotNull(await host.StoredAsync("r", "_config", "system_room"));
        Assert.Null((await host.Engine.Agents.JoinAsync(host.Owner, "r", EngineHost.Json("""{"id":"olga"}"""), Cancel)).Error);

        await ForkAsync(host, host.Owner);

        Assert.Null(await host.StoredAsync("f", "_config", "system_room"));
    }

    [Fact]
    public async Task Fork_ByWhoMayNot_IsRefused()
    {
        await using var host = await EngineHost.StartAsync();
        var ann = await FurnishAsync(host);
        var stranger = await host.UserAsync("stan", "create_rooms rooms:*");
        var maker = await host.UserAsync("mona", "rooms:r:read");
        await host.GiveRoleAsync("r", "mona", Role.Observer);
        var shown = await host.UserAsync("vera", "create_rooms rooms:r:view:peek");
        await host.GiveRoleAsync("r", "vera", Role.Observer);

        Assert.Equal("authentication_required", await CodeAsync(host, Caller.Anonymous));
        Assert.Equal("scope_denied", await CodeAsync(host, stranger));
        Assert.Equal("scope_denied", await CodeAsync(host, maker));
        Assert.Equal("scope_denied", await CodeAsync(host, shown));
        Assert.Equal("scope_denied", await CodeAsync(host, ann));
        Assert.Equal("room_not_found", (await host.Engine.Rooms.GetAsync(host.Owner, "f", Cancel)).Error!.Code.Name);
        Assert.Equal("room_exists", (await host.Engine.Rooms.ForkAsync(host.Owner, "r", new ForkRoom("r", null, null, null), Cancel)).Error!.Code.Name);
        Assert.Equal("invalid_id", (await host.Engine.Rooms.ForkAsync(host.Owner, "r", new ForkRoom("no id", null, null, null), Cancel)).Error!.Code.Name);
    }

    [Fact]
    public async Task Fork_OfMoreThanARoomMayHold_IsRefused()
    {
        await using var host = await EngineHost.StartAsync();
        await FurnishAsync(host);
        await host.RestartAsync(new RoomLimits { Entries = 5 });

        Assert.Equal("payload_too_large", await CodeAsync(host, host.Owner));
        Assert.Equal("room_not_found", (await host.Engine.Rooms.GetAsync(host.Owner, "f", Cancel)).Error!.Code.Name);
    }

    private static async Task<string> CodeAsync(EngineHost host, Caller caller) => (await host.Engine.Rooms.ForkAsync(caller, "r", new ForkRoom("f", null, null, null), Cancel)).Error!.Code.Name;

    private static async Task<RoomCreated> ForkAsync(EngineHost host, Caller caller, string id = "f") => (await host.Engine.Rooms.ForkAsync(caller, "r", new ForkRoom(id, null, null, null), Cancel)).Value;

    private static async Task<RoomState> StateAsync(EngineHost host, string room) => (await host.LoadedAsync(room)).Published;

    // A room with an agent that keeps, grants and trusts, and one that is a guest.
    private static async Task<Caller> FurnishAsync(EngineHost host)
    {
        await host.RoomAsync("r");
        var ann = await host.JoinAsync("r", "ann", ""","state":{"hand":"ace"},"public_keys":["hand"]""");
        await host.JoinAsync("r", "bob");
        Assert.Null((await host.Engine.Agents.UpdateAsync(ann, "r", "ann", EngineHost.Json("""{"grants":["bob"],"trusts":["bob"]}"""), Cancel)).Error);
        await host.RegisterAsync(host.Owner, "r", """{"from":"standard_library","id":"set"}""");
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"answer","value":"42"}""");
        await host.RegisterAsync(ann, "r", """{"id":"anns","writes":[{"key":"anns","value":1}]}""");
        await host.ViewAsync(ann, "r", """{"id":"peek","expr":"state['ann'].hand"}""");
        await host.InvokeAsync(host.Owner, "r", "_install_pack", """{"pack":{"name":"manners","version":"1","help":{"manners":"Be kind."}}}""");
        return ann;
    }
}
