using System.Diagnostics;
using System.Reflection;

namespace Sync.Benchmarks.Load;

/// <summary>The real server on an empty folder: how soon it answers, what it holds and what it does while nobody asks.</summary>
internal static class ServerProbe
{
    private const string Listening = "Now listening on: ";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(Report report)
    {
        report.Title("The server");
        var program = Program();
        if (!File.Exists(program))
        {
            report.Note($"Not built: dotnet build -c Release Sync.Web ({program})");
            return;
        }

        // The second start is the usual one: the first creates the database.
        var folder = Directory.CreateTempSubdirectory("sync-probe-");
        try
        {
            await StartAsync(report, program, folder.FullName, "first start, empty folder");
            await StartAsync(report, program, folder.FullName, "second start");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task StartAsync(Report report, string program, string folder, string name)
    {
        var began = Stopwatch.GetTimestamp();
        using var server = Process.Start(Info(program, folder)) ?? throw new InvalidOperationException("dotnet did not start.");
        try
        {
            using var http = new HttpClient { BaseAddress = await AddressAsync(server).WaitAsync(s_patience), Timeout = s_patience };
            using (var answer = await http.GetAsync("health/ready"))
            {
                answer.EnsureSuccessStatusCode();
            }

            report.Figure($"{name}: start to first answer", Stopwatch.GetElapsedTime(began).TotalMilliseconds, "ms");
            server.Refresh();
            report.Figure($"{name}: CPU until then", server.TotalProcessorTime.TotalMilliseconds, "ms");
            await Task.Delay(s_idle);
            server.Refresh();
            var before = server.TotalProcessorTime;
            await Task.Delay(s_idle);
            server.Refresh();
            report.Figure($"{name}: CPU while idle, per second", (server.TotalProcessorTime - before).TotalMilliseconds / s_idle.TotalSeconds, "ms");
            report.Figure($"{name}: working set while idle", server.WorkingSet64 / 1024.0 / 1024.0, "MiB");
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync();
        }
    }

    /// <summary>The address a started server says it listens at.</summary>
    public static async Task<Uri> AddressAsync(Process server)
    {
        while (await server.StandardOutput.ReadLineAsync() is { } line)
        {
            var at = line.IndexOf(Listening, StringComparison.Ordinal);
            if (at >= 0)
            {
                // Nobody reads on, but what an idle server says fits into the pipe.
                return new Uri(line[(at + Listening.Length)..].Trim());
            }
        }

        throw new InvalidOperationException("The server ended before it listened.");
    }

    private static ProcessStartInfo Info(string program, string folder)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, WorkingDirectory = folder };
        start.ArgumentList.Add(program);
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["Sync__DataDirectory"] = Path.Combine(folder, "data");
        start.Environment["Sync__Demo"] = "false";
        start.Environment["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information";
        return start;
    }

    private static string Program() =>
        typeof(ServerProbe).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == "Server").Value!;
}
