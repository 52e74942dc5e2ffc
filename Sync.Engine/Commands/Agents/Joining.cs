using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Cel.Values;
using Sync.Engine.Commands.BuiltIns;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Commands.Pauses;
using Sync.Engine.Commands.Rules;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Commands.Agents;

/// <summary>A join on its way: who asks, for what, in which room.</summary>
internal sealed record JoinInput
{
    public required Moment Moment { get; init; }

    public required JoinRequest Request { get; init; }

    /// <summary>What the caller may do in the room, before the join gives it anything.</summary>
    public required RoomAccess Access { get; init; }

    /// <summary>Whose join it is; null for nobody's.</summary>
    public required UserRecord? User { get; init; }

    public required AgentIds Ids { get; init; }

    public required RoomLimits Limits { get; init; }

    /// <summary>Whether a client session makes the agent to act as.</summary>
    public bool IsEmbodiment { get; init; }
}

/// <summary>Decides a join. Pure: the same function whoever calls.</summary>
internal static class Joining
{
    public static Decision Decide(JoinInput input)
    {
        var (moment, request, access, limits) = (input.Moment, input.Request, input.Access, input.Limits);
        var user = input.User?.Id;
        var old = moment.State.Agents.GetValueOrDefault(request.Id);
        if ((CheckPlace(input, old) ?? Pausing.CheckEntry(moment, request.Id, user, byOwner: access.Level == AccessLevel.Admin)) is { } taken)
        {
            return Decision.Refuse(taken);
        }

        var party = RoomQuota.PartyOfJoiner(access, user, moment.Record);
        if (((old is null ? RoomQuota.CheckAgent(moment.State, moment.Record, party, user, limits) : null)
            ?? (request.Meta is { } meta && meta.Length > limits.MetaBytes ? BoundErrors.TooLong("'meta'", meta.Length, limits.MetaBytes) : null)) is { } full)
        {
            return Decision.Refuse(full);
        }

        var agent = Record(input, old);
        var copy = new WorkingCopy(moment);
        copy.Put(ReservedScopes.Agents, agent.Id, agent.ToJson(), old?.Entry?.Timer, request.Enabled ?? old?.Entry?.Enabled?.Source);
        if (request.Role is not null)
        {
            Roles.Change(copy, moment, agent, old?.Role, request.Role, input.IsEmbodiment ? "embodiment" : "join");
        }

        if (PutState(copy, request, limits) is { } refused || (refused = PutViews(copy, input, party)) is not null)
        {
            return Decision.Refuse(refused);
        }

        if ((TargetCheck.CheckUnnamed(moment, copy, "A join") ?? RoomQuota.CheckGrowth(moment, party, copy.Growth, copy.ByteGrowth, limits)) is { } tooMuch)
        {
            return Decision.Refuse(tooMuch);
        }

        // Removals of before took less away: whoever has the id next begins with nothing all the same.
        var leftovers = old is null && moment.State.Removed.ContainsKey(agent.Id) ? AgentRemoval.Leftovers(moment.State, agent.Id) : [];
        var e = new RoomEvent
        {
            Seq = moment.State.Seq + 1,
            At = moment.Now,
            Kind = EventKind.AgentJoined,
            Agent = agent.Id,
            Params = JsonText.Of(new JsonObject { ["name"] = agent.Name, ["role"] = agent.Role }),
            Changes = [.. leftovers, .. copy.ToChanges()],
            IsEmbodiment = input.IsEmbodiment && old is null && request.State.IsEmpty,
        };
        var after = moment.State.Apply(e);

        // Checked together: the views of one join may name each other.
        if (e.Changes.Where(static change => change is { Scope: ReservedScopes.Views, Kind: ChangeKind.Put }).Select(change => ViewValues.CheckCycle(after, after.Views[change.Key]))
            .FirstOrDefault(static cycle => cycle is not null) is { } cycle)
        {
            return Decision.Refuse(cycle);
        }

        (e, after) = Lapses.Follow(moment, e, after, copy.EndedLeases, limits);
        return Decision.Commit(e, after, JsonText.Null) with { Agent = after.Agents[agent.Id].Binding, IsNew = old is null, Self = input.IsEmbodiment ? null : agent.Id };
    }

    // Whether the id and the role may be had. A role never brings another user's agent with it: what that keeps, whom it grants and which tokens act as it would come along.
    private static SyncError? CheckPlace(JoinInput input, AgentRecord? old)
    {
        var (moment, request, access, user) = (input.Moment, input.Request, input.Access, input.User?.Id);
        return old is not null && !MayRejoin(old, access, user) ? AgentIds.Taken(request.Id)
            : old is null && input.Ids.CheckNew(moment.State, request.Id, user, access.Level == AccessLevel.Admin) is { } taken ? taken
            : request.Role is null ? null
            : Roles.Check(moment, request.Role, request.Id, user, mayRead: access.Level >= AccessLevel.Read);
    }

    private static AgentRecord Record(JoinInput input, AgentRecord? old)
    {
        var (moment, request, user) = (input.Moment, input.Request, input.User?.Id);
        return new AgentRecord
        {
            Id = request.Id,
            Name = request.Name ?? old?.Name ?? request.Id,
            Role = request.Role ?? old?.Role ?? AgentRole.Default,
            User = old?.User ?? user,
            JoinedAt = old?.JoinedAt ?? moment.Now,
            JoinedSeq = old is null ? moment.State.Seq + 1 : old.JoinedSeq,
            IsGuest = old?.IsGuest ?? (user is null && input.Access.Level < AccessLevel.Write),
            Grants = old?.Grants ?? [],
            Trusts = old?.Trusts ?? [],
            Meta = request.Meta ?? old?.Meta,
        };
    }

    public static bool MayRejoin(AgentRecord agent, RoomAccess access, string? user) =>
        access.Level == AccessLevel.Admin
        // A user's token may be bound to an id that somebody else has joined under since, and any token to an agent that is gone; see RoomCaller.Holds.
        || (access.Level >= AccessLevel.Write && access.BoundAgent == agent.Id && (access.BoundSince ?? agent.Since) == agent.Since && (user is null || access.Role == Role.Owner))
        || (user is not null && agent.User == user);

    private static SyncError? PutState(WorkingCopy copy, JoinRequest request, RoomLimits limits)
    {
        foreach (var (key, value) in request.State)
        {
            if (value.Length > limits.ValueBytes)
            {
                return BoundErrors.TooLong($"The value of '{Identifiers.Shown(key)}'", value.Length, limits.ValueBytes).With("key", key);
            }

            copy.Put(request.Id, key, value);
        }

        foreach (var key in request.PublicKeys)
        {
            if (!request.State.Any(s => s.Key == key))
            {
                return new SyncError(ErrorCode.InvalidParameter, $"'{Identifiers.Shown(key)}' in public_keys is not in state.") { Hint = "public_keys names keys out of 'state'." }.With("field", "public_keys");
            }
        }

        return null;
    }

    private static SyncError? PutViews(WorkingCopy copy, JoinInput input, Party party)
    {
        var (moment, request, access, limits) = (input.Moment, input.Request, input.Access, input.Limits);
        var definitions = request.PublicKeys.Select(key => PublicKey(request.Id, key)).Concat(request.Views).ToList();
        if (RoomQuota.CheckView(moment, party, request.Id, limits, adds: definitions.Count) is { } full)
        {
            return full;
        }

        foreach (var json in definitions)
        {
            if (!ViewDefinition.Parse(Scoped(json, request.Id), request.Id, moment.State.Language).Try(out var view, out var error))
            {
                return error;
            }

            if (Identifiers.CheckName("view id", view.Id) is { } badId)
            {
                return badId;
            }

            if (view.Scope != request.Id)
            {
                return new SyncError(ErrorCode.ScopeDenied, $"The views of a join are of the joining agent's scope; '{view.Id}' names '{view.Scope}'.").With("scope", view.Scope);
            }

            if (view.Timer?.CheckVisibleScopes(VisibleScopes.Of(request.Id, moment.State)) is { } blind)
            {
                return blind;
            }

            var actor = new Actor { Agent = request.Id, Level = access.Level, Role = access.Role, Principal = "" };
            if (moment.State.Views.GetValueOrDefault(view.Id) is { } old && !Ownership.MayChange(actor, moment.State.RegistrantOf(old), old.Scope))
            {
                return Ownership.Refusal(ErrorCode.ViewOwned, "view", view.Id, old.Registrant);
            }

            var signed = Registration.Sign(view.Source, request.Id, AccessLevel.Write, input.User?.Id);
            if (signed.Length > limits.DefinitionBytes)
            {
                return BoundErrors.TooLong("The definition", signed.Length, limits.DefinitionBytes);
            }

            copy.Put(ReservedScopes.Views, view.Id, signed, view.Timer?.Start(moment.Now));
        }

        return null;
    }

    private static JsonElement PublicKey(string agent, string key) => JsonText.Of(new JsonObject
    {
        ["id"] = $"{agent}.{key}",
        ["scope"] = agent,
        ["expr"] = $"state[{MemberText.Quoted(agent)}][{MemberText.Quoted(key)}]",
    }).ToElement();

    private static JsonElement Scoped(JsonElement json, string agent)
    {
        if (json.ValueKind != JsonValueKind.Object || json.TryGetProperty("scope", out _))
        {
            return json;
        }

        var node = JsonText.Of(json).ToNode()!.AsObject();
        node["scope"] = agent;
        return JsonText.Of(node).ToElement();
    }
}
