using System.Runtime.CompilerServices;
using Sync.Engine.Authority;
using Sync.Engine.Model.State;
using Sync.Engine.Runtime;

namespace Sync.Engine.Reads.History;

/// <summary>
/// States of rooms as they were, a few of each room kept: who turns a page back and forth asks for neighbours, and from a near earlier state the next one is a few events away.
/// They share what did not change. Gone with the room when it is let go. Any thread.
/// </summary>
internal sealed class PastStates(RoomDirectory directory)
{
    private const int Kept = 6;

    // Past this, a stored snapshot is likely to be nearer.
    private const int Near = 2_000;

    private readonly ConditionalWeakTable<RoomReplica, StateCache> _caches = [];

    public async Task<RoomState> AtAsync(AuthorizedRoom authorized, long seq, CancellationToken cancellationToken)
    {
        var cache = _caches.GetValue(authorized.Room, static _ => new StateCache());
        var row = authorized.Record.Row;
        var start = cache.Nearest(seq);
        var state = start is not null && seq - start.Seq <= Near
            ? start.Seq == seq ? start : await directory.ReadOnAsync(row, start, seq, cancellationToken).ConfigureAwait(false)
            : await directory.ReadStateAsync(row, seq, cancellationToken).ConfigureAwait(false);
        cache.Keep(state);
        return state;
    }

    private sealed class StateCache
    {
        private readonly Lock _lock = new();
        private readonly List<RoomState> _states = new(Kept + 1);

        public RoomState? Nearest(long seq)
        {
            lock (_lock)
            {
                return _states.Where(state => state.Seq <= seq).MaxBy(state => state.Seq);
            }
        }

        /// <summary>Newest use last; the one unused the longest goes.</summary>
        public void Keep(RoomState state)
        {
            lock (_lock)
            {
                _states.RemoveAll(kept => kept.Seq == state.Seq);
                _states.Add(state);
                if (_states.Count > Kept)
                {
                    _states.RemoveAt(0);
                }
            }
        }
    }
}
