using System.Text.Json.Nodes;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Tests.Services.History;

/// <summary>Finding words in a room: everything its log shows the reader, and nothing else.</summary>
public sealed class SearchTests
{
    private const string Set = """{"id":"set","params":{"key":{"type":"string"},"v":{}},"writes":[{"scope":"_notes","key":"${params.key}","value":"${params.v}"}]}""";
    private const string Keep = """{"id":"keep","params":{"v":{}},"writes":[{"scope":"${self}","key":"diary","value":"${params.v}"}]}""";
    private const string Hush = """{"id":"hush","params":{"v":{"type":"string","secret":true}},"writes":[{"scope":"${self}","key":"pin","value":"${params.v}"}]}""";

    [Theory]
    [InlineData("fence", "message messages.1", "state state._notes.t1")]
    [InlineData("FENCE paint", "message messages.1", "state state._notes.t1")]
    [InlineData("fence mow")]
    [InlineData("turnout", "view views.turnout")]
    [InlineData("carefully", "action actions.set")]
    [InlineData("Zaun 😀", "state state._notes[\"a b\"]")]
    [InlineData("precondition_failed never", "log log")]
    [InlineData("_notes t1", "state state._notes.t1")]
    public async Task Words_InEveryKindOfThing_AreFoundWithWhere(string query, params string[] found)
    {
        await using var host = await WithWordsAsync();

        var results = Results(await SearchAsync(host, host.Owner, query));

        Assert.Equal(found.Order(StringComparer.Ordinal), results.Select(result => result["kind"].Text() == "log" ? "log log" : $"{result["kind"].Text()} {result["where"].Text()}").Distinct().Order(StringComparer.Ordinal));
        Assert.All(results, result => Assert.Contains(query.Split(' ')[^1], result["snippet"].Text() + result["where"].Text(), StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Results_AreNewestFirstAndSayWhatIsStillSo()
    {
        await using var host = await EngineHost.StartAsync();
        var alice = await RoomAsync(host);
        await host.InvokeAsync(alice, "r", "set", """{"key":"k","v":"apple one"}""");
        await host.InvokeAsync(alice, "r", "set", """{"key":"k","v":"apple two"}""");
        await host.InvokeAsync(alice, "r", "set", """{"key":"other","v":"apple three"}""");

        var results = Results(await SearchAsync(host, alice, "apple"));

        Assert.Equal(["value: apple three|true", "value: apple two|true", "value: apple one|false"], results.Select(result => $"{result["snippet"].Text()}|{result["current"]!.ToJsonString()}"));
        Assert.Equal(results.Select(result => result["seq"].Number()).OrderDescending(), results.Select(result => result["seq"].Number()));
    }

    [Fact]
    public async Task Pages_GiveEachResultOnce()
    {
        await using var host = await EngineHost.StartAsync();
        var alice = await RoomAsync(host);
        await host.RegisterAsync(alice, "r", """{"id":"three","writes":[{"scope":"_notes","key":"a","value":"pear"},{"scope":"_notes","key":"b","value":"pear"},{"scope":"_notes","key":"c","value":"pear"}]}""");
        for (var i = 0; i < 4; i++)
        {
            await host.InvokeAsync(alice, "r", "three");
        }

        var whole = Results(await SearchAsync(host, alice, "pear", limit: 100)).Select(Place).ToList();
        foreach (var limit in (int[])[1, 2, 3, 4, 7])
        {
            var paged = new List<string>();
            for (long? before = null; ;)
            {
                var page = await SearchAsync(host, alice, "pear", before, limit);
                Assert.True(Results(page).Count <= limit);
                paged.AddRange(Results(page).Select(Place));
                before = page["next_before"]?.Number();
                if (before is null)
                {
                    break;
                }
            }

            // A page too small for what one event wrote has its first ones.
            Assert.Equal(limit >= 3 ? whole : whole.Where((_, index) => index >= 12 || index % 3 < limit), paged);
        }

        static string Place(JsonNode result) => $"{result["seq"].Number()} {result["where"].Text()}";
    }

    [Fact]
    public async Task Words_OutsideSight_AreFoundByNobodyElse()
    {
        await using var host = await EngineHost.StartAsync();
        var alice = await RoomAsync(host);
        var bob = await host.JoinAsync("r", "bob");
        await host.InvokeAsync(alice, "r", "keep", """{"v":{"quince":"medlar"}}""");
        await host.InvokeAsync(alice, "r", "hush", """{"v":"elderberry"}""");
        await host.RefusedAsync(alice, "r", "never", """{"x":"mulberry"}""");
        var view = await host.CallerAsync((await host.Engine.Rooms.CreateAsync(host.Owner, new("v", null, null), EngineHost.Cancel)).Value.ViewToken);

        Assert.Equal("state.alice.diary", Assert.Single(Results(await SearchAsync(host, alice, "quince medlar")))["where"].Text());
        foreach (var word in (string[])["quince", "medlar", "diary", "mulberry", "pin"])
        {
            Assert.DoesNotContain(Results(await SearchAsync(host, bob, word)), result => result["kind"].Text() != "action");
        }

        Assert.Empty(Results(await SearchAsync(host, bob, "elderberry")));
        Assert.Equal("state.alice.pin", Assert.Single(Results(await SearchAsync(host, alice, "elderberry")))["where"].Text());

        Assert.Empty(Results(EngineHost.Node((await host.Engine.History.SearchAsync(view, "v", "quince", before: null, 20, EngineHost.Cancel)).Value)));
    }

    [Fact]
    public async Task Words_OfAnAgentThatWasRemoved_AreForOwnersOnly()
    {
        await using var host = await EngineHost.StartAsync();
        var alice = await RoomAsync(host);
        await host.InvokeAsync(alice, "r", "keep", """{"v":"quince"}""");
        await host.Engine.Agents.RemoveAsync(host.Owner, "r", "alice", free: true, EngineHost.Cancel);
        var next = await host.JoinAsync("r", "alice");

        Assert.Empty(Results(await SearchAsync(host, next, "quince")));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a b c d e f g h i")]
    public async Task Query_WithoutWordsOrWithTooMany_IsRefused(string? query)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var error = (await host.Engine.History.SearchAsync(host.Owner, "r", query, before: null, 20, EngineHost.Cancel)).Error;

        Assert.Equal("invalid_parameter", error!.Code.Name); // It is refused.
        Assert.Equal("q", error.Details!["parameter"]!.ToString()); // It names the parameter.
    }

    [Fact]
    public async Task Search_WithoutTheRoom_IsRefused()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r", JoinPolicy.Members);
        var stranger = await host.UserAsync("stranger", "rooms:*");

        var error = (await host.Engine.History.SearchAsync(stranger, "r", "x", before: null, 20, EngineHost.Cancel)).Error;

        Assert.Equal("scope_denied", error!.Code.Name); // It is refused.
    }

    [Fact]
    public async Task Search_AfterARestart_FindsTheSame()
    {
        await using var host = await WithWordsAsync();
        var before = (await SearchAsync(host, host.Owner, "fence"))["results"]!.ToJsonString(); // It has them.

        await host.RestartAsync();

        Assert.Equal(before, (await SearchAsync(host, host.Owner, "fence"))["results"]!.ToJsonString()); // It has them.
    }

    private static async Task<EngineHost> WithWordsAsync()
    {
        var host = await EngineHost.StartAsync();
        var alice = await RoomAsync(host);
        await host.InvokeAsync(alice, "r", "set", """{"key":"t1","v":{"title":"paint the fence","by":"noon"}}""");
        await host.InvokeAsync(alice, "r", "set", """{"key":"a b","v":"der Zaun 😀"}""");
        await host.InvokeAsync(alice, "r", "_send_message", """{"body":"Please paint the fence"}""");
        await host.ViewAsync(alice, "r", """{"id":"turnout","expr":"1"}""");
        await host.RegisterAsync(alice, "r", """{"id":"never","if":"false","writes":[{"key":"x","value":1}]}""");
        await host.RefusedAsync(alice, "r", "never");
        await host.InvokeAsync(alice, "r", "set", """{"key":"last","v":0}"""); // Refusals are stored with the next event.
        return host;
    }

    private static async Task<Caller> RoomAsync(EngineHost host)
    {
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.RegisterAsync(alice, "r", Set.Replace("\"params\"", "\"description\":\"Notes it carefully\",\"params\"", StringComparison.Ordinal));
        await host.RegisterAsync(alice, "r", Keep);
        await host.RegisterAsync(alice, "r", Hush);
        return alice;
    }

    private static async Task<JsonObject> SearchAsync(EngineHost host, Caller caller, string query, long? before = null, int limit = 20) =>
        EngineHost.Node((await host.Engine.History.SearchAsync(caller, "r", query, before, limit, EngineHost.Cancel)).Value);

    private static List<JsonNode> Results(JsonObject found) => [.. found["results"]!.AsArray().Select(result => result!)]; // It has them, and none is null.
}
