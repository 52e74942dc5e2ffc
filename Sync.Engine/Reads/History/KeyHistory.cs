using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Reads.History;

/// <summary>One write of a key.</summary>
/// <param name="Event">The event it was in.</param>
/// <param name="Change">What it did.</param>
/// <param name="Value">The value after it; null for a deletion, or where it was not asked for.</param>
internal sealed record KeyStep(RoomEvent Event, EntryChange Change, JsonText? Value);

/// <summary>
/// What keys held, along the chain that each write names the event before by. Where the log holds edits only, the values are made from the nearest whole value before them; how far that is, is bounded when
/// events are written (<see cref="EditTally"/>). Stateless.
/// </summary>
internal sealed class KeyHistory(RoomStore store)
{
    /// <summary>However many steps a page has, its values together are no longer than this; the rest is on the next page.</summary>
    public const long PageBytes = 2 * 1024 * 1024;

    // What is written around each value.
    private const int Around = 400;

    /// <summary>
    /// Writes of a key from one of them back, newest first, at most <paramref name="limit"/> of them, fewer where their values together have more than so many bytes. <c>More</c> says whether
    /// there are older ones.
    /// </summary>
    public async Task<(IReadOnlyList<KeyStep> Steps, bool More)> BackAsync(
        long row, string scope, string key, long from, int limit, long bytes, CancellationToken cancellationToken)
    {
        var chain = new List<(RoomEvent Event, EntryChange Change)>();
        long? at = from;
        while (at is { } seq)
        {
            // One stretch is the life of a key: it ends where the key was not there before. Before that only the index knows.
            var stretch = await FollowAsync(row, scope, key, seq, c => c[^1].Change.HoldsValue && IsEnough(chain.Count + c.Count, Weight(chain) + Weight(c)), cancellationToken).ConfigureAwait(false);
            chain.AddRange(stretch);
            if (stretch.Count == 0 || IsEnough(chain.Count, Weight(chain)))
            {
                break;
            }

            at = await store.LastIndexedAsync(row, scope, key, chain[^1].Event.Seq, cancellationToken).ConfigureAwait(false);
        }

        var steps = Newest(chain, count: Math.Min(limit, chain.Count), bytes);
        return (steps, chain.Count > steps.Count);

        // One more than is shown tells that there is more.
        bool IsEnough(int count, long weight) => count > limit || (weight > bytes && count > 1);
    }

    /// <summary>What a key held after the event that wrote it; null when that deleted it, or is not there.</summary>
    public async Task<JsonText?> ValueAtAsync(long row, string scope, string key, long seq, CancellationToken cancellationToken)
    {
        var chain = await FollowAsync(row, scope, key, seq, static c => c[^1].Change.HoldsValue, cancellationToken).ConfigureAwait(false);
        JsonText? value = null;
        for (var i = chain.Count - 1; i >= 0; i--)
        {
            value = After(chain[i].Change, value);
        }

        return value;
    }

    // Follows one life of the key back; enough says, after each step, whether the walk may end.
    private async Task<List<(RoomEvent Event, EntryChange Change)>> FollowAsync(
        long row, string scope, string key, long from, Func<List<(RoomEvent Event, EntryChange Change)>, bool> enough, CancellationToken cancellationToken)
    {
        var chain = new List<(RoomEvent, EntryChange)>();
        await store.FollowAsync(
            row,
            from,
            e =>
            {
                if (e.ChangeOf(scope, key) is not { } change)
                {
                    return null;
                }

                // Of a large event only what this key has of it stays in memory.
                chain.Add((e with { Params = null, Changes = [change] }, change));
                return enough(chain) ? null : change.PreviousSeq;
            },
            cancellationToken).ConfigureAwait(false);
        return chain;
    }

    // Values are made from the oldest on; of them only the newest are kept that fit together.
    private static List<KeyStep> Newest(List<(RoomEvent Event, EntryChange Change)> chain, int count, long max)
    {
        var kept = new Queue<KeyStep>();
        long bytes = 0;
        JsonText? value = null;
        for (var i = chain.Count - 1; i >= 0; i--)
        {
            var (e, change) = chain[i];
            value = After(change, value);
            if (i >= count)
            {
                continue;
            }

            kept.Enqueue(new KeyStep(e, change, change.Kind == ChangeKind.Put ? value : null));
            bytes += (value?.Length ?? 0) + Around;
            while (bytes > max && kept.Count > 1)
            {
                bytes -= (kept.Dequeue().Value?.Length ?? 0) + Around;
            }
        }

        return [.. kept.Reverse()];
    }

    private static long Weight(List<(RoomEvent Event, EntryChange Change)> chain) => chain.Sum(static step => (long)(step.Change.Value?.Length ?? 0) + Around);

    // A timer that only touches the entry leaves its value.
    private static JsonText? After(EntryChange change, JsonText? before) => change.Kind switch
    {
        ChangeKind.Put => change.ValueOver(before),
        ChangeKind.Delete => null,
        _ => before,
    };
}
