using System.Text.Json;
using Sync.Engine;

namespace Sync.Web.Components.Dashboard.Log;

/// <summary>An event as the log lists it, from a picture or from an older page.</summary>
internal sealed record LogLine(long Seq, DateTimeOffset At, string Kind, string? Agent, string? Action, bool Ok, string? Error, int Count, string? Params)
{
    public static LogLine Of(EventPicture e) => new(e.Seq, e.At, e.Kind, e.Agent, e.Action, e.Ok, e.Error, e.Count, e.Params);

    /// <summary>Reads the events of an audit's answer.</summary>
    public static IReadOnlyList<LogLine> ReadAll(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("events"u8).EnumerateArray().Select(Read)];
    }

    /// <summary>Reads one event.</summary>
    public static LogLine Read(JsonElement e) => new(
        e.GetProperty("seq"u8).GetInt64(),
        e.GetProperty("at"u8).GetDateTimeOffset(),
        e.GetProperty("kind"u8).GetString()!, // Always written.
        e.GetProperty("agent"u8).GetString(),
        e.GetProperty("action"u8).GetString(),
        e.GetProperty("ok"u8).GetBoolean(),
        e.TryGetProperty("error"u8, out var error) ? error.GetString() : null,
        e.TryGetProperty("count"u8, out var count) ? count.GetInt32() : 1,
        e.TryGetProperty("params"u8, out var parameters) ? parameters.GetRawText() : null);
}
