using System.Collections.Concurrent;
using Sync.Engine.Identity.Sessions;

namespace Sync.Web.Mcp.Sessions;

/// <summary>A connected client: its session in the engine, and the resources it has subscribed to.</summary>
internal sealed class McpSession(ClientSession chosen, string tokenId, string holder, string name)
{
    /// <summary>Subscriptions of one session at most.</summary>
    public const int MaxSubscriptions = 100;

    private string _tokenId = tokenId;
    private long _lastUsed;

    public ClientSession Chosen { get; } = chosen;

    /// <summary>Whose it is: see <see cref="Access.McpPrincipal.DelegatorOf"/>.</summary>
    public string Holder { get; } = holder;

    /// <summary>What the client calls itself.</summary>
    public string Name { get; } = name;

    /// <summary>The token it was last used with.</summary>
    public string TokenId
    {
        get => Volatile.Read(ref _tokenId);
        set => Volatile.Write(ref _tokenId, value);
    }

    /// <summary>When its client was last told to ask its user for more, until it comes back with what it got; null when it was not. Under the lock of <see cref="McpSessions"/>.</summary>
    public DateTimeOffset? ChallengedAt { get; set; }

    /// <summary>What ends each subscription, by address.</summary>
    public ConcurrentDictionary<string, CancellationTokenSource> Subscriptions { get; } = new(StringComparer.Ordinal);

    /// <summary>Timestamp of the last request.</summary>
    public long LastUsed
    {
        get => Interlocked.Read(ref _lastUsed);
        set => Interlocked.Exchange(ref _lastUsed, value);
    }
}
