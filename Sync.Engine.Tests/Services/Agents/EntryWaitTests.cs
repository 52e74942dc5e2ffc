using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Embodiments;
using Sync.Engine.Services.Rooms;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Services.Agents;

/// <summary>Entries that wait for a room: what wakes them, what ends them, and that nothing tells a room that is not there from one that is for others.</summary>
public sealed class EntryWaitTests
{
    private static CancellationToken Cancel => EngineHost.Cancel;

    public static TheoryData<string, string> Wakes
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var door in new[] { "join", "embody" })
            {
                foreach (var what in new[] { "created", "opened", "role given", "invited before", "widened" })
                {
                    cases.Add(door, what);
                }
            }

            return cases;
        }
    }

    [Fact]
    public async Task Entry_ThatWaits_BringsLittleAlong()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var state = $$"""{"id":"a","state":{"k":"{{new string('x', 20_000)}}"}""";

        var parked = await host.Engine.Agents.JoinAsync(Caller.Anonymous, "nowhere", EngineHost.Json(state + ",\"wait_ms\":50}"), Cancel);
        var now = await host.Engine.Agents.JoinAsync(Caller.Anonymous, "r", EngineHost.Json(state + "}"), Cancel);

        Assert.Equal("payload_too_large", parked.Error?.Code.Name);
        Assert.Null(now.Error);
    }

    [Theory]
    [MemberData(nameof(Wakes))]
    public async Task Entry_ThatWaits_IsLetInByWhatLetsItIn(string door, string what)
    {
        await using var host = await EngineHost.StartAsync();
        var nina = await host.UserAsync("nina", what == "widened" ? "rooms:other" : "rooms:*");
        if (what is not ("created" or "invited before"))
        {
            await host.RoomAsync("r", JoinPolicy.Members);
        }

        if (what == "widened")
        {
            await host.GiveRoleAsync("r", "nina", Role.Participant);
        }

        var entering = EnterAsync(host, door, nina, "r", TimeSpan.FromMinutes(10));
        await EngineHost.UntilAsync(() => host.Engine.Directory.Arrivals.Count == 1);
        Assert.False(entering.IsCompleted);
        switch (what)
        {
            case "created":
                await host.RoomAsync("r");
                break;
            case "invited before":
                Assert.Null((await host.Engine.Rooms.CreateAsync(host.Owner, new CreateRoom("r", Name: null, JoinPolicy.Members) { Invites = [new RoomInvite("nina", Role.Participant)] }, Cancel)).Error);
                break;
            case "opened":
                Assert.Null((await host.Engine.Rooms.PatchAsync(host.Owner, "r", new RoomPatch(Name: null, JoinPolicy.Open), Cancel)).Error);
                break;
            case "role given":
                Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", "nina", Role.Participant, Cancel)).Error);
                break;
            default:
                Assert.Null((await host.Engine.Tokens.ElevateAsync(await host.SessionAsync("nina"), nina.TokenId!, "r", AccessLevel.Write, Cancel)).Error); // A token has an id.
                break;
        }

        Assert.Null(await entering);
        Assert.True((await host.LoadedAsync("r")).Published.Agents.ContainsKey("bot"));
        Assert.Equal(0, host.Engine.Directory.Arrivals.Count);

        // Its log begins with its creation all the same.
        Assert.Equal(Sync.Engine.Model.Events.EventKind.RoomCreated, (await host.LoadedAsync("r")).Feed.Find(1)?.Kind);
    }

    [Theory]
    [InlineData("join")]
    [InlineData("embody")]
    public async Task Entry_WhoseTimeIsUp_SaysTheSameOfARoomThatIsNotThereAndOfOneForOthers(string door)
    {
        var clock = EngineHost.Clock();
        await using var host = await EngineHost.StartAsync(clock);
        await host.RoomAsync("secret", JoinPolicy.Members);
        var nina = await host.UserAsync("nina", "rooms:*");
        var narrow = await host.UserAsync("nina", "rooms:elsewhere");
        foreach (var caller in door == "join" ? new[] { nina, narrow, Caller.Anonymous } : [nina, narrow])
        {
            var texts = new List<string>();
            foreach (var room in new[] { "secret", "absent" })
            {
                var entering = EnterAsync(host, door, caller, room, TimeSpan.FromSeconds(30));
                await EngineHost.UntilAsync(() => host.Engine.Directory.Arrivals.Count == 1);
                await PassAsync(clock, entering);
                texts.Add((await entering)!.ToJson(PlainSteps.Instance).ToJsonString().Replace(room, "ROOM", StringComparison.Ordinal));
            }

            Assert.Equal(texts[0], texts[1]);
            Assert.StartsWith("""{"error":"room_not_found",""", texts[0], StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("join")]
    [InlineData("embody")]
    public async Task Entry_ThatIsRefusedForItself_IsRefusedAtOnceWhetherTheRoomIsThereOrNot(string door)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("secret", JoinPolicy.Members);
        var bound = await host.UserAsync("nina", "rooms:secret:agent:ann rooms:absent:agent:ann");

        foreach (var room in new[] { "secret", "absent" })
        {
            Assert.Equal(ErrorCode.IdentityMismatch, (await EnterAsync(host, door, bound, room, TimeSpan.FromMinutes(10)))?.Code);
        }

        Assert.Equal(ErrorCode.InvalidId, (await EnterAsync(host, door, bound, "no/room", TimeSpan.FromMinutes(10), "ann"))?.Code);
    }

    [Fact]
    public async Task Entry_ThatWaits_EndsWithItsTokenAndWithItsRequest()
    {
        await using var host = await EngineHost.StartAsync();
        var nina = await host.UserAsync("nina", "rooms:*");
        var entering = EnterAsync(host, "join", nina, "r", TimeSpan.FromMinutes(10));
        await EngineHost.UntilAsync(() => host.Engine.Directory.Arrivals.Count == 1);

        Assert.Null((await host.Engine.Tokens.RevokeAsync(await host.SessionAsync("nina"), nina.TokenId!, Cancel)).Error); // A token has an id.
        Assert.Equal(ErrorCode.InvalidToken, (await entering)?.Code);

        using var hangUp = new CancellationTokenSource();
        var other = await host.UserAsync("nina", "rooms:*");
        var joining = host.Engine.Agents.JoinAsync(other, "r", EngineHost.Json("""{"id":"bot","wait_ms":600000}"""), hangUp.Token);
        await EngineHost.UntilAsync(() => host.Engine.Directory.Arrivals.Count == 1);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => joining);
        Assert.Equal(0, host.Engine.Directory.Arrivals.Count);
    }

    [Fact]
    public async Task Entries_ThatWait_AreBoundedByTokenAndUser()
    {
        await using var host = await EngineHost.StartAsync(limits: new RoomLimits { WaitsPerToken = 2, WaitsPerUser = 3 });
        var (one, two) = (await host.UserAsync("nina", "rooms:*"), await host.UserAsync("nina", "rooms:*"));
        using var end = new CancellationTokenSource();
        List<Task> waiting = [];
        foreach (var (caller, number) in new[] { (one, 1), (one, 2), (two, 3) })
        {
            waiting.Add(host.Engine.Agents.JoinAsync(caller, $"r{number}", EngineHost.Json("""{"wait_ms":600000}"""), end.Token));
            await EngineHost.UntilAsync(() => host.Engine.Directory.Arrivals.Count == number);
        }

        var byToken = (await host.Engine.Agents.JoinAsync(one, "r4", EngineHost.Json("""{"wait_ms":600000}"""), Cancel)).Error!;
        var byUser = (await host.Engine.Agents.JoinAsync(two, "r4", EngineHost.Json("""{"wait_ms":600000}"""), Cancel)).Error!;

        Assert.Equal((ErrorCode.RateLimited, "token"), (byToken.Code, byToken.Details!["of"]!.GetValue<string>()));
        Assert.Equal((ErrorCode.RateLimited, "user"), (byUser.Code, byUser.Details!["of"]!.GetValue<string>()));
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waiting));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("600001")]
    [InlineData("1.5")]
    [InlineData("\"soon\"")]
    public async Task WaitMs_ThatIsNone_IsRefused(string value)
    {
        await using var host = await EngineHost.StartAsync();

        Assert.Equal(ErrorCode.InvalidParameter, (await host.Engine.Agents.JoinAsync(host.Owner, "absent", EngineHost.Json($$"""{"wait_ms":{{value}}}"""), Cancel)).Error?.Code);
    }

    private static async Task PassAsync(FakeTimeProvider clock, Task task)
    {
        // Its timer may be set after the clock was moved.
        while (!task.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(31));
            await Task.Yield();
        }
    }

    private static async Task<SyncError?> EnterAsync(EngineHost host, string door, Caller caller, string room, TimeSpan wait, string agent = "bot") => door == "join"
        ? (await host.Engine.Agents.JoinAsync(caller, room, EngineHost.Json($$"""{"id":"{{agent}}","wait_ms":{{(long)wait.TotalMilliseconds}}}"""), Cancel)).Error
        : (await host.Engine.Embodiments.EmbodyAsync(caller.In(host.Engine.Embodiments.Open(caller, "probe")), room, new EmbodyRequest { Agent = agent, Wait = wait }, Cancel)).Error;
}
