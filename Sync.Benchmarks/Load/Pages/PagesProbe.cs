using System.Diagnostics;
using System.Globalization;
using Microsoft.Playwright;

namespace Sync.Benchmarks.Load.Pages;

/// <summary>
/// What open pages cost a server while their room changes: how soon a change is seen, the server's CPU and memory, and the cost of one page to its browser. A server and a browser of its own;
/// both end with it. The browser is on the same machine and takes far more CPU than the server, whose share is told apart.
/// </summary>
internal static class PagesProbe
{
    private static readonly string[] s_browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    private static readonly string[] s_panels = ["", "?panel=state", "?panel=log", "?panel=messages", "?panel=surfaces"];

    public static async Task RunAsync(Report report, ReadOnlyMemory<string> arguments)
    {
        if (ProbeArguments.Read(arguments.Span, "pages", "rate", "seconds", "room") is not { } given)
        {
            return;
        }

        var (pages, rate, seconds) = (given.Number("pages", otherwise: 50, max: 200), given.Number("rate", otherwise: 20, max: 200), given.Number("seconds", otherwise: 60, max: 3_600));
        var size = given.Text("room") == "large" ? RoomSize.Large : RoomSize.Small;
        report.Title($"{pages} open pages of one {(size == RoomSize.Large ? "large" : "small")} room, {rate} commits a second, {seconds} s");
        if (!File.Exists(ProbeServer.Program) || s_browsers.FirstOrDefault(File.Exists) is not { } program)
        {
            report.Note($"Needs the server (dotnet build -c Release Sync.Web) and Chromium (apt-get install chromium).");
            return;
        }

        await using var server = await ProbeServer.StartAsync();
        using var room = await ArchiveRoom.CreateAsync(server.Address, server.Token, "tide", size);
        using var vitals = new ServerVitals(server.Process);
        report.Figure("server before any page: working set", vitals.ResidentMiB, "MiB");
        report.Figure("server before any page: heap after a full collection", await vitals.LiveHeapMiBAsync(), "MiB");

        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, Headless = true, Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--process-per-site"] });
        var watched = await OpenPage.OpenAsync(await browser.NewContextAsync(new() { ViewportSize = new() { Width = 1024, Height = 700 }, ReducedMotion = ReducedMotion.Reduce }), room.Link);
        await OpenOthersAsync(browser, room, pages - 1);
        await watched.WatchAsync("beat");
        report.Figure("server with the pages open: working set", vitals.ResidentMiB, "MiB");
        report.Figure("server with the pages open: heap after a full collection", await vitals.LiveHeapMiBAsync(), "MiB");
        Page(report, "at the start", await watched.CostAsync());
        await MeasureAsync(report, new CommitStream(room, rate), watched, vitals, TimeSpan.FromSeconds(seconds));
    }

    private static async Task OpenOthersAsync(IBrowser browser, ArchiveRoom room, int count)
    {
        // Small windows on different panels, in one process of the browser, unpainted once they are live: what they cost the browser is not what is measured. The watched page has another process.
        var context = await browser.NewContextAsync(new() { ViewportSize = new() { Width = 420, Height = 320 }, ReducedMotion = ReducedMotion.Reduce });
        for (var i = 0; i < count; i++)
        {
            var page = await OpenPage.OpenAsync(context, new UriBuilder(room.Link) { Query = s_panels[i % s_panels.Length] }.Uri);
            await page.HideAsync();
        }
    }

    private static async Task MeasureAsync(Report report, CommitStream commits, OpenPage watched, ServerVitals vitals, TimeSpan time)
    {
        var latencies = new List<double>();
        var began = Stopwatch.GetTimestamp();
        using var stop = new CancellationTokenSource(time);
        vitals.CpuShare();
        var running = commits.RunAsync(stop.Token);
        var cpu = new List<double>();
        for (var minute = 1; ; minute++)
        {
            // The page's notes are taken often enough to stay short.
            while (!stop.IsCancellationRequested && Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(minute))
            {
                await Task.Delay(TimeSpan.FromSeconds(1));
                Take(await watched.SeenAsync(), commits, latencies);
            }

            var share = vitals.CpuShare();
            cpu.Add(share);
            report.Note(string.Create(
                CultureInfo.InvariantCulture,
                $"after {Stopwatch.GetElapsedTime(began).TotalSeconds,5:0} s: {commits.Answered,6} commits, server CPU {100 * share,5:0.0} % of one core, working set {vitals.ResidentMiB,6:0.0} MiB, heap after the last collection {vitals.HeapMiB,6:0.0} MiB, median so far {Median(latencies),4:0} ms"));
            if (stop.IsCancellationRequested)
            {
                break;
            }
        }

        await running;
        report.Figure("commits a second", commits.Answered / Stopwatch.GetElapsedTime(began).TotalSeconds, "");
        report.Limit("commit to changed text in the page, median", Median(latencies), "ms", max: 150);
        report.Figure("the same, 90 % within", Cpu.Quantile(latencies, 0.9), "ms");
        report.Figure("the same, longest", latencies.Max(), "ms");
        report.Figure("server CPU, of one core", 100 * cpu.Average(), "%");
        report.Figure("server at the end: working set", vitals.ResidentMiB, "MiB");
        report.Figure("server at the end: heap after a full collection", await vitals.LiveHeapMiBAsync(), "MiB");
        report.Figure("server at the end: working set after that", vitals.ResidentMiB, "MiB");
        Page(report, "at the end", await watched.CostAsync());
    }

    // Page models are skipped when changes come fast: a number is seen when it or a later one stands there.
    private static void Take(IReadOnlyList<(long Number, double At)> seen, CommitStream commits, List<double> latencies)
    {
        foreach (var (number, at) in seen)
        {
            foreach (var beat in commits.Sent.Keys.Where(beat => beat <= number).ToList())
            {
                if (commits.Sent.TryRemove(beat, out var sent))
                {
                    latencies.Add(at - sent);
                }
            }
        }
    }

    private static double Median(List<double> latencies) => latencies.Count == 0 ? double.NaN : Cpu.Median(latencies);

    private static void Page(Report report, string when, (double HeapMiB, int Nodes, int Shown) cost)
    {
        report.Figure($"one page {when}: script heap after a full collection", cost.HeapMiB, "MiB");
        report.Figure($"one page {when}: elements shown", cost.Shown, "");
        report.Figure($"one page {when}: nodes held by its process", cost.Nodes, "");
    }
}
