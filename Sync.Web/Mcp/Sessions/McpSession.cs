using System.Collections.Concurrent;
using Sync.Engine;

namespace Sync.Web.Mcp.Sessions;

/// <summary>A connected client: its session in the engine, and the resources it has subscribed to.</summary>
internal sealed class McpSession(ClientSession chosen, string tokenId)
{
    /// <summary>Subscriptions of one session at most.</summary>
    public const int MostSubscriptions = 100;

    private long _lastUsed;

    public ClientSession Chosen { get; } = chosen;

    public string TokenId { get; } = tokenId;

    /// <summary>What ends each subscription, by address.</summary>
    public ConcurrentDictionary<string, CancellationTokenSource> Subscriptions { get; } = new(StringComparer.Ordinal);

    /// <summary>Timestamp of the last request.</summary>
    public long LastUsed
    {
        get => Interlocked.Read(ref _lastUsed);
        set => Interlocked.Exchange(ref _lastUsed, value);
    }
}
