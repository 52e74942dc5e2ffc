using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Storage;

namespace Sync.Engine.Services.Maintenance;

/// <summary>An event's line of an export; see <see cref="RoomExport"/>.</summary>
internal static class ExportLine
{
    /// <summary>Reads a line that must hold event <paramref name="seq"/>.</summary>
    public static Outcome<ExportedEvent> Parse(string line, long seq)
    {
        try
        {
            using var parsed = JsonText.ParseStored(Encoding.UTF8.GetBytes(line));
            var root = parsed.RootElement;
            var found = root.GetProperty("seq").GetInt64();
            if (found != seq)
            {
                return RoomImport.BadLine(seq + 1, $"Event {seq} is expected here, and this is event {found}.");
            }

            return new ExportedEvent(
                root.GetProperty("at").GetDateTimeOffset(),
                root.GetProperty("kind").GetString() ?? throw new FormatException(),
                Text(root, "agent"),
                Text(root, "action"),
                root.GetProperty("ok").GetBoolean(),
                Text(root, "request_key"),
                Encoding.UTF8.GetBytes(root.GetProperty("body").GetRawText()),
                [.. RoomEventJson.CauseSeqsOf(root.GetProperty("body")).Where(cause => cause < seq)],
                root.TryGetProperty("keys", out var keys) ? [.. keys.EnumerateArray().Select(key => (key[0].GetString() ?? "", key[1].GetString() ?? ""))] : []);
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            return RoomImport.BadLine(seq + 1, "This is no event of an exported room.");
        }
    }

    private static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) ? value.GetString() : null;
}

/// <summary>An event of an export, as the log is to store it.</summary>
internal sealed class ExportedEvent(
    DateTimeOffset at,
    string kind,
    string? agent,
    string? action,
    bool ok,
    string? requestKey,
    ReadOnlyMemory<byte> body,
    ImmutableArray<long> causeSeqs,
    ImmutableArray<(string Scope, string Key)> indexed) : LogEvent
{
    public override DateTimeOffset At { get; } = at;

    public override string Kind { get; } = kind;

    public override string? Agent { get; } = agent;

    public override string? Action { get; } = action;

    public override bool Ok { get; } = ok;

    public override string? RequestKey { get; } = requestKey;

    public override ReadOnlyMemory<byte> Body { get; } = body;

    public override ImmutableArray<long> CauseSeqs { get; } = causeSeqs;

    public override ImmutableArray<(string Scope, string Key)> Indexed { get; } = indexed;
}
