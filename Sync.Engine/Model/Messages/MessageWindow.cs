using System.Collections.Immutable;

namespace Sync.Engine.Model.Messages;

/// <summary>
/// The messages of a room: the newest <see cref="Capacity"/> in memory, the older ones in the log, and running tallies from which unread
/// counts follow in constant time however long the room has lived. Immutable.
/// </summary>
internal sealed class MessageWindow
{
    /// <summary>Messages kept in memory.</summary>
    public const int Capacity = 2_000;

    /// <summary>Bytes of messages kept in memory. The newest one stays whatever its size; a room cannot be filled with messages, which nobody can delete.</summary>
    public const long Bytes = 16 * 1024 * 1024;

    private readonly long _bytes;

    private readonly OpenQuestions _open;

    private MessageWindow(ImmutableSortedDictionary<long, Message> recent, long bytes, long count, ImmutableDictionary<string, MessageTally> tallies, OpenQuestions open)
    {
        Recent = recent;
        _bytes = bytes;
        Count = count;
        Tallies = tallies;
        _open = open;
    }

    public static MessageWindow Empty { get; } = new(
        ImmutableSortedDictionary<long, Message>.Empty, 0, 0, ImmutableDictionary.Create<string, MessageTally>(StringComparer.Ordinal), OpenQuestions.None);

    public ImmutableSortedDictionary<long, Message> Recent { get; }

    /// <summary>Messages ever sent; the newest one's number.</summary>
    public long Count { get; }

    public ImmutableDictionary<string, MessageTally> Tallies { get; }

    /// <summary>Number of the oldest message in memory.</summary>
    public long Oldest => Recent.IsEmpty ? Count + 1 : Count - Recent.Count + 1;

    public static MessageWindow Load(IEnumerable<Message> recent, long count, IEnumerable<KeyValuePair<string, MessageTally>> tallies) =>
        Of(recent.ToImmutableSortedDictionary(m => m.Seq, m => m), count, Empty.Tallies.AddRange(tallies));

    /// <summary>Numbers of the questions directed to an agent that it has not replied to, oldest first; of the messages in memory.</summary>
    public ImmutableSortedSet<long> ToAnswer(string agent) => _open.Of(agent);

    /// <summary>The window with a message more, and which ones it lets go of for that.</summary>
    public MessageWindow Add(Message message, out ImmutableArray<Message> dropped)
    {
        var tallies = Tallies.SetItem(message.From, Tally(message.From) with { Sent = Tally(message.From).Sent + 1 });
        foreach (var to in message.To.Distinct())
        {
            if (to != message.From)
            {
                var tally = tallies.GetValueOrDefault(to);
                tallies = tallies.SetItem(to, tally with { Directed = tally.Directed + 1 });
            }
        }

        var recent = Recent.Add(message.Seq, message);
        var bytes = _bytes + message.Entry.Value.Length;
        var open = _open.With(message);
        var gone = ImmutableArray.CreateBuilder<Message>();
        for (var oldest = Oldest; recent.Count > Capacity || (bytes > Bytes && recent.Count > 1); oldest++)
        {
            var old = recent[oldest];
            gone.Add(old);
            bytes -= old.Entry.Value.Length;
            recent = recent.Remove(oldest);
            open = open.Without(old);
        }

        dropped = gone.DrainToImmutable();
        return new(recent, bytes, message.Seq, tallies, open);
    }

    private static MessageWindow Of(ImmutableSortedDictionary<long, Message> recent, long count, ImmutableDictionary<string, MessageTally> tallies) =>
        new(recent, recent.Values.Sum(static message => (long)message.Entry.Value.Length), count, tallies, recent.Values.Aggregate(OpenQuestions.None, static (open, message) => open.With(message)));

    /// <summary>Messages of others after the cursor.</summary>
    public long Unread(string agent, MessageCursor cursor) =>
        Math.Max(0, Count - cursor.Seq - (Tally(agent).Sent - cursor.Own));

    /// <summary>Messages of others, directed to the agent, after the cursor.</summary>
    public long DirectedUnread(string agent, MessageCursor cursor) => Math.Max(0, Tally(agent).Directed - cursor.Directed);

    /// <summary>
    /// The cursor of an agent that has read up to message <paramref name="seq"/>. Counts what lies after it, at most the window; a position older than the
    /// window keeps the cursor it had.
    /// </summary>
    public MessageCursor CursorAt(string agent, long seq, MessageCursor current)
    {
        if (seq <= current.Seq || seq < Oldest - 1)
        {
            return current;
        }

        long own = 0;
        long directed = 0;
        for (var number = Math.Max(seq + 1, Oldest); number <= Count; number++)
        {
            var message = Recent[number];
            own += message.From == agent ? 1 : 0;
            directed += message.From != agent && message.To.Contains(agent) ? 1 : 0;
        }

        return new(seq, Tally(agent).Sent - own, Tally(agent).Directed - directed);
    }

    private MessageTally Tally(string agent) => Tallies.GetValueOrDefault(agent);
}
