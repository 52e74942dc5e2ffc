using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Sessions;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Context;
using Sync.Engine.Reads.Pages;
using Sync.Engine.Services.Agents;
using Sync.Engine.Services.Embodiments;

namespace Sync.Engine.Tests.Commands.Agents;

/// <summary>What ends with an agent, however it goes, and what whoever has its id next finds.</summary>
public sealed class RemovalTests
{
    private const string Secret = "first-bobs-secret";

    private static CancellationToken Cancel => EngineHost.Cancel;

    public static TheoryData<string> Ways { get; } = ["owner", "itself", "its user", "timer", "ticks"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Removal_HoweverItComes_LeavesNothingToWhoHasTheIdNext(string way)
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        var nina = await host.UserAsync("nina", "rooms:*");
        Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", "nina", Role.Participant, Cancel)).Error);
        var other = await host.JoinAsync("r", "carl", ""","state":{"hers":1}""");
        Assert.Null((await host.Engine.Agents.UpdateAsync(other, "r", "carl", EngineHost.Json("""{"grants":["bob"]}"""), Cancel)).Error);
        var (bob, _) = await BobAsync(host, nina);
        await host.RegisterAsync(bob, "r", """{"id":"shared_by_bob","writes":[{"key":"k","value":1}]}""");
        await host.ViewAsync(bob, "r", """{"id":"shared_view","expr":"1"}""");
        await host.RegisterAsync(bob, "r", """{"id":"mine","scope":"self","writes":[{"scope":"self","key":"k","value":1}]}""");
        await host.ViewAsync(bob, "r", """{"id":"shown","scope":"self","expr":"state.self.secret.size()"}""");
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"for bob","to":"bob"}""");
        await host.ContextAsync(bob, "r");
        var then = (await host.LoadedAsync("r")).Published.Seq;

        await RemoveAsync(host, way, nina, bob);
        var room = await host.LoadedAsync("r");

        Assert.False(room.Published.Agents.ContainsKey("bob"));
        Assert.Null(room.Published.Scope("bob") is { Entries.IsEmpty: false } left ? left : null);
        Assert.Equal(["shared_by_bob", "tick"], room.Published.Actions.Keys);
        Assert.Equal(["shared_view"], room.Published.Views.Keys);
        Assert.Empty(room.Published.Agents["carl"].Grants);
        Assert.NotNull((await host.Engine.Context.ReadAsync(bob, "r", EngineHost.Shape(""), Cancel)).Error);
        Assert.Equal(ErrorCode.AgentExists, (await JoinAsync(host, Caller.Anonymous, "bob")).Error?.Code);
        Assert.Equal(ErrorCode.AgentExists, (await JoinAsync(host, Caller.Anonymous, "BOB")).Error?.Code);
        Assert.Equal(ErrorCode.IdentityMismatch, (await JoinAsync(host, other, "bob")).Error?.Code);

        // The same user has the id again, and is another agent all the same.
        var (next, since) = await BobAsync(host, nina, state: "");
        Assert.NotNull((await host.Engine.Actions.InvokeAsync(bob, "r", "_send_message", new InvokeRequest { Params = EngineHost.Json("""{"body":"x"}""") }, Cancel)).Error);
        var context = await host.ContextAsync(next, "r");
        Assert.Equal(1, context["messages"]!["unread"]!.GetValue<int>());
        await AssertSeesNothingAsync(host, next, then);
        await AssertSeesNothingAsync(host, nina, then);
        Assert.True(since > then);
        Assert.Equal(ErrorCode.ActionOwned, (await host.RefusedAsync(next, "r", "_register_action", """{"id":"shared_by_bob","writes":[]}""")).Code);
        Assert.Equal(ErrorCode.ActionOwned, (await host.RefusedAsync(next, "r", "_delete_action", """{"id":"shared_by_bob"}""")).Code);
        Assert.Equal(ErrorCode.ViewOwned, (await host.RefusedAsync(next, "r", "_register_view", """{"id":"shared_view","expr":"2"}""")).Code);
        Assert.Equal(ErrorCode.ViewOwned, (await host.RefusedAsync(next, "r", "_delete_view", """{"id":"shared_view"}""")).Code);
        Assert.False((await host.LoadedAsync("r")).Published.IsStill("bob", room.Published.Actions["shared_by_bob"].Entry.Seq));

        // Owners see the past, and after a restart all of it holds.
        await host.RestartAsync();
        nina = await host.UserAsync("nina", "rooms:*");
        await AssertSeesNothingAsync(host, nina, then);
        Assert.Contains(Secret, (await host.ContextAsync(host.Owner, "r", $"at={then}")).ToJsonString(), StringComparison.Ordinal);
        Assert.Contains(Secret, Node((await host.Engine.History.KeyAsync(host.Owner, "r", "bob", "secret", before: null, limit: 10, Cancel)).Value.Json).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Removal_OfAnAgent_EndsItsWaitsTokensAndSessions()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var nina = await host.UserAsync("nina", "rooms:*");
        Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", "nina", Role.Participant, Cancel)).Error);
        var (bob, _) = await BobAsync(host, nina);
        var session = nina.In(host.Engine.Embodiments.Open(nina, "probe"));
        Assert.Null((await host.Engine.Embodiments.EmbodyAsync(session, "r", new EmbodyRequest { Agent = "bob" }, Cancel)).Error);
        var wait = host.Engine.Waits.WaitAsync(bob, "r", "state._shared.never == 1", TimeSpan.FromSeconds(25), EngineHost.Shape(""), Cancel);
        var inSession = host.Engine.Waits.WaitAsync(session, "r", "state._shared.never == 1", TimeSpan.FromSeconds(25), EngineHost.Shape(""), Cancel);
        var loaded = await host.LoadedAsync("r");
        await EngineHost.UntilAsync(() => loaded.Waits.Count == 2);

        Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", "bob", free: false, Cancel)).Error);

        Assert.NotNull((await wait).Error);
        Assert.Equal(ErrorCode.AgentNotFound, (await inSession).Error?.Code);
        Assert.Null(session.Session!.SessionIn("r").Agent);
        Assert.False(host.Engine.IdentityCache.Current(nina)!.Agents.ContainsKey("r"));
        Assert.Null(host.Engine.IdentityCache.Current(bob));
    }

    [Theory]
    [InlineData("anonymous")]
    [InlineData("another agent")]
    [InlineData("another user")]
    [InlineData("observer")]
    [InlineData("view link")]
    [InlineData("user by a token of another agent")]
    [InlineData("session left to a role")]
    public async Task Remove_BySomebodyElse_IsRefusedAndChangesNothing(string who)
    {
        await using var host = await EngineHost.StartAsync();
        var created = await host.RoomAsync("r");
        var nina = await host.UserAsync("nina", "rooms:*");
        Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", "nina", Role.Participant, Cancel)).Error);
        await BobAsync(host, nina);
        var otto = await host.UserAsync("otto", "rooms:*");
        Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", "otto", who == "observer" ? Role.Observer : Role.Collaborator, Cancel)).Error);
        var narrow = nina.In(host.Engine.Embodiments.Open(nina, "probe"));
        Assert.Null((await host.Engine.Embodiments.RestrictAsync(narrow, "r", "worker", Cancel)).Error);
        var caller = who switch
        {
            "anonymous" => Caller.Anonymous,
            "another agent" => await host.JoinAsync("r", "carl"),
            "view link" => await host.CallerAsync(created.ViewToken),
            "user by a token of another agent" => await host.UserAsync("nina", "rooms:r:agent:x"),
            "session left to a role" => narrow,
            _ => otto,
        };
        var before = (await host.LoadedAsync("r")).Published.Seq;

        var refused = (await host.Engine.Agents.RemoveAsync(caller, "r", "bob", free: false, Cancel)).Error;

        Assert.NotNull(refused?.HintFor(PlainSteps.Instance));
        Assert.True((await host.LoadedAsync("r")).Published.Agents.ContainsKey("bob"));
        Assert.Equal(before, (await host.LoadedAsync("r")).Published.Seq);
    }

    [Fact]
    public async Task Free_ByAnOwner_LetsAnybodyHaveTheId()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var bob = await host.JoinAsync("r", "bob");

        Assert.Equal(ErrorCode.NotOwner, (await host.Engine.Agents.RemoveAsync(bob, "r", "bob", free: true, Cancel)).Error?.Code);
        Assert.Null((await host.Engine.Agents.RemoveAsync(bob, "r", "bob", free: false, Cancel)).Error);
        Assert.Equal(ErrorCode.AgentExists, (await JoinAsync(host, Caller.Anonymous, "bob")).Error?.Code);
        Assert.Equal(ErrorCode.AgentNotFound, (await host.Engine.Agents.RemoveAsync(host.Owner, "r", "bob", free: false, Cancel)).Error?.Code);
        Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", "bob", free: true, Cancel)).Error);
        await host.RestartAsync();
        Assert.Null((await JoinAsync(host, Caller.Anonymous, "bob")).Error);

        Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", "bob", free: true, Cancel)).Error);
        Assert.Null((await JoinAsync(host, Caller.Anonymous, "bob")).Error);
    }

    [Fact]
    public async Task Snapshot_WithRemovedAgents_RemembersWhoseTheirIdsWere()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.JoinAsync("r", "bob");
        Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", "bob", free: false, Cancel)).Error);
        var state = (await host.LoadedAsync("r")).Published;

        var restored = Sync.Engine.Model.State.SnapshotJson.Read(Sync.Engine.Model.State.SnapshotJson.Write(state), state.Language);

        Assert.Equal(state.Removed, restored.Removed);
    }

    [Fact]
    public async Task Embodiment_ThatNeverActed_GoesWithItsRelease()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var session = host.Owner.In(host.Engine.Embodiments.Open(host.Owner, "probe"));

        await EmbodyAsync(host, session);
        await host.Engine.Embodiments.DisembodyAsync(session, "r", Cancel);
        await host.Engine.Embodiments.SettledAsync();
        Assert.False((await host.LoadedAsync("r")).Published.Agents.ContainsKey("olga:probe"));

        // Another session may take it over, and who acted stays.
        await EmbodyAsync(host, session);
        var second = host.Owner.In(host.Engine.Embodiments.Open(host.Owner, "probe"));
        Assert.Null((await host.Engine.Embodiments.EmbodyAsync(second, "r", new EmbodyRequest { TakeOver = true }, Cancel)).Error);
        host.Engine.Embodiments.Close((ClientSession)session.Session!);
        await host.Engine.Embodiments.SettledAsync();
        Assert.True((await host.LoadedAsync("r")).Published.Agents.ContainsKey("olga:probe"));
        await host.InvokeAsync(second, "r", "_send_message", """{"body":"hi"}""");
        host.Engine.Embodiments.Close((ClientSession)second.Session!);
        await host.Engine.Embodiments.SettledAsync();
        Assert.True((await host.LoadedAsync("r")).Published.Agents.ContainsKey("olga:probe"));
    }

    private static async Task<(Caller Caller, long Since)> BobAsync(EngineHost host, Caller user, string state = $$""","state":{"secret":"{{Secret}}"}""")
    {
        var joined = (await host.Engine.Agents.JoinAsync(user, "r", EngineHost.Json($$"""{"id":"bob"{{state}}}"""), Cancel)).Value;
        Assert.False(joined.Rejoined);
        return (await host.CallerAsync(Node(joined.Json)["token"]!.GetValue<string>()), (await host.LoadedAsync("r")).Published.Agents["bob"].Since);
    }

    private static async Task RemoveAsync(EngineHost host, string way, Caller nina, Caller bob)
    {
        await host.RegisterAsync(host.Owner, "r", """{"id":"tick","writes":[{"key":"clock","value":"${now}"}]}""");
        var timer = way == "ticks" ? """{"timer":{"ticks":1,"tick_on":"_shared.clock","effect":"delete"}}""" : """{"timer":{"ms":1000,"effect":"delete"}}""";
        switch (way)
        {
            case "timer":
                Assert.Null((await host.Engine.Agents.UpdateAsync(bob, "r", "bob", EngineHost.Json(timer), Cancel)).Error);
                await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));
                var loaded = await host.LoadedAsync("r");
                await EngineHost.UntilAsync(() => !loaded.Published.Agents.ContainsKey("bob"));
                break;
            case "ticks":
                Assert.Null((await host.Engine.Agents.UpdateAsync(bob, "r", "bob", EngineHost.Json(timer), Cancel)).Error);
                await host.InvokeAsync(host.Owner, "r", "tick");
                break;
            default:
                Assert.Null((await host.Engine.Agents.RemoveAsync(way switch { "itself" => bob, "its user" => nina, _ => host.Owner }, "r", "bob", free: false, Cancel)).Error);
                break;
        }

        await host.Engine.Agents.SettledAsync();
    }

    private static async Task AssertSeesNothingAsync(EngineHost host, Caller reader, long then)
    {
        string[] answers =
        [
            (await host.ContextAsync(reader, "r")).ToJsonString(),
            (await host.ContextAsync(reader, "r", $"at={then}")).ToJsonString(),
            (await host.ContextAsync(reader, "r", "include=_audit")).ToJsonString(),
            Text((await host.Engine.History.ReplayAsync(reader, "r", then, Cancel)).Value),
            Text((await host.Engine.History.AuditAsync(reader, "r", new AuditQuery(0, 2000, Agent: null, Action: null, Ok: null), Cancel)).Value),
            (await host.Engine.History.KeyAsync(reader, "r", "bob", "secret", before: null, limit: 10, Cancel)).Try(out var history, out _) ? Text(history.Json) : "",
            Text((await host.Engine.Context.PollAsync(reader, "r", MessageSelection.All, 500, 500, Cancel)).Value),
            Text((await host.Engine.History.SamplesAsync(reader, "r", "shared_view", since: 0, limit: 100, Cancel)).Value.Json),
            System.Text.Json.JsonSerializer.Serialize((await host.Engine.Live.AtAsync(reader, "r", then, Cancel)).Value.Entries.Select(static entry => entry.ToString())),
            (await host.Engine.Context.ExamineAsync(reader, "r", "string(state.self.?secret.orValue('')) + string(state[\"bob\"].?secret.orValue(''))", then, Cancel)).Try(out var examined, out _) ? examined.Value : "",
            System.Text.Json.JsonSerializer.Serialize((await host.Engine.Live.LogAsync(reader, "r", new LogQuery(), before: null, limit: 500, Cancel)).Value.Events),
        ];
        for (var seq = 1L; seq <= then; seq++)
        {
            Assert.DoesNotContain(Secret, Text((await host.Engine.History.EventAsync(reader, "r", seq, Cancel)).Value.Json), StringComparison.Ordinal);
        }

        Assert.All(answers, static answer => Assert.DoesNotContain(Secret, answer, StringComparison.Ordinal));
    }

    private static async Task EmbodyAsync(EngineHost host, Caller session) =>
        Assert.Null((await host.Engine.Embodiments.EmbodyAsync(session, "r", new EmbodyRequest(), Cancel)).Error);

    private static string Text(ReadOnlyMemory<byte> json) => System.Text.Encoding.UTF8.GetString(json.Span);

    private static JsonObject Node(ReadOnlyMemory<byte> json) => EngineHost.Node(json);

    private static Task<Outcome<AgentJoined>> JoinAsync(EngineHost host, Caller caller, string id) =>
        host.Engine.Agents.JoinAsync(caller, "r", EngineHost.Json($$"""{"id":"{{id}}"}"""), Cancel);
}
