using System.Collections.Immutable;
using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Runtime;
using Sync.Engine.Services.Rooms;
using Sync.Engine.Tests.Services.Tokens;
using static Sync.Engine.Tests.EngineHost;

namespace Sync.Engine.Tests.Services.Rooms;

/// <summary>Lists of rooms as pages: what they give, in which order, and what they cost.</summary>
public sealed class RoomListTests
{
    /// <summary>
    /// The list is walked in pages of a few while rooms are made, deleted, handed out and taken away at random, the room at which a page ended among them. What was there all
    /// the while is given once; what was never there, never; all in order.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Pages_WalkedWhileRoomsComeAndGo_GiveEachRoomOnceInOrder(int seed)
    {
        var random = new Random(seed);
        var clock = Clock();
        await using var host = await StartAsync(clock, new RoomLimits { RoomsPerUser = 1_000 });
        await host.UserAsync("ben", "rooms:*");
        for (var i = 0; i < 25; i++)
        {
            await ComeAsync(host, clock, random, i);
        }

        var named = string.Join(' ', Enumerable.Range(0, 60).Where(i => i % 3 == 0).Select(i => $"rooms:r{i}:read"));
        var narrowed = host.Engine.Embodiments.Open(host.Owner, "walker");
        foreach (var restricted in (string[])["r1", "r2"])
        {
            narrowed.Change(restricted, seat => seat with { Max = AccessLevel.None });
        }

        Caller[] callers =
        [
            host.Owner, await host.UserAsync("olga", "rooms:*:read"), await host.UserAsync("olga", named), await host.UserAsync("olga", "create_rooms"), host.Owner.In(narrowed),
            await host.UserAsync("ben", "rooms:*"), await host.SessionAsync("ben"), Caller.System("test", AccessLevel.Read),
        ];
        var next = 25;
        foreach (var caller in callers)
        {
            var always = Visible(host, caller);
            var ever = always;
            List<RoomInfo> walked = [];
            string? after = null;
            do
            {
                var page = host.Engine.Rooms.Page(caller, after, random.Next(1, 5)).Value;
                walked.AddRange(page.Rooms);
                Assert.Equal(Visible(host, caller).Count, page.Total);
                after = page.Rooms.Count < page.Left ? RoomPage.EndAt(page.Rooms[^1]) : null;
                for (var changes = random.Next(3); changes > 0; changes--)
                {
                    await (random.Next(4) switch
                    {
                        0 => ComeAsync(host, clock, random, next++),
                        1 => GoAsync(host, page.Rooms.Count > 0 && random.Next(2) == 0 ? page.Rooms[^1].Id : Any(host, random)),
                        2 => host.GiveRoleAsync(Any(host, random)!, "ben", Role.Participant),
                        _ => host.Engine.Rooms.RemoveMemberAsync(host.Owner, Any(host, random)!, "ben", Cancel),
                    });
                    var now = Visible(host, caller);
                    always = always.Intersect(now);
                    ever = ever.Union(now);
                }
            }
            while (after is not null);

            Assert.Equal(walked.Count, walked.Select(static room => room.Id).Distinct().Count());
            Assert.Equal(walked.OrderByDescending(static room => room.CreatedAt).ThenBy(static room => room.Id, StringComparer.Ordinal).Select(static room => room.Id), walked.Select(static room => room.Id));
            Assert.Empty(always.Except(walked.Select(static room => room.Id)));
            Assert.Empty(walked.Select(static room => room.Id).Except(ever));
        }

        var before = Shape(host);
        AssertIndexed(host);
        await host.RestartAsync();
        AssertIndexed(host);
        Assert.Equal(before, Shape(host));
    }

    [Theory]
    [InlineData("")]
    [InlineData("rooms:r1:read rooms:r3")]
    public async Task Page_AfterARoomThatIsGone_GoesOnWhereItStood(string scope)
    {
        var clock = Clock();
        await using var host = await StartAsync(clock);
        for (var i = 0; i < 4; i++)
        {
            await host.RoomAsync($"r{i}");
            clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        var caller = scope.Length == 0 ? host.Owner : await host.UserAsync("olga", scope);
        var first = host.Engine.Rooms.Page(caller, after: null, limit: 1).Value;
        await host.Engine.Rooms.DeleteAsync(host.Owner, first.Rooms[0].Id, Cancel);

        Assert.Equal(scope.Length == 0 ? ["r2", "r1", "r0"] : ["r1"], Ids(host, caller, RoomPage.EndAt(first.Rooms[0])));
        Assert.Equal("invalid_parameter", host.Engine.Rooms.Page(caller, first.Rooms[0].Id, 10).Error?.Code.Name);
        Assert.Equal("invalid_parameter", host.Engine.Rooms.Page(caller, "no id@at all", 10).Error?.Code.Name);
    }

    /// <summary>An id alone is a place too, as it was before places outlived their rooms.</summary>
    [Fact]
    public async Task Page_AfterAnId_BeginsBehindThatRoom()
    {
        await using var host = await StartAsync(Clock());
        foreach (var id in (string[])["a", "b", "c"])
        {
            await host.RoomAsync(id);
        }

        Assert.Equal(["c"], Ids(host, host.Owner, "b"));
    }

    /// <summary>Bytes are counted because they say the same on every machine: what looks at every room allocates by the room, or keeps a list of them.</summary>
    [Fact]
    public async Task Page_OfManyRooms_CostsWhatStandsOnIt()
    {
        await using var few = await StartAsync();
        await few.AddManyAsync(200);
        await using var many = await StartAsync();
        await many.AddManyAsync(5_000);

        foreach (var list in (Action<EngineHost>[])
        [
            static host => host.Engine.Rooms.Page(host.Owner, after: null, limit: 20),
            static host => host.Engine.Rooms.Page(host.Owner, "many-100", limit: 20),
            static host => host.Engine.Rooms.Search(host.Owner, "room", limit: 20),
            static host => host.Engine.Rooms.BeginningWith(host.Owner, "many", limit: 20),
            static host => host.Engine.Rooms.Invitations(host.Owner),
        ])
        {
            Assert.InRange(Allocated(many, list), 0, Allocated(few, list) * 2);
        }
    }

    [Theory]
    [InlineData("", 3, "c b a", 3)]
    [InlineData("", 2, "c b", 3)]
    [InlineData("PLAN", 3, "c a", 2)]
    [InlineData("a launch", 3, "a", 1)]
    [InlineData("nothing", 3, "", 0)]
    public async Task Activity_OfASearch_FindsInIdAndNameAndSaysHowMany(string search, int limit, string found, int total)
    {
        var clock = Clock();
        await using var host = await StartAsync(clock);
        foreach (var (id, name) in new[] { ("a", "Launch plan"), ("b", "Other"), ("c", "planning") })
        {
            Assert.Null((await host.Engine.Rooms.CreateAsync(host.Owner, new CreateRoom(id, name, Join: null), Cancel)).Error);
            clock.Advance(TimeSpan.FromMinutes(1));
        }

        foreach (var restarted in (bool[])[false, true])
        {
            if (restarted)
            {
                await host.RestartAsync();
            }

            var list = (await host.Engine.Rooms.ActivityAsync(host.Owner, new ActivityRequest { Search = search, MaxLive = 10, MaxQuiet = limit }, Cancel)).Value;
            Assert.Equal(found, string.Join(' ', list.Quiet.Select(static room => room.Room.Id)));
            Assert.Equal(total, list.QuietTotal);
        }
    }

    /// <summary>Rooms in memory and rooms on disk are one list: by the last event, wherever a room is.</summary>
    [Fact]
    public async Task Activity_OfRoomsInMemoryAndOnDisk_IsInTheOrderOfLastEvents()
    {
        var clock = Clock();
        await using var host = await StartAsync(clock);
        for (var i = 0; i < 6; i++)
        {
            await host.RoomAsync($"r{i}");
            await host.SettleAsync($"r{i}");
            clock.Advance(TimeSpan.FromMinutes(1));
        }

        await host.RestartAsync();
        await host.LoadedAsync("r4");
        await host.InvokeAsync(host.Owner, "r1", "_send_message", """{"body":"hello"}""");
        await host.SettleAsync("r1");
        clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal("r1 r5 r4 r3 r2 r0", await QuietAsync(host));
        var room = await host.LoadedAsync("r1");
        await host.AdvanceAsync("r4", TimeSpan.FromMinutes(30));
        await UntilAsync(() => room.IsDisposed || !Tick(clock));

        Assert.Equal("r1 r5 r4 r3 r2 r0", await QuietAsync(host));
        Assert.Equal("r5 r3 r2 r0", await QuietAsync(host, "r4", "r1"));
    }

    /// <summary>Whoever is made an owner unasked owns nothing yet: others could use up what one may own.</summary>
    [Fact]
    public async Task Rooms_GivenUnasked_DoNotCountAsOnesOwn()
    {
        await using var host = await StartAsync(limits: new RoomLimits { RoomsPerUser = 2 });
        var ben = await host.UserAsync("ben", "rooms:* create_rooms");
        foreach (var room in (string[])["a", "b"])
        {
            await host.RoomAsync(room);
            Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, room, "ben", Role.Owner, Cancel)).Error);
        }

        Assert.Null((await host.Engine.Rooms.CreateAsync(ben, new CreateRoom("mine", Name: null, Join: null), Cancel)).Error);
        await host.GiveRoleAsync("a", "ben", Role.Owner);
        Assert.Equal("payload_too_large", (await host.Engine.Rooms.CreateAsync(ben, new CreateRoom("more", Name: null, Join: null), Cancel)).Error?.Code.Name);
    }

    private static bool Tick(FakeTimeProvider clock)
    {
        clock.Advance(TimeSpan.FromSeconds(5));
        return true;
    }

    private static async Task<string> QuietAsync(EngineHost host, params string[] pinned)
    {
        var list = (await host.Engine.Rooms.ActivityAsync(host.Owner, new ActivityRequest { Pinned = pinned, MaxLive = 10, MaxQuiet = 10 }, Cancel)).Value;
        Assert.Equal(pinned.Order(), list.Pinned.Select(static room => room.Room.Id).Order());
        Assert.Empty(list.Live);
        return string.Join(' ', list.Quiet.Select(static room => room.Room.Id));
    }

    private static async Task ComeAsync(EngineHost host, FakeTimeProvider clock, Random random, int number)
    {
        // Some in the same millisecond: then the id decides.
        clock.Advance(TimeSpan.FromMilliseconds(random.Next(2)));
        await host.RoomAsync($"r{number}");
    }

    private static async Task GoAsync(EngineHost host, string? room)
    {
        if (room is not null)
        {
            await host.Engine.Rooms.DeleteAsync(host.Owner, room, Cancel);
        }
    }

    private static string Any(EngineHost host, Random random) => host.Engine.Directory.All.OrderBy(static room => room.Id, StringComparer.Ordinal).ElementAt(random.Next(host.Engine.Directory.All.Count())).Id;

    // The rule, asked of every room there is.
    private static ImmutableHashSet<string> Visible(EngineHost host, Caller caller) =>
        [.. host.Engine.Directory.All.Where(room => host.Engine.IdentityCache.Of(caller, room).Level >= AccessLevel.Read && !room.IsPendingFor(caller)).Select(static room => room.Id)];

    private static IEnumerable<string> Ids(EngineHost host, Caller caller, string after) => host.Engine.Rooms.Page(caller, after, limit: 10).Value.Rooms.Select(static room => room.Id);

    private static void AssertIndexed(EngineHost host)
    {
        var records = host.Engine.Directory.All.ToList();
        Assert.Equal([.. records.Select(RoomPosition.ByAge).Order()], [.. host.Engine.Directory.Index.All.ByAge]);
        foreach (var user in records.SelectMany(static room => room.Members.Keys).Distinct())
        {
            var rooms = host.Engine.Directory.Index.Of(user);
            var settled = records.Where(room => room.Members.TryGetValue(user, out var member) && !member.Pending).ToList();
            Assert.Equal([.. settled.Select(RoomPosition.ByAge).Order()], [.. rooms.ByAge]);
            Assert.Equal([.. settled.Select(host.Engine.Directory.Index.ByActivity).Order()], [.. rooms.ByActivity]);
            Assert.Equal([.. records.Where(room => room.Members.TryGetValue(user, out var member) && member.Pending).Select(RoomPosition.ByAge).Order()], [.. rooms.Pending]);
            Assert.Equal(settled.Count(room => room.Members[user].Role == Role.Owner), rooms.Owned);
        }
    }

    private static string Shape(EngineHost host) => string.Join(' ', host.Engine.Directory.Index.All.ByAge.Select(static place => place.Id));

    private static long Allocated(EngineHost host, Action<EngineHost> list)
    {
        list(host);
        var before = GC.GetAllocatedBytesForCurrentThread();
        list(host);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
