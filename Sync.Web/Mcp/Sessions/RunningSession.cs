using Sync.Web.Mcp.Access;

namespace Sync.Web.Mcp.Sessions;

/// <summary>A session of a client that has initialised, from then until its end: whose it is, what is under way in it, and the stream of its notices. Thread-safe.</summary>
internal sealed class RunningSession(string id, McpPrincipal principal, TimeProvider time)
{
    private readonly CancellationTokenSource _ended = new();
    private long _lastHeard = time.GetTimestamp();

    public string Id { get; } = id;

    /// <summary>Who opened it.</summary>
    public McpPrincipal Principal { get; } = principal;

    public NotificationStream Notifications { get; } = new(time);

    public OpenRequests Requests { get; } = new();

    /// <summary>Whether its end is under way.</summary>
    public bool IsEnding { get; set; }

    /// <summary>Timestamp of the last that was heard of it. It is heard as long as it listens or waits for an answer.</summary>
    public long LastHeard => Notifications.IsOpen || Requests.Any ? time.GetTimestamp() : Interlocked.Read(ref _lastHeard);

    /// <summary>Cancelled when it has ended.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Notes that it was heard of.</summary>
    public void Hear() => Interlocked.Exchange(ref _lastHeard, time.GetTimestamp());

    /// <summary>Ends what is open in it.</summary>
    public void End() => _ended.Cancel();
}
