using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine;

namespace Sync.Web.Components.Dashboard.Log;

/// <summary>One event in full.</summary>
internal sealed record EventDetail(EventPicture Line, string? Message, bool IsPrivate, int PrivateWrites, ImmutableArray<EventWrite> Writes)
{
    public static EventDetail Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var e = document.RootElement;
        var line = ReadLine(e);
        return new EventDetail(
            line,
            e.TryGetProperty("message"u8, out var message) ? message.GetString() : null,
            e.TryGetProperty("private"u8, out _),
            e.TryGetProperty("private_writes"u8, out var hidden) ? hidden.GetInt32() : 0,
            e.TryGetProperty("writes"u8, out var writes) ? [.. writes.EnumerateArray().Select(ReadWrite)] : []);
    }

    private static EventPicture ReadLine(JsonElement e) => new(
        e.GetProperty("seq"u8).GetInt64(),
        e.GetProperty("at"u8).GetDateTimeOffset(),
        e.GetProperty("kind"u8).GetString()!, // Always written.
        e.GetProperty("agent"u8).GetString(),
        e.GetProperty("action"u8).GetString(),
        e.GetProperty("ok"u8).GetBoolean(),
        e.TryGetProperty("error"u8, out var error) ? error.GetString() : null,
        e.TryGetProperty("count"u8, out var count) ? count.GetInt32() : 1,
        e.TryGetProperty("params"u8, out var parameters) ? parameters.GetRawText() : null);

    private static EventWrite ReadWrite(JsonElement write) => new(
        write.GetProperty("scope"u8).GetString()!, // Always written, like the key.
        write.GetProperty("key"u8).GetString()!,
        write.TryGetProperty("before"u8, out var before) ? before.GetProperty("value"u8).GetRawText() : null,
        write.TryGetProperty("value"u8, out var value) ? value.GetRawText() : null,
        write.TryGetProperty("revision"u8, out var revision) ? revision.GetInt64() : null,
        write.TryGetProperty("version"u8, out var version) ? version.GetString() : null,
        write.TryGetProperty("deleted"u8, out _),
        write.TryGetProperty("by_timer"u8, out _),
        write.TryGetProperty("cooled_down"u8, out _));
}

/// <summary>A write of an event: values as compact JSON, null where there is none.</summary>
internal sealed record EventWrite(string Scope, string Key, string? Before, string? After, long? Revision, string? Version, bool IsDeletion, bool IsByTimer, bool IsCooldown)
{
    /// <summary>What it did, in a word.</summary>
    public string Word => IsDeletion ? "deleted" : IsCooldown ? "cooled down" : After is null ? "timer set" : Before is null ? "created" : Before == After ? "written again" : "changed";
}
