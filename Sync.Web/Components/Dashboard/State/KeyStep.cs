using System.Text.Json;

namespace Sync.Web.Components.Dashboard.State;

/// <summary>One write of a key; <paramref name="Value"/> is compact JSON, null for a deletion.</summary>
internal sealed record KeyStep(long Seq, DateTimeOffset At, string? Writer, string? Via, string? Value, long? Revision, string? Version)
{
    /// <summary>Reads a page of a key's history, newest first, and where the next begins.</summary>
    public static (IReadOnlyList<KeyStep> Steps, long? NextBefore) ReadAll(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        return ([.. root.GetProperty("history"u8).EnumerateArray().Select(Read)], root.TryGetProperty("next_before"u8, out var next) ? next.GetInt64() : null);
    }

    private static KeyStep Read(JsonElement step) => new(
        step.GetProperty("seq"u8).GetInt64(),
        step.GetProperty("at"u8).GetDateTimeOffset(),
        step.GetProperty("writer"u8).GetString(),
        step.GetProperty("via"u8).GetString(),
        step.TryGetProperty("value"u8, out var value) ? value.GetRawText() : null,
        step.TryGetProperty("revision"u8, out var revision) ? revision.GetInt64() : null,
        step.TryGetProperty("version"u8, out var version) ? version.GetString() : null);
}
