using System.Net;

namespace Sync.Web.Options;

/// <summary>
/// The address in links, and the one that the server listens on. One setting moves both: who names only where to listen gets links that lead there, and who names only a public address on
/// this machine is served there. Behind a proxy, or on another machine's name, each is named for itself.
/// </summary>
internal static class PublicAddress
{
    private const string Default = "http://localhost:5080";

    private static readonly string[] s_everywhere = ["*", "+", "0.0.0.0", "[::]", "::"];

    /// <summary>Where to listen when nothing says it; null when something does.</summary>
    public static string? ListenUrl(IConfiguration configuration)
    {
        if (HasListening(configuration))
        {
            return null;
        }

        return Uri.TryCreate(configuration["Sync:PublicUrl"], UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttp && url.IsLoopback
            ? $"http://{url.Authority}"
            : Default;
    }

    /// <summary>The public address when no setting names it: where a browser on this machine finds the server.</summary>
    public static string OfListening(IConfiguration configuration)
    {
        var urls = (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToList();
        if (urls.Count == 0)
        {
            urls = [.. Ports("http"), .. Ports("https")];
        }

        return urls.Select(Reached).FirstOrDefault(static url => url is not null) ?? Default;

        IEnumerable<string> Ports(string scheme) =>
            (configuration[$"{scheme}_ports"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(port => $"{scheme}://*:{port}");
    }

    /// <summary>Whether links with this address work on the server's own machine alone.</summary>
    public static bool IsLocalOnly(string publicUrl) => Uri.TryCreate(publicUrl, UriKind.Absolute, out var url) && (url.IsLoopback || url.Host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase));

    /// <summary>Why browsers will refuse passkeys at an address, and what to do; null where they work (Web Authentication §5.1.3: a secure context, and a domain for a name).</summary>
    public static string? PasskeyProblem(string publicUrl)
    {
        var url = new Uri(publicUrl);
        var isLocal = IsLocalOnly(publicUrl);
        return url.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6
            ? $"Nobody can sign in at {publicUrl}: passkeys need a name, and this address is a number. "
                + (isLocal ? $"Set Sync__PublicUrl={new UriBuilder(url) { Host = "localhost" }.Uri.ToString().TrimEnd('/')}." : "Give the machine a name, serve it over https, and set Sync__PublicUrl to that; docs/deploy.md shows how.")
            : url.Scheme == Uri.UriSchemeHttp && !isLocal
                ? $"Nobody can sign in at {publicUrl}: browsers make passkeys over https only, or on localhost. Put TLS in front and set Sync__PublicUrl=https://{url.Host}; docs/deploy.md shows how. Tokens work meanwhile."
                : null;
    }

    /// <summary>What is listened on where links do not lead; null where they may.</summary>
    /// <param name="publicUrl">The address in links.</param>
    /// <param name="listening">What the server listens on.</param>
    public static string? LinkProblem(string publicUrl, IEnumerable<string> listening)
    {
        var url = new Uri(publicUrl);
        var known = listening.Select(static address => Uri.TryCreate(address.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out var at) ? at : null).OfType<Uri>().ToList();

        // A proxy may stand on this machine too, but then it speaks TLS, or has a path.
        return known.Count > 0 && IsLocalOnly(publicUrl) && url is { Scheme: "http", AbsolutePath: "/" } && known.All(at => at.Port != url.Port)
            ? $"Links say {publicUrl}, and the server listens on {string.Join(", ", listening)}: unless something on this machine hands requests on, set Sync__PublicUrl={Reached(known[0].ToString()) ?? Default}, or leave it out."
            : null;
    }

    private static bool HasListening(IConfiguration configuration) =>
        !string.IsNullOrEmpty(configuration["urls"]) || !string.IsNullOrEmpty(configuration["http_ports"]) || !string.IsNullOrEmpty(configuration["https_ports"]) || configuration.GetSection("Kestrel:Endpoints").Exists();

    // A port that the system is to choose is not known yet, and a socket or a pipe is for a proxy.
    private static string? Reached(string listening)
    {
        foreach (var host in s_everywhere)
        {
            listening = listening.Replace($"://{host}:", "://localhost:", StringComparison.Ordinal);
        }

        return Uri.TryCreate(listening, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", Port: > 0, Host: not ("" or "unix" or "pipe") }
            ? $"{url.Scheme}://{(IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address) ? url.IsDefaultPort ? "localhost" : $"localhost:{url.Port}" : url.Authority)}"
            : null;
    }
}
