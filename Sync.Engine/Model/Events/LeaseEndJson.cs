using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Model.Leases;

namespace Sync.Engine.Model.Events;

/// <summary>The ends of leases in an event, for the log and for its readers alike: <c>[{key, agent, fence, reason, on_lapse?, refused?}]</c>.</summary>
internal static class LeaseEndJson
{
    /// <summary>Writes the member; nothing where there is none.</summary>
    public static void Write(Utf8JsonWriter writer, ImmutableArray<LeaseEnd> ends)
    {
        if (ends.IsEmpty)
        {
            return;
        }

        writer.WriteStartArray("leases_ended"u8);
        foreach (var end in ends)
        {
            writer.WriteStartObject();
            writer.WriteString("key"u8, end.Key);
            writer.WriteString("agent"u8, end.Agent);
            writer.WriteNumber("fence"u8, end.Fence);
            writer.WriteString("reason"u8, end.Reason.Word());
            if (end.OnLapse is not null)
            {
                writer.WriteString("on_lapse"u8, end.OnLapse);
            }

            if (end.Refused is not null)
            {
                writer.WriteString("refused"u8, end.Refused);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Reads what <see cref="Write"/> wrote into an event's body.</summary>
    public static ImmutableArray<LeaseEnd> Read(JsonElement root) => !root.TryGetProperty("leases_ended"u8, out var ends) ? [] :
        [.. ends.EnumerateArray().Select(static end => new LeaseEnd(
            end.GetProperty("key"u8).GetString()!,
            end.GetProperty("agent"u8).GetString()!,
            end.GetProperty("fence"u8).GetInt64(),
            LeaseEndReasonWords.Parse(end.GetProperty("reason"u8).GetString()!),
            end.TryGetProperty("on_lapse"u8, out var lapse) ? lapse.GetString() : null,
            end.TryGetProperty("refused"u8, out var refused) ? refused.GetString() : null))];
}
