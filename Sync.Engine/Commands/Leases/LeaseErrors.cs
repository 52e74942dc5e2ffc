using System.Globalization;
using System.Text.Json.Nodes;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Leases;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Leases;

/// <summary>The refusals about leases: who holds what, until when, and what to wait for. Everybody in the room may read that; a fence is for its holder alone.</summary>
internal static class LeaseErrors
{
    // Of many, so many are named.
    private const int MaxNamed = 10;

    /// <summary>The refusal of paths whose comparison with what is reserved takes more than a request may spend.</summary>
    public static SyncError TooCostly(string key) => new SyncError(ErrorCode.CelLimitExceeded, "Comparing these paths with those that are reserved takes more than one call may spend.")
    {
        Hint = "Name fewer paths, and begin them with literal directories: src/engine/** rather than **/engine*/**.",
        LogMessage = "Its paths took too much to compare.",
    }.With("key", Identifiers.Shown(key));

    /// <summary>Somebody else holds what was asked for.</summary>
    /// <param name="moment">The room.</param>
    /// <param name="leases">What is in the way; at least one.</param>
    /// <param name="asked">The key that was asked for.</param>
    /// <param name="agent">Who asked, or null.</param>
    /// <param name="isOwn">Whether who asked holds a key too.</param>
    public static SyncError Held(Moment moment, IReadOnlyList<LeaseRecord> leases, string asked, string? agent, Func<string, bool> isOwn)
    {
        var lease = leases[0];
        var key = Identifiers.Shown(lease.Key);
        var condition = string.Join(" && ", leases.Take(MaxNamed).Select(held => FreeOfOthers(held.Key, isOwn(held.Key) ? agent : null)));
        var error = new SyncError(ErrorCode.LeaseHeld, $"{(lease.Key == asked ? $"'{key}' is" : $"'{Identifiers.Shown(asked)}' overlaps '{key}', which is")} held by '{lease.First.Agent}'{Others(lease)}{Until(moment, lease.First)}.")
        {
            Hint = $"Work on something else, ask '{lease.First.Agent}' to release it, send the same with \"wait_ms\": 45000 to stand in line for it, or wait until it is free:",
            Next = [NextStep.Wait(room: null, condition)],
            LogMessage = "The lease is held by another agent.",
        };
        error = Described(error, moment, lease).With("condition", condition);
        return leases.Count == 1 ? error : error.With("conflicts", new JsonArray([.. leases.Take(MaxNamed).Select(static held => (JsonNode)held.Key)]));
    }

    /// <summary>Others stand in line for what was asked for.</summary>
    /// <param name="moment">The room.</param>
    /// <param name="key">The key that was asked for.</param>
    /// <param name="lease">Who holds it; null for nobody.</param>
    /// <param name="waiter">Who stands in line for it, or for what overlaps with it.</param>
    public static SyncError InLine(Moment moment, string key, LeaseRecord? lease, string waiter)
    {
        var condition = Free(key);
        var error = new SyncError(ErrorCode.LeaseHeld, $"'{waiter}' stands in line for '{Identifiers.Shown(key)}', or for what overlaps with it, and comes first.")
        {
            Hint = "Work on something else, or send the same with \"wait_ms\": 45000 to stand in line behind.",
            LogMessage = "Others stand in line for the lease.",
        }.With("waiting", waiter);
        return (lease is null ? error.With("key", key) : Described(error, moment, lease)).With("condition", condition);
    }

    /// <summary>It needs a lease that the invoker does not hold.</summary>
    /// <param name="moment">The room.</param>
    /// <param name="key">The key.</param>
    /// <param name="lease">Who holds it; null for nobody.</param>
    /// <param name="what">What needs it, as the subject of a sentence.</param>
    public static SyncError Required(Moment moment, string key, LeaseRecord? lease, string what)
    {
        var shown = Identifiers.Shown(key);
        var error = new SyncError(ErrorCode.LeaseRequired, lease is null ? $"{what} needs the lease '{shown}', which nobody holds." : $"{what} needs the lease '{shown}', which is held by '{lease.First.Agent}'{Others(lease)}{Until(moment, lease.First)}.")
        {
            Hint = lease is null ? $"See first whether that work is still to be done. If it is, take it: invoke _claim with {{\"key\": {JsonText.Of(key)}}}, or the action of this room that takes it."
                : $"If you worked on it before, that was given to '{lease.First.Agent}' meanwhile: stop, and take other work. Or wait until it is free, and take it then:",
            Next = lease is null ? [] : [NextStep.Wait(room: null, Free(key))],
            LogMessage = "It needs a lease that the agent does not hold.",
        };
        return lease is null ? error.With("key", key) : Described(error, moment, lease).With("condition", Free(key));
    }

    /// <summary>What to wait for until nobody holds a key, as CEL.</summary>
    public static string Free(string key) => $"{LeaseKeys.ExpressionOf(key)} == null";

    /// <summary>What the caller knows of a hold is of one that it has lost.</summary>
    /// <param name="moment">The room.</param>
    /// <param name="key">The key.</param>
    /// <param name="lease">Who holds it now; null for nobody.</param>
    /// <param name="agent">Who asks.</param>
    /// <param name="given">The fence that was given, or null.</param>
    public static SyncError Lost(Moment moment, string key, LeaseRecord? lease, string? agent, long? given)
    {
        var shown = Identifiers.Shown(key);
        if (lease?.Of(agent) is { } own)
        {
            return new SyncError(ErrorCode.LeaseLost, given is null
                ? $"'{agent}' lost '{shown}' once and took it anew, so the call has to say which hold it means."
                : string.Create(CultureInfo.InvariantCulture, $"The fence {given} of '{shown}' is of a hold that '{agent}' has lost."))
            {
                Hint = string.Create(CultureInfo.InvariantCulture, $"If it was you who took it anew, repeat the call with \"fence\": {own.Fence}. If not, another session of '{agent}' has: stop working on it."),
                LogMessage = "The lease had been lost and taken anew.",
            }.With("key", key).With("fence", own.Fence).With("expires_at", ExpiresAt(moment, own));
        }

        var error = new SyncError(ErrorCode.LeaseLost, lease is null
            ? $"'{agent}' holds '{shown}' no more: it was released or its time was over."
            : $"'{agent}' holds '{shown}' no more: it is held by '{lease.First.Agent}'{Others(lease)}{Until(moment, lease.First)}.")
        {
            Hint = lease is null ? $"Take it again to go on, with _claim {{\"key\": {JsonText.Of(key)}}} and without 'fence': but look first at what was done meanwhile."
                : "Stop working on it: what you would write now may undo the work of the other.",
            LogMessage = "The lease had been lost.",
        };
        return lease is null ? error.With("key", key) : Described(error, moment, lease);
    }

    /// <summary>A fence was given, and the caller has no hold with it.</summary>
    public static SyncError LostFence(long fence) => new SyncError(ErrorCode.LeaseLost, string.Create(CultureInfo.InvariantCulture, $"No lease that you hold has the fence {fence}."))
    {
        Hint = "It has ended, or was given to another: stop, and look at 'leases' for what you hold.",
        LogMessage = "The lease had been lost.",
    }.With("fence", fence);

    /// <summary>There is no lease of a key.</summary>
    public static SyncError NotFound(string key, IEnumerable<string> known)
    {
        var near = NearestName.Of(key, known);
        return new SyncError(ErrorCode.LeaseNotFound, $"Nobody holds a lease '{Identifiers.Shown(key)}'.")
        {
            Hint = near is null ? "It was released already, or its time was over. Nothing is left to do." : $"Did you mean '{near}'?",
            LogMessage = "There is no such lease.",
        }.With("key", key).WithSuggestion(near);
    }

    private static JsonNode? ExpiresAt(Moment moment, LeaseHold hold) => LiveLeases.EndOf(moment, hold) is { } at ? JsonValue.Create(at.UtcDateTime) : null;

    private static SyncError Described(SyncError error, Moment moment, LeaseRecord lease)
    {
        error = error.With("key", lease.Key).With("holder", lease.First.Agent);
        if (lease.Holds.Length > 1)
        {
            error = error.With("holders", new JsonArray([.. lease.Holds.Take(MaxNamed).Select(static hold => (JsonNode)hold.Agent)]));
        }

        error = error.With("mode", lease.Mode.Word()).With("expires_at", ExpiresAt(moment, lease.First));
        error = lease.First.Patterns.IsEmpty ? error : error.With("paths", new JsonArray([.. lease.First.Paths.Select(static path => (JsonNode)path)]));
        return lease.First.Note is { } note ? error.With("note", note) : error;
    }

    // Whoever holds a key too would wait for themselves, were it to have no holder at all.
    private static string FreeOfOthers(string key, string? own) =>
        own is null ? Free(key) : $"({Free(key)} || {LeaseKeys.ExpressionOf(key)}.holders.all(h, h == {JsonText.Of(own)}))";

    private static string Others(LeaseRecord lease) => lease.Holds.Length > 1 ? string.Create(CultureInfo.InvariantCulture, $" and {lease.Holds.Length - 1} more") : "";

    private static string Until(Moment moment, LeaseHold hold) =>
        LiveLeases.EndOf(moment, hold) is { } at
            ? string.Create(CultureInfo.InvariantCulture, $" until {at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}{(hold.Ttl is null ? " or longer, while it shows signs of life" : "")}")
            : "";
}
