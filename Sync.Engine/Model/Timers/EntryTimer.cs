using System.Text.Json;

namespace Sync.Engine.Model.Timers;

internal enum TimerEffect
{
    /// <summary>Live until it fires, then gone.</summary>
    Delete,

    /// <summary>Dormant until it fires, then live.</summary>
    Enable,
}

/// <summary>
/// A running timer on exactly one clock: so long after it was set (<see cref="After"/>, ended at <see cref="At"/> by the room's clock), a moment of the time as people see it (<see cref="At"/>
/// alone), or a number of writes to a key (<see cref="TicksLeft"/> of
/// <see cref="TickScope"/>.<see cref="TickKey"/>).
/// </summary>
internal sealed record EntryTimer(TimerEffect Effect, DateTimeOffset? At, string? TickScope, string? TickKey, long TicksLeft)
{
    /// <summary>The span it was declared with, or null where it was declared as a moment.</summary>
    public TimeSpan? After { get; init; }

    /// <summary>Whether it waits for a moment of the time as people see it, which may be set back.</summary>
    public bool IsOnWall => At is not null && After is null;

    /// <summary>Whether it has fired. A logical timer is removed by the write that fires it.</summary>
    /// <param name="now">The room's clock.</param>
    /// <param name="ahead">How far that is ahead of the time as people see it.</param>
    public bool HasFired(DateTimeOffset now, TimeSpan ahead) => At is { } at ? at <= (IsOnWall ? now - ahead : now) : TicksLeft <= 0;

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("effect"u8, Effect == TimerEffect.Delete ? "delete"u8 : "enable"u8);
        if (At is { } at)
        {
            writer.WriteString("at"u8, at.UtcDateTime);
            if (After is { } after)
            {
                writer.WriteNumber("ms"u8, after.TotalMilliseconds);
            }
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
            // Timers written before spans were kept are taken for moments.
            return new(effect, at.GetDateTimeOffset(), TickScope: null, TickKey: null, TicksLeft: 0)
            {
                After = json.TryGetProperty("ms"u8, out var ms) ? TimeSpan.FromMilliseconds(ms.GetDouble()) : null,
            };
        }

        var (scope, key) = TimerSpec.SplitTarget(json.GetProperty("tick_on"u8).GetString()!);
        return new(effect, At: null, scope, key, json.GetProperty("ticks"u8).GetInt64());
    }
}
