using System.Collections.Immutable;
using System.Globalization;
using Sync.Cel.Values.Limits;
using Sync.Engine.Commands.Rooms;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Reads.Rooms;

/// <summary>
/// What a fork takes over of a room: what its caller may read of it, as entries of a new log. What binds the room to people and to its past stays behind: links to users, who let whom in, trust, the level
/// of a registration that was somebody else's, holders of roles, leases, approvals, pauses, messages, use, cooldowns, and whether a person wrote something. docs/decisions/0040 has the table.
/// </summary>
internal static class RoomCopies
{
    /// <summary>Bytes of one fork: all of it is one event.</summary>
    public const long MaxBytes = 32 * 1024 * 1024;

    /// <summary>The event in which everything of the new room comes to be.</summary>
    private const long FirstSeq = 1;

    /// <summary>Copies a room.</summary>
    /// <param name="moment">The room, perhaps as it was.</param>
    /// <param name="withPrivate">Whether the caller has full access: private scopes are copied for nobody else.</param>
    /// <param name="user">Who forks it; null for nobody's token.</param>
    /// <param name="now">The time at which the new room begins.</param>
    /// <param name="limits">The bounds of the new room.</param>
    /// <param name="budget">What conditions of entries may cost.</param>
    /// <remarks>Errors: <c>payload_too_large cel_limit_exceeded</c>.</remarks>
    public static Outcome<RoomCopy> Of(Moment moment, bool withPrivate, string? user, DateTimeOffset now, RoomLimits limits, CelBudget budget)
    {
        var state = moment.State;
        if ((TooMany("actions", state.Actions.Count, limits.Actions) ?? TooMany("views", state.Views.Count, limits.Views) ?? TooMany("agents", state.Agents.Count, limits.Agents)) is { } full)
        {
            return full;
        }

        var reader = new RoomActivation(moment, withPrivate ? new VisibleScopes(All: true, []) : VisibleScopes.Public, self: null, budget);
        var entries = ImmutableArray.CreateBuilder<CopiedEntry>();
        var bytes = 0L;
        foreach (var scope in state.ScopeNames.Where(name => IsCopied(name) && (withPrivate || ReservedScopes.IsPublic(name))).OrderBy(static name => name == ReservedScopes.Agents ? 0 : 1))
        {
            foreach (var entry in state.Scope(scope)!.Entries.Values) // One of its names.
            {
                if (!budget.Charge(1) || budget.IsExhausted)
                {
                    return new SyncError(ErrorCode.CelLimitExceeded, "The conditions of the room's entries cost more than one request may.") { Hint = "Simplify the 'enabled' conditions of entries, or fork from a time at which there were fewer." };
                }

                if (reader.IsVisible(entry, scope) && Copy(state, scope, entry, user) is { } copied)
                {
                    bytes += Entry.SizeOf(copied.Key, copied.Value, copied.Enabled);
                    entries.Add(copied with { Timer = Left(entry.Timer, moment.Now, now), Enabled = entry.Enabled?.Source });
                }
            }

            if ((TooMany("entries", entries.Count, limits.Entries) ?? TooMany("bytes", bytes, Math.Min(limits.RoomBytes, MaxBytes))) is { } tooMuch)
            {
                return tooMuch;
            }
        }

        return new RoomCopy(state.Seq, entries.ToImmutable());
    }

    private static bool IsCopied(string scope) =>
        scope is ReservedScopes.Agents or ReservedScopes.Actions or ReservedScopes.Views or ReservedScopes.Packs || !(ReservedScopes.IsEngineOnly(scope) || scope == ReservedScopes.RoleHolders);

    private static CopiedEntry? Copy(RoomState state, string scope, Entry entry, string? user) => scope switch
    {
        ReservedScopes.Agents => Agent(state, state.Agents[entry.Key]),
        ReservedScopes.Actions => BuiltInIds.Contains(entry.Key) ? null : Definition(state, scope, entry, user),
        ReservedScopes.Views => Definition(state, scope, entry, user),
        ReservedScopes.Config when entry.Key == RoomCreation.SystemMark => null,
        _ => new CopiedEntry(scope, entry.Key, entry.Value),
    };

    private static CopiedEntry Agent(RoomState state, AgentRecord agent) => new(ReservedScopes.Agents, agent.Id, (agent with
    {
        User = null,
        IsGuest = false,
        JoinedSeq = FirstSeq,
        Trusts = [],
        Grants = [.. agent.Grants.Where(state.Agents.ContainsKey)],
    }).ToJson());

    // The registrant's name stays. What the definition may is what its registrant may in the new room: an agent that is nobody's, or, of what the caller registered, the one who owns the room.
    private static CopiedEntry Definition(RoomState state, string scope, Entry entry, string? user)
    {
        var (definition, registrant) = Registration.Read(entry);
        var isMine = user is not null && registrant.User == user;

        // Of an agent that was removed the id may be another's by now, who has registered nothing.
        var name = registrant.Agent is { } agent && state.Agents.ContainsKey(agent) && !state.IsStill(agent, entry.Seq) ? null : registrant.Agent;
        var level = isMine && registrant.Level == AccessLevel.Admin ? AccessLevel.Admin : AccessLevel.Write;
        return new CopiedEntry(scope, entry.Key, Registration.Sign(Primitives.Json.JsonText.Of(definition), name, level, isMine ? user : null));
    }

    // A span goes on with what was left of it; a moment is the same moment everywhere, and writes are counted on.
    private static EntryTimer? Left(EntryTimer? timer, DateTimeOffset then, DateTimeOffset now) =>
        timer is { At: { } at, After: not null } ? timer with { At = now + (at - then) } : timer;

    private static SyncError? TooMany(string what, long count, long max) => count <= max ? null
        : BoundErrors.Exceeded(ErrorCode.PayloadTooLarge, what, "fork", max, string.Create(CultureInfo.InvariantCulture, $"A fork has at most {max:N0} {what}, and this one would have more."), "Fork the room as it was earlier, with 'at', or delete there what is no longer needed.");
}
