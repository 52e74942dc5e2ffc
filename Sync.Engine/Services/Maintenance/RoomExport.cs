using System.Text.Json;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.Maintenance;

/// <summary>
/// A room as JSON Lines, UTF-8.
/// <para>
/// The first line is the header: <c>{"format":"sync-room", "version":2, "room":{"id", "name", "join", "created_at"},
/// "members":[{"user", "role", "via_open"?}], "removed"?:[], "last_seq"}</c>, members, and who was removed, by user name. Every further line is an event, in order, without gaps:
/// <c>{"seq", "at", "kind", "agent"?, "action"?, "ok", "request_key"?, "keys"?:[[scope, key]], "body"}</c>; <c>request_key</c> lets a retry
/// find its event again, <c>keys</c> is what the history index holds of it, <c>body</c> the event itself. Snapshots and presence follow
/// from the log and are left out; so are tokens.
/// </para>
/// </summary>
internal static class RoomExport
{
    public const string Format = "sync-room";

    /// <summary>1: every write with its whole value. 2: writes may be edits of a value.</summary>
    public const int Version = 2;

    private const int PageEvents = 500;

    /// <summary>Writes the room as it is now: events that come meanwhile are left out. Answers the number of events.</summary>
    public static async Task<long> WriteAsync(Database database, RoomRecord room, Stream output, CancellationToken cancellationToken)
    {
        var last = await database.Rooms.LastSeqAsync(room.Row, cancellationToken).ConfigureAwait(false);
        var users = (await database.Access.LoadUsersAsync(cancellationToken).ConfigureAwait(false)).ToDictionary(user => user.Id, user => user.Name);
        using var line = new MemoryStream();
        WriteHeader(line, room, users, last);
        await FlushAsync(line, output, cancellationToken).ConfigureAwait(false);
        for (long after = 0; after < last;)
        {
            var page = await database.Rooms.ReadForExportAsync(room.Row, after, Math.Min(last, after + PageEvents), cancellationToken).ConfigureAwait(false);
            if (page.Count == 0)
            {
                throw new InvalidDataException($"The log of room '{room.Id}' has a gap after event {after}. Run a check.");
            }

            foreach (var stored in page)
            {
                WriteEvent(line, stored);
            }

            await FlushAsync(line, output, cancellationToken).ConfigureAwait(false);
            after = page[^1].Event.Seq;
        }

        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        return last;
    }

    private static void WriteHeader(MemoryStream line, RoomRecord room, Dictionary<string, string> users, long last)
    {
        using var writer = new Utf8JsonWriter(line);
        writer.WriteStartObject();
        writer.WriteString("format"u8, Format);
        writer.WriteNumber("version"u8, Version);
        writer.WriteStartObject("room"u8);
        writer.WriteString("id"u8, room.Id);
        writer.WriteString("name"u8, room.Name);
        writer.WriteString("join"u8, room.Join.Word());
        writer.WriteString("created_at"u8, room.CreatedAt);
        writer.WriteEndObject();
        writer.WriteStartArray("members"u8);

        // An invitation belongs to the room it was made for, so whoever has not taken theirs up is left out.
        foreach (var (userId, member) in room.Members.Where(member => !member.Value.Pending).OrderBy(member => users.GetValueOrDefault(member.Key), StringComparer.Ordinal))
        {
            writer.WriteStartObject();
            writer.WriteString("user"u8, users.GetValueOrDefault(userId));
            writer.WriteString("role"u8, member.Role.Word());
            if (member.ViaOpen)
            {
                writer.WriteBoolean("via_open"u8, true);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (!room.Removed.IsEmpty)
        {
            writer.WriteStartArray("removed"u8);
            foreach (var name in room.Removed.Select(user => users.GetValueOrDefault(user)).Order(StringComparer.Ordinal))
            {
                writer.WriteStringValue(name);
            }

            writer.WriteEndArray();
        }

        writer.WriteNumber("last_seq"u8, last);
        writer.WriteEndObject();
        writer.Flush();
        line.WriteByte((byte)'\n');
    }

    private static void WriteEvent(MemoryStream line, ExportRow exported)
    {
        var stored = exported.Event;
        using var writer = new Utf8JsonWriter(line);
        writer.WriteStartObject();
        writer.WriteNumber("seq"u8, stored.Seq);
        writer.WriteString("at"u8, stored.At);
        writer.WriteString("kind"u8, stored.Kind);
        if (stored.Agent is not null)
        {
            writer.WriteString("agent"u8, stored.Agent);
        }

        if (stored.Action is not null)
        {
            writer.WriteString("action"u8, stored.Action);
        }

        writer.WriteBoolean("ok"u8, stored.Ok);
        if (exported.RequestKey is not null)
        {
            writer.WriteString("request_key"u8, exported.RequestKey);
        }

        if (exported.Keys.Count > 0)
        {
            writer.WriteStartArray("keys"u8);
            foreach (var (scope, key) in exported.Keys)
            {
                writer.WriteStartArray();
                writer.WriteStringValue(scope);
                writer.WriteStringValue(key);
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
        }

        writer.WritePropertyName("body"u8);
        WriteBody(writer, stored.Body);
        writer.WriteEndObject();
        writer.Flush();
        line.WriteByte((byte)'\n');
    }

    // Bodies are compact JSON and go out as they are; a line break in one would break the format.
    private static void WriteBody(Utf8JsonWriter writer, byte[] body)
    {
        if (body.AsSpan().ContainsAny((byte)'\n', (byte)'\r'))
        {
            using var parsed = JsonText.ParseStored(body);
            parsed.WriteTo(writer);
        }
        else
        {
            writer.WriteRawValue(body, skipInputValidation: true);
        }
    }

    private static async Task FlushAsync(MemoryStream line, Stream output, CancellationToken cancellationToken)
    {
        await output.WriteAsync(line.GetBuffer().AsMemory(0, (int)line.Length), cancellationToken).ConfigureAwait(false);
        line.SetLength(0);
    }

}
