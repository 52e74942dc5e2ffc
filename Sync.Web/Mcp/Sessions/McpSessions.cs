using System.Collections.Concurrent;
using ModelContextProtocol.Server;
using Sync.Engine;
using Sync.Web.Mcp.Gate;

namespace Sync.Web.Mcp.Sessions;

/// <summary>
/// The connected clients. One that has initialised is found by its MCP session, and is gone when that ends. One of the stateless protocol says nothing that tells two of its
/// conversations apart, so it is found by its token and the name it gives itself, and is gone after two silent hours. Docs/decisions/0013 says why. Thread-safe.
/// </summary>
internal sealed class McpSessions(SyncEngine engine, TimeProvider time)
{
    private const int Most = 10_000;

    private static readonly TimeSpan s_silence = TimeSpan.FromHours(2);
    private static readonly TimeSpan s_sweepEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, McpSession> _stateful = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Token, string Client), McpSession> _stateless = new();
    private readonly Lock _opening = new();
    private long _swept = time.GetTimestamp();

    /// <summary>Runs a session of the SDK and notices its end, be it by the client, by silence or with the server.</summary>
    public static async Task RunAsync(HttpContext http, McpServer server, CancellationToken cancellationToken)
    {
        var sessions = http.RequestServices.GetRequiredService<McpSessions>();
        try
        {
            await server.RunAsync(cancellationToken);
        }
        finally
        {
            if (!string.IsNullOrEmpty(server.SessionId) && sessions._stateful.TryRemove(server.SessionId, out var session))
            {
                sessions.Close(session);
            }
        }
    }

    /// <summary>The session a request belongs to.</summary>
    public McpSession Of(McpServer server, McpPrincipal principal)
    {
        var client = server.ClientInfo?.Name ?? "";

        // The gate lets nobody through without one.
        var token = principal.Caller.TokenId!;
        var session = string.IsNullOrEmpty(server.SessionId)
            ? Find(_stateless, (token, client), client, principal.Caller)
            : Find(_stateful, server.SessionId, client, principal.Caller);
        if (session.TokenId != token)
        {
            // The SDK has seen that the holder is the same.
            engine.Embodiments.Hand(session.Chosen, principal.Caller);
            session.TokenId = token;
        }

        session.LastUsed = time.GetTimestamp();
        return session;
    }

    /// <summary>Cancelled when the session of this id ends; never, when nothing is known of it.</summary>
    public CancellationToken EndOf(string sessionId, Caller caller)
    {
        if (sessionId.Length == 0 || caller.TokenId is not { } token)
        {
            return CancellationToken.None;
        }

        return _stateful.TryGetValue(sessionId, out var session) && session.TokenId == token ? session.Chosen.Ended : CancellationToken.None;
    }

    private McpSession Find<TKey>(ConcurrentDictionary<TKey, McpSession> sessions, TKey key, string client, Caller caller)
        where TKey : notnull
    {
        if (sessions.TryGetValue(key, out var known) && !known.Chosen.Ended.IsCancellationRequested)
        {
            return known;
        }

        Sweep();
        lock (_opening)
        {
            if (sessions.TryGetValue(key, out known) && !known.Chosen.Ended.IsCancellationRequested)
            {
                return known;
            }

            // An ended session whose token lives again, as after a late refresh, begins anew.
            return sessions[key] = new McpSession(engine.Embodiments.Open(caller, client), caller.TokenId ?? "") { LastUsed = time.GetTimestamp() };
        }
    }

    private void Sweep()
    {
        var crowded = _stateless.Count >= Most;
        if (!crowded && time.GetElapsedTime(Interlocked.Read(ref _swept)) < s_sweepEvery)
        {
            return;
        }

        Interlocked.Exchange(ref _swept, time.GetTimestamp());
        var silent = _stateless.Where(pair => time.GetElapsedTime(pair.Value.LastUsed) > s_silence || pair.Value.Chosen.Ended.IsCancellationRequested).ToList();
        if (crowded && silent.Count == 0)
        {
            silent = [.. _stateless.OrderBy(pair => pair.Value.LastUsed).Take(Most / 10)];
        }

        foreach (var pair in silent)
        {
            if (_stateless.TryRemove(pair))
            {
                Close(pair.Value);
            }
        }
    }

    private void Close(McpSession session)
    {
        foreach (var subscription in session.Subscriptions.Values)
        {
            subscription.Cancel();
        }

        engine.Embodiments.Close(session.Chosen);
    }
}
