using System.Collections.Concurrent;
using System.Diagnostics;

namespace Sync.Benchmarks.Load.Overload;

/// <summary>
/// Somebody who has nothing to do with the overload: invokes an action in a room of their own and asks for the server's health, one call after the other, and keeps the times.
/// </summary>
internal sealed class Bystander(HttpClient http, string room)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentQueue<double> _invocations = [];
    private readonly ConcurrentQueue<double> _health = [];

    /// <summary>Failed calls; a bystander should have none.</summary>
    public int Failures { get; private set; }

    public async Task PrepareAsync()
    {
        using var made = await Attacker.SendAsync(http, HttpMethod.Post, "rooms", $$$"""{"id":"{{{room}}}"}""");
        await Attacker.EnsureAsync(made);
        using var action = await Attacker.SendAsync(http, HttpMethod.Post, $"rooms/{room}/actions/_register_action/invoke", """{"params":{"id":"bump","writes":[{"key":"n","increment":true}]}}""");
        await Attacker.EnsureAsync(action);
    }

    public Task RunAsync(CancellationToken stop) => Task.WhenAll(
        RepeatAsync(_invocations, () => Attacker.SendAsync(http, HttpMethod.Post, $"rooms/{room}/actions/bump/invoke", "{}"), stop),
        RepeatAsync(_health, () => http.GetAsync("health", CancellationToken.None), stop));

    /// <summary>Median and 99th percentile of an invocation, and the same of health, in milliseconds; forgets them.</summary>
    public (double InvokeMedian, double InvokeP99, double HealthMedian, double HealthP99) Take()
    {
        var (invocations, health) = (Sorted(_invocations), Sorted(_health));
        return (At(invocations, 0.5), At(invocations, 0.99), At(health, 0.5), At(health, 0.99));
    }

    private async Task RepeatAsync(ConcurrentQueue<double> times, Func<Task<HttpResponseMessage>> call, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var began = Stopwatch.GetTimestamp();
            try
            {
                using var answer = await call();
                Failures += answer.IsSuccessStatusCode ? 0 : 1;
            }
            catch (Exception failed) when (failed is HttpRequestException or TaskCanceledException)
            {
                Failures++;
            }

            times.Enqueue(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            await Task.Delay(s_pause, CancellationToken.None);
        }
    }

    private static double[] Sorted(ConcurrentQueue<double> times)
    {
        var taken = times.ToArray();
        times.Clear();
        Array.Sort(taken);
        return taken;
    }

    private static double At(double[] sorted, double share) => sorted.Length == 0 ? double.NaN : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}
