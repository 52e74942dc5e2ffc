using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Authority;
using Sync.Engine.Commands;
using Sync.Engine.Commands.Agents;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Sessions;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Concurrency;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Reads.Context;
using Sync.Engine.Runtime;
using Sync.Engine.Runtime.Waits;
using Sync.Engine.Services.Embodiments;

namespace Sync.Engine.Services.Agents;

/// <summary>Joining, updating and removing agents.</summary>
public sealed partial class AgentService
{
    private readonly RoomAuthorizer _authorizer;
    private readonly RoomDirectory _directory;
    private readonly IdentityCache _access;
    private readonly RoomAdmission _admission;
    private readonly EntryWaits _entries;
    private readonly EmbodimentService _embodiments;
    private readonly AgentIds _ids;
    private readonly RunningTasks _ending = new();

    internal AgentService(RoomAuthorizer authorizer, RoomDirectory directory, IdentityCache access, RoomAdmission admission, EntryWaits entries, EmbodimentService embodiments, AgentIds ids)
    {
        _authorizer = authorizer;
        _directory = directory;
        _access = access;
        _admission = admission;
        _entries = entries;
        _embodiments = embodiments;
        _ids = ids;
    }

    /// <summary>
    /// Joins (or re-joins) a room. <paramref name="body"/> is the request object: <c>id name role meta enabled state public_keys views</c>, all optional. Whose join it is says
    /// <see cref="IdentityCache.JoinerOf"/>: a user's links the agent to the user, gives a role to who had none, and makes the token act as the agent; any other is nobody's.
    /// </summary>
    /// <returns>The agent as UTF-8 JSON, with its <c>token</c> (<c>as_…</c>) this once, and <c>warnings</c>.</returns>
    /// <remarks>Errors: <c>room_not_found authentication_required agent_exists identity_mismatch invalid_id unknown_field invalid_parameter read_only_token scope_denied</c> and those of view definitions.</remarks>
    public Task<Outcome<AgentJoined>> JoinAsync(Caller caller, string room, JsonElement body, CancellationToken cancellationToken) =>
        JoinAsync(caller, room, body, EntryWaits.Longest, cancellationToken);

    /// <summary>The same for a surface whose clients wait less long for an answer: <paramref name="longest"/> bounds <c>wait_ms</c>.</summary>
    public async Task<Outcome<AgentJoined>> JoinAsync(Caller caller, string room, JsonElement body, TimeSpan longest, CancellationToken cancellationToken)
    {
        // What is wrong with the request itself is told before the room is looked at: a join that waits must say nothing of it.
        var bound = _access.ScopeOf(caller).AgentFor(room);
        var standard = bound ?? (caller.Session is null && _directory.TryFind(room, out var known) ? _access.Of(caller, known).BoundAgent : null);
        if (!JoinRequest.Parse(body, standard, _directory.Language, out var waitMs).Try(out var request, out var error))
        {
            return error;
        }

        TimeSpan? wait = null;
        if (waitMs is not null)
        {
            if (!WaitTime.Check(waitMs, longest, "wait_ms").Try(out var span, out error))
            {
                return error;
            }

            wait = span;
        }

        if (bound is not null && request.Id != bound)
        {
            return new SyncError(ErrorCode.IdentityMismatch, $"This token acts as '{bound}' only.") { Hint = $"Join as '{bound}', or use another token." }.With("agent", bound);
        }

        return await _entries.EnterAsync(caller, room, wait, JsonText.LengthOf(body), _admission.CheckJoin, admission => EnterAsync(caller, admission, request, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private async Task<Outcome<AgentJoined>> EnterAsync(Caller caller, Admission admission, JoinRequest request, CancellationToken cancellationToken)
    {
        var record = admission.Record;

        // A user whom another process has just made is a user too.
        await _ids.LearnAsync(cancellationToken).ConfigureAwait(false);
        if (!(await _directory.OpenAsync(record).ConfigureAwait(false)).Try(out var loaded, out var error))
        {
            return error;
        }

        var outcome = await loaded.Writer.ExecuteAsync(
            new JoinCommand
            {
                Source = caller.IsAnonymous ? WorkSource.Anonymous : WorkSource.Of(caller, record, admission.Held),
                Caller = caller.IdentityIn(record.Id),
                Request = request,
                User = admission.User?.Id,
            },
            cancellationToken).ConfigureAwait(false);
        return outcome.Try(out var committed, out error) ? await WelcomeAsync(caller, admission, loaded, request.Id, committed).ConfigureAwait(false) : error;
    }

    // It has joined. Whoever hangs up now must not leave an agent behind that nobody has a token of.
    private async Task<Outcome<AgentJoined>> WelcomeAsync(Caller caller, Admission admission, RoomReplica loaded, string id, Committed committed)
    {
        var (record, user) = (admission.Record, admission.User);
        if (user is not null && await _admission.SettleAsync(record, user).ConfigureAwait(false) is { } gone)
        {
            return gone;
        }

        var joined = loaded.Published.Agents.GetValueOrDefault(id);
        var agent = joined?.Binding ?? new AgentBinding(id, committed.Seq);

        // What acts as a user's agent ends with that user's role, whoever asked for it.
        var maker = user is not null || admission.Held.Level >= AccessLevel.Write ? caller : Caller.Anonymous;
        if (!(await _access.RoomTokens.MintAgentTokenAsync(record, agent, maker, joined?.User, caller, CancellationToken.None).ConfigureAwait(false)).Try(out var secret, out var error))
        {
            return error;
        }

        var before = user is not null && !caller.IsSession && caller.TokenId is { } tokenId
            ? await _access.Tokens.BindAgentAsync(tokenId, record, agent, CancellationToken.None).ConfigureAwait(false)
            : null;
        // In a client session it is whom the session acts as, unless that is somebody already.
        var embodied = caller.Session is ClientSession session ? _embodiments.EmbodyJoined(caller, session, record.Id, id) : ((bool, string?)?)null;
        return new AgentJoined(id, Answer(loaded, record, id, secret, Moved(caller, record, loaded.Published, before, agent, named: admission.Held.Level == AccessLevel.Admin), embodied).Memory, !committed.IsNew) { Token = secret };
    }

    /// <summary>Whether a room lets the caller in to act as an agent of their own: null, or the refusal it would get. Loads nothing.</summary>
    public SyncError? EntryRefusal(Caller caller, string room) => _admission.CheckEntry(caller, room).Error;

    /// <summary>
    /// Lets a caller's user into a room that takes them, with the role that the room gives to who has none; no effect on who may act there already. The agent of their own comes with their first act.
    /// </summary>
    /// <returns>The room's id.</returns>
    /// <remarks>Errors: as <see cref="EntryRefusal"/>; <c>room_not_found</c> when it was deleted meanwhile.</remarks>
    public async Task<Outcome<string>> EnterAsync(Caller caller, string room, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_admission.CheckEntry(caller, room).Try(out var admission, out var error))
        {
            return error;
        }

        return admission.User is { } user && await _admission.SettleAsync(admission.Record, user).ConfigureAwait(false) is { } gone ? gone : admission.Record.Id;
    }

    /// <summary>
    /// Puts an agent of the caller's user into a room before its program comes, which then acts with a token of its own: a join without a token of the agent. No effect on one that is there.
    /// </summary>
    /// <returns>Whether it is new.</returns>
    /// <remarks>Errors: as <see cref="IdRefusalAsync"/>.</remarks>
    public async Task<Outcome<bool>> IntroduceAsync(Caller caller, string room, string agent, CancellationToken cancellationToken)
    {
        if (await IdRefusalAsync(caller, room, agent, cancellationToken).ConfigureAwait(false) is { } refused
            || !_admission.CheckEntry(caller, room).Try(out var admission, out refused)
            || !(await _directory.OpenAsync(admission.Record).ConfigureAwait(false)).Try(out var loaded, out refused))
        {
            return refused;
        }

        if (loaded.Published.Agents.ContainsKey(agent))
        {
            return false;
        }

        var outcome = await loaded.Writer.ExecuteAsync(
            new JoinCommand
            {
                Source = WorkSource.Of(caller, admission.Record, admission.Held),
                Caller = caller.IdentityIn(admission.Record.Id),
                Request = new JoinRequest { Id = agent },
                User = admission.User?.Id,
            },
            cancellationToken).ConfigureAwait(false);
        return outcome.Try(out var committed, out var error) ? committed.IsNew : error;
    }

    /// <summary>Decides a join. It may have stood in line: the policy and the caller's access are those of now.</summary>
    internal Decision Decide(JoinCommand command, Moment moment, RoomReplica room)
    {
        if (!_access.CallerOf(command.Caller).Try(out var caller, out var error) || !_admission.CheckJoin(caller, room.Record.Id).Try(out var admission, out error))
        {
            return Decision.Refuse(error);
        }

        var request = command.Request;
        if (command.Caller.Session?.SessionRoom.Role is { } only && !EmbodimentService.KeepsRole(moment.State, ref request, only))
        {
            return Decision.Refuse(EmbodimentService.OtherRole(room.Record.Id, only));
        }

        var user = command.User is { } id ? _access.Users.UserById(id) : null;
        return Joining.Decide(new JoinInput { Moment = moment, Request = request, Access = admission.Held, User = user, Ids = _ids, Limits = room.Limits });
    }

    /// <summary>
    /// Removes an agent: by itself, by whom it is linked to, or by an owner. Its tokens, parked calls, private scope and the definitions of that scope end with it; what it
    /// registered in shared scopes stays. The id waits for the agent's user.
    /// </summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="room">The room.</param>
    /// <param name="agent">The agent's id.</param>
    /// <param name="free">Lets anybody have the id, also of an agent that was removed before; for owners.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns><c>{removed, agent, room}</c> as UTF-8 JSON.</returns>
    /// <remarks>Errors: those of write access, <c>agent_not_found identity_mismatch not_owner</c>.</remarks>
    public async Task<Outcome<ReadOnlyMemory<byte>>> RemoveAsync(Caller caller, string room, string agent, bool free, CancellationToken cancellationToken)
    {
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Write).ConfigureAwait(false)).Try(out var authorized, out var error))
        {
            return error;
        }

        var outcome = await authorized.Room.Writer.ExecuteAsync(
            new RemoveAgentCommand { Source = authorized.Source, Caller = caller.IdentityIn(room), Agent = agent, Free = free },
            cancellationToken).ConfigureAwait(false);
        if (!outcome.Try(out var committed, out error))
        {
            return error;
        }

        if (committed.Agent is { } gone)
        {
            await EndAsync(authorized.Room, gone).ConfigureAwait(false);
        }

        return JsonText.Write((agent, authorized.Record.Id, free), static (writer, t) =>
        {
            writer.WriteStartObject();
            writer.WriteBoolean("removed"u8, value: true);
            writer.WriteString("agent"u8, t.agent);
            writer.WriteString("room"u8, t.Id);
            writer.WriteBoolean("id_free"u8, t.free);
            writer.WriteEndObject();
        }).Memory;
    }

    /// <summary>Ends what acts as an agent that has ended in whatever way. Called on the log's thread, which must not wait.</summary>
    internal void OnAgentGone(RoomReplica room, AgentBinding agent) => _ending.Add(EndAsync(room, agent));

    /// <summary>Completes when nothing acts any more as the agents that have ended.</summary>
    internal Task SettledAsync() => _ending.SettledAsync();

    // Once is enough; a second call has no effect.
    private async Task EndAsync(RoomReplica room, AgentBinding agent)
    {
        await Task.Yield();
        _embodiments.Forget(room.Record.Id, agent);
        await _access.RoomTokens.EndAgentAsync(room.Record, agent, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>
    /// Changes <c>name role status meta enabled grants timer</c> of an agent: by itself, by whom it is linked to, or with admin access.
    /// </summary>
    /// <returns>The agent as UTF-8 JSON.</returns>
    public async Task<Outcome<ReadOnlyMemory<byte>>> UpdateAsync(Caller caller, string room, string agent, JsonElement body, CancellationToken cancellationToken)
    {
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Write).ConfigureAwait(false)).Try(out var authorized, out var error)
            || !AgentPatch.Parse(body, _directory.Language).Try(out var patch, out error))
        {
            return error;
        }

        var loaded = authorized.Room;
        var outcome = await loaded.Writer.ExecuteAsync(
            new UpdateAgentCommand { Source = authorized.Source, Caller = caller.IdentityIn(room), Agent = agent, Patch = patch },
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
                static (presence, set) => presence with { SetStatus = set == AgentStatus.Active ? null : set },
                loaded.Clock);
            if (changed)
            {
                loaded.Notify(new StateKey(ReservedScopes.Agents, agent));
            }
        }

        return Answer(loaded, authorized.Record, agent, secret: null).Memory;
    }

    // The answer has the agent's own token beside it; the calls are those that get out of it.
    private static JsonObject? Moved(Caller caller, RoomRecord record, RoomState state, AgentBinding? before, AgentBinding agent, bool named) =>
        before is { } other && other != agent && state.Agents.TryGetValue(other.Agent, out var known) && known.Since == other.Since
            ? new JsonObject
            {
                ["code"] = "token_acted_as_another",
                ["message"] = $"This token acted as '{other.Agent}' in this room until now; it acts as '{agent.Agent}' from here on.",
                ["hint"] = $"Where one program runs several agents, each acts with its own token, which the answer to its join gave: the 'token' of this one for '{agent.Agent}'. "
                    + (named ? $"With full access this token may also name the agent in a call: \"agent\": \"{other.Agent}\". " : "")
                    + $"To act as '{other.Agent}' again, and get a token of it: {caller.Steps.Call(NextStep.JoinRoom(record.Id, other.Agent))}.",
                ["agent"] = other.Agent,
            }
            : null;

    private static JsonText Answer(RoomReplica room, RoomRecord record, string agent, string? secret, JsonObject? warning = null, (bool IsIt, string? ActsAs)? embodied = null) => JsonText.Write((room, record, agent, secret, warning, embodied), static (writer, t) =>
    {
        var moment = t.room.Now;
        writer.WriteStartObject();
        writer.WriteString("id"u8, t.agent);
        if (moment.State.Agents.TryGetValue(t.agent, out var found))
        {
            AgentFigures.WriteFields(writer, found, moment.Presence, moment.Now, full: true);
        }

        writer.WriteString("room"u8, t.record.Id);
        if (t.secret is not null)
        {
            writer.WriteString("token"u8, t.secret);
        }

        if (t.embodied is { } embodied)
        {
            writer.WriteBoolean("embodied"u8, embodied.IsIt);
            writer.WriteString("acting_as"u8, embodied.ActsAs);
        }

        Warnings.Write(writer, t.warning is null ? [] : [t.warning]);
        writer.WriteEndObject();
    });
}

/// <summary>The answer to a join.</summary>
/// <param name="Id">The agent's id.</param>
/// <param name="Json">The whole answer as UTF-8 JSON.</param>
/// <param name="Rejoined">Whether the agent existed before.</param>
public sealed record AgentJoined(string Id, ReadOnlyMemory<byte> Json, bool Rejoined) : IJsonAnswer
{
    /// <summary>The agent's token, shown this once.</summary>
    public required string Token { get; init; }
}
