using System.Text.Json;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Reads.History;

/// <summary>One thing that a search found.</summary>
/// <param name="Event">The event that wrote it, or that it is.</param>
/// <param name="Kind">What it is: <c>message state action view log</c>.</param>
/// <param name="Where">Where it is read: <c>state._tasks.t1</c>, <c>messages.12</c>, <c>actions.vote</c>, <c>views.turnout</c>, <c>log.57</c>.</param>
/// <param name="IsCurrent">Whether it still is as it was found; null for what does not change.</param>
/// <param name="Snippet">The text around the first word.</param>
internal sealed record SearchHit(RoomEvent Event, string Kind, string Where, bool? IsCurrent, string Snippet)
{
    public JsonText ToJson() => JsonText.Write(this, static (writer, hit) =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("seq"u8, hit.Event.Seq);
        writer.WriteString("at"u8, hit.Event.At.UtcDateTime);
        writer.WriteString("kind"u8, hit.Kind);
        writer.WriteString("where"u8, hit.Where);
        writer.WriteString("agent"u8, hit.Event.Agent);
        writer.WriteString("action"u8, hit.Event.Action);
        if (hit.IsCurrent is { } current)
        {
            writer.WriteBoolean("current"u8, current);
        }

        writer.WriteString("snippet"u8, hit.Snippet);
        writer.WriteEndObject();
    });
}
