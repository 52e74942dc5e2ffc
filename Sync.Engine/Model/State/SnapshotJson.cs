using System.Buffers;
using System.Text.Json;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.Messages;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.State;

/// <summary>The stored form of a whole state. What is derived from entries (compiled actions, agents, timers) is not stored.</summary>
internal static class SnapshotJson
{
    public static byte[] Write(RoomState state)
    {
        var buffer = new ArrayBufferWriter<byte>(64 * 1024);
        using var writer = JsonText.Writer(buffer);
        writer.WriteStartObject();
        writer.WriteNumber("format"u8, StoredFormat.Snapshot);
        writer.WriteNumber("seq"u8, state.Seq);
        writer.WriteString("at"u8, state.UpdatedAt.UtcDateTime);
        writer.WriteStartArray("scopes"u8);
        foreach (var scope in state.Scopes.Values)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, scope.Name);
            writer.WriteNumber("next"u8, scope.NextRow);
            writer.WriteStartArray("entries"u8);
            foreach (var entry in scope.Entries.Values)
            {
                WriteEntry(writer, entry);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteUses(writer, state);
        WriteMessages(writer, state.Messages);
        WriteAgents(writer, state);
        WriteRunning(writer, state.Running);
        WriteLosses(writer, state.LeaseLosses);
        WriteKeptGates(writer, state);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static RoomState Read(ReadOnlyMemory<byte> json, RoomLanguage language)
    {
        using var document = JsonText.ParseStored(json);
        var root = document.RootElement;
        var format = StoredFormat.Of(root, StoredFormat.Snapshot, "A snapshot");
        var scopes = root.GetProperty("scopes"u8).EnumerateArray().Select(scope => ReadScope(scope, format, language)).ToList();
        var uses = root.GetProperty("uses"u8).EnumerateObject().Select(u => KeyValuePair.Create(u.Name, ReadUse(u.Value)));
        var expired = root.GetProperty("expired"u8).EnumerateArray().Select(e => e.GetString()!);
        return RoomState.Restore(
            language,
            root.GetProperty("seq"u8).GetInt64(),
            root.GetProperty("at"u8).GetDateTimeOffset(),
            scopes,
            uses,
            expired,
            ReadMessages(root.GetProperty("messages"u8), scopes),
            root.TryGetProperty("removed_agents"u8, out var removed) ? removed.EnumerateArray().Select(ReadRemoved) : Unclaimed(scopes),
            root.TryGetProperty("fresh_agents"u8, out var fresh) ? fresh.EnumerateArray().Select(id => id.GetString()!) : [],
            root.TryGetProperty("running"u8, out var running) ? ReadRunning(running) : default,
            root.TryGetProperty("lost_leases"u8, out var lost) ? lost.EnumerateArray().Select(ReadLoss) : [],
            root.TryGetProperty("kept_gates"u8, out var gates) ? gates.EnumerateArray().Select(KeptGate.Read) : []);
    }

    private static void WriteKeptGates(Utf8JsonWriter writer, RoomState state)
    {
        writer.WriteStartArray("kept_gates"u8);
        foreach (var gate in state.KeptGates.Values.OrderBy(static gate => gate.Id, StringComparer.Ordinal))
        {
            gate.WriteTo(writer);
        }

        writer.WriteEndArray();
    }

    private static void WriteRunning(Utf8JsonWriter writer, RunningClock running)
    {
        if (running == default)
        {
            return;
        }

        writer.WriteStartObject("running"u8);
        writer.WriteNumber("stood_still_ms"u8, running.StoodStill.TotalMilliseconds);
        if (running.StoppedAt is { } stopped)
        {
            writer.WriteString("stopped_at"u8, stopped.UtcDateTime);
        }

        if (running.ResumedAt is { } resumed)
        {
            writer.WriteString("resumed_at"u8, resumed.UtcDateTime);
        }

        writer.WriteEndObject();
    }

    private static RunningClock ReadRunning(JsonElement json) => new(
        TimeSpan.FromMilliseconds(json.GetProperty("stood_still_ms"u8).GetDouble()),
        json.TryGetProperty("stopped_at"u8, out var stopped) ? stopped.GetDateTimeOffset() : null)
    {
        ResumedAt = json.TryGetProperty("resumed_at"u8, out var resumed) ? resumed.GetDateTimeOffset() : null,
    };

    private static void WriteLosses(Utf8JsonWriter writer, LeaseLosses losses)
    {
        writer.WriteStartArray("lost_leases"u8);
        foreach (var loss in losses.All)
        {
            writer.WriteStartObject();
            writer.WriteString("key"u8, loss.Key);
            writer.WriteString("agent"u8, loss.Agent);
            writer.WriteNumber("since"u8, loss.Since);
            writer.WriteNumber("at"u8, loss.At);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static LeaseLoss ReadLoss(JsonElement json) =>
        new(json.GetProperty("key"u8).GetString()!, json.GetProperty("agent"u8).GetString()!, json.GetProperty("since"u8).GetInt64(), json.GetProperty("at"u8).GetInt64());

    private static void WriteEntry(Utf8JsonWriter writer, Entry entry)
    {
        writer.WriteStartObject();
        writer.WriteString("key"u8, entry.Key);
        writer.WritePropertyName("value"u8);
        entry.Value.WriteTo(writer);
        if (entry.KnownVersion is not null)
        {
            writer.WriteString("version"u8, entry.KnownVersion);
        }

        if (entry.Edits.Count > 0)
        {
            writer.WriteStartArray("edits"u8);
            writer.WriteNumberValue(entry.Edits.Count);
            writer.WriteNumberValue(entry.Edits.Bytes);
            writer.WriteEndArray();
        }

        if (entry.IsCut)
        {
            writer.WriteBoolean("cut"u8, value: true);
        }

        if (entry.ByPerson)
        {
            writer.WriteBoolean("person"u8, value: true);
        }

        entry.WriteOrigin(writer);
        writer.WriteEndObject();
    }

    private static void WriteAgents(Utf8JsonWriter writer, RoomState state)
    {
        writer.WriteStartArray("removed_agents"u8);
        foreach (var agent in state.Removed.Values)
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, agent.Id);
            writer.WriteString("user"u8, agent.User);
            writer.WriteNumber("since"u8, agent.Since);
            writer.WriteNumber("until"u8, agent.Until);
            writer.WriteBoolean("guest"u8, agent.IsGuest);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("fresh_agents"u8);
        foreach (var id in state.Fresh)
        {
            writer.WriteStringValue(id);
        }

        writer.WriteEndArray();
    }

    private static RemovedAgent ReadRemoved(JsonElement json) => new(
        json.GetProperty("id"u8).GetString()!,
        json.GetProperty("user"u8).GetString(),
        json.GetProperty("since"u8).GetInt64(),
        json.GetProperty("until"u8).GetInt64(),
        json.GetProperty("guest"u8).GetBoolean());

    // Snapshots of before agents were remembered: a private scope without its agent is what one of them has left.
    private static IEnumerable<RemovedAgent> Unclaimed(List<ScopeState> scopes)
    {
        var agents = scopes.Find(s => s.Name == ReservedScopes.Agents)?.Entries;
        return scopes
            .Where(scope => !ReservedScopes.IsPublic(scope.Name) && !scope.Entries.IsEmpty && agents?.ContainsKey(scope.Name) != true)
            .DistinctBy(static scope => scope.Name, StringComparer.OrdinalIgnoreCase)
            .Select(static scope => new RemovedAgent(scope.Name, User: null, Since: 0, Until: 0, IsGuest: false));
    }

    private static void WriteUses(Utf8JsonWriter writer, RoomState state)
    {
        writer.WriteStartObject("uses"u8);
        foreach (var (id, use) in state.Uses)
        {
            writer.WriteStartObject(id);
            writer.WriteNumber("count"u8, use.Count);
            if (use.LastAt is { } at)
            {
                writer.WriteString("last_at"u8, at.UtcDateTime);
            }

            if (use.Cooldown is { } cooldown)
            {
                writer.WritePropertyName("cooldown"u8);
                cooldown.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteStartArray("expired"u8);
        foreach (var id in state.Expired)
        {
            writer.WriteStringValue(id);
        }

        writer.WriteEndArray();
    }

    private static void WriteMessages(Utf8JsonWriter writer, MessageWindow messages)
    {
        writer.WriteStartObject("messages"u8);
        writer.WriteNumber("count"u8, messages.Count);
        writer.WriteStartObject("tallies"u8);
        foreach (var (agent, tally) in messages.Tallies)
        {
            writer.WriteStartArray(agent);
            writer.WriteNumberValue(tally.Sent);
            writer.WriteNumberValue(tally.Directed);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static ScopeState ReadScope(JsonElement json, int format, RoomLanguage language) => ScopeState.Load(
        json.GetProperty("name"u8).GetString()!,
        json.GetProperty("entries"u8).EnumerateArray().Select(entry => ReadEntry(entry, json.GetProperty("name"u8).GetString()!, format, language)),
        json.GetProperty("next"u8).GetInt64());

    private static Entry ReadEntry(JsonElement json, string scope, int format, RoomLanguage language)
    {
        var value = json.GetProperty("value"u8);
        var cut = JsonRules.Cut(value);
        var stored = cut ?? JsonText.Of(value);
        var current = MessageJson.Current(scope, stored);

        // A value that was brought into the form of today is another value, with another version.
        var known = format >= 2 && current.Equals(stored) && json.TryGetProperty("version"u8, out var version) ? version.GetString() : null;
        return ReadEntry(json, language, current, cut is not null || json.TryGetProperty("cut"u8, out _), known);
    }

    private static Entry ReadEntry(JsonElement json, RoomLanguage language, JsonText value, bool isCut, string? version) => new()
    {
        Key = json.GetProperty("key"u8).GetString()!,
        Value = value,
        IsCut = isCut,
        KnownVersion = version,
        Edits = json.TryGetProperty("edits"u8, out var edits) ? new EditTally(edits[0].GetInt32(), edits[1].GetInt64()) : default,
        Revision = json.GetProperty("revision"u8).GetInt64(),
        UpdatedAt = json.GetProperty("updated_at"u8).GetDateTimeOffset(),
        Seq = json.GetProperty("seq"u8).GetInt64(),
        Writer = json.GetProperty("writer"u8).GetString(),
        Via = json.GetProperty("via"u8).GetString(),
        ByPerson = json.TryGetProperty("person"u8, out _),
        Timer = json.TryGetProperty("timer"u8, out var timer) ? EntryTimer.Read(timer) : null,
        Enabled = json.TryGetProperty("enabled"u8, out var enabled) ? language.Stored(enabled.GetString()!) : null,
    };

    private static ActionUse ReadUse(JsonElement json) => new(
        json.GetProperty("count"u8).GetInt64(),
        json.TryGetProperty("last_at"u8, out var at) ? at.GetDateTimeOffset() : null,
        json.TryGetProperty("cooldown"u8, out var cooldown) ? EntryTimer.Read(cooldown) : null);

    private static MessageWindow ReadMessages(JsonElement json, List<ScopeState> scopes)
    {
        var entries = scopes.Find(s => s.Name == ReservedScopes.Messages)?.Entries.Values ?? [];
        return MessageWindow.Load(
            entries.Select(Message.Read),
            json.GetProperty("count"u8).GetInt64(),
            json.GetProperty("tallies"u8).EnumerateObject().Select(t => KeyValuePair.Create(t.Name, new MessageTally(t.Value[0].GetInt64(), t.Value[1].GetInt64()))));
    }
}
