using System.Collections.Frozen;
using Microsoft.Extensions.Hosting;
using Sync.Cel.Syntax;
using Sync.Web.Commands;

namespace Sync.Web.Options;

/// <summary>What is on the command line of a server. The framework takes any name and ignores those that nobody reads, so that a server with a mistyped option would listen where nobody looks for it.</summary>
internal static class ServerArguments
{
    private const string Urls = "urls";

    // What the framework itself reads, beside settings with a section before them.
    private static readonly string[] s_known =
    [
        Urls, ServerCommands.DataOption[2..], "http_ports", "https_ports", "https_port", WebHostDefaults.WebRootKey, WebHostDefaults.DetailedErrorsKey, WebHostDefaults.CaptureStartupErrorsKey,
        WebHostDefaults.PreferHostingUrlsKey, WebHostDefaults.SuppressStatusMessagesKey, WebHostDefaults.ShutdownTimeoutKey, WebHostDefaults.StartupAssemblyKey, WebHostDefaults.HostingStartupAssembliesKey,
        WebHostDefaults.HostingStartupExcludeAssembliesKey, WebHostDefaults.PreventHostingStartupKey, WebHostDefaults.StaticWebAssetsKey, HostDefaults.EnvironmentKey, HostDefaults.ContentRootKey, HostDefaults.ApplicationKey,
        "AllowedHosts", "forwardedHeaders_enabled",
    ];

    // What other servers call it.
    private static readonly FrozenSet<string> s_address = new[] { "port", "p", "host", "address", "bind", "listen", "server.port" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>A sentence for each argument that nothing would read, and for each that lacks its value.</summary>
    public static IReadOnlyList<string> Mistakes(IReadOnlyList<string> arguments)
    {
        var mistakes = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            if (equals == argument.Length - 1)
            {
                // Without a value it is a section on the way to a setting, as hosts pass them on, or sets nothing.
                continue;
            }

            var name = (equals < 0 ? argument : argument[..equals]).TrimStart('-', '/');
            if (name.Length == argument.Length && equals < 0)
            {
                mistakes.Add($"`{argument}` belongs to no option; an option is given as `--urls http://localhost:6000`.");
            }
            else if (Mistake(name) is { } mistake)
            {
                mistakes.Add($"`{argument}` is no option of the server: {mistake}");
            }

            if (equals >= 0)
            {
                continue;
            }

            if (i + 1 == arguments.Count && mistakes.Count == 0)
            {
                mistakes.Add($"`{argument}` needs a value after it, such as `--urls http://localhost:6000`.");
            }

            i++; // Its value.
        }

        return mistakes;
    }

    private static string? Mistake(string name)
    {
        if (s_known.Contains(name, StringComparer.OrdinalIgnoreCase) || (name.Contains(':', StringComparison.Ordinal) && !name.Contains("__", StringComparison.Ordinal)))
        {
            return null;
        }

        return s_address.Contains(name) ? "where it listens is `--urls http://localhost:6000`, and links follow."
            : name.Contains("__", StringComparison.Ordinal) ? $"on the command line write `--{name.Replace("__", ":", StringComparison.Ordinal)}`; with `__` it is a variable of the environment."
            : DidYouMean.Nearest(name, s_known) is { } nearest ? $"did you mean `--{nearest}`?"
            : "`./run help` lists them.";
    }
}
