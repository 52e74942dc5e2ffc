using System.Collections.Concurrent;
using ModelContextProtocol.Server;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Health;
using Sync.Engine.Services;
using Sync.Web.Mcp.Access;
using Sync.Web.Options;

namespace Sync.Web.Mcp.Sessions;

/// <summary>
/// The connected clients. One that has initialised is found by its MCP session, and is gone when that ends. One of the stateless protocol says nothing that tells two of its
/// conversations apart, so it is found by its token and the name it gives itself, and is gone after two silent hours, as an initialised one is that neither listens nor waits. Docs/decisions/0013 says why. How many of each a user has is
/// bounded, and for a new one too many the user's own that was silent longest ends, never anybody else's. A client that was told to ask for more, and comes back with a token that was issued since, is the client it was:
/// without sessions it goes on where it was, and one that initialises anew has the agents of its session before to embody. Thread-safe.
/// </summary>
internal sealed partial class McpSessions(SyncEngine engine, SyncOptions options, TimeProvider time, ILogger<McpSessions> logger) : IAsyncDisposable
{
    // Of a token that is nobody's there may be very many.
    private const int ShareWithoutUser = 10;

    private static readonly TimeSpan s_silence = TimeSpan.FromHours(2);

    // A person who is asked decides within a few minutes. Later, a new token of the same client is that of another installation of it: those that are known by their address share one id.
    private static readonly TimeSpan s_stepUp = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan s_sweepEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, McpSession> _stateful = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Token, string Client), McpSession> _stateless = new();
    private readonly ConcurrentDictionary<string, RunningSession> _running = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<RunningSession>> _runningOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(string Token, string Client)>> _statelessOf = new(StringComparer.Ordinal);
    private readonly Lock _opening = new();
    private RequestDelegate? _end;
    private BackgroundLoop? _sweeping;

    /// <summary>Tells what ends a session of the SDK: its own answer to <c>DELETE</c>. It offers no other way from outside.</summary>
    public void EndWith(RequestDelegate delete)
    {
        _end = delete;
        _sweeping ??= BackgroundLoop.Start(
            new BackgroundLoopOptions { Name = "MCP sessions", Every = s_sweepEvery, Time = time, Logger = logger, Health = engine.Health },
            _ =>
            {
                Sweep();
                return Task.CompletedTask;
            });
    }

    public ValueTask DisposeAsync() => _sweeping?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Runs a session of the SDK and notices its end, be it by the client, by silence or with the server.</summary>
    public static async Task RunAsync(HttpContext http, McpServer server, CancellationToken cancellationToken)
    {
        var sessions = http.RequestServices.GetRequiredService<McpSessions>();
        var running = string.IsNullOrEmpty(server.SessionId) || http.User is not McpPrincipal principal ? null : sessions.Enter(server.SessionId, principal);
        try
        {
            await server.RunAsync(cancellationToken);
        }
        finally
        {
            if (running is not null)
            {
                sessions.Leave(running);
            }

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

        // The request filter lets no request through without one.
        var token = principal.Caller.TokenId!;
        var session = string.IsNullOrEmpty(server.SessionId)
            ? FindStateless((token, client), client, principal.Caller)
            : FindStateful(server.SessionId, client, principal.Caller);
        if (session.TokenId != token)
        {
            // The SDK has seen that the holder is the same.
            engine.Embodiments.Hand(session.Chosen, principal.Caller);
            session.TokenId = token;
            lock (_opening)
            {
                session.ChallengedAt = null;
            }
        }

        session.LastUsed = time.GetTimestamp();
        return session;
    }

    /// <summary>The session of this id, of a client that has initialised; null when there is none, or no longer.</summary>
    public RunningSession? Find(string? id) => id is { Length: > 0 } && _running.TryGetValue(id, out var running) ? running : null;

    /// <summary>Notes that a client is told to ask its user for more: it may come back with another token.</summary>
    /// <param name="caller">Who is told.</param>
    /// <param name="sessionId">The session of the request; null for a client without sessions.</param>
    public void Challenge(Caller caller, string? sessionId)
    {
        // As precise as tokens say when they were issued.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        lock (_opening)
        {
            if (sessionId is null)
            {
                foreach (var key in _statelessOf.GetValueOrDefault(DelegatorOf(caller), []).Where(key => key.Token == caller.TokenId))
                {
                    _stateless.GetValueOrDefault(key)?.ChallengedAt = now;
                }
            }
            else
            {
                _stateful.GetValueOrDefault(sessionId)?.ChallengedAt = now;
            }
        }
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

    private static string DelegatorOf(Caller caller) => caller.UserId ?? caller.TokenId ?? "";

    private int Max(Caller caller) => caller.UserId is null ? Math.Max(1, options.Limits.SessionsPerUser / ShareWithoutUser) : options.Limits.SessionsPerUser;

    private RunningSession Enter(string id, McpPrincipal principal)
    {
        var running = _running[id] = new RunningSession(id, principal, time);
        RunningSession? tooMuch = null;
        lock (_opening)
        {
            var own = ListOf(_runningOf, DelegatorOf(principal.Caller));
            own.Add(running);
            if (own.Count > Max(principal.Caller))
            {
                tooMuch = own.Where(other => other != running && !other.IsEnding).MinBy(static other => other.LastHeard);
                tooMuch?.IsEnding = true;
            }
        }

        if (tooMuch is not null)
        {
            _ = EndAsync(tooMuch);
        }

        return running;
    }

    private void Leave(RunningSession running)
    {
        _running.TryRemove(running.Id, out _);
        running.End();
        lock (_opening)
        {
            var holder = DelegatorOf(running.Principal.Caller);
            if (_runningOf.TryGetValue(holder, out var own) && own.Remove(running) && own.Count == 0)
            {
                _runningOf.Remove(holder);
            }
        }
    }

    private async Task EndAsync(RunningSession running)
    {
        // Away from the request that brought the new one.
        await Task.Yield();
        if (_end is not { } end)
        {
            return;
        }

        try
        {
            await using var scope = running.Principal.Services.Scopes.CreateAsyncScope();
            var http = new DefaultHttpContext { RequestServices = scope.ServiceProvider, User = running.Principal };
            http.Request.Method = HttpMethods.Delete;
            http.Request.Path = McpFeature.Path;
            http.Request.Headers[McpHeaders.Session] = running.Id;
            await end(http);
        }
        catch (Exception failure)
        {
            LogNotEnded(failure);
        }
    }

    private McpSession FindStateful(string id, string client, Caller caller)
    {
        if (_stateful.TryGetValue(id, out var known) && !known.Chosen.Ended.IsCancellationRequested)
        {
            return known;
        }

        McpSession opened;
        McpSession? before;
        lock (_opening)
        {
            if (_stateful.TryGetValue(id, out known) && !known.Chosen.Ended.IsCancellationRequested)
            {
                return known;
            }

            // An ended session whose token lives again, as after a late refresh, begins anew.
            before = BeforeStepUp(_stateful, caller, client).Value;
            before?.ChallengedAt = null;
            opened = _stateful[id] = Open(caller, client);
        }

        if (before is not null)
        {
            engine.Embodiments.GiveUp(before.Chosen);
        }

        return opened;
    }

    // Of the sessions whose client was told to ask for more, the one that this caller's token was issued for, or none.
    private KeyValuePair<TKey, McpSession> BeforeStepUp<TKey>(IEnumerable<KeyValuePair<TKey, McpSession>> sessions, Caller caller, string client) => caller is not { ClientId: not null, IssuedAt: { } issued } ? default
        : sessions.Where(pair => pair.Value is { ChallengedAt: { } challenged, Chosen.Ended.IsCancellationRequested: false } session
                && session.Name == client && session.Holder == McpPrincipal.DelegatorOf(caller) && session.TokenId != caller.TokenId
                && issued >= challenged && issued <= challenged + s_stepUp)
            .OrderByDescending(static pair => pair.Value.ChallengedAt)
            .FirstOrDefault();

    private McpSession FindStateless((string Token, string Client) key, string client, Caller caller)
    {
        if (_stateless.TryGetValue(key, out var known) && !known.Chosen.Ended.IsCancellationRequested)
        {
            return known;
        }

        McpSession? tooMuch = null;
        McpSession opened;
        lock (_opening)
        {
            if (_stateless.TryGetValue(key, out known) && !known.Chosen.Ended.IsCancellationRequested)
            {
                return known;
            }

            var own = ListOf(_statelessOf, DelegatorOf(caller));
            if (!own.Contains(key))
            {
                own.Add(key);
            }

            var before = BeforeStepUp(own.Where(_stateless.ContainsKey).Select(other => KeyValuePair.Create(other, _stateless[other])), caller, client);
            if (before.Value is { } same)
            {
                // Whoever asks for it hands it to the new token.
                own.Remove(before.Key);
                _stateless.TryRemove(before);
                return _stateless[key] = same;
            }

            if (own.Count > Max(caller))
            {
                var oldest = own.Where(other => other != key).MinBy(other => _stateless.TryGetValue(other, out var session) ? session.LastUsed : long.MinValue);
                own.Remove(oldest);
                _stateless.TryRemove(oldest, out tooMuch);
            }

            opened = _stateless[key] = Open(caller, client);
        }

        if (tooMuch is not null)
        {
            Close(tooMuch);
        }

        return opened;
    }

    private McpSession Open(Caller caller, string client) => new(engine.Embodiments.Open(caller, client), caller.TokenId ?? "", McpPrincipal.DelegatorOf(caller), client) { LastUsed = time.GetTimestamp() };

    private static List<T> ListOf<T>(Dictionary<string, List<T>> lists, string holder)
    {
        if (!lists.TryGetValue(holder, out var own))
        {
            lists[holder] = own = [];
        }

        return own;
    }

    private void Sweep()
    {
        foreach (var running in _running.Values.Where(running => time.GetElapsedTime(running.LastHeard) > s_silence))
        {
            lock (_opening)
            {
                if (running.IsEnding)
                {
                    continue;
                }

                running.IsEnding = true;
            }

            _ = EndAsync(running);
        }

        var silent = _stateless.Where(pair => time.GetElapsedTime(pair.Value.LastUsed) > s_silence || pair.Value.Chosen.Ended.IsCancellationRequested).ToList();
        foreach (var pair in silent)
        {
            if (_stateless.TryRemove(pair))
            {
                Close(pair.Value);
            }
        }

        lock (_opening)
        {
            foreach (var (holder, own) in _statelessOf.ToList())
            {
                own.RemoveAll(key => !_stateless.ContainsKey(key));
                if (own.Count == 0)
                {
                    _statelessOf.Remove(holder);
                }
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

    [LoggerMessage(LogLevel.Warning, "An MCP session that was silent, or over its user's bound, could not be ended.")]
    private partial void LogNotEnded(Exception failure);
}
