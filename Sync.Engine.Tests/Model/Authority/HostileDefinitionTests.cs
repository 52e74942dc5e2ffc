using System.Text;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Actions;
using Sync.Engine.Reads.Context;
using Sync.Engine.Reads.History;

namespace Sync.Engine.Tests.Model.Authority;

/// <summary>
/// A hostile participant registers whatever a seed makes up: actions, views, conditions, over everything that the language reaches. Others invoke and read. No value and no key that one of
/// them keeps private may stand in anything that somebody else is answered or shown. <c>SYNC_FUZZ_DEFINITIONS</c> sets how many definitions there are in each part.
/// </summary>
public sealed class HostileDefinitionTests
{
    private const int Standard = 500;
    private const int Batch = 200;

    // What each of them keeps: the value and the key's name. Mallory's own are bait: what she reads there is hers.
    private static readonly string[] s_victims = ["alice", "bob", "olga"];

    // A room for each part: what is read of one grows with all that was registered in it before.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Definitions_MadeUpByAHostileParticipant_RevealNothingThatOthersKeep(int part)
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("SYNC_FUZZ_DEFINITIONS"), out var asked) ? asked : Standard;
        // What an expression tells does not hang on how much it may cost.
        await using var host = await EngineHost.StartAsync(limits: new RoomLimits { Cel = new Sync.Cel.Values.Limits.CelLimits { Cost = 20_000 } });
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"keep","params":{"k":"string","v":"any"},"writes":[{"scope":"${self}","key":"${params.k}","value":"${params.v}"}]}""");
        var callers = new Dictionary<string, Caller>
        {
            ["olga"] = host.Owner,
            ["alice"] = await host.JoinAsync("r", "alice"),
            ["bob"] = await host.JoinAsync("r", "bob"),
            ["mallory"] = await host.JoinAsync("r", "mallory", ""","state":{"bait":"nothing"}"""),
        };
        foreach (var victim in s_victims)
        {
            await host.InvokeAsync(callers[victim], "r", "keep", new JsonObject { ["k"] = Key(victim), ["v"] = Value(victim) }.ToJsonString());
            await host.InvokeAsync(callers[victim], "r", "keep", new JsonObject { ["k"] = "deep", ["v"] = new JsonObject { [Key(victim)] = new JsonArray(Value(victim), 7) } }.ToJsonString());
            await host.ViewAsync(callers[victim], "r", $$"""{"id":"{{victim}}.size","scope":"self","expr":"size(state.self)"}""");
        }

        var random = new Random(20_261_128 + part);
        var made = new Maker(random);
        for (var i = 0; i < count; i++)
        {
            var (action, definition) = made.Definition();
            var answer = await host.TryInvokeAsync(callers["mallory"], "r", action, definition);
            Check("mallory", action, Text(answer), definition);
            if (answer.Error is null && action == "_register_action")
            {
                var id = JsonNode.Parse(definition)!["id"]!.GetValue<string>();
                foreach (var (invoker, caller) in callers)
                {
                    var parameters = made.Parameters();
                    Check(invoker, "invoke", Text(await host.TryInvokeAsync(caller, "r", id, parameters)), definition);
                    if (random.Next(3) == 0)
                    {
                        Check(invoker, "dry run", Text(await host.TryInvokeAsync(caller, "r", id, parameters, dryRun: true)), definition);
                        Check(invoker, "explain", Text(await host.Engine.Actions.ExplainAsync(caller, "r", id, new InvokeRequest { Params = EngineHost.Json(parameters) }, EngineHost.Cancel)), definition);
                    }
                }
            }

            var asked2 = made.Expression(3);
            Check("mallory", "eval", Text(await host.Engine.Context.EvalAsync(callers["mallory"], "r", asked2, EngineHost.Cancel)), asked2);
            if (i % Batch == Batch - 1 || i == count - 1)
            {
                await host.SettleAsync("r");
                foreach (var (reader, caller) in callers)
                {
                    await ReadAllAsync(host, reader, caller, definition);
                }
            }
        }

        Assert.True(made.Accepted > 0);
    }

    private static string Value(string victim) => $"PRIVATE{victim}VALUE";

    private static string Key(string victim) => $"PRIVATE{victim}KEY";

    private static async Task ReadAllAsync(EngineHost host, string reader, Caller caller, string last)
    {
        // An owner may read everything; acting as an agent she is shown what that agent sees.
        if (reader != "olga")
        {
            Check(reader, "context", (await host.ContextAsync(caller, "r", "depth=usage&meta=true&include=_audit,activity&peek=true")).ToJsonString(), last);
            Check(reader, "poll", Text(await host.Engine.Context.PollAsync(caller, "r", MessageSelection.All, 200, 500, EngineHost.Cancel)), last);
            var seq = (await host.LoadedAsync("r")).Published.Seq;
            Check(reader, "audit", Text(await host.Engine.History.AuditAsync(caller, "r", new AuditQuery(Math.Max(0, seq - 400), 500, null, null, null), EngineHost.Cancel)), last);
            Check(reader, "wait", (await host.WaitAsync(caller, "r", "true", query: "include=views")).ToJsonString(), last);
            using var watch = (await host.Engine.Live.WatchAsync(caller, "r", EngineHost.Cancel)).Value;
            var model = watch.Current;
            Check(reader, "page model", string.Join('\n', model.Entries) + string.Join('\n', model.Views) + string.Join('\n', model.DormantViews) + string.Join('\n', model.Activity), last);
            for (var view = 0; view < Maker.Ids; view += 7)
            {
                Check(reader, "samples", Text(await host.Engine.History.SamplesAsync(caller, "r", $"v{view}", Math.Max(0, seq - 100), 10, EngineHost.Cancel)), last);
            }
        }
    }

    private static void Check(string reader, string where, string text, string definition)
    {
        foreach (var victim in s_victims)
        {
            // A word that stands in the definition is its author's.
            if (victim != reader && (text.Contains(Value(victim), StringComparison.Ordinal) || text.Contains(Key(victim), StringComparison.Ordinal)))
            {
                Assert.Fail($"{reader} learns what {victim} keeps, by {where} of {definition}:\n{text[..Math.Min(text.Length, 4_000)]}");
            }
        }
    }

    private static string Text(Outcome<ViewHistory> outcome) => outcome.Error is { } error ? Whole(error) : Encoding.UTF8.GetString(outcome.Value.Json.Span);

    private static string Text(Outcome<Explanation> outcome) => outcome.Error is { } error ? Whole(error) : EngineHost.Node(outcome.Value).ToJsonString();

    private static string Text(Outcome<JsonObject> outcome) => outcome.Error is { } error ? Whole(error) : outcome.Value.ToJsonString();

    private static string Text(Outcome<ReadOnlyMemory<byte>> outcome) => outcome.Error is { } error ? Whole(error) : Encoding.UTF8.GetString(outcome.Value.Span);

    private static string Whole(SyncError error) => $"{error.Code} {error.Message} {error.HintFor(PlainSteps.Instance)} {error.Details?.ToJsonString()}";

    /// <summary>Makes definitions up. It does not know the private words: whatever it finds it must have read.</summary>
    private sealed class Maker(Random random)
    {
        public const int Ids = 21;

        private static readonly string[] s_agents = ["alice", "bob", "olga", "mallory", "self"];

        public int Accepted { get; private set; }

        public (string Action, string Definition) Definition()
        {
            Accepted++;
            return random.Next(4) switch
            {
                0 => ("_register_view", View().ToJsonString()),
                _ => ("_register_action", Action().ToJsonString()),
            };
        }

        public string Parameters() => new JsonObject { ["p"] = Pick("alice", "self", "deep", "_shared", "x"), ["q"] = random.Next(3) }.ToJsonString();

        public string Expression(int depth)
        {
            if (depth <= 0)
            {
                return Leaf();
            }

            string Inner() => Expression(depth - 1);
            return random.Next(26) switch
            {
                0 => $"string({Inner()})",
                1 => $"int({Inner()})",
                2 => $"duration(string({Inner()}))",
                3 => $"timestamp({Inner()})",
                4 => $"({Inner()} + {Inner()})",
                5 => $"({Inner()} == {Inner()})",
                6 => $"({Inner()} && {Inner()})",
                7 => $"({Inner()} || !({Inner()}))",
                8 => $"({Inner()} ? {Inner()} : {Inner()})",
                9 => $"[{Inner()}, {Inner()}]",
                10 => $"{{'k': {Inner()}}}",
                11 => $"{{'a': 1}}[{Inner()}]",
                12 => $"[1, 2][{Inner()}]",
                13 => $"{Inner()}.map(e, {Pick("e", "string(e)", "state[e]", Inner())})",
                14 => $"{Inner()}.exists(e, {Pick("e == 1", "state[e].deep != null", "string(e).startsWith('P')")})",
                15 => $"{Inner()}.keys()",
                16 => $"size({Inner()})",
                17 => $"{Inner()}.matches({Inner()})",
                18 => $"({Inner()} in {Inner()})",
                19 => $"cel.bind(b, {Inner()}, {Pick("b", "b.deep", "b.self", "[b, b]")})",
                20 => $"has({Pick("state.self.deep", "state.alice.deep", "views.v1.k")}) ? {Inner()} : {Inner()}",
                21 => $"{Inner()}.split({Inner()})",
                22 => $"({Inner()}).{Pick("deep", "self", "alice", "bob", "k", "size()", "entries()", "values()")}",
                23 => $"'%s'.format([{Inner()}])",
                24 => $"optional.of({Inner()}).value()",
                _ => Leaf(),
            };
        }

        private string Leaf() => random.Next(22) switch
        {
            0 => "state",
            1 => $"state.{Pick(s_agents)}",
            2 => $"state.{Pick(s_agents)}.deep",
            3 => $"state[\"{Pick(s_agents)}\"]",
            4 => "state[self]",
            5 => "state.self",
            6 => "state[params.p]",
            7 => "views",
            8 => $"views.v{random.Next(Ids)}",
            9 => $"views[\"{Pick(s_agents)}.size\"]",
            10 => $"actions.a{random.Next(Ids)}.available",
            11 => "actions",
            12 => "agents",
            13 => $"agents.{Pick(s_agents)}",
            14 => "self",
            15 => "owner",
            16 => "params",
            17 => $"state.{Pick("_shared", "_out", "_actions", "_views", "_agents", "_messages", "_none")}",
            18 => $"'{Pick("self", "alice", "deep", "P", "")}'",
            19 => $"{random.Next(5)}",
            20 => Pick("true", "false", "null"),
            _ => "messages",
        };

        private JsonObject View()
        {
            var view = new JsonObject { ["id"] = $"v{random.Next(Ids)}", ["expr"] = Expression(random.Next(4)), ["scope"] = Pick("_shared", "self", "self", "alice") };
            if (random.Next(4) == 0)
            {
                view["enabled"] = Expression(2);
            }

            return view;
        }

        private JsonObject Action()
        {
            var action = new JsonObject
            {
                ["id"] = $"a{random.Next(Ids)}",
                ["scope"] = Pick("_shared", "_shared", "self", "bob"),
                ["params"] = new JsonObject { ["p"] = new JsonObject { ["default"] = Pick("alice", "self", "_shared") }, ["q"] = "any" },
                ["writes"] = new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => (JsonNode)Write())]),
            };
            foreach (var field in (string[])["if", "enabled", "result"])
            {
                if (random.Next(3) == 0)
                {
                    action[field] = field == "result" ? Expression(3) : Pick(Expression(3), $"{Expression(2)} || true", $"!({Expression(2)} == 1)");
                }
            }

            if (random.Next(30) == 0)
            {
                action["reach"] = "all";
            }

            return action;
        }

        private JsonObject Write()
        {
            var write = new JsonObject { ["scope"] = Pick("_shared", "_out", "${self}", "${params.p}", "mallory", "alice", "_help", "_config"), ["key"] = Pick("k", "${self}", "${params.p}", "deep", "guide") };
            switch (random.Next(6))
            {
                case 0:
                    write["append"] = true;
                    write["value"] = Expression(2);
                    write["expr"] = true;
                    break;
                case 1:
                    write["merge"] = new JsonObject { ["m"] = "${params.q}" };
                    break;
                case 2:
                    write["increment"] = true;
                    break;
                case 3:
                    write["value"] = "${params.q}";
                    write["path"] = Pick("a.b", "${params.p}", "0");
                    break;
                default:
                    write["value"] = Expression(3);
                    write["expr"] = true;
                    break;
            }

            if (random.Next(5) == 0)
            {
                write["if_version"] = Pick("", "0000000000000000", "${params.p}");
            }

            if (random.Next(4) == 0)
            {
                write["enabled"] = Expression(2);
            }

            return write;
        }

        private string Pick(params string[] among) => among[random.Next(among.Length)];
    }
}
