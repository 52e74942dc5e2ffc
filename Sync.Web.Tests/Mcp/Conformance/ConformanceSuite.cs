using System.Diagnostics;

namespace Sync.Web.Tests.Mcp.Conformance;

/// <summary>
/// The suite as it comes from npm, with the Node it needs; where they cannot be had the tests are skipped. <c>SYNC_CONFORMANCE</c> names a folder where both are
/// installed already.
/// </summary>
public sealed class ConformanceSuite : IDisposable
{
    private const string Package = "@modelcontextprotocol/conformance@0.2.0-alpha.12";

    private readonly Lazy<Task<string>> _folder;
    private DirectoryInfo? _own;

    public ConformanceSuite() => _folder = new(InstallAsync);

    /// <summary>Skips the test unless the suite is there.</summary>
    public Task InstalledAsync() => _folder.Value;

    /// <summary>Runs the scenarios that a version of the protocol requires; gives what was printed.</summary>
    public async Task<string> RunAsync(Uri server, string version)
    {
        var folder = await _folder.Value;
        return await ProcessAsync(folder, Path.Combine(folder, "node_modules", "node", "bin", "node"), [
            Path.Combine("node_modules", "@modelcontextprotocol", "conformance", "dist", "index.js"),
            "server", "--url", server.ToString(), "--requirements", version, "-o", Path.Combine(folder, "results-" + version)]);
    }

    /// <inheritdoc/>
    public void Dispose() => _own?.Delete(recursive: true);

    private async Task<string> InstallAsync()
    {
        if (Environment.GetEnvironmentVariable("SYNC_CONFORMANCE") is { Length: > 0 } ready)
        {
            return ready;
        }

        _own = Directory.CreateTempSubdirectory("sync-conformance-");
        var folder = _own.FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "package.json"), """{"private":true}""");
        try
        {
            await ProcessAsync(folder, "npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", "node@24", Package]);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("npm is not installed here, so the conformance suite cannot be had.");
        }

        if (!File.Exists(Path.Combine(folder, "node_modules", "@modelcontextprotocol", "conformance", "dist", "index.js")) || !File.Exists(Path.Combine(folder, "node_modules", "node", "bin", "node")))
        {
            Assert.Skip("The npm registry cannot be reached from here, so the conformance suite cannot be had.");
        }

        return folder;
    }

    private static async Task<string> ProcessAsync(string folder, string program, string[] arguments)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(4));
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!; // It throws when it cannot.
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return await output + await errors;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
