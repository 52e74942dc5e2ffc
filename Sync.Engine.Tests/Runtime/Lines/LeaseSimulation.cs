using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Identity;
using Sync.Engine.Model.Leases;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Tests.Services.Rooms;

namespace Sync.Engine.Tests.Runtime.Lines;

/// <summary>
/// Agents that take, renew, lose and wait for leases at random, on a clock of their own. What they were told is held against each other, and against the room: nothing in here knows how the engine decides.
/// </summary>
internal sealed class LeaseSimulation(EngineHost host, FakeTimeProvider clock, Random random, int agents)
{
    private const string Room = "r";

    private static readonly string[] s_paths = ["src/**", "src/a/*", "src/a/b.cs", "docs/**", "**/*.md"];

    private readonly SimulatedAgent[] _agents = [.. Enumerable.Range(0, agents).Select(static number => new SimulatedAgent($"agent-{number}"))];
    private readonly List<WaitingClaim> _waiting = [];

    // Everything that anybody was told to hold, until they are told or have said otherwise.
    private readonly Dictionary<(string Key, string Agent), Grant> _grants = [];
    private readonly HashSet<(string Agent, long Fence)> _ended = [];

    /// <summary>Calls that were answered.</summary>
    public int Steps { get; private set; }

    /// <summary>Leases that were given to somebody who stood in line.</summary>
    public int Served { get; private set; }

    /// <summary>Calls with the fence of a hold that was lost, all of them refused.</summary>
    public int Revenants { get; private set; }

    /// <summary>Leases that ended by themselves and were found free then.</summary>
    public int Expired { get; private set; }

    public async Task StartAsync()
    {
        await host.RoomAsync(Room);
        foreach (var agent in _agents)
        {
            await JoinAsync(agent);
        }
    }

    /// <summary>Some agents act at once, then time passes, and what everybody knows is compared.</summary>
    public async Task RoundAsync(int atOnce)
    {
        var acting = random.GetItems(_agents, atOnce).Distinct().Where(agent => agent.SilentFor-- <= 0).ToList();
        var acts = acting.ConvertAll(agent => Act(agent));
        await Task.WhenAll(acts.Select(act => Task.Run(act)));
        if (random.Next(20) == 0)
        {
            await RemoveAsync(_agents[random.Next(_agents.Length)]);
        }

        await PassAsync(TimeSpan.FromMilliseconds(random.Next(3) == 0 ? random.Next(1, 4_000) : random.Next(1, 50)));
        await CheckAsync();
    }

    /// <summary>The server stops and starts: whoever stood in line stands there no more, and what was held is held.</summary>
    public async Task RestartAsync()
    {
        await host.RestartAsync();
        await TakeAnswersAsync(all: true);
        foreach (var agent in _agents)
        {
            agent.Caller = await host.CallerAsync(agent.Token);
        }

        await CheckAsync();
    }

    /// <summary>Everybody falls silent: in the end each lease is free, and whoever stood in line was served or told that the time is up.</summary>
    public async Task EndAsync()
    {
        for (var round = 0; round < 200 && _waiting.Count > 0; round++)
        {
            await PassAsync(TimeSpan.FromSeconds(10));
            await CheckAsync();
        }

        Assert.Empty(_waiting);
        await PassAsync(TimeSpan.FromMinutes(20));
        Assert.Equal(0, (await host.LoadedAsync(Room)).Published.Leases.Count);
    }

    // The agent's next act, chosen before anybody acts: so that the choice is the same in each run.
    private Func<Task> Act(SimulatedAgent agent)
    {
        var held = _grants.Values.Where(grant => grant.Agent == agent.Id).ToList();
        switch (random.Next(10))
        {
            case 0:
                // It dies: no more calls for a while, and whoever it had standing in line hangs up. Later it comes back and knows nothing of that.
                agent.SilentFor = random.Next(1, 12);
                return () => Task.WhenAll(_waiting.Where(waiting => waiting.Agent == agent).Select(static waiting => waiting.HangUp.CancelAsync()));
            case 1 or 2 when held.Count > 0:
                var kept = held[random.Next(held.Count)];
                return () => RenewAsync(agent, kept);
            case 3 or 4 or 5 when held.Count > 0:
                var given = held[random.Next(held.Count)];
                return () => ReleaseAsync(agent, given);
            case 6 when agent.Lost.Count > 0:
                var lost = agent.Lost[random.Next(agent.Lost.Count)];
                return () => ReleaseLostAsync(agent, lost);
            default:
                var wanted = Wanted();
                var parameters = Params(wanted);
                return random.Next(2) == 0 ? WaitFor(agent, wanted, parameters) : () => ClaimAsync(agent, wanted, parameters);
        }
    }

    private WantedLease Wanted() => random.Next(4) == 0
        ? new WantedLease($"files-{random.Next(1_000)}", random.Next(3) == 0, [PathPattern.Parse(s_paths[random.Next(s_paths.Length)]).Value])
        : new WantedLease($"k{random.Next(8)}", random.Next(3) == 0, []);

    private string Params(WantedLease wanted)
    {
        var parameters = new JsonObject { ["key"] = wanted.Key, ["mode"] = wanted.IsShared ? "shared" : "exclusive", ["ttl_ms"] = 1_000 + (random.Next(6) * 1_000) };
        if (!wanted.Paths.IsEmpty)
        {
            parameters["paths"] = new JsonArray([.. wanted.Paths.Select(static path => (JsonNode)path.Text)]);
        }

        return parameters.ToJsonString();
    }

    private Func<Task> WaitFor(SimulatedAgent agent, WantedLease wanted, string parameters)
    {
        var waiting = new WaitingClaim(agent, wanted);
        var request = new InvokeRequest { Params = EngineHost.Json(parameters), Wait = TimeSpan.FromMilliseconds(random.Next(500, 30_000)) };
        _waiting.Add(waiting);
        return () =>
        {
            waiting.Answer = host.Engine.Actions.InvokeAsync(agent.Caller, Room, "_claim", request, waiting.HangUp.Token);
            return Task.CompletedTask;
        };
    }

    private Task ClaimAsync(SimulatedAgent agent, WantedLease wanted, string parameters) =>
        CallAsync(agent, "_claim", parameters, fence: null, answer => Give(agent, wanted, answer), static code => code == ErrorCode.LeaseHeld);

    private Task RenewAsync(SimulatedAgent agent, Grant grant) => CallAsync(
        agent,
        "_claim",
        $$"""{"key":"{{grant.Wanted.Key}}","mode":"{{(grant.Wanted.IsShared ? "shared" : "exclusive")}}","ttl_ms":3000}""",
        grant.Fence,
        answer => Give(agent, grant.Wanted, answer),
        static code => code == ErrorCode.LeaseLost || code == ErrorCode.LeaseHeld);

    private Task ReleaseAsync(SimulatedAgent agent, Grant grant) => CallAsync(
        agent,
        "_release",
        $$"""{"key":"{{grant.Wanted.Key}}"}""",
        grant.Fence,
        _ => End(grant),
        static code => code == ErrorCode.LeaseLost || code == ErrorCode.LeaseNotFound);

    // The completion of somebody who was given up for dead.
    private Task ReleaseLostAsync(SimulatedAgent agent, Grant lost) => CallAsync(
        agent,
        "_release",
        $$"""{"key":"{{lost.Wanted.Key}}"}""",
        lost.Fence,
        answer => Assert.Fail($"{agent.Id} completed {lost} with an old fence: {answer.ToJsonString()}"),
        code =>
        {
            Revenants++;
            return code == ErrorCode.LeaseLost;
        });

    private async Task CallAsync(SimulatedAgent agent, string action, string parameters, long? fence, Action<JsonObject> accepted, Func<ErrorCode, bool> isExpected)
    {
        var outcome = await host.Engine.Actions.InvokeAsync(agent.Caller, Room, action, new InvokeRequest { Params = EngineHost.Json(parameters), Fence = fence }, EngineHost.Cancel);
        lock (_grants)
        {
            Steps++;
            if (outcome.Try(out var invoked, out var refusal))
            {
                accepted(EngineHost.Node(invoked));
            }
            else
            {
                Assert.True(isExpected(refusal.Code) || (refusal.Code == ErrorCode.InvalidToken), $"{agent.Id} {action} {parameters} fence {fence}: {refusal.Code.Name} {refusal.Message}");
            }
        }
    }

    private void Give(SimulatedAgent agent, WantedLease wanted, JsonObject answer)
    {
        var (fence, seq) = (answer["fence"]!.GetValue<long>(), answer["seq"]!.GetValue<long>());
        Assert.Equal(agent.Id, answer["holder"].Text());

        // An answer may have been overtaken by that of a later call of the same agent.
        if (!_ended.Contains((agent.Id, fence)) && !(_grants.GetValueOrDefault((wanted.Key, agent.Id))?.Seq > seq))
        {
            _grants[(wanted.Key, agent.Id)] = new Grant(agent.Id, wanted, fence, seq, DateTimeOffset.Parse(answer["expires_at"].Text(), CultureInfo.InvariantCulture));
        }
    }

    private void End(Grant grant)
    {
        _ended.Add((grant.Agent, grant.Fence));
        if (_grants.GetValueOrDefault((grant.Wanted.Key, grant.Agent))?.Fence == grant.Fence)
        {
            _grants.Remove((grant.Wanted.Key, grant.Agent));
        }
    }

    private async Task JoinAsync(SimulatedAgent agent)
    {
        var joined = (await host.Engine.Agents.JoinAsync(Caller.Anonymous, Room, EngineHost.Json($$"""{"id":"{{agent.Id}}"}"""), EngineHost.Cancel)).Value;
        agent.Token = EngineHost.Node(joined.Json)["token"].Text();
        agent.Caller = await host.CallerAsync(agent.Token);
    }

    private async Task RemoveAsync(SimulatedAgent agent)
    {
        Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, Room, agent.Id, free: true, EngineHost.Cancel)).Error);
        await host.SettleAsync(Room);
        await TakeAnswersAsync(all: false);
        foreach (var grant in _grants.Values.Where(grant => grant.Agent == agent.Id).ToList())
        {
            End(grant);
        }

        agent.Lost.Clear();
        await JoinAsync(agent);
    }

    private async Task PassAsync(TimeSpan span)
    {
        await host.SettleAsync(Room);
        clock.Advance(span);
        await host.SettleAsync(Room);
        await TakeAnswersAsync(all: false);
    }

    // What came of those who stand in line.
    private async Task TakeAnswersAsync(bool all)
    {
        // Whoever does not stand in line any more is told so a moment later.
        var writer = (await host.LoadedAsync(Room)).OwnWriter();
        await EngineHost.UntilAsync(() => writer.Parked == _waiting.Count(static waiting => !waiting.Answer.IsCompleted));
        foreach (var waiting in _waiting.ToList())
        {
            if (!all && !waiting.Answer.IsCompleted && !waiting.HangUp.IsCancellationRequested)
            {
                continue;
            }

            _waiting.Remove(waiting);
            Steps++;
            try
            {
                var outcome = await waiting.Answer;
                if (outcome.Try(out var invoked, out var refusal))
                {
                    Served++;
                    Give(waiting.Agent, waiting.Wanted, EngineHost.Node(invoked));
                }
                else
                {
                    Assert.Contains(refusal.Code, (ErrorCode[])[ErrorCode.LeaseHeld, ErrorCode.Unavailable, ErrorCode.AgentNotFound, ErrorCode.InvalidToken]);
                }
            }
            catch (OperationCanceledException)
            {
                // It hung up.
            }
        }
    }

    private async Task CheckAsync()
    {
        var now = clock.GetUtcNow();
        foreach (var grant in _grants.Values.Where(grant => grant.ExpiresAt <= now).ToList())
        {
            Expired++;
            End(grant);
            _agents.Single(agent => agent.Id == grant.Agent).Lost.Add(grant);
        }

        // As everybody was told: no two of them hold what only one can.
        var held = _grants.Values.ToList();
        for (var i = 0; i < held.Count; i++)
        {
            for (var j = i + 1; j < held.Count; j++)
            {
                Assert.False(held[i].Agent != held[j].Agent && held[i].Wanted.Conflicts(held[j].Wanted), $"Both hold: {held[i]} and {held[j]}");
            }
        }

        // As the room has it: what has ended is held by nobody.
        var room = await host.LoadedAsync(Room);
        var current = room.Published.Leases.All.Values.SelectMany(static lease => lease.Holds.Select(hold => (Lease: lease, Hold: hold))).ToList();
        Assert.Equal(held.Select(static grant => (grant.Wanted.Key, grant.Agent, grant.Fence)).Order(), current.Select(static pair => (pair.Lease.Key, pair.Hold.Agent, pair.Hold.Fence)).Order());
        CheckWaiting(held);
    }

    // Whoever stands in line stands behind somebody: a lease that is free is never waited for.
    private void CheckWaiting(List<Grant> held)
    {
        List<WaitingClaim> blocked = [.. _waiting.Where(waiting => held.Exists(grant => grant.Agent != waiting.Agent.Id && grant.Wanted.Conflicts(waiting.Wanted)))];
        var open = _waiting.Except(blocked).ToList();
        for (var more = true; more;)
        {
            var behind = open.FindAll(waiting => blocked.Exists(other => other.Wanted.Conflicts(waiting.Wanted)));
            blocked.AddRange(behind);
            open.RemoveAll(behind.Contains);
            more = behind.Count > 0;
        }

        Assert.Empty(open);
    }

    private sealed record Grant(string Agent, WantedLease Wanted, long Fence, long Seq, DateTimeOffset ExpiresAt);

    private sealed class SimulatedAgent(string id)
    {
        public string Id { get; } = id;

        public string Token { get; set; } = "";

        public Caller Caller { get; set; } = Caller.Anonymous;

        /// <summary>Rounds in which it makes no call.</summary>
        public int SilentFor { get; set; }

        /// <summary>What it believes to hold although its time is over.</summary>
        public List<Grant> Lost { get; } = [];
    }

    private sealed class WaitingClaim(SimulatedAgent agent, WantedLease wanted)
    {
        public SimulatedAgent Agent { get; } = agent;

        public WantedLease Wanted { get; } = wanted;

        public CancellationTokenSource HangUp { get; } = new();

        public Task<Outcome<Invoked>> Answer { get; set; } = Task.FromCanceled<Outcome<Invoked>>(new CancellationToken(canceled: true));
    }
}
