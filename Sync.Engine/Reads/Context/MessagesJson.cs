using System.Text.Json;
using Sync.Engine.Model.Messages;

namespace Sync.Engine.Reads.Context;

/// <summary>What every answer with messages says beside them.</summary>
internal static class MessagesJson
{
    /// <summary>Numbers of questions that are named one by one; an expression reads them all.</summary>
    public const int MaxNamed = 100;

    /// <summary>Writes the figures of a reader; of nobody they are zero.</summary>
    public static void WriteFigures(Utf8JsonWriter writer, MessageWindow window, string? self, MessageCursor cursor)
    {
        writer.WriteNumber(MessageFigures.Count, window.Count);
        writer.WriteNumber(MessageFigures.Unread, self is null ? 0 : window.Unread(self, cursor));
        writer.WriteNumber(MessageFigures.DirectedUnread, self is null ? 0 : window.DirectedUnread(self, cursor));
        writer.WriteStartArray(MessageFigures.ToAnswer);
        foreach (var number in self is null ? [] : window.ToAnswer(self).Take(MaxNamed))
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }
}
