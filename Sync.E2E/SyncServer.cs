using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Text;

namespace Sync.E2E;

/// <summary>The real server as a child process on a free port, with a data folder of its own that goes with it.</summary>
public sealed class SyncServer : IAsyncLifetime
{
    private const string Listening = "Now listening on: ";

    private static readonly string s_program = typeof(SyncServer).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == "Server").Value!;

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("sync-e2e-");
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;

    /// <summary>A token that may make rooms, minted by the server's own command.</summary>
    public string Token { get; private set; } = null!; // Set before any test runs, as is the address.

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = null!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _process = Start([]);
        _process.OutputDataReceived += (_, line) => Heard(line.Data);
        _process.ErrorDataReceived += (_, line) => Heard(line.Data);
        _process.EnableRaisingEvents = true;
        _process.Exited += (_, _) => _address.TrySetException(new InvalidOperationException($"The server did not start:\n{string.Join('\n', _output)}"));
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Address = await _address.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Token = await CommandAsync("token", "mint", "--user", "e2e", "--scope", "rooms:* create_rooms");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        _data.Delete(recursive: true);
    }

    /// <summary>Runs a server command beside the server and gives what it prints.</summary>
    private async Task<string> CommandAsync(params string[] arguments)
    {
        using var command = Start(arguments);
        var error = command.StandardError.ReadToEndAsync();
        var output = await command.StandardOutput.ReadToEndAsync();
        await command.WaitForExitAsync();
        Assert.True(command.ExitCode == 0, $"{string.Join(' ', arguments)}: {await error}");
        return output.Trim();
    }

    private Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            WorkingDirectory = _data.FullName,
        };
        start.ArgumentList.Add(s_program);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["Sync__DataDirectory"] = Path.Combine(_data.FullName, "data");
        start.Environment["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information";
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
    }

    private void Heard(string? line)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        var at = line.IndexOf(Listening, StringComparison.Ordinal);
        if (at >= 0)
        {
            _address.TrySetResult(new Uri(line[(at + Listening.Length)..].Trim()));
        }
    }
}
