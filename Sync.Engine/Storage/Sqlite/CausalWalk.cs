using Sync.Engine.Model.Events;

namespace Sync.Engine.Storage.Sqlite;

/// <summary>Walks from an event to what it followed from and to what followed, breadth first: the nearest come first where there are more than so many. One reader for the whole walk.</summary>
internal static class CausalWalk
{
    // Of one event; more than these a page does not show.
    private const int MaxFollowers = 20;

    public static CausalLinks Walk(Reader reader, long row, long seq, long upTo, int most, CancellationToken cancellationToken)
    {
        var heads = new Dictionary<long, EventHead>();
        var links = new List<CausalLink>();
        var isCut = Back(reader, row, seq, most, heads, links, cancellationToken);
        isCut |= On(reader, row, seq, upTo, most, heads, links, cancellationToken);
        return new CausalLinks(heads, links, isCut);
    }

    private static bool Back(Reader reader, long row, long seq, int most, Dictionary<long, EventHead> heads, List<CausalLink> links, CancellationToken cancellationToken)
    {
        var queue = new Queue<long>([seq]);
        var seen = new HashSet<long> { seq };
        var isCut = false;
        while (queue.TryDequeue(out var at))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (reader.First($"SELECT {RoomStore.EventColumns} FROM events WHERE room = $1 AND seq = $2", RoomStore.MapEvent, row, at) is not { } found)
            {
                continue;
            }

            var e = RoomEventJson.Read(found);
            heads[at] = EventHead.Of(e);
            foreach (var cause in e.CauseSeqs)
            {
                if (!seen.Contains(cause) && seen.Count > most)
                {
                    isCut = true;
                    continue;
                }

                links.Add(new CausalLink(cause, at));
                if (seen.Add(cause))
                {
                    queue.Enqueue(cause);
                }
            }
        }

        // An event may name one that the room does not have, in a copy of the room that began later.
        links.RemoveAll(link => !heads.ContainsKey(link.Cause));
        return isCut;
    }

    private static bool On(Reader reader, long row, long seq, long upTo, int most, Dictionary<long, EventHead> heads, List<CausalLink> links, CancellationToken cancellationToken)
    {
        var queue = new Queue<long>([seq]);
        var seen = new HashSet<long> { seq };
        var isCut = false;
        while (queue.TryDequeue(out var at))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (followers, more) = reader.Until(
                """
                SELECT e.seq, e.at_ms, e.kind, e.agent, e.action, e.ok FROM event_causes AS c JOIN events AS e ON e.room = c.room AND e.seq = c.seq
                WHERE c.room = $1 AND c.cause = $2 AND c.seq <= $3 ORDER BY c.seq
                """,
                RoomStore.MapHead,
                static _ => 1,
                MaxFollowers,
                long.MaxValue,
                row,
                at,
                upTo);
            isCut |= more;
            foreach (var follower in followers)
            {
                if (!seen.Contains(follower.Seq) && seen.Count > most)
                {
                    isCut = true;
                    continue;
                }

                links.Add(new CausalLink(at, follower.Seq));
                heads[follower.Seq] = follower;
                if (seen.Add(follower.Seq))
                {
                    queue.Enqueue(follower.Seq);
                }
            }
        }

        return isCut;
    }
}
