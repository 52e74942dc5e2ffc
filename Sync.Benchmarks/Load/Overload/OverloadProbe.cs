using System.Collections.Concurrent;
using System.Globalization;
using Sync.Benchmarks.Load.Pages;

namespace Sync.Benchmarks.Load.Overload;

/// <summary>
/// What a bystander in another room notices while one party overloads the server, case by case: a server process of the probe's own on loopback, a bounded number of
/// seconds for each case, and then it ends. Prints the bystander's times, the server's largest working set and what the attacker was told.
/// </summary>
internal static class OverloadProbe
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(Report report, ReadOnlyMemory<string> arguments)
    {
        if (ProbeArguments.Read(arguments.Span, "seconds", "case") is not { } given)
        {
            return;
        }

        var seconds = given.Number("seconds", otherwise: 6, max: 60);
        foreach (var overload in OverloadCases.All.Where(c => given.Text("case") is not { } name || c.Name.Contains(name, StringComparison.OrdinalIgnoreCase)))
        {
            report.Title(overload.Name);

            // A server of its own for each: what one case left in memory must not count for the next.
            await using var server = await ProbeServer.StartAsync();
            await RunAsync(report, overload, server, TimeSpan.FromSeconds(seconds));
        }
    }

    private static async Task RunAsync(Report report, OverloadCase overload, ProbeServer server, TimeSpan time)
    {
        using var bystanderHttp = ProbeServer.Client(server.Address, server.Token);
        using var attackerHttp = ProbeServer.Client(server.Address, await server.MintAsync("mallory", "rooms:* create_rooms"));
        attackerHttp.Timeout = s_patience;
        var bystander = new Bystander(bystanderHttp, "quiet");
        var attacker = new Attacker(attackerHttp, "loud");
        await bystander.PrepareAsync();
        using (var room = await attacker.PostAsync("rooms", """{"id":"loud"}"""))
        {
            await Attacker.EnsureAsync(room);
        }

        using (var warm = new CancellationTokenSource(TimeSpan.FromSeconds(1.5)))
        {
            await bystander.RunAsync(warm.Token);
        }

        try
        {
            await overload.Prepare(attacker);
        }
        catch (InvalidOperationException refused)
        {
            report.Note($"not laid out: {refused.Message}");
            return;
        }

        bystander.Take();

        using var stop = new CancellationTokenSource(time);
        var answers = new ConcurrentDictionary<string, int>();
        var kept = new ConcurrentBag<HttpResponseMessage>();
        var largest = 0L;
        var calls = -1;
        var attack = Enumerable.Range(0, overload.Parallel).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested && Interlocked.Increment(ref calls) is var call && (overload.MaxCalls is not { } max || call < max))
            {
                try
                {
                    var answer = await overload.Attack(attacker, call);
                    answers.AddOrUpdate(await ToldAsync(answer, overload.LeavesUnread), 1, static (_, n) => n + 1);
                    kept.Add(answer);
                    if (!overload.LeavesUnread)
                    {
                        answer.Dispose();
                    }
                }
                catch (Exception failed) when (failed is HttpRequestException or TaskCanceledException)
                {
                    answers.AddOrUpdate(failed.GetType().Name, 1, static (_, n) => n + 1);
                }
            }
        })).ToArray();
        var watch = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                server.Process.Refresh();
                largest = Math.Max(largest, server.Process.WorkingSet64);
                await Task.Delay(50, CancellationToken.None);
            }
        });

        await bystander.RunAsync(stop.Token);
        await watch;
        var (invokeMedian, invokeP99, healthMedian, healthP99) = bystander.Take();
        report.Limit("bystander's invocation, median", invokeMedian, "ms", max: 20);
        report.Limit("the same, 99th percentile", invokeP99, "ms", max: 250);
        report.Figure("health, median", healthMedian, "ms");
        report.Limit("health, 99th percentile", healthP99, "ms", max: 100);
        report.Limit("largest working set", largest / 1024.0 / 1024.0, "MiB", max: 1024);
        report.Limit("bystander's failed calls", bystander.Failures, "", max: 0);
        foreach (var (told, count) in answers.OrderByDescending(a => a.Value).Take(5))
        {
            report.Note(string.Create(CultureInfo.InvariantCulture, $"attacker: {count} × {told}"));
        }

        attackerHttp.CancelPendingRequests();
        await Task.WhenAny(Task.WhenAll(attack), Task.Delay(s_patience, CancellationToken.None));
        foreach (var answer in kept)
        {
            answer.Dispose();
        }
    }

    private static async Task<string> ToldAsync(HttpResponseMessage answer, bool isStream)
    {
        var status = ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
        if (isStream || answer.IsSuccessStatusCode)
        {
            return status;
        }

        var text = await answer.Content.ReadAsStringAsync();
        var at = text.IndexOf("\"error\":\"", StringComparison.Ordinal);
        return at < 0 ? status : $"{status} {text[(at + 9)..].Split('"')[0]}";
    }
}
