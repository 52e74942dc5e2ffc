using System.Net.Sockets;
using System.Text;

namespace Sync.Web.Tests.Hosting;

/// <summary>Sends bytes that no client library would.</summary>
internal static class RawSocket
{
    /// <summary>Sends <paramref name="request"/> and reads until the server closes or has answered once.</summary>
    public static async Task<string> ExchangeAsync(Uri address, string request, CancellationToken cancellationToken)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(address.Host, address.Port, cancellationToken);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), cancellationToken);
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
            if (IsComplete(answer.ToString()))
            {
                break;
            }
        }

        return answer.ToString();
    }

    private static bool IsComplete(string answer)
    {
        var head = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (head < 0)
        {
            return false;
        }

        var length = answer[..head].Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return length is not null && Encoding.UTF8.GetByteCount(answer[(head + 4)..]) >= int.Parse(length.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
