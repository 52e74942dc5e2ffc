using System.Text.Json;

namespace Sync.Engine.Timers;

internal enum TimerEffect
{
    /// <summary>Live until it fires, then gone.</summary>
    Delete,

    /// <summary>Dormant until it fires, then live.</summary>
    Enable,
}

/// <summary>
/// A running timer on exactly one clock: a moment (<see cref="At"/>), or a number of writes to a key (<see cref="TicksLeft"/> of
/// <see cref="TickScope"/>.<see cref="TickKey"/>).
/// </summary>
internal sealed record EntryTimer(TimerEffect Effect, DateTimeOffset? At, string? TickScope, string? TickKey, long TicksLeft)
{
    /// <summary>Whether it has fired by <paramref name="now"/>. A logical timer is removed by the write that fires it.</summary>
    public bool HasFired(DateTimeOffset now) => At is { } at ? at <= now : TicksLeft <= 0;

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("effect"u8, Effect == TimerEffect.Delete ? "delete"u8 : "enable"u8);
        if (At is { } at)
        {
            writer.WriteString("at"u8, at.UtcDateTime);
        }
        else
        {
            writer.WriteNumber("ticks"u8, TicksLeft);
            writer.WriteString("tick_on"u8, $"{TickScope}.{TickKey}");
        }

        writer.WriteEndObject();
    }

    /// <summary>Reads back what <see cref="WriteTo"/> wrote.</summary>
    public static EntryTimer Read(JsonElement json)
    {
        var effect = json.GetProperty("effect"u8).ValueEquals("delete"u8) ? TimerEffect.Delete : TimerEffect.Enable;
        if (json.TryGetProperty("at"u8, out var at))
        {
            return new(effect, at.GetDateTimeOffset(), TickScope: null, TickKey: null, TicksLeft: 0);
        }

        var (scope, key) = TimerSpec.SplitTarget(json.GetProperty("tick_on"u8).GetString()!);
        return new(effect, At: null, scope, key, json.GetProperty("ticks"u8).GetInt64());
    }
}
