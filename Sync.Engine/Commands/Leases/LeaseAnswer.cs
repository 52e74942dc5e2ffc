using System.Text.Json;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Leases;

namespace Sync.Engine.Commands.Leases;

/// <summary>Leases in the answers of who holds them.</summary>
internal static class LeaseAnswer
{
    /// <summary>Writes <c>claimed, key, fence, holder, expires_at</c>.</summary>
    public static void WriteClaimed(Utf8JsonWriter writer, Moment moment, string key, LeaseHold hold)
    {
        writer.WriteBoolean("claimed"u8, value: true);
        WriteFields(writer, moment, key, hold);
    }

    /// <summary>Writes <c>key, fence, holder, expires_at</c>.</summary>
    public static void WriteFields(Utf8JsonWriter writer, Moment moment, string key, LeaseHold hold)
    {
        writer.WriteString("key"u8, key);
        writer.WriteNumber("fence"u8, hold.Fence);
        writer.WriteString("holder"u8, hold.Agent);
        LeaseFigures.WriteEnd(writer, moment, hold);
    }

    /// <summary>Writes <c>keys</c>.</summary>
    public static void WriteKeys(Utf8JsonWriter writer, IEnumerable<string> keys)
    {
        writer.WriteStartArray("keys"u8);
        foreach (var key in keys)
        {
            writer.WriteStringValue(key);
        }

        writer.WriteEndArray();
    }

    /// <summary>Writes <c>on_lapse_dropped</c>, the keys that are passed on without what would have been invoked at their end; nothing where there are none.</summary>
    public static void WriteDropped(Utf8JsonWriter writer, IEnumerable<EndedLease> ended)
    {
        var keys = ended.Where(static lease => lease.Reason == LeaseEndReason.HandedOver).Select(static lease => lease.Key).ToList();
        if (keys.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("on_lapse_dropped"u8);
        keys.ForEach(writer.WriteStringValue);
        writer.WriteEndArray();
    }

    /// <summary>Writes several leases as a list.</summary>
    public static void WriteList(Utf8JsonWriter writer, Moment moment, IEnumerable<(string Key, LeaseHold Hold)> leases)
    {
        writer.WriteStartArray("leases"u8);
        foreach (var (key, hold) in leases)
        {
            writer.WriteStartObject();
            WriteFields(writer, moment, key, hold);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
