using System.Text.Json;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Services.Maintenance;

/// <summary>The first line of an export; see <see cref="RoomExport"/>.</summary>
internal sealed record ExportHeader(string Id, string? Name, JoinPolicy Join, DateTimeOffset CreatedAt, IReadOnlyList<(string User, Member Member)> Members, IReadOnlyList<string> Removed, long LastSeq)
{
    public static Outcome<ExportHeader> Parse(string line)
    {
        try
        {
            using var parsed = JsonDocument.Parse(line);
            var root = parsed.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("format", out var format) || !format.ValueEquals(RoomExport.Format))
            {
                return RoomImport.BadLine(1, "This is no exported room.");
            }

            if (root.GetProperty("version").GetInt32() is < 1 or > RoomExport.Version)
            {
                return RoomImport.BadLine(1, $"This is version {root.GetProperty("version").GetInt32()} of the format; this server reads up to version {RoomExport.Version}.");
            }

            var room = root.GetProperty("room");
            return new ExportHeader(
                room.GetProperty("id").GetString() ?? "",
                room.GetProperty("name").GetString(),
                Enum.Parse<JoinPolicy>(room.GetProperty("join").GetString() ?? "", ignoreCase: true),
                room.GetProperty("created_at").GetDateTimeOffset(),
                [.. root.GetProperty("members").EnumerateArray().Select(ReadMember)],
                root.TryGetProperty("removed", out var removed) ? [.. removed.EnumerateArray().Select(static user => user.GetString() ?? "")] : [],
                root.GetProperty("last_seq").GetInt64());
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            return RoomImport.BadLine(1, "This is no header of an exported room.");
        }
    }

    private static (string User, Member Member) ReadMember(JsonElement member) =>
        (member.GetProperty("user").GetString() ?? "",
        new Member(Enum.Parse<Role>(member.GetProperty("role").GetString() ?? "", ignoreCase: true)) { ViaOpen = member.TryGetProperty("via_open", out var open) && open.GetBoolean() });
}
