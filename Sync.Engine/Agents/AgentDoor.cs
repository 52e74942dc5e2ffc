using System.Text.Json;
using Sync.Engine.Agents;
using Sync.Engine.Expressions;
using Sync.Engine.Json;
using Sync.Engine.Rooms;

namespace Sync.Engine;

/// <summary>Joining and updating agents.</summary>
public sealed partial class AgentDoor
{
    private readonly RoomGate _gate;
    private readonly RoomDirectory _directory;
    private readonly AccessTable _access;

    internal AgentDoor(RoomGate gate, RoomDirectory directory, AccessTable access)
    {
        _gate = gate;
        _directory = directory;
        _access = access;
    }

    /// <summary>
    /// Joins (or re-joins) a room. <paramref name="body"/> is the request object: <c>id name role meta enabled state public_keys views</c>, all optional.
    /// </summary>
    /// <returns>The agent as UTF-8 JSON, with its <c>token</c> (<c>as_…</c>) this once.</returns>
    /// <remarks>Errors: <c>room_not_found authentication_required agent_exists identity_mismatch invalid_id unknown_field invalid_parameter</c> and those of view definitions.</remarks>
    public async Task<Outcome<AgentJoined>> JoinAsync(Caller caller, string room, JsonElement body, CancellationToken cancellationToken)
    {
        if (!Admit(caller, room).Try(out var admitted, out var error))
        {
            return error;
        }

        var (record, access) = admitted;

        // Whose a token is counts as far as it may act: one that only reads here, or is for other rooms, joins an open room as anybody does, and not as its user's agent.
        var user = _access.ScopeOf(caller).LevelFor(room) < AccessLevel.Write ? null : _access.Current(caller)?.User;
        if (!JoinRequest.Parse(body, access.BoundAgent, _directory.Language).Try(out var request, out error))
        {
            return error;
        }

        if (access.BoundAgent is { } bound && access.Level < AccessLevel.Admin && _access.ScopeOf(caller).AgentFor(room) is not null && request.Id != bound)
        {
            return new SyncError(ErrorCode.IdentityMismatch, $"This token acts as '{bound}' only.") { Hint = $"Join as '{bound}', or use another token." }.With("agent", bound);
        }

        var loaded = await _directory.LoadAsync(record).ConfigureAwait(false);
        var rejoined = false;
        var outcome = await loaded.ExecuteAsync(
            moment => Joining.Decide(new JoinInput(moment, request, access, user?.Id, loaded.Limits), out rejoined),
            cancellationToken).ConfigureAwait(false);
        if (!outcome.Try(out _, out error))
        {
            return error;
        }

        // It has joined. Whoever hangs up now must not leave an agent behind that nobody has a token of.
        var asMember = user is not null && access.Level >= AccessLevel.Write;
        var secret = await _access.MintAgentTokenAsync(record, request.Id, asMember ? user!.Id : null, CancellationToken.None).ConfigureAwait(false);
        if (asMember && caller.TokenId is { } tokenId && !caller.IsSession)
        {
            await _access.BindAgentAsync(tokenId, record.Id, request.Id, CancellationToken.None).ConfigureAwait(false);
        }

        loaded.Touch(request.Id);
        return new AgentJoined(request.Id, Answer(loaded, record, request.Id, secret).Memory, rejoined);
    }

    /// <summary>
    /// Changes <c>name role status meta enabled grants timer</c> of an agent: by itself, by whom it is linked to, or with admin access.
    /// </summary>
    /// <returns>The agent as UTF-8 JSON.</returns>
    public async Task<Outcome<ReadOnlyMemory<byte>>> UpdateAsync(Caller caller, string room, string agent, JsonElement body, CancellationToken cancellationToken)
    {
        if (!(await _gate.EnterAsync(caller, room, AccessLevel.Write).ConfigureAwait(false)).Try(out var entrance, out var error)
            || !AgentPatch.Parse(body, _directory.Language).Try(out var patch, out error))
        {
            return error;
        }

        var loaded = entrance.Room;
        var outcome = await loaded.ExecuteAsync(
            moment => patch.Decide(moment, entrance, agent),
            cancellationToken).ConfigureAwait(false);
        if (!outcome.Try(out _, out error))
        {
            return error;
        }

        if (patch.Status is { } status)
        {
            var changed = loaded.Presence.Update(
                agent,
                status,
                static (presence, set) => presence with { SetStatus = set == "active" ? null : set },
                loaded.Time.GetUtcNow());
            if (changed)
            {
                loaded.Notify(new StateKey(Names.Agents, agent));
            }
        }

        return Answer(loaded, entrance.Record, agent, secret: null).Memory;
    }

    // Joining is the one thing that may be open to whoever knows the room.
    private Outcome<(RoomRecord Record, RoomAccess Access)> Admit(Caller caller, string room)
    {
        if (!caller.IsAnonymous && _gate.Check(caller, room, AccessLevel.Write).Try(out var found, out _))
        {
            return found;
        }

        if (Names.CheckRoomId(room) is { } badId)
        {
            return badId;
        }

        if (caller.Session?.SeatIn(room).Most < AccessLevel.Write)
        {
            // What a session has given up is not open to it either.
            return _gate.Check(caller, room, AccessLevel.Write);
        }

        if (_directory.TryFind(room, out var record) && record.Join == JoinPolicy.Open)
        {
            // A link that only shows acts for nobody: least of all may it take its user's agent. Without a token the room is as open as it is to everyone.
            var access = caller.IsAnonymous ? default : _access.Of(caller, record);
            return access.Views is null ? (record, access) : _gate.Check(caller, room, AccessLevel.Write);
        }

        return caller.IsAnonymous ? RoomGate.Anonymous : _gate.Check(caller, room, AccessLevel.Write);
    }

    private static JsonText Answer(Room room, RoomRecord record, string agent, string? secret) => JsonText.Write((room, record, agent, secret), static (writer, t) =>
    {
        var moment = t.room.Now;
        writer.WriteStartObject();
        writer.WriteString("id"u8, t.agent);
        AgentFigures.WriteFields(writer, moment.State.Agents[t.agent], moment.Presence, moment.Now, full: true);
        writer.WriteString("room"u8, t.record.Id);
        if (t.secret is not null)
        {
            writer.WriteString("token"u8, t.secret);
        }

        writer.WriteEndObject();
    });
}

/// <summary>The answer to a join.</summary>
/// <param name="Id">The agent's id.</param>
/// <param name="Json">The whole answer as UTF-8 JSON.</param>
/// <param name="Rejoined">Whether the agent existed before.</param>
public sealed record AgentJoined(string Id, ReadOnlyMemory<byte> Json, bool Rejoined);
