using Microsoft.Extensions.Logging;

namespace Sync.Engine;

/// <summary>
/// The door. Everything that the HTTP API, the pages, MCP and the demo do goes through here; every call takes a
/// <see cref="Caller"/> and authorises it once, inside. Thread-safe.
/// </summary>
public sealed class SyncEngine : IAsyncDisposable
{
    private SyncEngine()
    {
    }

    /// <summary>Tokens and users.</summary>
    public AccessDoor Access { get; } = new();

    /// <summary>Room life cycle, membership.</summary>
    public RoomDoor Rooms { get; } = new();

    /// <summary>Joining and updating agents.</summary>
    public AgentDoor Agents { get; } = new();

    /// <summary>Invoking and explaining actions.</summary>
    public ActionDoor Actions { get; } = new();

    /// <summary>Context, poll, evaluation.</summary>
    public ContextDoor Context { get; } = new();

    /// <summary>Parked conditions.</summary>
    public WaitDoor Waits { get; } = new();

    /// <summary>The past: history of a key, replay, audit.</summary>
    public HistoryDoor History { get; } = new();

    /// <summary>The present as it changes: events for streams, pictures for pages.</summary>
    public LiveDoor Live { get; } = new();

    /// <summary>Opens (and if need be creates and migrates) the data folder and starts the log.</summary>
    public static Task<SyncEngine> OpenAsync(EngineOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken) =>
        throw new InvalidOperationException();

    /// <summary>Flushes and closes. Parked waits answer with their time-out form; streams end.</summary>
    public ValueTask DisposeAsync() => throw new InvalidOperationException();
}
