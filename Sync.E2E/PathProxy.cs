using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sync.E2E;

/// <summary>
/// A reverse proxy as people put one before the server, for a server whose public address has a path: what is asked under the path goes to the server, with the path or
/// without it; of the rest only the places at which clients look for metadata do (RFC 8414 §3.1). Anything else is answered 404 and noted. One connection carries one request,
/// so that the head of each is seen; WebSockets and streams go through as they are.
/// </summary>
internal sealed class PathProxy : IAsyncDisposable
{
    private const int MaxHead = 32 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _strays = new();
    private readonly string _path;
    private readonly bool _strips;
    private readonly Task _accepting;

    /// <param name="path">The path, such as <c>/sync</c>.</param>
    /// <param name="strips">Whether it takes the path off.</param>
    public PathProxy(string path, bool strips)
    {
        (_path, _strips) = (path, strips);
        _listener.Start();
        Address = new Uri($"http://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}{path}/");
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients reach the server, with a slash at the end.</summary>
    public Uri Address { get; }

    /// <summary>The server behind it.</summary>
    public Uri? Server { get; set; }

    /// <summary>What was asked outside of the path.</summary>
    public IReadOnlyCollection<string> Strays => _strays;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It has been disposed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                await ForwardAsync(client.GetStream(), _stop.Token);
            }
        }
        catch (Exception gone) when (gone is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side has gone, which ends the other.
        }
    }

    private async Task ForwardAsync(NetworkStream client, CancellationToken cancellationToken)
    {
        var (head, begun) = await HeadAsync(client, cancellationToken);
        if (head.Length == 0)
        {
            return;
        }

        var lines = head.Split("\r\n");
        var request = lines[0].Split(' ');
        if (Target(request[1]) is not { } target)
        {
            _strays.Enqueue(lines[0]);
            await client.WriteAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), cancellationToken);
            return;
        }

        lines[0] = $"{request[0]} {target} {request[2]}";
        if (!lines.Any(static line => line.StartsWith("Upgrade:", StringComparison.OrdinalIgnoreCase)))
        {
            lines = [.. lines.Where(static line => !line.StartsWith("Connection:", StringComparison.OrdinalIgnoreCase)), "Connection: close"];
        }

        using var server = new TcpClient();
        await server.ConnectAsync(Server!.Host, Server.Port, cancellationToken); // Set before anything is asked.
        var stream = server.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(string.Join("\r\n", lines) + "\r\n\r\n"), cancellationToken);
        await stream.WriteAsync(begun, cancellationToken);

        // The answer's end is the connection's; a client that goes ends the server's too.
        var asked = client.CopyToAsync(stream, cancellationToken);
        await Task.WhenAny(stream.CopyToAsync(client, cancellationToken), asked);
    }

    private string? Target(string target)
    {
        if (target.StartsWith(_path, StringComparison.Ordinal) && (target.Length == _path.Length || target[_path.Length] is '/' or '?'))
        {
            return !_strips ? target : target[_path.Length..] is var below && below.StartsWith('/') ? below : "/" + below;
        }

        return target.StartsWith("/.well-known/", StringComparison.Ordinal) ? target : null;
    }

    private static async Task<(string Head, byte[] Begun)> HeadAsync(NetworkStream client, CancellationToken cancellationToken)
    {
        var read = new byte[MaxHead];
        var length = 0;
        while (length < read.Length)
        {
            var more = await client.ReadAsync(read.AsMemory(length), cancellationToken);
            if (more == 0)
            {
                break;
            }

            length += more;
            var end = read.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                return (Encoding.Latin1.GetString(read, 0, end), read[(end + 4)..length]);
            }
        }

        return ("", []);
    }
}
