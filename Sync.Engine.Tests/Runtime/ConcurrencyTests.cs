using System.Text.Json.Nodes;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Runtime;

public sealed class ConcurrencyTests
{
    [Fact]
    public async Task CompareAndSwap_ManyClients_LosesNoUpdate()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """
            {"id":"swap","params":{"value":{"type":"array","required":true},"version":{"type":"string","required":true}},
             "writes":[{"key":"list","value":"${params.value}","if_version":"${params.version}"}]}
            """);
        var conflicts = 0;

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async client =>
        {
            for (var i = 0; i < 25; i++)
            {
                while (true)
                {
                    var entry = (await host.ContextAsync(host.Owner, "r", "only=state&meta=true"))["state"]!["_shared"]!["list"];
                    var list = entry is null ? [] : entry["value"]!.DeepClone().AsArray();
                    list.Add((JsonNode)$"{client}:{i}");
                    var parameters = new JsonObject { ["value"] = list, ["version"] = entry?["version"].Text() ?? "" };
                    var outcome = await host.TryInvokeAsync(host.Owner, "r", "swap", parameters.ToJsonString());
                    if (outcome.Error is null)
                    {
                        break;
                    }

                    Assert.Equal(ErrorCode.VersionConflict, outcome.Error.Code);
                    Interlocked.Increment(ref conflicts);
                }
            }
        }));

        var final = (await host.StoredAsync("r", "_shared", "list")).Texts();
        Assert.Equal(200, final.Length);
        Assert.Equal(200, final.Distinct().Count());
        Assert.True(conflicts > 0, "No two clients met; the test shows nothing.");
    }

    [Fact]
    public async Task Events_ManyClients_AreNumberedWithoutHoles()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"add","params":{"n":{"type":"integer"}},"if":"params.n % 3 != 0","writes":[{"scope":"_rows","append":true,"value":"${params.n}"}]}""");

        var answers = await Task.WhenAll(Enumerable.Range(0, 90).Select(n => host.TryInvokeAsync(host.Owner, "r", "add", $$"""{"n":{{n}}}""")));

        Assert.Equal(60, answers.Count(a => a.Error is null));
        Assert.Equal(60, answers.Where(a => a.Error is null).Select(a => a.Value["seq"].Number()).Distinct().Count());
        await host.SettleAsync("r");
        var loaded = await host.LoadedAsync("r");
        var events = (await host.Engine.Database.Rooms.ReadEventsAsync(loaded.Record.Row, 0, long.MaxValue, 1_000, EngineHost.Cancel)).Rows;
        Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(e => e.Seq));
        Assert.Equal(Enumerable.Range(1, 60).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture)), loaded.Published.Scope("_rows")!.Entries.Keys);
    }
}
