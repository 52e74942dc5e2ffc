using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Model.Entries;

namespace Sync.Engine.Model.Messages;

/// <summary>An agent's read position, with the counts of its own and of directed messages up to there, so that unread counts need no scan.</summary>
/// <param name="Seq">Number of the newest message read.</param>
/// <param name="Own">How many of the messages up to <paramref name="Seq"/> the agent sent itself.</param>
/// <param name="Directed">How many up to there were directed to it by others.</param>
internal sealed record MessageCursor(long Seq, long Own, long Directed)
{
    public static MessageCursor Start { get; } = new(0, 0, 0);
}

/// <summary>One message, as its entry's value describes it.</summary>
internal sealed class Message
{
    public required long Seq { get; init; }

    public required string From { get; init; }

    public required string Kind { get; init; }

    public ImmutableArray<string> To { get; init; } = [];

    public required Entry Entry { get; init; }

    public static Message Read(Entry entry)
    {
        using var document = entry.Value.Parse();
        var root = document.RootElement;
        return new Message
        {
            Seq = long.Parse(entry.Key, System.Globalization.CultureInfo.InvariantCulture),
            From = root.GetProperty("from"u8).GetString()!,
            Kind = root.GetProperty("kind"u8).GetString()!,
            To = root.TryGetProperty("to"u8, out var to) ? ReadTo(to) : [],
            Entry = entry,
        };
    }

    private static ImmutableArray<string> ReadTo(JsonElement to) =>
        to.ValueKind == JsonValueKind.Array ? [.. to.EnumerateArray().Select(t => t.GetString()!)] : [to.GetString()!];
}

/// <summary>The numbers of messages that an agent has sent and received, over the whole life of the room.</summary>
internal readonly record struct MessageTally(long Sent, long Directed);

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

    private MessageWindow(ImmutableSortedDictionary<long, Message> recent, long bytes, long count, ImmutableDictionary<string, MessageTally> tallies)
    {
        Recent = recent;
        _bytes = bytes;
        Count = count;
        Tallies = tallies;
    }

    public static MessageWindow Empty { get; } = new(
        ImmutableSortedDictionary<long, Message>.Empty, 0, 0, ImmutableDictionary.Create<string, MessageTally>(StringComparer.Ordinal));

    public ImmutableSortedDictionary<long, Message> Recent { get; }

    /// <summary>Messages ever sent; the newest one's number.</summary>
    public long Count { get; }

    public ImmutableDictionary<string, MessageTally> Tallies { get; }

    /// <summary>Number of the oldest message in memory.</summary>
    public long Oldest => Recent.IsEmpty ? Count + 1 : Count - Recent.Count + 1;

    public static MessageWindow Load(IEnumerable<Message> recent, long count, IEnumerable<KeyValuePair<string, MessageTally>> tallies) =>
        Of(recent.ToImmutableSortedDictionary(m => m.Seq, m => m), count, Empty.Tallies.AddRange(tallies));

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
        var gone = ImmutableArray.CreateBuilder<Message>();
        for (var oldest = Oldest; recent.Count > Capacity || (bytes > Bytes && recent.Count > 1); oldest++)
        {
            var old = recent[oldest];
            gone.Add(old);
            bytes -= old.Entry.Value.Length;
            recent = recent.Remove(oldest);
        }

        dropped = gone.DrainToImmutable();
        return new(recent, bytes, message.Seq, tallies);
    }

    private static MessageWindow Of(ImmutableSortedDictionary<long, Message> recent, long count, ImmutableDictionary<string, MessageTally> tallies) =>
        new(recent, recent.Values.Sum(static message => (long)message.Entry.Value.Length), count, tallies);

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
