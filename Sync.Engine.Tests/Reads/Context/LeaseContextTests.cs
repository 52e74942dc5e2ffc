using System.Text.Json.Nodes;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Context;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Reads.Context;

/// <summary>The leases of a context: there only where any is held, one's own whole, of those of others as many as help.</summary>
public sealed class LeaseContextTests : IAsyncLifetime
{
    private EngineHost _host = null!;
    private Caller _ann = null!;
    private Caller _bob = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await EngineHost.StartAsync(EngineHost.Clock(), new RoomLimits { LeasesPerAgent = 100_000 });
        await _host.RoomAsync("r");
        (_ann, _bob) = (await _host.JoinAsync("r", "ann"), await _host.JoinAsync("r", "bob"));
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Context_OfARoomWithoutLeases_HasNoSuchSection()
    {
        var whole = await _host.ContextAsync(_ann, "r");
        var asked = await _host.ContextAsync(_ann, "r", "only=leases");

        Assert.False(whole.ContainsKey("leases"));
        Assert.DoesNotContain("leases", Sections(whole));
        Assert.Equal(("{}", "leases"), (asked["leases"]!.ToJsonString(), Sections(asked)));
    }

    [Fact]
    public async Task Context_HasOwnLeasesWholeAndThoseOfOthersInShort()
    {
        await ClaimThreeAsync();

        var context = await _host.ContextAsync(_ann, "r");
        var other = await _host.ContextAsync(_bob, "r", "only=leases");
        var full = await _host.ContextAsync(_bob, "r", "only=leases.task:3&depth=full");

        Assert.EndsWith("leases", Sections(context), StringComparison.Ordinal);
        JsonAssert.Equal($$"""{"holder":"ann","mine":true,"fence":{{await FenceAsync("task:3")}},"taken_at":"2026-03-01T12:00:00Z","expires_at":"2026-03-01T12:01:00Z","note":"parser"}""", context["leases"]!["task:3"]!);
        JsonAssert.Equal("""{"holder":"bob","expires_at":"2026-03-01T12:15:00Z"}""", context["leases"]!["task:4"]!);
        JsonAssert.Equal($$"""{"holder":"ann","mode":"shared","holders":["ann","bob"],"mine":true,"fence":{{await FenceAsync("docs")}},"taken_at":"2026-03-01T12:00:00Z","expires_at":"2026-03-01T12:15:00Z"}""", context["leases"]!["docs"]!);
        Assert.Equal("bob", other["leases"]!["docs"]!["holder"].Text());
        JsonAssert.Equal("""{"holder":"ann","expires_at":"2026-03-01T12:01:00Z","note":"parser"}""", other["leases"]!["task:3"]!);
        JsonAssert.Equal($$"""{"holder":"ann","fence":{{await FenceAsync("task:3")}},"taken_at":"2026-03-01T12:00:00Z","expires_at":"2026-03-01T12:01:00Z","note":"parser","via":"_claim"}""", full["leases"]!["task:3"]!);
    }

    [Theory]
    [InlineData("only=leases.task:4", "task:4")]
    [InlineData("only=leases[\"task:4\"],leases.docs", "docs task:4")]
    [InlineData("only=leases", "docs task:3 task:4")]
    [InlineData("include=leases", "docs task:3 task:4")]
    [InlineData("only=leases&limit=1", "docs")]
    [InlineData("only=leases&limit=1&after=docs", "task:3")]
    public async Task Only_Leases_GivesThoseAndNothingElse(string query, string keys)
    {
        await ClaimThreeAsync();

        var context = await _host.ContextAsync(_bob, "r", query);

        Assert.Equal(keys.Split(' '), context["leases"].Names().Order(StringComparer.Ordinal));
        Assert.False(context.ContainsKey("state"));
    }

    [Fact]
    public async Task Only_AKeyThatNobodyHolds_SaysSoAndWhatMayBeMeant()
    {
        await ClaimThreeAsync();

        var note = (await _host.ContextAsync(_bob, "r", "only=leases.doc"))["_context"]!["elided"]!.AsArray().Single()!;

        Assert.Equal(("leases", "doc", "absent", "leases.docs"), (note["section"].Text(), note["name"].Text(), note["reason"].Text(), note["did_you_mean"].Text()));
    }

    [Fact]
    public async Task Since_GivesLeasesThatChangedAndTellsOfThoseThatEnded()
    {
        await ClaimThreeAsync();
        var seq = (await _host.ContextAsync(_bob, "r"))["_context"]!["seq"].Number();

        await _host.InvokeAsync(_ann, "r", "_release", """{"key":"task:3"}""");
        await _host.InvokeAsync(_bob, "r", "_claim", """{"key":"task:4","note":"nearly done"}""");
        var changed = await _host.ContextAsync(_ann, "r", $"since={seq}");
        foreach (var (caller, key) in ((Caller, string)[])[(_bob, "task:4"), (_ann, "docs"), (_bob, "docs")])
        {
            await _host.InvokeAsync(caller, "r", "_release", $$"""{"key":"{{key}}"}""");
        }

        var none = await _host.ContextAsync(_ann, "r", $"since={seq}");

        Assert.Equal(["task:4"], changed["leases"].Names());
        Assert.Equal("""[{"scope":"_leases","key":"task:3"}]""", changed["removed"]!.ToJsonString());
        Assert.False(none.ContainsKey("leases"));
        Assert.Equal(["docs", "task:3", "task:4"], none["removed"]!.AsArray().Select(one => one!["key"].Text()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task At_APastEvent_ShowsWhatWasHeldThen()
    {
        await ClaimThreeAsync();
        var seq = (await _host.ContextAsync(_bob, "r"))["_context"]!["seq"].Number();
        await _host.AdvanceAsync("r", TimeSpan.FromHours(1));
        Assert.False((await _host.ContextAsync(_ann, "r")).ContainsKey("leases"));

        var then = await _host.ContextAsync(_ann, "r", $"at={seq}&only=leases");

        Assert.Equal(["docs", "task:3", "task:4"], then["leases"].Names());
        Assert.Equal("2026-03-01T12:01:00Z", then["leases"]!["task:3"]!["expires_at"]!.ToJsonString().Trim('"'));
        Assert.Null(then["leases"]!["task:4"]!["expires_at"]);
    }

    // Of the past nobody knows the signs of life of then, which kept it.
    [Fact]
    public async Task At_APastEvent_OffersWhatALeaseOfThenGave()
    {
        await _host.InvokeAsync(_ann, "r", "_claim", """{"key":"task:4"}""");
        await _host.RegisterAsync(_ann, "r", """{"id":"work","lease":"task:4","writes":[{"key":"k","value":1}]}""");
        await _host.AdvanceAsync("r", TimeSpan.FromMinutes(10));
        await _host.ContextAsync(_ann, "r");
        await _host.AdvanceAsync("r", TimeSpan.FromMinutes(10));
        await _host.InvokeAsync(_bob, "r", "_send_message", """{"body":"x"}""");
        var seq = (await _host.ContextAsync(_bob, "r"))["_context"]!["seq"].Number();
        await _host.InvokeAsync(_bob, "r", "_send_message", """{"body":"y"}""");

        var then = await _host.ContextAsync(_ann, "r", $"at={seq}&only=leases,actions");

        Assert.Equal(["task:4"], then["leases"].Names());
        Assert.True(then["actions"]!["work"]!["available"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Context_OfALeaseThatIsOver_DoesNotWaitForTheLog()
    {
        await ClaimThreeAsync();
        var room = await _host.LoadedAsync("r");
        var late = room.Now with { Now = room.Now.Now.AddSeconds(60) };

        Assert.Equal(["docs", "task:4"], Engine.Model.Leases.LiveLeases.All(late).Select(lease => lease.Key));
        Assert.Equal(3, late.State.Leases.Count);
    }

    [Fact]
    public async Task Compact_DropsWhatIsEmpty()
    {
        await ClaimThreeAsync();
        var seq = (await _host.ContextAsync(_bob, "r"))["_context"]!["seq"].Number();
        await _host.InvokeAsync(_bob, "r", "_send_message", """{"body":"x"}""");

        Assert.False((await _host.ContextAsync(_bob, "r", $"at={seq}&only=leases&compact=true"))["leases"]!["task:4"]!.AsObject().ContainsKey("expires_at"));
    }

    [Fact]
    public async Task Context_OfARoomWithThousands_HasAllOwnAndSomeOfTheOthersAndTheQueryOfTheRest()
    {
        await ClaimAsync(_bob, 120);
        await ClaimAsync(_ann, 70);

        var context = await _host.ContextAsync(_ann, "r");
        var lean = EngineHost.Node((await _host.Engine.Context.ReadAsync(_ann, "r", EngineHost.Shape("") with { IsLean = true }, EngineHost.Cancel)).Value);
        var note = context["_context"]!["elided"]!.AsArray().Single(one => one!["section"].Text() == "leases")!;
        var rest = await _host.ContextAsync(_ann, "r", EngineHost.QueryOf(note["query"].Text()));

        Assert.Equal((70, 10), Count(context));
        Assert.Equal((70, 10), Count(lean));
        Assert.Equal((80, 110), (note["shown"].Number(), note["missing"].Number()));
        Assert.Equal((70, 120), Count(rest));
        Assert.Empty(rest["_context"]!["elided"]!.AsArray());
    }

    [Fact]
    public async Task Budget_KeepsOwnLeasesBeforeThoseOfOthers()
    {
        await ClaimAsync(_bob, 60, note: new string('x', 400));
        await ClaimAsync(_ann, 3);

        var context = await _host.ContextAsync(_ann, "r", "budget=1200");

        Assert.Equal(3, Count(context).Own);
        Assert.True(Count(context).Others < 10);
        Assert.Contains(context["_context"]!["elided"]!.AsArray(), one => one!["section"].Text() == "leases");
        Assert.Contains("held", context["_context"]!["salience"]!.AsArray().First(one => one!["kept"]?.AsArray().Any(name => name.Text() == "leases.ann:0") is true)!["why"]!.AsArray().Select(why => why.Text()));
    }

    [Fact]
    public async Task Page_OfLeases_GoesThroughAllOfThem()
    {
        await ClaimAsync(_bob, 25);
        var seen = new List<string>();
        var query = "only=leases&limit=10";
        for (var pages = 0; pages < 3; pages++)
        {
            var page = await _host.ContextAsync(_ann, "r", query);
            seen.AddRange(page["leases"].Names());
            query = page["_context"]!["elided"]!.AsArray().SingleOrDefault() is { } note ? EngineHost.QueryOf(note["query"].Text()) : "";
        }

        Assert.Equal("", query);
        Assert.Equal(Enumerable.Range(0, 25).Select(n => $"bob:{n}").Order(StringComparer.Ordinal), seen);
    }

    [Fact]
    public async Task Poll_HasLeasesWhereThereAreAny()
    {
        Assert.False((await PollAsync()).ContainsKey("leases"));
        await ClaimThreeAsync();

        var leases = (await PollAsync())["leases"]!;

        Assert.Equal(["docs", "task:3", "task:4"], leases.Names().Order(StringComparer.Ordinal));
        Assert.Equal("parser", leases["task:3"]!["note"].Text());
    }

    [Fact]
    public async Task PageModel_HasLeases_AndKeepsTheObjectWhileTheyAreTheSame()
    {
        await ClaimThreeAsync();
        using var watch = (await _host.Engine.Live.WatchAsync(_ann, "r", EngineHost.Cancel)).Value;
        var first = watch.Current;
        await _host.InvokeAsync(_bob, "r", "_send_message", """{"body":"x"}""");
        var second = (await _host.Engine.Live.AtAsync(_ann, "r", first.Seq, EngineHost.Cancel)).Value;
        using var later = (await _host.Engine.Live.WatchAsync(_ann, "r", EngineHost.Cancel)).Value;

        Assert.Equal(["docs", "task:3", "task:4"], first.Leases.Select(lease => lease.Key));
        Assert.Equal([true, true, false], first.Leases.Select(lease => lease.IsOwn));
        Assert.Equal(3, first.LeaseCount);
        Assert.NotEqual(first.Seq, later.Current.Seq);
        Assert.Equal(first.Leases, later.Current.Leases);
        Assert.Equal(["docs", "task:3", "task:4"], second.Leases.Select(lease => lease.Key));
    }

    private static (int Own, int Others) Count(JsonObject context) =>
        (context["leases"]!.AsObject().Count(one => one.Value!["mine"] is not null), context["leases"]!.AsObject().Count(one => one.Value!["mine"] is null));

    private static string Sections(JsonObject context) => string.Join(' ', context["_context"]!["sections"]!.AsArray().Select(section => section.Text()));

    private async Task<long> FenceAsync(string key) => (await _host.LoadedAsync("r")).Published.Leases.Find(key)!.First.Fence;

    private async Task<JsonObject> PollAsync() => EngineHost.Node((await _host.Engine.Context.PollAsync(_ann, "r", MessageSelection.All, 10, 10, EngineHost.Cancel)).Value);

    private async Task ClaimThreeAsync()
    {
        await _host.InvokeAsync(_ann, "r", "_claim", """{"key":"task:3","ttl_ms":60000,"note":"parser"}""");
        await _host.InvokeAsync(_bob, "r", "_claim", """{"key":"task:4"}""");
        await _host.InvokeAsync(_ann, "r", "_claim", """{"key":"docs","mode":"shared"}""");
        await _host.InvokeAsync(_bob, "r", "_claim", """{"key":"docs","mode":"shared"}""");
    }

    private async Task ClaimAsync(Caller caller, int count, string note = "")
    {
        var agent = caller == _ann ? "ann" : "bob";
        for (var n = 0; n < count; n++)
        {
            await _host.InvokeAsync(caller, "r", "_claim", $$"""{"key":"{{agent}}:{{n}}","note":"{{(note.Length > 0 ? note : "work")}}"}""");
        }
    }
}
