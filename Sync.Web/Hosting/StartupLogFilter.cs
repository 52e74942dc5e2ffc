namespace Sync.Web.Hosting;

/// <summary>
/// Until the server has started, the host and Kestrel do not log: why they could not start is told in a sentence by
/// <see cref="SyncHosting.ServeAsync"/>, and theirs would be a page of stack trace above it.
/// </summary>
internal sealed class StartupLogFilter
{
    private static readonly string[] s_categories = ["Microsoft.Extensions.Hosting.Internal.Host", "Microsoft.AspNetCore.Server.Kestrel"];

    private volatile bool _hasEnded;

    public void Install(ILoggingBuilder logging)
    {
        foreach (var category in s_categories)
        {
            logging.AddFilter(category, level => _hasEnded && level >= LogLevel.Warning);
        }
    }

    public void End() => _hasEnded = true;
}
