using System.Text.Json.Nodes;
using Sync.Engine.Identity;

namespace Sync.Engine.Tests.Reads.History;

/// <summary>A view's value over time.</summary>
public sealed class SamplesTests
{
    private const string Set = """{"id":"set","params":{"key":{"type":"string"},"v":{}},"writes":[{"key":"${params.key}","value":"${params.v}"}]}""";
    private const string Note = """{"id":"note","params":{"v":{}},"writes":[{"scope":"${self}","key":"n","value":"${params.v}"}]}""";

    [Fact]
    public async Task Samples_OfAView_HaveOneForEachChangeOfItsValue()
    {
        await using var host = await RoomAsync("""{"id":"n","expr":"state._shared.n"}""");
        var alice = await host.JoinAsync("r", "alice");
        await SetAsync(host, alice, "n", "1");
        await SetAsync(host, alice, "other", "5");
        await SetAsync(host, alice, "n", "1");
        await SetAsync(host, alice, "n", "2");
        await host.RestartAsync();

        var series = await SeriesAsync(host, host.Owner, "n");

        Assert.Equal("null 1 2", Values(series));
        var seqs = series["samples"]!.AsArray().Select(s => s!["seq"].Number()).ToList();
        Assert.Equal(seqs.Order(), seqs);
        Assert.Null(series["thinned"]);
    }

    [Fact]
    public async Task Samples_OfAViewRegisteredAnew_AreWhatItGaveThen()
    {
        await using var host = await RoomAsync("""{"id":"n","expr":"state._shared.n"}""");
        var alice = await host.JoinAsync("r", "alice");
        await SetAsync(host, alice, "n", "1");
        await host.ViewAsync(host.Owner, "r", """{"id":"n","expr":"state._shared.n * 100"}""");
        await SetAsync(host, alice, "n", "2");

        Assert.Equal("null 1 100 200", Values(await SeriesAsync(host, host.Owner, "n")));
    }

    [Fact]
    public async Task Samples_ThroughAnotherView_FollowWhatThatReads()
    {
        await using var host = await RoomAsync("""{"id":"inner","expr":"state._shared.n"}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"outer","expr":"views.inner"}""");
        var alice = await host.JoinAsync("r", "alice");
        await SetAsync(host, alice, "n", "7");

        Assert.Equal("null 7", Values(await SeriesAsync(host, host.Owner, "outer")));
    }

    [Fact]
    public async Task Samples_MoreThanTheLimit_AreEvenWithBothEnds()
    {
        await using var host = await RoomAsync("""{"id":"n","expr":"state._shared.n"}""");
        var alice = await host.JoinAsync("r", "alice");
        for (var i = 0; i <= 100; i++)
        {
            await SetAsync(host, alice, "n", i.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        var series = await SeriesAsync(host, host.Owner, "n", limit: 11);

        var values = series["samples"]!.AsArray().Select(s => s!["value"]).ToList();
        Assert.InRange(values.Count, 6, 11);
        Assert.Equal("100", values[^1]!.ToJsonString());
        Assert.True(series["thinned"]!.GetValue<bool>());
        var steps = values.Skip(1).Select(v => (double)v!.GetValue<double>()).ToList();
        Assert.True(steps.Zip(steps.Skip(1), (a, b) => b - a).Max() <= 25, string.Join(' ', steps));
    }

    [Fact]
    public async Task Samples_Since_BeginThere()
    {
        await using var host = await RoomAsync("""{"id":"n","expr":"state._shared.n"}""");
        var alice = await host.JoinAsync("r", "alice");
        await SetAsync(host, alice, "n", "1");
        var seq = (await host.InvokeAsync(alice, "r", "set", """{"key":"n","v":2}"""))["seq"].Number();
        await SetAsync(host, alice, "n", "3");

        var series = await SeriesAsync(host, host.Owner, "n", since: seq);

        Assert.Equal("2 3", Values(series));
        Assert.Equal(seq, series["from"].Number());
    }

    [Fact]
    public async Task Samples_OfAViewThatPublishesPrivateState_ShowWhatItPublishedAndNoMore()
    {
        await using var host = await RoomAsync("""{"id":"n","expr":"1"}""");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        await host.InvokeAsync(alice, "r", "note", """{"v":"before"}""");
        await host.ViewAsync(alice, "r", """{"id":"shown","scope":"alice","expr":"state[\"alice\"].n"}""");
        await host.InvokeAsync(alice, "r", "note", """{"v":"after"}""");

        // What alice kept to herself before she published it stays hers, but for what stood at that moment.
        Assert.Equal("\"before\" \"after\"", Values(await SeriesAsync(host, bob, "shown")));
    }

    [Theory]
    [InlineData("nothing", null, 10, "view_not_found")]
    [InlineData("n", -1L, 10, "invalid_parameter")]
    [InlineData("n", 9999L, 10, "invalid_parameter")]
    [InlineData("n", null, 0, "invalid_parameter")]
    [InlineData("n", null, 501, "invalid_parameter")]
    public async Task Samples_AskedWrongly_AreRefused(string view, long? since, int limit, string code)
    {
        await using var host = await RoomAsync("""{"id":"n","expr":"1"}""");

        Assert.Equal(code, (await host.Engine.History.SamplesAsync(host.Owner, "r", view, since, limit, EngineHost.Cancel)).Error?.Code.Name);
    }

    [Fact]
    public async Task Samples_ByAStranger_AreDenied()
    {
        await using var host = await RoomAsync("""{"id":"n","expr":"1"}""");
        var stranger = await host.UserAsync("sam", "rooms:*");

        Assert.Equal("scope_denied", (await host.Engine.History.SamplesAsync(stranger, "r", "n", null, 10, EngineHost.Cancel)).Error?.Code.Name);
        Assert.Equal("authentication_required", (await host.Engine.History.SamplesAsync(Caller.Anonymous, "r", "n", null, 10, EngineHost.Cancel)).Error?.Code.Name);
    }

    private static async Task<EngineHost> RoomAsync(string view)
    {
        var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        await host.RegisterAsync(host.Owner, "r", Note);
        await host.ViewAsync(host.Owner, "r", view);
        return host;
    }

    private static Task SetAsync(EngineHost host, Caller caller, string key, string value) =>
        host.InvokeAsync(caller, "r", "set", $$"""{"key":"{{key}}","v":{{value}}}""");

    private static async Task<JsonObject> SeriesAsync(EngineHost host, Caller caller, string view, long? since = null, int limit = 120) =>
        EngineHost.Node((await host.Engine.History.SamplesAsync(caller, "r", view, since, limit, EngineHost.Cancel)).Value);

    private static string Values(JsonObject series) => string.Join(' ', series["samples"]!.AsArray().Select(s => s!["value"]?.ToJsonString() ?? "null"));
}
