using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace Sync.E2E;

/// <summary>The clients in the folder <c>clients</c>, installed with npm once, when the first test asks for them. Without Node or the npm registry its tests are skipped.</summary>
public sealed class NodeClients : IAsyncLifetime
{
    private static readonly string[] s_unreachable =
        ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH", "ERR_SOCKET_TIMEOUT", "ENOTCACHED", "UNABLE_TO_GET_ISSUER_CERT", "SELF_SIGNED_CERT_IN_CHAIN"];

    private static readonly TimeSpan s_installing = TimeSpan.FromMinutes(3);

    private readonly Lazy<Task<(DirectoryInfo? Folder, string? Failure)>> _installed = new(DownloadAsync);

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Runs a script; gives its exit code and all it printed.</summary>
    /// <param name="script">Its file.</param>
    /// <param name="arguments">What it is told.</param>
    /// <param name="heard">Gets each line of its output as it comes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<(int Code, string Output)> RunAsync(string script, string[] arguments, Func<string, Task> heard, CancellationToken cancellationToken)
    {
        var (folder, failure) = await _installed.Value.WaitAsync(cancellationToken);
        Assert.SkipWhen(folder is null, failure ?? "");
        return await RunAsync("node", [script, .. arguments], folder!, heard, cancellationToken); // Else skipped.
    }

    /// <summary>Installs the clients now, for who measures what comes after.</summary>
    public async Task InstallAsync(CancellationToken cancellationToken)
    {
        var (folder, failure) = await _installed.Value.WaitAsync(cancellationToken);
        Assert.SkipWhen(folder is null, failure ?? "");
    }

    /// <summary>Runs a program that is no file here, beside the installed clients; gives its exit code and all it printed.</summary>
    public async Task<(int Code, string Output)> RunTextAsync(string name, string program, CancellationToken cancellationToken)
    {
        var (folder, failure) = await _installed.Value.WaitAsync(cancellationToken);
        Assert.SkipWhen(folder is null, failure ?? "");
        await File.WriteAllTextAsync(Path.Combine(folder!.FullName, name), program, cancellationToken); // Else skipped.
        return await RunAsync("node", [name], folder, static _ => Task.CompletedTask, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_installed.IsValueCreated && (await _installed.Value).Folder is { } folder)
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(DirectoryInfo? Folder, string? Failure)> DownloadAsync()
    {
        if (!await HasNodeAsync())
        {
            return (null, "No Node on this machine: install Node 20 or newer");
        }

        var sources = typeof(NodeClients).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == "Clients").Value!; // Set by the project.
        var folder = Directory.CreateTempSubdirectory("sync-clients-");
        foreach (var file in Directory.EnumerateFiles(sources))
        {
            File.Copy(file, Path.Combine(folder.FullName, Path.GetFileName(file)));
        }

        using var limit = new CancellationTokenSource(s_installing);
        var (code, output) = await RunAsync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"], folder, static _ => Task.CompletedTask, limit.Token);
        if (code == 0)
        {
            return (folder, null);
        }

        folder.Delete(recursive: true);
        Assert.True(IsUnreachable(output), output);
        return (null, $"npm cannot reach its registry, so there are no clients to try: {FirstError(output)}");
    }

    // What npm calls a registry that does not answer. Whatever else goes wrong is for somebody to look at.
    private static bool IsUnreachable(string output) => s_unreachable.Any(sign => output.Contains(sign, StringComparison.Ordinal));

    private static string FirstError(string output) => output.Split('\n').FirstOrDefault(line => line.Contains("error", StringComparison.OrdinalIgnoreCase)) ?? "no reason given";

    private static async Task<bool> HasNodeAsync()
    {
        try
        {
            var (code, output) = await RunAsync("node", ["--version"], new DirectoryInfo(Path.GetTempPath()), static _ => Task.CompletedTask, CancellationToken.None);
            return code == 0 && int.TryParse(output.TrimStart('v').Split('.')[0], CultureInfo.InvariantCulture, out var major) && major >= 20;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, string[] arguments, DirectoryInfo folder, Func<string, Task> heard, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException($"{program} did not start.");
        try
        {
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            var lines = new List<string>();
            while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            {
                lines.Add(line);
                await heard(line);
            }

            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, string.Join('\n', lines) + "\n" + await error);
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
