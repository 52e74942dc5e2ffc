using System.Net.Http.Headers;
using System.Text;

namespace Sync.Benchmarks.Load.Overload;

/// <summary>The overloads that were met or are near to those that were. A new bound of the engine gets a line here.</summary>
internal static class OverloadCases
{
    private const string Initialize =
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"probe","version":"1"}}}""";

    private static string Text(int kilobytes) => new('x', kilobytes * 1024);

    public static IReadOnlyList<OverloadCase> All { get; } =
    [
        new("large parameter, read often",
            a => a.RegisterAsync("""{"id":"chew","if":"lists.range(1500).all(i, params.x.size() > 0)","params":{"x":{"type":"any"}},"writes":[{"key":"n","increment":true}]}"""),
            (a, _) => a.InvokeAsync("chew", $$$"""{"params":{"x":["{{{Text(790)}}}"]}}""")),
        new("large meta, read often",
            async a =>
            {
                using var joined = await a.PostAsync($"rooms/{a.Room}/agents", $$$"""{"id":"bulky","meta":{"big":["{{{Text(15)}}}"]}}""");
                await Attacker.EnsureAsync(joined);
            },
            (a, _) => a.EvalAsync("lists.range(5000).all(i, agents.bulky.meta.big.size() > 0)")),
        new("views and conditions near their budget",
            async a =>
            {
                const string Slow = "lists.range(300).all(i, lists.range(300).all(j, i * j >= 0))";
                for (var i = 0; i < 40; i++)
                {
                    using var view = await a.InvokeAsync("_register_view", $$$"""{"params":{"id":"v{{{i}}}","expr":"{{{Slow}}} && state._shared.n != 'v{{{i}}}'"}}""");
                    await a.RegisterAsync($$$"""{"id":"put{{{i}}}","writes":[{"key":"k{{{i}}}","value":1,"enabled":"{{{Slow}}} && state._shared.n != {{{i}}}"}]}""");
                    using var put = await a.InvokeAsync($"put{i}", "{}");
                }

                await a.RegisterAsync("""{"id":"bump","writes":[{"key":"n","increment":true}]}""");
            },
            (a, i) => i % 4 == 0 ? a.InvokeAsync("bump", "{}") : a.GetAsync("context?peek=true")),
        new("regular expressions with many states",
            _ => Task.CompletedTask,
            (a, i) => a.EvalAsync($"lists.range(60).map(i, 'ab').join('').matches(r'^((a|b)*a(a|b){{{100 + (i % 100)}}}c|(a|b)*a(a|b){{{150 + (i % 100)}}}c|a[ab]{{900}}x{i})$')")),
        new("regular expressions made on the way",
            _ => Task.CompletedTask,
            (a, i) => a.EvalAsync($"lists.range(100000).exists(i, 'a'.matches('b{i}' + string(i)))")),
        new("searches for long texts in long texts",
            a => StoreAsync(a, "hay", $"\"{new string('a', 300_000)}\""),
            (a, _) => a.EvalAsync("lists.range(50).exists(i, state._shared.hay.contains(state._shared.hay.substring(0, 100000 + i) + 'b'))")),
        new("conversions of long texts",
            a => StoreAsync(a, "hay", $"\"{new string('1', 100_000)}\""),
            (a, i) => a.EvalAsync(i % 2 == 0 ? "lists.range(100000).exists(i, duration(state._shared.hay + 's') == duration('1s'))" : "lists.range(100000).exists(i, double(state._shared.hay) == 1.0)")),
        new("waits on state and clock",
            a => a.RegisterAsync("""{"id":"bump","writes":[{"key":"n","increment":true}]}"""),
            (a, i) => i < 10
                ? a.GetAsync($"wait?timeout=20000&condition={Uri.EscapeDataString($"lists.range(20000).exists(i, i == state._shared.n + {100_000_000 + i}) && now > timestamp('2099-01-01T00:00:00Z')")}")
                : a.InvokeAsync("bump", "{}")) { Parallel = 12 },
        new("commands near their budget",
            a => a.RegisterAsync("""{"id":"toil","if":"lists.range(400).all(i, lists.range(400).all(j, i * j >= 0))","writes":[{"key":"n","increment":true}]}"""),
            (a, _) => a.InvokeAsync("toil", "{}")) { Parallel = 32 },
        new("joins of nobody",
            _ => Task.CompletedTask,
            (a, i) => Attacker.SendAsync(a.Anonymous, HttpMethod.Post, $"rooms/{a.Room}/agents", $$$"""{"id":"nobody{{{i}}}","meta":{"t":"{{{Text(4)}}}"}}""")) { MaxCalls = 3_000 },
        new("large messages, then the whole bundle",
            _ => Task.CompletedTask,
            (a, i) => i < 250 ? a.InvokeAsync("_send_message", $$$"""{"params":{"body":"{{{Text(1000)}}}"}}""") : a.GetAsync("poll")),
        new("request keys with large answers",
            a => a.RegisterAsync("""{"id":"put","params":{"v":{"type":"any"}},"writes":[{"key":"big","value":"${params.v}"}]}"""),
            (a, i) => a.InvokeAsync("put", $$$"""{"request_id":"r{{{i}}}","params":{"v":"{{{Text(400)}}}"}}""")) { MaxCalls = 1_500 },
        new("large events, then the whole log",
            async a =>
            {
                await a.RegisterAsync("""{"id":"put","params":{"v":{"type":"any"}},"writes":[{"key":"big","value":"${params.v}"}]}""");
                for (var i = 0; i < 300; i++)
                {
                    using var put = await a.InvokeAsync("put", $$$"""{"params":{"v":"{{{Text(400)}}}"}}""");
                }
            },
            (a, i) => a.GetAsync(i % 2 == 0 ? "audit?limit=1000" : "poll?audit_limit=2000")),
        new("streams that nobody reads",
            a => a.RegisterAsync("""{"id":"put","params":{"v":{"type":"any"}},"writes":[{"key":"big","value":"${params.v}"}]}"""),
            (a, i) => i < 300 ? a.GetAsync("events?since=0", isStream: true) : a.InvokeAsync("put", $$$"""{"params":{"v":"{{{Text(200)}}}"}}""")) { LeavesUnread = true, MaxCalls = 2_000 },
        new("sessions of MCP",
            _ => Task.CompletedTask,
            (a, _) =>
            {
                var request = new HttpRequestMessage(HttpMethod.Post, "mcp") { Content = new StringContent(Initialize, Encoding.UTF8, "application/json") };
                request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
                request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
                return a.Http.SendAsync(request);
            }) { MaxCalls = 4_000 },
    ];

    private static async Task StoreAsync(Attacker attacker, string key, string json)
    {
        await attacker.RegisterAsync($$$"""{"id":"store","params":{"v":{"type":"any"}},"writes":[{"key":"{{{key}}}","value":"${params.v}"}]}""");
        using var stored = await attacker.InvokeAsync("store", $$$"""{"params":{"v":{{{json}}}}}""");
        await Attacker.EnsureAsync(stored);
    }
}
