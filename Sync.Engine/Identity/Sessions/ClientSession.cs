using System.Collections.Immutable;
using Sync.Engine.Identity.Notices;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Identity.Sessions;

/// <summary>
/// What one client has chosen for the while it is connected: as which agent it acts in each room, and how far it has narrowed itself. It adds nothing to what
/// its token may do, and what it gives up it does not get back. Changed by <c>EmbodimentService</c> only; any thread reads it.
/// </summary>
public sealed class ClientSession : ICallerSession
{
    private readonly CancellationTokenSource _ended = new();
    private ImmutableDictionary<string, SessionRoom> _sessionRooms = ImmutableDictionary<string, SessionRoom>.Empty;
    private Caller _caller;

    internal ClientSession(Caller caller, string client)
    {
        _caller = caller;
        Client = AgentSlug.OfClientName(client);
    }

    /// <summary>The client's name as it stands in agent ids.</summary>
    public string Client { get; }

    /// <summary>Cancelled when the session is over: closed, or its token dead.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>The caller it hangs on: that opened it, or that it was handed to.</summary>
    internal Caller Caller
    {
        get => Volatile.Read(ref _caller);
        set => Volatile.Write(ref _caller, value);
    }

    /// <summary>Its place among what hangs on its token; null until it is open.</summary>
    internal AccessDependent? Access { get; set; }

    internal string Id { get; } = Secret.NewId("");

    internal bool HasEnded => _ended.IsCancellationRequested;

    /// <summary>The rooms it has chosen anything for.</summary>
    internal IEnumerable<KeyValuePair<string, SessionRoom>> SessionRooms => Volatile.Read(ref _sessionRooms);

    /// <summary>The agent it embodies in a room, or null while it observes.</summary>
    public string? AgentIn(string room) => SessionIn(room).Agent;

    string ICallerSession.Id => Id;

    /// <inheritdoc cref="ICallerSession.SessionIn"/>
    internal SessionRoom SessionIn(string room) => Volatile.Read(ref _sessionRooms).GetValueOrDefault(room, SessionRoom.Free);

    SessionRoom ICallerSession.SessionIn(string room) => SessionIn(room);

    IEnumerable<string> ICallerSession.RoomsBelow(AccessLevel level) => SessionRooms.Where(sessionRoom => sessionRoom.Value.Max < level).Select(static sessionRoom => sessionRoom.Key);

    internal void Change(string room, Func<SessionRoom, SessionRoom> change) =>
        ImmutableInterlocked.Update(ref _sessionRooms, static (sessionRooms, t) => sessionRooms.SetItem(t.room, t.change(sessionRooms.GetValueOrDefault(t.room, SessionRoom.Free))), (room, change));

    internal void End() => _ended.Cancel();
}

/// <summary>A session's place in one room. Immutable.</summary>
internal sealed record SessionRoom
{
    public static SessionRoom Free { get; } = new();

    /// <summary>The agent it acts as, or null.</summary>
    public string? Agent { get; init; }

    /// <summary>The most it has left itself.</summary>
    public AccessLevel Max { get; init; } = AccessLevel.Admin;

    /// <summary>The only role it may fill, or null.</summary>
    public string? Role { get; init; }

    /// <summary>The agent that another session has taken over from it and that it has not replaced since, or null.</summary>
    public string? Lost { get; init; }

    /// <summary>Whether <see cref="Agent"/> is the one that a single call names: it comes to be with what the call does, where it is not there yet.</summary>
    public bool IsForCall { get; init; }
}

/// <summary>What a caller's client session says: the session itself, or what it said when a command was sent.</summary>
internal interface ICallerSession
{
    string Id { get; }

    /// <summary>What the client calls itself, as it stands in agent ids.</summary>
    string Client { get; }

    /// <summary>What it has chosen in a room.</summary>
    SessionRoom SessionIn(string room);

    /// <summary>The rooms in which it has left itself less than a level. Asked of a session that is there: a command carries what it had chosen in one room alone.</summary>
    IEnumerable<string> RoomsBelow(AccessLevel level);
}

/// <summary>What a session had chosen in the room of a command when the command was sent. Data.</summary>
/// <param name="Id">The session's id.</param>
/// <param name="Client">What its client calls itself.</param>
/// <param name="SessionRoom">What it had chosen there.</param>
internal sealed record SentSession(string Id, string Client, SessionRoom SessionRoom) : ICallerSession
{
    /// <inheritdoc/>
    public SessionRoom SessionIn(string room) => SessionRoom;

    /// <inheritdoc/>
    public IEnumerable<string> RoomsBelow(AccessLevel level) => [];
}

/// <summary>A session as it is for one call that names the agent it acts as.</summary>
/// <param name="Session">The session.</param>
/// <param name="Room">The room of the call.</param>
/// <param name="Agent">The agent that the call names.</param>
internal sealed record SessionOfCall(ICallerSession Session, string Room, string Agent) : ICallerSession
{
    /// <inheritdoc/>
    public string Id => Session.Id;

    /// <inheritdoc/>
    public string Client => Session.Client;

    /// <inheritdoc/>
    public SessionRoom SessionIn(string room) => Session.SessionIn(room) is var chosen && room == Room ? chosen with { Agent = Agent, IsForCall = true } : chosen;

    /// <inheritdoc/>
    public IEnumerable<string> RoomsBelow(AccessLevel level) => Session.RoomsBelow(level);
}
