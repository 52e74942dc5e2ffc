using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Reads.Inbox;

/// <summary>What waits for a person in all their rooms, as far as its reader reaches them. Immutable.</summary>
public sealed class InboxModel : IJsonAnswer
{
    internal const long AnswerBytes = 1024 * 1024;

    /// <summary>An inbox in which nothing waits.</summary>
    public static InboxModel Empty { get; } = new();

    /// <summary>What was asked for of it, the newest first.</summary>
    public ImmutableArray<InboxItem> Items { get; init; } = [];

    /// <summary>How many of those that were asked for are not among <see cref="Items"/>.</summary>
    public int Missing { get; init; }

    /// <summary>How many of each kind there are, whatever was asked for.</summary>
    public ImmutableDictionary<InboxKind, int> Counts { get; init; } = ImmutableDictionary<InboxKind, int>.Empty;

    /// <summary>How many wait for the person's own word: all but what needs attention. What badges show.</summary>
    public int Waiting { get; init; }

    /// <summary>The rooms in which something is unread or waits, those with the most first.</summary>
    public ImmutableArray<InboxRoom> Rooms { get; init; } = [];

    /// <summary>How many rooms are still to be read, in the background: what waits there is not counted yet.</summary>
    public int Reading { get; init; }

    /// <summary>How many rooms are not looked at, since the person is in more than an inbox looks at; those in which the least has happened lately.</summary>
    public int Beyond { get; init; }

    /// <summary>How many there are of a kind.</summary>
    public int Count(InboxKind kind) => Counts.GetValueOrDefault(kind);

    /// <summary>What is unread in a room; nothing where it is not among those with something.</summary>
    public InboxRoom Of(string room) => Rooms.FirstOrDefault(known => known.Room == room) ?? new InboxRoom(room, Name: null, Unread: 0, DirectedUnread: 0, Waiting: 0);

    /// <summary>Whether it shows the same as another one.</summary>
    public bool IsSameAs(InboxModel other) =>
        ReferenceEquals(this, other)
        || (Missing == other.Missing && Waiting == other.Waiting && Reading == other.Reading && Beyond == other.Beyond
            && Items.AsSpan().SequenceEqual(other.Items.AsSpan()) && Rooms.AsSpan().SequenceEqual(other.Rooms.AsSpan())
            && InboxKinds.All.All(kind => Count(kind) == other.Count(kind)));

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Json => JsonText.Write(this, static (writer, inbox) => inbox.WriteTo(writer)).Memory;

    private void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("items"u8);
        var space = new AnswerSpace(AnswerSpace.Of(AnswerBytes));
        var written = 0;
        foreach (var item in Items)
        {
            if (!space.TryWrite(writer, item, static (writer, item) => item.WriteTo(writer)))
            {
                break;
            }

            written++;
        }

        writer.WriteEndArray();
        if (Missing + Items.Length - written is > 0 and var missing)
        {
            writer.WriteNumber("missing"u8, missing);
        }

        writer.WriteNumber("waiting"u8, Waiting);
        writer.WriteStartObject("counts"u8);
        foreach (var kind in InboxKinds.All)
        {
            writer.WriteNumber(kind.Name(), Count(kind));
        }

        writer.WriteEndObject();
        writer.WriteStartArray("rooms"u8);
        foreach (var room in Rooms)
        {
            writer.WriteStartObject();
            writer.WriteString("room"u8, room.Room);
            if (room.Name is not null)
            {
                writer.WriteString("name"u8, room.Name);
            }

            writer.WriteNumber("unread"u8, room.Unread);
            writer.WriteNumber("directed_unread"u8, room.DirectedUnread);
            writer.WriteNumber("waiting"u8, room.Waiting);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteNumber("reading"u8, Reading);
        if (Beyond > 0)
        {
            writer.WriteNumber("beyond"u8, Beyond);
        }

        writer.WriteEndObject();
    }
}
