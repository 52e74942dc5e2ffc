using Microsoft.Playwright;

namespace Sync.Benchmarks.Load.Pages;

/// <summary>A page on a room, and what it costs its browser.</summary>
internal sealed class OpenPage
{
    private readonly IPage _page;

    private OpenPage(IPage page) => _page = page;

    /// <summary>Opens a room by its link and waits until it shows it.</summary>
    public static async Task<OpenPage> OpenAsync(IBrowserContext context, Uri link)
    {
        var page = await context.NewPageAsync();

        // Diagrams and fonts are drawn by the browser alone.
        await page.RouteAsync(url => url.EndsWith(".woff2", StringComparison.Ordinal) || url.Contains("mermaid", StringComparison.Ordinal), route => route.AbortAsync());
        await page.GotoAsync(link.AbsoluteUri, new() { Timeout = 120_000 });
        await page.Locator(".board").WaitForAsync(new() { Timeout = 120_000 });
        return new OpenPage(page);
    }

    /// <summary>
    /// Stops the browser from laying out and painting, which two dozen windows on the same machine as the server would do to its cost. The page goes on: its circuit gets every change, and its
    /// elements follow.
    /// </summary>
    public Task HideAsync() => _page.EvaluateAsync("() => { document.body.style.display = 'none'; }");

    /// <summary>Has the page write down when it shows which number of a metric.</summary>
    public Task WatchAsync(string view) => _page.EvaluateAsync(
        """
        view => {
          const card = document.querySelector(`[data-view="${view}"]`);
          window.probeSeen = [];
          let last = null;
          new MutationObserver(() => {
            const text = card.querySelector('.metric-value')?.textContent.replace(/\D/g, '');
            if (text && text !== last) {
              last = text;
              window.probeSeen.push(Number(text), Date.now());
            }
          }).observe(card, { subtree: true, childList: true, characterData: true });
        }
        """,
        view);

    /// <summary>Takes what the page has written down: each number with the milliseconds since 1970 at which it stood there.</summary>
    public async Task<IReadOnlyList<(long Number, double At)>> SeenAsync()
    {
        var seen = await _page.EvaluateAsync<double[]>("() => window.probeSeen.splice(0)");
        return [.. seen.Chunk(2).Select(pair => ((long)pair[0], pair[1]))];
    }

    /// <summary>What a full collection leaves of the script heap, MiB, and how many nodes the browser holds, shown or not.</summary>
    public async Task<(double HeapMiB, int Nodes, int Shown)> CostAsync()
    {
        var session = await _page.Context.NewCDPSessionAsync(_page);
        try
        {
            await session.SendAsync("HeapProfiler.collectGarbage");
            await session.SendAsync("HeapProfiler.collectGarbage");
            var heap = (await session.SendAsync("Runtime.getHeapUsage"))!.Value.GetProperty("usedSize").GetDouble(); // Always answered.
            var counters = (await session.SendAsync("Memory.getDOMCounters"))!.Value;
            var shown = await _page.EvaluateAsync<int>("() => document.querySelectorAll('*').length");
            return (heap / 1024 / 1024, counters.GetProperty("nodes").GetInt32(), shown);
        }
        finally
        {
            await session.DetachAsync();
        }
    }
}
