using System.Text.Json.Nodes;
using CsCheck;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Commands.Approvals;

/// <summary>Approvals under random askings, decisions, losses of rights and restarts: decided at most once, run at most once, never after a rejection, never with rights that were gone.</summary>
public sealed class ApprovalPropertyTests
{
    private static readonly string[] s_askers = ["ann", "ben", "cid"];

    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task Approvals_AtRandom_AreDecidedAndRunAtMostOnceWithTheRightsOfThen()
    {
        await Gen.Int[0, 999_999].SampleAsync(RunAsync, iter: 6, threads: 1);
    }

    private static async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r", JoinPolicy.Members);
        var world = new World(host);
        await world.FurnishAsync();
        for (var step = 0; step < 120; step++)
        {
            switch (random.Next(14))
            {
                case 0 or 1 or 2 or 3:
                    await world.AskAsync(s_askers[random.Next(3)], step);
                    break;
                case 4 or 5 or 6 or 7 or 8:
                    await world.DecideAsync(random);
                    break;
                case 9:
                    await world.TakeRoleAsync(s_askers[random.Next(3)]);
                    break;
                case 10:
                    await world.RevokeAsync(s_askers[random.Next(3)]);
                    break;
                case 11:
                    await world.RemoveAgentAsync(s_askers[random.Next(3)]);
                    break;
                case 12:
                    await world.RedefineAsync();
                    break;
                default:
                    await host.RestartAsync();
                    break;
            }
        }

        await world.CheckAsync();
    }

    // What the test knows by itself: each asker's role, token, agent and what was asked under which of them.
    private sealed class World(EngineHost host)
    {
        private readonly Dictionary<string, string> _secrets = [];
        private readonly Dictionary<string, (string Asker, int Rights, int Definition, string Mark)> _asked = [];
        private readonly Dictionary<string, int> _rights = s_askers.ToDictionary(static asker => asker, static _ => 0);
        private readonly HashSet<string> _members = [];
        private readonly Dictionary<string, string> _decided = [];
        private readonly List<string> _ran = [];
        private int _definition;

        public async Task FurnishAsync()
        {
            await RedefineAsync();
            foreach (var asker in s_askers)
            {
                await GiveAsync(asker);
            }
        }

        public async Task AskAsync(string asker, int step)
        {
            if (!_members.Contains(asker))
            {
                await GiveAsync(asker);
            }

            var mark = $"{asker}-{step}";
            var outcome = await host.TryInvokeAsync(await host.CallerAsync(_secrets[asker]), "r", "go", $$"""{"mark":"{{mark}}"}""");
            if (outcome.Error is null)
            {
                _asked.Add(outcome.Value["approval"]!.GetValue<string>(), (asker, _rights[asker], _definition, mark));
            }
        }

        public async Task DecideAsync(Random random)
        {
            if (_asked.Count == 0)
            {
                return;
            }

            var (id, (asker, rights, definition, mark)) = _asked.ElementAt(random.Next(_asked.Count));
            var accepts = random.Next(3) > 0;
            var decisions = new List<Task<Sync.Engine.Primitives.Errors.Outcome<JsonObject>>>();
            for (var i = 0; i <= random.Next(3); i++)
            {
                var decider = await host.SessionAsync("olga");
                decisions.Add(host.TryInvokeAsync(decider, "r", "_decide", $$"""{"approval":"{{id}}","decision":"{{(accepts ? "accept" : "reject")}}"}"""));
            }

            var outcomes = await Task.WhenAll(decisions);
            var mayRun = _members.Contains(asker) && rights == _rights[asker] && definition == _definition;
            if (_decided.TryGetValue(id, out var before))
            {
                Assert.All(outcomes, outcome => Assert.True(outcome.Error is null ? before == (accepts ? "accept" : "reject") : outcome.Error.Code.Name == "approval_decided", $"{id}: {outcome.Error?.Code.Name}"));
                return;
            }

            var done = outcomes.Count(static outcome => outcome.Error is null);
            var isWithdrawn = (await host.StoredAsync("r", "_approvals", id))!["status"]!.GetValue<string>() == "withdrawn";
            Assert.True(done == 0 || done == outcomes.Length, "Some got another answer.");
            Assert.Equal(!isWithdrawn && (!accepts || mayRun), done > 0);
            if (done > 0)
            {
                _decided.Add(id, accepts ? "accept" : "reject");
                Assert.Single(outcomes.Select(static outcome => outcome.Value["seq"]!.GetValue<long>()).Distinct());
                if (accepts)
                {
                    _ran.Add(mark);
                }
            }
        }

        public async Task TakeRoleAsync(string asker)
        {
            // Given again, it is there again for what was asked for before: what counts is the moment of the decision.
            if (_members.Remove(asker))
            {
                Assert.Null((await host.Engine.Rooms.RemoveMemberAsync(host.Owner, "r", asker, Cancel)).Error);
            }
        }

        public async Task RevokeAsync(string asker)
        {
            if (_members.Contains(asker))
            {
                _rights[asker]++;
                var caller = await host.CallerAsync(_secrets[asker]);
                Assert.Null((await host.Engine.Tokens.RevokeAsync(caller, caller.TokenId!, Cancel)).Error); // It has one.
                await MintAsync(asker);
            }
        }

        public async Task RemoveAgentAsync(string asker)
        {
            if ((await host.LoadedAsync("r")).Published.Agents.ContainsKey(asker))
            {
                _rights[asker]++;
                Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", asker, free: false, Cancel)).Error);
            }
        }

        public async Task RedefineAsync()
        {
            _definition++;
            await host.RegisterAsync(host.Owner, "r", """{"id":"go","description":"N","params":{"mark":"string"},"writes":[{"key":"marks","append":true,"value":"${params.mark}"}],"approve":{"by":"person"}}""".Replace("\"N\"", $"\"{_definition}\"", StringComparison.Ordinal));
        }

        public async Task CheckAsync()
        {
            var marks = (await host.StoredAsync("r", "_shared", "marks"))?.AsArray().Select(static mark => mark!.GetValue<string>()).ToList() ?? [];
            Assert.Equal(_ran, marks);
            Assert.Equal(marks.Count, marks.Distinct().Count());
            Assert.All(_decided, decided => Assert.Equal(decided.Value == "accept", marks.Contains(_asked[decided.Key].Mark)));
        }

        private async Task GiveAsync(string asker)
        {
            await host.UserAsync(asker, "create_rooms");
            await host.GiveRoleAsync("r", asker, Role.Participant);
            _members.Add(asker);

            // One token at a time: what an older one asked for would outlive the loss of the newer.
            if (!_secrets.ContainsKey(asker))
            {
                await MintAsync(asker);
            }
        }

        private async Task MintAsync(string asker) => _secrets[asker] = (await host.Engine.Access.MintAsync(asker, "rooms:*", label: null, expiresIn: null, Cancel)).Value.Secret;
    }
}
