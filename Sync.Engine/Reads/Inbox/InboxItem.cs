using System.Text.Json;

namespace Sync.Engine.Reads.Inbox;

/// <summary>
/// One thing that waits for a person, in one of their rooms. Immutable. Its texts say no more than everybody who reads the room may read: the page, a token and a webhook can show them alike, and whoever
/// may read more opens what it is about.
/// </summary>
public sealed record InboxItem
{
    /// <summary>Tells it from all others for as long as it waits: <c>ROOM/approval/a12</c>, <c>ROOM/question/7</c>, <c>ROOM/attention/broken_view/results</c>.</summary>
    public required string Key { get; init; }

    /// <summary>What it is.</summary>
    public required InboxKind Kind { get; init; }

    /// <summary>The room's id.</summary>
    public required string Room { get; init; }

    /// <summary>The room's name, or null.</summary>
    public string? RoomName { get; init; }

    /// <summary>Since when it waits.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The agent it comes from, of an invitation the user; null where nobody is named.</summary>
    public string? From { get; init; }

    /// <summary>One sentence that says what it is, readable by itself.</summary>
    public required string Title { get; init; }

    /// <summary>What was said, or why: at most <see cref="MaxText"/> characters.</summary>
    public string Text { get; init; } = "";

    /// <summary>The event of the room's log that it goes back to; null where none is known.</summary>
    public long? Seq { get; init; }

    /// <summary>The approval's id.</summary>
    public string? Approval { get; init; }

    /// <summary>The message's number.</summary>
    public long? Message { get; init; }

    /// <summary>The view that it is about.</summary>
    public string? View { get; init; }

    /// <summary>The action that it is about.</summary>
    public string? Action { get; init; }

    /// <summary>The agent that it is about.</summary>
    public string? Agent { get; init; }

    /// <summary>What is the matter: <c>broken_view broken_surface broken_action contested paused refused undecidable</c>; null for other kinds.</summary>
    public string? Attention { get; init; }

    /// <summary>When it ends by itself, as far as that is known.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>The most that <see cref="Text"/> holds.</summary>
    public const int MaxText = 2_000;

    /// <summary>Whether it waits for the person's own word, and so is counted; attention is not.</summary>
    public bool IsCounted => Kind != InboxKind.Attention;

    /// <summary>Writes it as an object.</summary>
    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("key"u8, Key);
        writer.WriteString("kind"u8, Kind.Name());
        writer.WriteString("room"u8, Room);
        WriteText(writer, "room_name"u8, RoomName);
        writer.WriteString("at"u8, At.UtcDateTime);
        WriteText(writer, "from"u8, From);
        writer.WriteString("title"u8, Title);
        writer.WriteString("text"u8, Text);
        WriteNumber(writer, "seq"u8, Seq);
        WriteText(writer, "approval"u8, Approval);
        WriteNumber(writer, "message"u8, Message);
        WriteText(writer, "view"u8, View);
        WriteText(writer, "action"u8, Action);
        WriteText(writer, "agent"u8, Agent);
        WriteText(writer, "attention"u8, Attention);
        if (EndsAt is { } ends)
        {
            writer.WriteString("ends_at"u8, ends.UtcDateTime);
        }

        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }

    private static void WriteNumber(Utf8JsonWriter writer, ReadOnlySpan<byte> name, long? number)
    {
        if (number is { } given)
        {
            writer.WriteNumber(name, given);
        }
    }
}
