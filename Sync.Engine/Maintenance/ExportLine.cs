using System.Text;
using System.Text.Json;
using Sync.Engine.Json;
using Sync.Engine.Persistence;

namespace Sync.Engine;

/// <summary>An event's line of an export; see <see cref="RoomExport"/>.</summary>
internal static class ExportLine
{
    /// <summary>Reads a line that must hold event <paramref name="seq"/>.</summary>
    public static Outcome<LogAppend> Parse(string line, LogStream stream, long seq)
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

            return new LogAppend
            {
                Stream = stream,
                Epoch = 0,
                Seq = seq,
                At = root.GetProperty("at").GetDateTimeOffset(),
                Kind = root.GetProperty("kind").GetString() ?? throw new FormatException(),
                Agent = Text(root, "agent"),
                Action = Text(root, "action"),
                Ok = root.GetProperty("ok").GetBoolean(),
                RequestKey = Text(root, "request_key"),
                Body = Encoding.UTF8.GetBytes(root.GetProperty("body").GetRawText()),
                Indexed = root.TryGetProperty("keys", out var keys)
                    ? [.. keys.EnumerateArray().Select(key => (key[0].GetString() ?? "", key[1].GetString() ?? ""))]
                    : [],
            };
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            return RoomImport.BadLine(seq + 1, "This is no event of an exported room.");
        }
    }

    private static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) ? value.GetString() : null;
}
