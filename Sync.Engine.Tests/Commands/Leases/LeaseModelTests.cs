using System.Globalization;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Model.Leases;

namespace Sync.Engine.Tests.Commands.Leases;

/// <summary>The engine beside <see cref="LeaseModel"/>, over random claims, renewals, releases, ends, time and restarts: the same answers, and the same holds after each step.</summary>
public sealed class LeaseModelTests
{
    private static readonly string[] s_agents = ["ann", "bob", "cid", "dee"];
    private static readonly string[] s_keys = ["a", "b", "task:1", "söle", "x\"y", "role:r"];
    private static readonly string[] s_paths = ["src/**", "src/a/*.cs", "src/a/b.cs", "docs/*", "**/b.cs", "README.md"];
    private static readonly int[] s_seconds = [1, 5, 30, 120, 400, 890, 2_000, 40_000];

    [Theory]
    [InlineData(1, 1_500)]
    [InlineData(2, 1_500)]
    [InlineData(3, 1_500)]
    public async Task RandomSteps_AnswerAsTheModelDoes(int seed, int steps)
    {
        var clock = EngineHost.Clock();
        await using var host = await EngineHost.StartAsync(clock);
        await host.RoomAsync("r");
        var run = new Run(host, new Random(seed));
        foreach (var agent in s_agents)
        {
            run.Callers[agent] = await host.JoinAsync("r", agent);
        }

        run.Model.Begin(clock.GetUtcNow());
        for (var step = 0; step < steps; step++)
        {
            await run.StepAsync();
            await run.AssertSameAsync(step);
        }
    }

    private sealed class Run(EngineHost host, Random random)
    {
        private readonly List<long> _fences = [1];

        public LeaseModel Model { get; } = new();

        public Dictionary<string, Caller> Callers { get; } = [];

        public Task StepAsync() => random.Next(100) switch
        {
            < 45 => ClaimAsync(),
            < 55 => RenewAsync(),
            < 70 => ReleaseAsync(),
            < 74 => ForceAsync(),
            < 80 => ReadAsync(),
            < 99 => AdvanceAsync(),
            _ => host.RestartAsync(),
        };

        /// <summary>The log's projection holds what the model holds, and no two exclude each other.</summary>
        public async Task AssertSameAsync(int step)
        {
            await host.SettleAsync("r");
            var leases = (await host.LoadedAsync("r")).Published.Leases;
            var held = leases.All.SelectMany(static pair => pair.Value.Holds.Select(hold => $"{pair.Key} {hold.Agent} {hold.Fence} {pair.Value.Mode}")).Order(StringComparer.Ordinal);
            var expected = Model.Holds.Select(static hold => $"{hold.Key} {hold.Agent} {hold.Fence} {(hold.IsShared ? LeaseMode.Shared : LeaseMode.Exclusive)}").Order(StringComparer.Ordinal);
            Assert.True(held.SequenceEqual(expected), $"After step {step}: {string.Join(", ", held)} instead of {string.Join(", ", expected)}.");
            foreach (var hold in Model.Holds.Where(static hold => !hold.IsShared))
            {
                Assert.DoesNotContain(Model.Holds, other => other.Agent != hold.Agent && (other.Key == hold.Key || other.Paths.Any(path => hold.Paths.Any(path.Overlaps))));
            }
        }

        private async Task ClaimAsync()
        {
            var (agent, key) = (Pick(s_agents), Pick(s_keys));
            var own = Model.Find(key, agent);
            bool? isShared = random.Next(3) switch { 0 => true, 1 => false, _ => null };
            TimeSpan? ttl = random.Next(2) == 0 ? TimeSpan.FromSeconds(Pick(s_seconds)) : null;
            PathPattern[]? paths = random.Next(3) == 0 ? [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => PathPattern.Parse(Pick(s_paths)).Value).Distinct()] : null;
            var parameters = new JsonObject { ["key"] = key };
            if (isShared is { } mode)
            {
                parameters["mode"] = mode ? "shared" : "exclusive";
            }

            if (ttl is { } span)
            {
                parameters["ttl_ms"] = span.TotalMilliseconds;
            }

            if (paths is not null)
            {
                parameters["paths"] = new JsonArray([.. paths.Select(static path => (JsonNode)path.Text)]);
            }

            var shares = isShared ?? own?.IsShared ?? false;
            var expected = Model.IsHeld(key, agent, shares, paths ?? own?.Paths ?? []) ? "lease_held" : null;
            var (answer, code) = await CallAsync(agent, "_claim", parameters, fence: null);
            Assert.Equal(expected, code);
            if (answer is not null)
            {
                Model.Claim(key, agent, shares, ttl, paths, answer["seq"].Number());
                Assert.Equal(Model.Find(key, agent)!.Fence, answer["fence"].Number());
                _fences.Add(answer["fence"].Number());
            }
        }

        private async Task RenewAsync()
        {
            var agent = Pick(s_agents);
            if (random.Next(2) == 0)
            {
                await CallAsync(agent, "_renew", [], fence: null);
                Model.Of(agent).ToList().ForEach(Model.Renew);
                return;
            }

            var key = Pick(s_keys);
            var fence = FenceFor(key, agent);
            var expected = Model.Refused(key, agent, fence);
            var (_, code) = await CallAsync(agent, "_renew", new JsonObject { ["key"] = key }, fence);
            Assert.Equal(expected, code);
            if (code is null)
            {
                Model.Renew(Model.Find(key, agent)!);
            }
        }

        private async Task ReleaseAsync()
        {
            var (agent, key) = (Pick(s_agents), Pick(s_keys));
            var fence = FenceFor(key, agent);
            var expected = !Model.Holds.Any(hold => hold.Key == key) ? (fence is null ? "lease_not_found" : "lease_lost") : Model.Refused(key, agent, fence);
            var (_, code) = await CallAsync(agent, "_release", new JsonObject { ["key"] = key }, fence);
            Assert.Equal(expected, code);
            if (code is null)
            {
                Model.End(Model.Find(key, agent)!, isLost: false);
            }
        }

        private async Task ForceAsync()
        {
            var key = Pick(s_keys);
            var outcome = await host.TryInvokeAsync(host.Owner, "r", "_release", new JsonObject { ["key"] = key, ["force"] = true }.ToJsonString());
            Assert.Equal(Model.Holds.Any(hold => hold.Key == key) ? null : "lease_not_found", outcome.Error?.Code.Name);
            Model.Holds.Where(hold => hold.Key == key).ToList().ForEach(hold => Model.End(hold, isLost: true));
        }

        private async Task ReadAsync()
        {
            var agent = Pick(s_agents);
            await host.ContextAsync(Callers[agent], "r", "only=agents");
            Model.Touch(agent);
        }

        private async Task AdvanceAsync()
        {
            var by = TimeSpan.FromSeconds(Pick(s_seconds));
            await host.AdvanceAsync("r", by);
            Model.Advance(by);
        }

        private long? FenceFor(string key, string agent) => random.Next(3) switch
        {
            0 => null,
            1 => Pick(_fences),
            _ => Model.Find(key, agent)?.Fence,
        };

        private async Task<(JsonObject? Answer, string? Code)> CallAsync(string agent, string action, JsonObject parameters, long? fence)
        {
            var request = new InvokeRequest { Params = EngineHost.Json(parameters.ToJsonString()), Fence = fence };
            var outcome = await host.Engine.Actions.InvokeAsync(Callers[agent], "r", action, request, EngineHost.Cancel);
            Model.Touch(agent);
            return outcome.Try(out var invoked, out var error) ? (EngineHost.Node(invoked.Json), null) : (null, error.Code.Name);
        }

        private T Pick<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];
    }
}
