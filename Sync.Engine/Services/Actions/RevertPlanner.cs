using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sync.Engine.Authority;
using Sync.Engine.Commands.BuiltIns;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Reverts;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Runtime;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Actions;

/// <summary>Reads from the log what a revert is about: the invocations, what their entries were before, and who wrote them since. Beside the room's queue. Stateless.</summary>
internal sealed class RevertPlanner(RoomDirectory directory, RoomStore store)
{
    /// <summary>A revert looks at so many events at most: from what is reverted to now.</summary>
    public const int MaxEvents = 20_000;

    private const int Page = 1_000;
    private const long MaxBytes = 32 * 1024 * 1024;

    /// <summary>Reads the plan.</summary>
    /// <remarks>Errors: those of the parameters; <c>not_owner nothing_to_write payload_too_large</c>.</remarks>
    public async Task<Outcome<RevertPlan>> PlanAsync(AuthorizedRoom authorized, InvokeRequest request, CancellationToken cancellationToken)
    {
        var published = authorized.Room.Published;
        if (!RevertRequest.Parse(request.Params, authorized.Room.NewBudget()).Try(out var asked, out var error))
        {
            return error;
        }

        var from = asked.Seq ?? asked.Since + 1;
        if (from > published.Seq)
        {
            return Nothing(string.Create(CultureInfo.InvariantCulture, $"The room has no event {from} yet; its newest is {published.Seq}."));
        }

        if (published.Seq - from >= MaxEvents)
        {
            return new SyncError(ErrorCode.PayloadTooLarge, string.Create(CultureInfo.InvariantCulture, $"A revert looks at {MaxEvents:N0} events at most, and {published.Seq - from + 1:N0} have passed since."))
            {
                Hint = "Revert later events, or write what is to be there by an action.",
            };
        }

        var reading = new Reading(asked, authorized.Access.Level, request.Agent ?? authorized.Self(published))
        {
            State = await directory.ReadStateAsync(authorized.Record.Row, from - 1, cancellationToken).ConfigureAwait(false),
        };

        // What is too much is not read to its end: all that was found is in memory.
        while (reading.State.Seq < published.Seq && reading.Bytes <= MaxBytes)
        {
            var events = await store.ReadEventsAsync(authorized.Record.Row, reading.State.Seq, published.Seq, Page, cancellationToken).ConfigureAwait(false);
            foreach (var row in events.Rows)
            {
                reading.Read(RoomEventJson.Read(row));
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        return reading.Bytes > MaxBytes ? BoundErrors.TooLong("What is to be reverted", reading.Bytes, MaxBytes)
            : reading.ToPlan() is var plan && !plan.Parts.IsEmpty ? (RevertAction.CheckRights(authorized.Access.Level, reading.Self, authorized.Room.Now, plan) is { } denied ? denied : plan)
            : reading.IsOthers ? RevertAction.NotOwner
            : Nothing(asked.Seq is null ? $"'{Identifiers.Shown(asked.Agent!)}' has invoked nothing after that event." : $"Event {asked.Seq} is no invocation."); // One of both is named.
    }

    private static SyncError Nothing(string message) => new SyncError(ErrorCode.NothingToWrite, message) { Hint = "The log says which events there are, and what each of them wrote." };

    private sealed class Reading(RevertRequest asked, AccessLevel level, string? self)
    {
        private readonly ImmutableArray<RevertedPart>.Builder _parts = ImmutableArray.CreateBuilder<RevertedPart>();
        private readonly Dictionary<(string Scope, string Key), (PastEntry? Before, ImmutableArray<PastWrite>.Builder Writes)> _keys = [];

        /// <summary>The room after what was read.</summary>
        public required RoomState State { get; set; }

        public string? Self => self;

        /// <summary>Bytes of the values that were found.</summary>
        public long Bytes { get; private set; }

        /// <summary>Whether the event is somebody else's.</summary>
        public bool IsOthers { get; private set; }

        public void Read(RoomEvent e)
        {
            var parameters = ParamsOf(e);
            var index = 0;
            foreach (var part in e.Parts())
            {
                var given = part.Kind == EventKind.Invoked && part.Action is not null ? parameters.ElementAtOrDefault(index++) : null;
                var isMeant = IsMeant(e, part);
                if (isMeant)
                {
                    _parts.Add(new RevertedPart(e.Seq, part.Agent, part.Action!, given) // It is an invocation.
                    {
                        Definition = PastAction.Of(State.Actions.GetValueOrDefault(part.Action!)),
                        Key = part.Changes.FirstOrDefault(static change => !change.Fired && change.Kind is ChangeKind.Put or ChangeKind.Delete && !ReservedScopes.IsEngineOnly(change.Scope))?.Key,
                    });
                }

                foreach (var change in part.Changes.Where(static change => change.Kind is ChangeKind.Put or ChangeKind.Delete && !ReservedScopes.IsEngineOnly(change.Scope)))
                {
                    // What a timer did is not undone with the write that brought it to its end.
                    Note(e.Seq, change.Fired ? null : part.Agent, change, isMeant && !change.Fired);
                }

                State = new RoomState.RoomStateBuilder(State).Apply(part);
            }
        }

        public RevertPlan ToPlan() => new()
        {
            Parts = _parts.ToImmutable(),
            Keys = [.. _keys.Select(pair => new RevertedKey(pair.Key.Scope, pair.Key.Key, State.Find(pair.Key.Scope, pair.Key.Key)?.Seq ?? 0, pair.Value.Before, pair.Value.Writes.ToImmutable()))],
        };

        // One of each invocation, in order; none where the log does not tell which is whose: a lease that ended between steps has invoked something too.
        private static List<JsonText?> ParamsOf(RoomEvent e)
        {
            if (e.Steps.IsEmpty)
            {
                return [e.Params];
            }

            if (e.Action != BuiltInIds.Batch || e.Params is not { Kind: JsonValueKind.Object } whole)
            {
                return [];
            }

            using var document = whole.Parse();
            if (!document.RootElement.TryGetProperty("steps"u8, out var steps) || steps.ValueKind != JsonValueKind.Array)
            {
                return [];
            }

            var given = steps.EnumerateArray().Where(static step => step.ValueKind == JsonValueKind.Object && step.TryGetProperty("action"u8, out _)).ToList();
            return given.Select(static step => step.GetProperty("action"u8).GetString()).SequenceEqual(e.Steps.Where(static step => step.Action is not null).Select(static step => step.Action))
                ? given.ConvertAll<JsonText?>(static step => step.TryGetProperty("params"u8, out var own) ? JsonText.Of(own) : null)
                : [];
        }

        private bool IsMeant(RoomEvent e, RoomEvent part)
        {
            if (part.Kind != EventKind.Invoked || part.Action is null)
            {
                return false;
            }

            if (asked.Seq is not { } seq)
            {
                return part.Agent == asked.Agent;
            }

            IsOthers |= e.Seq == seq && level < AccessLevel.Admin && part.Agent != self;
            return e.Seq == seq && (level == AccessLevel.Admin || part.Agent == self);
        }

        private void Note(long seq, string? agent, EntryChange change, bool isReverted)
        {
            var place = (change.Scope, change.Key);
            var now = State.Find(change.Scope, change.Key);
            if (!_keys.TryGetValue(place, out var known))
            {
                if (!isReverted)
                {
                    return;
                }

                _keys[place] = known = (now is null ? null : Taken(new PastEntry(now.Value, now.Timer, now.Enabled?.Source)), ImmutableArray.CreateBuilder<PastWrite>());
            }

            var after = change.Kind == ChangeKind.Delete ? null : Taken(new PastEntry(change.ValueOver(now?.Value), change.Timer, change.Enabled));
            known.Writes.Add(new PastWrite(seq, agent, isReverted, after, change.Edits));
        }

        private PastEntry Taken(PastEntry entry)
        {
            Bytes += entry.Value.Length;
            return entry;
        }
    }
}
