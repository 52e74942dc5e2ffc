using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace Sync.E2E;

/// <summary>
/// The real server as a child process, on a data folder that outlives it: started, killed without warning (SIGKILL) and started again, each time on another free
/// port. One thread at a time; ends only the processes it started, and removes the folder when disposed.
/// </summary>
/// <param name="settings">Environment of the server beside its address and folder.</param>
internal sealed class ServerProcess(params (string Name, string Value)[] settings) : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";
    private const string SetupPath = "/setup?code=";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly string s_program = typeof(ServerProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == "Server").Value!;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sync-e2e-");
    private Process? _process;
    private TaskCompletionSource<string> _setupLink = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Where it listens since the last start.</summary>
    public Uri Address { get; private set; } = null!; // Set by StartAsync, before anything reads it.

    /// <summary>The address for pages: passkeys work on names only, not on numbers (WebAuthn §5.1.2).</summary>
    public Uri Home => new UriBuilder(Address) { Host = "localhost" }.Uri;

    /// <summary>The path of the setup link that it has printed since the last start.</summary>
    public Task<string> SetupLinkAsync(CancellationToken cancellationToken) => _setupLink.Task.WaitAsync(s_patience, cancellationToken);

    /// <summary>Starts it and waits until it is ready to serve.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var output = new ConcurrentQueue<string>();
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var setupLink = _setupLink = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = Begin([]);
        _process.OutputDataReceived += (_, line) => Heard(line.Data);
        _process.ErrorDataReceived += (_, line) => Heard(line.Data);
        _process.EnableRaisingEvents = true;
        _process.Exited += (_, _) => address.TrySetException(new InvalidOperationException($"The server did not start:\n{string.Join('\n', output)}"));
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Address = await address.Task.WaitAsync(s_patience, cancellationToken);
        await ReadyAsync(cancellationToken);

        void Heard(string? line)
        {
            if (line is null)
            {
                return;
            }

            output.Enqueue(line);
            var at = line.IndexOf(Listening, StringComparison.Ordinal);
            if (at >= 0)
            {
                address.TrySetResult(new Uri(line[(at + Listening.Length)..].Trim()));
            }

            at = line.IndexOf(SetupPath, StringComparison.Ordinal);
            if (at >= 0)
            {
                setupLink.TrySetResult(line[at..].Trim());
            }
        }
    }

    /// <summary>Starts it and kills it before it can have got far: a crash in the middle of recovery.</summary>
    public async Task StartAndKillAsync(TimeSpan after, CancellationToken cancellationToken)
    {
        _process = Begin([]);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Task.Delay(after, cancellationToken);
        await KillAsync();
    }

    /// <summary>Kills it as a power cut would: no signal handler, no flush. On Unix this is SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
        {
            return;
        }

        _process = null;
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }

    /// <summary>Tells it to stop (SIGTERM), waits until it has, and gives its exit code.</summary>
    public async Task<int> StopAsync(CancellationToken cancellationToken)
    {
        var process = _process ?? throw new InvalidOperationException("It does not run.");
        using (var signal = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await signal.WaitForExitAsync(cancellationToken);
        }

        await process.WaitForExitAsync(cancellationToken);
        _process = null;
        var code = process.ExitCode;
        process.Dispose();
        return code;
    }

    /// <summary>Runs a server command on the folder; gives its exit code and what it printed.</summary>
    public async Task<(int ExitCode, string Output, string Error)> CommandAsync(string[] arguments, CancellationToken cancellationToken)
    {
        using var command = Begin(arguments);
        var error = command.StandardError.ReadToEndAsync(cancellationToken);
        var output = await command.StandardOutput.ReadToEndAsync(cancellationToken);
        await command.WaitForExitAsync(cancellationToken);
        return (command.ExitCode, output.Trim(), await error);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Delete(recursive: true);
    }

    private async Task ReadyAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = Address };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_patience);
        while (true)
        {
            using var answer = await http.GetAsync("health/ready", limit.Token);
            if (answer.IsSuccessStatusCode)
            {
                return;
            }

            await Task.Delay(20, limit.Token);
        }
    }

    private Process Begin(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            WorkingDirectory = _folder.FullName,
        };
        start.ArgumentList.Add(s_program);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["Sync__DataDirectory"] = Path.Combine(_folder.FullName, "data");
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        start.Environment["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information";
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
    }
}
