using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Reflection;

namespace Sync.Benchmarks.Load.Pages;

/// <summary>
/// A server process of a probe's own, on a free port and a temporary folder, started as its users start it. Disposing ends it and removes the folder.
/// </summary>
internal sealed class ProbeServer : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder;

    private ProbeServer(Process process, DirectoryInfo folder, Uri address, string token)
    {
        Process = process;
        _folder = folder;
        Address = address;
        Token = token;
    }

    /// <summary>Where the built server is.</summary>
    public static string Program { get; } =
        typeof(ProbeServer).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == "Server").Value!; // The build puts it there.

    public Process Process { get; }

    public Uri Address { get; }

    /// <summary>Of a user who may make rooms and do everything in them.</summary>
    public string Token { get; }

    public static async Task<ProbeServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("sync-probe-");
        try
        {
            var data = Path.Combine(folder.FullName, "data");
            var token = await MintAsync(data, "probe", "rooms:* create_rooms");

            // Links in answers begin with the public address, so the port is chosen before.
            var address = $"http://127.0.0.1:{FreePort().ToString(CultureInfo.InvariantCulture)}";
            var process = Run(data, address);
            await ListenAsync(process).WaitAsync(s_patience);
            return new ProbeServer(process, folder, new Uri(address), token);
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>A client of a server that presents a token.</summary>
    public static HttpClient Client(Uri address, string token)
    {
        var http = new HttpClient { BaseAddress = address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    /// <summary>A token of another user, made beside the running server.</summary>
    public Task<string> MintAsync(string user, string scope) => MintAsync(Path.Combine(_folder.FullName, "data"), user, scope);

    public async ValueTask DisposeAsync()
    {
        Process.Kill();
        await Process.WaitForExitAsync();
        Process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static async Task<string> MintAsync(string data, string user, string scope)
    {
        using var mint = Run(data, "http://127.0.0.1:0", "token", "mint", "--user", user, "--scope", scope, "--data", data);
        var token = (await mint.StandardOutput.ReadToEndAsync()).Trim();
        await mint.WaitForExitAsync();
        return token;
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task ListenAsync(Process server)
    {
        while (await server.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains(Listening, StringComparison.Ordinal))
            {
                // A pipe that nobody empties would stop the server in the end.
                _ = server.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                return;
            }
        }

        throw new InvalidOperationException("The server ended before it listened.");
    }

    private static Process Run(string data, string address, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(Program);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["ASPNETCORE_URLS"] = address;
        start.Environment["Sync__PublicUrl"] = address;
        start.Environment["Sync__DataDirectory"] = data;
        start.Environment["Sync__Demo"] = "false";
        start.Environment["Sync__Limits__RequestsPerSecond"] = "1000000";
        start.Environment["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information";
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
    }
}
