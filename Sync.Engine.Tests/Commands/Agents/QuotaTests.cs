using Sync.Engine.Identity;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Agents;
using Sync.Engine.Services.Rooms;

namespace Sync.Engine.Tests.Commands.Agents;

/// <summary>A room's bounds × who fills them × who is refused: guests keep to half, members leave a tenth, owners can always act and remove.</summary>
public sealed class QuotaTests
{
    private static readonly RoomLimits s_limits = new()
    {
        Agents = 20,
        AgentsPerUser = 100,
        Actions = 20,
        Views = 20,
        DefinitionsPerAgent = 100,
        Entries = 100,
        RoomBytes = 20_000,
        ValueBytes = 4_000,
        MessageBytes = 500,
        DefinitionBytes = 600,
        MetaBytes = 100,
        Waits = 20,
        WaitsPerToken = 100,
        WaitsPerUser = 100,
        WaitsPerAgent = 100,
        Streams = 20,
        StreamsPerToken = 100,
        StreamsPerUser = 100,
        RequestKeys = 20,
        RequestKeysPerAgent = 100,
    };

    private static CancellationToken Cancel => EngineHost.Cancel;

    public static TheoryData<string, string> Table
    {
        get
        {
            var table = new TheoryData<string, string>();
            foreach (var quota in new[] { "agents", "actions", "views", "entries", "bytes", "waits", "streams", "request_keys" })
            {
                foreach (var party in new[] { "nobody", "let in", "member" })
                {
                    table.Add(quota, party);
                }
            }

            return table;
        }
    }

    [Theory]
    [MemberData(nameof(Table))]
    public async Task Bound_FilledByOneParty_LeavesTheOthersTheirPart(string quota, string party)
    {
        await using var host = await EngineHost.StartAsync(limits: s_limits);
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","params":{"k":"string","v":"any"},"writes":[{"key":"${params.k}","value":"${params.v}"}]}""");
        var filler = await CallerAsync(host, party, "filler");
        var member = await CallerAsync(host, "member", "mia");
        using var held = new Held();

        // To the end of what this party may have.
        SyncError? refusal = null;
        for (var number = 0; refusal is null && number < 200; number++)
        {
            refusal = await FillAsync(host, held, quota, filler, party, number);
        }

        Assert.NotNull(refusal);
        Assert.Contains(refusal.Code, new[] { ErrorCode.PayloadTooLarge, ErrorCode.RateLimited });
        Assert.Equal(refusal.Code == ErrorCode.RateLimited, refusal.RetryAfter is not null);
        Assert.Equal((quota, party == "member" ? "room" : "guests"), (refusal.Details!["limit"]!.GetValue<string>(), refusal.Details["of"]!.GetValue<string>()));
        Assert.NotEmpty(refusal.Hint!);

        // Leaving and coming again makes no more room.
        if (party == "nobody" && quota is "actions" or "views" or "entries" or "bytes")
        {
            Assert.Null((await host.Engine.Agents.RemoveAsync(filler, "r", "filler", free: false, Cancel)).Error);
            Assert.NotNull(await FillAsync(host, held, quota, await host.JoinAsync("r", "again"), party, 300));
        }

        // Members go on where guests are full, and owners where members are.
        if (party != "member")
        {
            Assert.Null(await FillAsync(host, held, quota, member, "member", 400));
        }

        Assert.Null(await FillAsync(host, held, quota, host.Owner, "owner", 500));

        // What is full after a restart was full before.
        if (quota is "actions" or "views" or "entries" or "bytes" or "request_keys" && party == "let in")
        {
            var before = (await host.LoadedAsync("r")).Published;
            await host.RestartAsync();
            var after = (await host.LoadedAsync("r")).Published;
            Assert.Equal((before.Bytes, before.EntryCount), (after.Bytes, after.EntryCount));
            Assert.Equal(before.UseByWriter.OrderBy(static use => use.Key), after.UseByWriter.OrderBy(static use => use.Key));
            Assert.NotNull(await FillAsync(host, held, quota, await host.UserAsync("filler", "rooms:*"), party, 600));
        }
    }

    [Fact]
    public async Task ThousandAnonymousJoins_DoNotKeepAnOwnerFromActing()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var joins = 0;
        while ((await JoinAsync(host, Caller.Anonymous, $"guest-{joins}")).Error is null)
        {
            joins++;
        }

        Assert.Equal(500, joins);
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"still here"}""");
        Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", "guest-0", free: false, Cancel)).Error);
        Assert.Null((await JoinAsync(host, Caller.Anonymous, "another")).Error);
    }

    [Theory]
    [InlineData("""_send_message""", """{"body":"LONG"}""", 700)]
    [InlineData("""_register_action""", """{"id":"a","description":"LONG"}""", 700)]
    [InlineData("""_register_view""", """{"id":"v","expr":"1","description":"LONG"}""", 700)]
    [InlineData("""put""", """{"k":"k","v":"LONG"}""", 4_100)]
    public async Task Size_BeyondItsBound_IsRefusedWithWhatToDo(string action, string parameters, int length)
    {
        await using var host = await EngineHost.StartAsync(limits: s_limits);
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","params":{"k":"string","v":"any"},"writes":[{"key":"${params.k}","value":"${params.v}"}]}""");

        var refused = await host.RefusedAsync(host.Owner, "r", action, parameters.Replace("LONG", new string('x', length), StringComparison.Ordinal));

        Assert.Equal(ErrorCode.PayloadTooLarge, refused.Code);
        Assert.NotEmpty(refused.Hint!);
    }

    [Fact]
    public async Task Meta_BeyondItsBound_IsRefusedAtJoinAndUpdate()
    {
        await using var host = await EngineHost.StartAsync(limits: s_limits);
        await host.RoomAsync("r");
        var meta = $$"""{"meta":"{{new string('x', 200)}}"}""";
        var bob = await host.JoinAsync("r", "bob");

        Assert.Equal(ErrorCode.PayloadTooLarge, (await host.Engine.Agents.JoinAsync(Caller.Anonymous, "r", EngineHost.Json(meta), Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.PayloadTooLarge, (await host.Engine.Agents.UpdateAsync(bob, "r", "bob", EngineHost.Json(meta), Cancel)).Error?.Code);
    }

    // Bounds of one holder, whatever room there is: which limit, who fills it, of whom it is.
    [Theory]
    [InlineData("agents", "user")]
    [InlineData("actions", "agent")]
    [InlineData("views", "agent")]
    [InlineData("waits", "agent")]
    [InlineData("waits", "token")]
    [InlineData("waits", "user")]
    [InlineData("streams", "token")]
    [InlineData("streams", "user")]
    [InlineData("request_keys", "agent")]
    public async Task Bound_OfOneOwner_CountsOnlyWhatTheyHave(string quota, string of)
    {
        var limits = of switch
        {
            "agent" => new RoomLimits { WaitsPerAgent = 3, DefinitionsPerAgent = 3, RequestKeysPerAgent = 3 },
            "token" => new RoomLimits { WaitsPerToken = 3, StreamsPerToken = 3 },
            _ => new RoomLimits { AgentsPerUser = 3, WaitsPerUser = 3, StreamsPerUser = 3 },
        };
        await using var host = await EngineHost.StartAsync(limits: limits);
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","params":{"k":"string","v":"any"},"writes":[{"key":"${params.k}","value":"${params.v}"}]}""");
        var member = await CallerAsync(host, "member", "mia");
        var another = await CallerAsync(host, "member", "max");
        using var held = new Held();

        SyncError? refusal = null;
        for (var number = 0; refusal is null && number < 10; number++)
        {
            var caller = of == "user" && quota != "agents" ? await host.UserAsync("mia", "rooms:*") : member;
            refusal = await FillAsync(host, held, quota, caller, "member", number);
        }

        Assert.NotNull(refusal?.Details);
        Assert.Equal((quota, of, 3L), (refusal.Details["limit"]!.GetValue<string>(), refusal.Details["of"]!.GetValue<string>(), refusal.Details["most"]!.GetValue<long>()));
        Assert.Null(await FillAsync(host, held, quota, another, "member", 20));
    }

    [Fact]
    public async Task TokensAndRooms_OfOneUser_AreBounded()
    {
        await using var host = await EngineHost.StartAsync(limits: new RoomLimits { TokensPerUser = 3, RoomsPerUser = 2 });
        await host.RoomAsync("r");
        await host.RoomAsync("s");

        Assert.Equal("rooms", (await host.Engine.Rooms.CreateAsync(host.Owner, new CreateRoom("t", Name: null, JoinPolicy.Open), Cancel)).Error?.Details!["limit"]!.GetValue<string>());
        SyncError? refused = null;
        for (var number = 0; refused is null && number < 5; number++)
        {
            refused = (await host.Engine.Tokens.MintAsync(host.Owner, new MintToken { Scope = "rooms:r:write" }, Cancel)).Error;
        }

        Assert.Equal(ErrorCode.PayloadTooLarge, refused?.Code);
    }

    private static async Task<Caller> CallerAsync(EngineHost host, string party, string name)
    {
        switch (party)
        {
            case "nobody":
                return await host.JoinAsync("r", name);
            case "let in":
                var guest = await host.UserAsync(name, "rooms:*");
                Assert.Null((await JoinAsync(host, guest, name)).Error);
                return guest;
            default:
                var member = await host.UserAsync(name, "rooms:*");
                Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", name, Role.Participant, Cancel)).Error);
                await host.InvokeAsync(member, "r", "_send_message", """{"body":"hi"}""");
                return member;
        }
    }

    private static async Task<SyncError?> FillAsync(EngineHost host, Held held, string quota, Caller caller, string party, int number)
    {
        switch (quota)
        {
            case "agents":
                return (await JoinAsync(host, party == "nobody" ? Caller.Anonymous : caller, $"fill-{party.Replace(" ", "-", StringComparison.Ordinal)}-{number}")).Error;
            case "actions":
                return (await host.TryInvokeAsync(caller, "r", "_register_action", $$"""{"id":"fill-{{number}}"}""")).Error;
            case "views":
                return (await host.TryInvokeAsync(caller, "r", "_register_view", $$"""{"id":"fill-{{number}}","expr":"1"}""")).Error;
            case "entries":
                return (await host.TryInvokeAsync(caller, "r", "put", $$"""{"k":"fill-{{number}}","v":1}""")).Error;
            case "bytes":
                return (await host.TryInvokeAsync(caller, "r", "put", $$"""{"k":"fill-{{number}}","v":"{{new string('x', 900)}}"}""")).Error;
            case "request_keys":
                return (await host.TryInvokeAsync(caller, "r", "put", """{"k":"same","v":1}""", requestId: $"key-{party}-{number}")).Error;
            case "streams":
                var watched = await host.Engine.Live.WatchAsync(caller, "r", Cancel);
                held.Add(watched.Error is null ? watched.Value : null);
                return watched.Error ?? (await host.Engine.Live.ChangesAsync(caller, "r", Cancel)).Error;
            default:
                var wait = host.Engine.Waits.WaitAsync(caller, "r", "state._shared.never == 1", TimeSpan.FromSeconds(25), EngineHost.Shape(""), held.Token);
                var room = await host.LoadedAsync("r");
                var parked = held.Parked;
                await EngineHost.UntilAsync(() => wait.IsCompleted || room.Waits.Count > parked);
                held.Parked += wait.IsCompleted ? 0 : 1;
                return wait.IsCompleted ? (await wait).Error : null;
        }
    }

    private static Task<Outcome<AgentJoined>> JoinAsync(EngineHost host, Caller caller, string id) =>
        host.Engine.Agents.JoinAsync(caller, "r", EngineHost.Json($$"""{"id":"{{id}}"}"""), Cancel);

    private sealed class Held : IDisposable
    {
        private readonly List<IDisposable> _watches = [];
        private readonly CancellationTokenSource _waits = new();

        public CancellationToken Token => _waits.Token;

        public int Parked { get; set; }

        public void Add(IDisposable? watch)
        {
            if (watch is not null)
            {
                _watches.Add(watch);
            }
        }

        public void Dispose()
        {
            _waits.Cancel();
            _watches.ForEach(static watch => watch.Dispose());
            _waits.Dispose();
        }
    }
}
