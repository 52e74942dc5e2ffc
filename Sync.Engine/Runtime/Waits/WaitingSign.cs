using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Runtime.Waits;

/// <summary>Shows an agent waiting in the room's presence, from <see cref="Show"/> until it is disposed. One for each wait, used by that call alone.</summary>
/// <param name="room">The room.</param>
/// <param name="self">The agent that waits; null for nobody, who is not shown.</param>
/// <param name="condition">What it waits for.</param>
internal sealed class WaitingSign(RoomReplica room, string? self, string condition) : IDisposable
{
    private bool _shown;

    public void Show()
    {
        _shown = true;
        Update(parked: true);
    }

    public void Dispose()
    {
        if (_shown)
        {
            Update(parked: false);
        }
    }

    private void Update(bool parked)
    {
        if (self is null)
        {
            return;
        }

        var now = room.Clock;
        if (parked)
        {
            room.WaitSpans.Begin(self, condition, now);
        }
        else
        {
            room.WaitSpans.End(self, now);
        }

        var changed = room.Presence.Update(
            self,
            (condition, parked, now),
            static (presence, t) =>
            {
                var waits = Math.Max(0, presence.Waits + (t.parked ? 1 : -1));
                return presence with { Waits = waits, WaitingOn = t.parked ? t.condition : waits == 0 ? null : presence.WaitingOn, LastHeartbeat = t.now };
            },
            now);
        if (changed)
        {
            room.Notify(new StateKey(ReservedScopes.Agents, self));
        }
    }
}
