using System.Text.Json.Nodes;
using CsCheck;
using Sync.Engine.Services.Packs;
using Sync.Engine.Tests.Services.Rooms;

namespace Sync.Engine.Tests.Services.Packs;

/// <summary>A room's vocabulary as a document, and back.</summary>
public sealed class PackExportTests
{
    private static readonly string[] s_guards = ["true", "params.n > 1", "state._shared.a == null || size(state._rows) < 3", "!(self in state._votes)"];
    private static readonly string[] s_writes =
    [
        """{"key":"a","value":"${params.n}"}""",
        """{"scope":"_rows","append":true,"value":{"by":"${self}","at":"${now}","literal":"ünï \"q\""}}""",
        """{"key":"n","increment":1.50,"timer":{"ms":1000,"effect":"delete"}}""",
        """{"scope":"_votes","key":"${self}","expr":true,"value":"{'n': params.n, 'who': self}"}""",
        """{"scope":"_rows","key_expr":"state._rows.keys()[0]","delete":true}""",
    ];

    private static readonly string[] s_views = ["1 + 1", "state._rows.values()", "views.v0", "{'a': state._shared.a, 'self': self}"];

    private static readonly Gen<JsonObject> s_action = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 4].Array[0, 3], Gen.Bool, static (guard, writes, cools) =>
    {
        var action = new JsonObject
        {
            ["params"] = new JsonObject { ["n"] = new JsonObject { ["type"] = "integer", ["default"] = 1, ["description"] = "Grüße" } },
            ["if"] = s_guards[guard],
            ["writes"] = new JsonArray([.. writes.Select(static write => JsonNode.Parse(s_writes[write]))]),
        };
        if (cools)
        {
            action["on_invoke"] = JsonNode.Parse("""{"timer":{"ms":1000,"effect":"enable"}}""");
        }

        return action;
    });

    private static readonly Gen<JsonObject> s_view = Gen.Select(Gen.Int[0, 3], Gen.Bool, static (expr, shown) => shown
        ? new JsonObject { ["expr"] = s_views[expr], ["render"] = new JsonObject { ["type"] = "json", ["label"] = "Ü", ["order"] = 2 } }
        : new JsonObject { ["expr"] = s_views[expr] });

    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task Export_OfAnyVocabulary_InstallsTheSameIntoAnEmptyRoom()
    {
        await using var host = await EngineHost.StartAsync();
        var runs = 0;
        await Gen.Select(s_action.Array[0, 4], s_view.Array[0, 4], Gen.Bool, Gen.Bool).SampleAsync(
            async made =>
            {
                var (actions, views, role, help) = made;
                var (from, to) = ($"from-{Interlocked.Increment(ref runs)}", $"to-{runs}");
                await host.RoomAsync(from);
                for (var i = 0; i < actions.Length; i++)
                {
                    await host.RegisterAsync(host.Owner, from, Named(actions[i], $"a{i}"));
                }

                for (var i = 0; i < views.Length; i++)
                {
                    if (i > 0 || !views[i]["expr"].Text()!.Contains("views.", StringComparison.Ordinal))
                    {
                        await host.ViewAsync(host.Owner, from, Named(views[i], $"v{i}"));
                    }
                }

                if (role)
                {
                    await host.RegisterAsync(host.Owner, from, """{"from":"standard_library","id":"define_role"}""");
                    await host.InvokeAsync(host.Owner, from, "define_role", """{"role":"lead","description":"Leads."}""");
                }

                if (help)
                {
                    await host.InvokeAsync(host.Owner, from, "_install_pack", """{"pack":{"name":"h","version":"1","help":{"ours":"Text."}}}""");
                }

                var pack = await ExportAsync(host, from);
                await host.RoomAsync(to);
                await host.InvokeAsync(host.Owner, to, "_install_pack", new JsonObject { ["pack"] = pack.DeepClone() }.ToJsonString());

                var again = await ExportAsync(host, to);
                again["name"] = pack["name"]!.DeepClone();
                Assert.Equal(pack.ToJsonString(), again.ToJsonString());
                Assert.Equal(await VocabularyAsync(host, from), await VocabularyAsync(host, to));
            },
            iter: 25,
            threads: 1);
    }

    [Fact]
    public async Task Export_LeavesOutWhatIsAnAgentsAndNamesIt()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var ann = await host.JoinAsync("r", "ann", ""","state":{"hand":"ace"},"public_keys":["hand"]""");
        await host.RegisterAsync(ann, "r", """{"id":"mine","scope":"self","writes":[{"scope":"${self}","key":"k","value":1}]}""");
        await host.RegisterAsync(ann, "r", """{"id":"shared","writes":[{"key":"k","value":1}]}""");

        var pack = await ExportAsync(host, "r");

        Assert.Equal(["actions.mine", "views.ann.hand"], pack["left_out"]!.AsArray().Select(name => name.Text()).Order(StringComparer.Ordinal));
        Assert.Equal(["shared"], pack["actions"]!.AsArray().Select(action => action!["id"].Text()));
        Assert.DoesNotContain("ace", pack.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("registered_by", pack.ToJsonString(), StringComparison.Ordinal);
        await host.RoomAsync("copy");
        await host.InvokeAsync(host.Owner, "copy", "_install_pack", new JsonObject { ["pack"] = pack }.ToJsonString());
    }

    [Fact]
    public async Task Export_IsForWhoReadsTheRoom()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var stranger = await host.UserAsync("stan", "rooms:* create_rooms");
        var shown = await host.UserAsync("vera", "rooms:r:view:v");

        Assert.Equal("scope_denied", (await host.Engine.Packs.ExportAsync(stranger, "r", name: null, version: null, Cancel)).Error!.Code.Name);
        Assert.Equal("scope_denied", (await host.Engine.Packs.ExportAsync(shown, "r", name: null, version: null, Cancel)).Error!.Code.Name);
        Assert.Equal("invalid_pack", (await host.Engine.Packs.ExportAsync(host.Owner, "r", "No Name", version: null, Cancel)).Error!.Code.Name);
    }

    private static string Named(JsonObject definition, string id)
    {
        var named = definition.DeepClone().AsObject();
        named["id"] = id;
        return named.ToJsonString();
    }

    private static async Task<JsonObject> ExportAsync(EngineHost host, string room) => EngineHost.Node((await host.Engine.Packs.ExportAsync(host.Owner, room, name: null, version: null, Cancel)).Value);

    private static async Task<string> VocabularyAsync(EngineHost host, string room)
    {
        var context = await host.ContextAsync(host.Owner, room, "only=actions,views&depth=full");
        var actions = context["actions"]!.AsObject();
        actions.Where(static action => action.Value!["builtin"] is not null).Select(static action => action.Key).ToList().ForEach(id => actions.Remove(id));
        return context["actions"]!.ToJsonString() + context["views"]!.ToJsonString();
    }
}
