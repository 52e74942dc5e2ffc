using System.Data.Common;
using System.Net.Sockets;

namespace Sync.Web.Options;

/// <summary>What the operator has to put right before the program can run, in plain sentences.</summary>
internal sealed class StartupException(IReadOnlyList<string> sentences) : Exception(string.Join(' ', sentences))
{
    /// <summary>One sentence for each thing.</summary>
    public IReadOnlyList<string> Sentences { get; } = sentences;

    /// <summary>The sentences for an exception that is the machine's or the operator's doing; null for a bug.</summary>
    public static IReadOnlyList<string>? Explain(Exception exception) => exception switch
    {
        StartupException startup => startup.Sentences,
        // Kestrel's own wording names the address: "Failed to bind to address http://127.0.0.1:5080: address already in use."
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } bind =>
            [$"{bind.Message.TrimEnd('.')}: stop what uses it (another Sync?), or serve elsewhere with `--urls http://localhost:5081`, which moves the links too."],
        SocketException { SocketErrorCode: SocketError.AccessDenied } => ["The system lets this user listen on no port below 1024: take another with `--urls http://localhost:5080` and put a proxy in front; docs/deploy.md shows how."],
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => ["An address of `--urls` (or ASPNETCORE_URLS) is none of this machine's: take one that it has, or `http://0.0.0.0:5080` for all."],
        FormatException format => [$"{format.Message.TrimEnd('.')}: `--urls` (or ASPNETCORE_URLS) is an address such as http://localhost:5080."],
        InvalidOperationException { TargetSite.DeclaringType.Namespace: { } place } invalid when place.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) && invalid.Message.Contains("HTTPS endpoint", StringComparison.Ordinal) =>
            ["An https address of `--urls` has no certificate: let a proxy speak TLS (docs/deploy.md shows how), or name a certificate with Kestrel__Certificates__Default__Path."],
        _ => null,
    };

    /// <summary>What is wrong with a data folder, when an exception says so; null for a bug.</summary>
    public static string? ExplainFolder(Exception exception, string directory) => exception switch
    {
        UnauthorizedAccessException => $"The data folder {directory} cannot be written; give this user the right to, or choose another with Sync__DataDirectory.",
        // Thrown by the engine with a sentence of its own, for a database that a newer version has written.
        InvalidDataException invalid => invalid.Message,
        DbException => $"The database in {directory} cannot be opened; it is damaged, or the folder is read-only or full.",
        IOException => $"The data folder {directory} cannot be used; it is no folder, or the disk is full or failing.",
        _ => null,
    };

    /// <summary>Writes the sentences to standard error.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> ReportAsync(IReadOnlyList<string> sentences)
    {
        foreach (var sentence in sentences)
        {
            await Console.Error.WriteLineAsync(sentence);
        }

        return 1;
    }
}
