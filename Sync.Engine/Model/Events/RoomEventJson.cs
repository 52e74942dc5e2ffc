using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Messages;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Events;

/// <summary>
/// The stored form of an event's body. What the log keeps in columns of its own (seq, time, kind, agent, action) is not repeated in it.
/// Names are short because they are written once per write, for ever. Its version says <see cref="StoredFormat"/>.
/// </summary>
internal static class RoomEventJson
{
    // In the log and for readers alike.
    private static readonly FrozenDictionary<EventKind, string> s_names = new Dictionary<EventKind, string>
    {
        [EventKind.RoomCreated] = "room_created",
        [EventKind.RoomUpdated] = "room_updated",
        [EventKind.AgentJoined] = "agent_joined",
        [EventKind.AgentUpdated] = "agent_updated",
        [EventKind.AgentRemoved] = "agent_removed",
        [EventKind.Invoked] = "invoked",
        [EventKind.Refused] = "refused",
        [EventKind.TimerFired] = "timer_fired",
        [EventKind.ApprovalAsked] = "approval_asked",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, EventKind> s_kinds = s_names.ToFrozenDictionary(static pair => pair.Value, static pair => pair.Key, StringComparer.Ordinal);

    public static string Name(EventKind kind) => s_names[kind];

    public static EventKind KindOf(string name) =>
        s_kinds.TryGetValue(name, out var kind) ? kind : throw new InvalidDataException($"The log holds an event of the unknown kind '{name}'.");

    public static JsonText Write(RoomEvent e) => JsonText.Write(e, static (writer, e) =>
    {
        writer.WriteStartObject();
        if (e.Params is { } parameters)
        {
            writer.WritePropertyName("params"u8);
            parameters.WriteTo(writer);
        }

        if (!e.Changes.IsEmpty)
        {
            writer.WriteStartArray("writes"u8);
            foreach (var change in e.Changes)
            {
                WriteChange(writer, change);
            }

            writer.WriteEndArray();
        }

        WriteSteps(writer, e);
        LeaseEndJson.Write(writer, e.LeaseEnds);
        if (e.Error is not null)
        {
            writer.WriteString("error"u8, e.Error);
            writer.WriteString("message"u8, e.Message);
        }

        WriteOrigin(writer, e);
        if (e.RequestHash is not null)
        {
            writer.WriteString("request"u8, e.RequestHash);
            writer.WritePropertyName("answer"u8);
            e.Answer!.Value.WriteTo(writer);
        }

        writer.WriteEndObject();
    });

    // How it came about.
    private static void WriteOrigin(Utf8JsonWriter writer, RoomEvent e)
    {
        if (e.Count != 1)
        {
            writer.WriteNumber("count"u8, e.Count);
        }

        if (e.By is not null)
        {
            writer.WriteString("by"u8, e.By);
        }

        if (e.ByPerson)
        {
            writer.WriteBoolean("person"u8, value: true);
        }

        if (e.Because is { } cause)
        {
            writer.WritePropertyName("because"u8);
            cause.WriteTo(writer);
        }

        WriteFurtherCauses(writer, e);
        if (e.IsEmbodiment)
        {
            writer.WriteBoolean("embodied"u8, value: true);
        }
    }

    /// <summary>Writes what else it followed from, for the log and its readers.</summary>
    public static void WriteFurtherCauses(Utf8JsonWriter writer, RoomEvent e)
    {
        if (e.AlsoBecause.IsEmpty)
        {
            return;
        }

        writer.WriteStartArray("also_because"u8);
        foreach (var cause in e.AlsoBecause)
        {
            cause.WriteTo(writer);
        }

        writer.WriteEndArray();
    }

    /// <summary>The events that the body of one says it followed from.</summary>
    public static ImmutableArray<long> CauseSeqsOf(JsonElement body) => new RoomEvent
    {
        Seq = 0,
        At = default,
        Kind = EventKind.Invoked,
        Because = ReadCause(body),
        AlsoBecause = ReadFurtherCauses(body),
    }.CauseSeqs;

    private static Cause? ReadCause(JsonElement body) => body.TryGetProperty("because"u8, out var because) ? Cause.Read(because) : null;

    private static ImmutableArray<Cause> ReadFurtherCauses(JsonElement body) => body.TryGetProperty("also_because"u8, out var further) ? [.. further.EnumerateArray().Select(Cause.Read)] : [];

    private static void WriteSteps(Utf8JsonWriter writer, RoomEvent e)
    {
        if (e.Steps.IsEmpty)
        {
            return;
        }

        // Who did not know of steps would count neither their uses nor their ticks; who knew of batches alone would take each step for the event's agent.
        writer.WriteNumber("format"u8, e.Kind == EventKind.Invoked && e.Steps.All(static step => step is { Action: not null, Agent: null }) ? StoredFormat.Batch : StoredFormat.Event);
        writer.WriteStartArray("steps"u8);
        foreach (var step in e.Steps)
        {
            writer.WriteStartObject();
            if (step.Action is not null)
            {
                writer.WriteString("action"u8, step.Action);
            }

            writer.WriteNumber("writes"u8, step.Changes);
            if (step.Agent is not null)
            {
                writer.WriteString("agent"u8, step.Agent);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    public static RoomEvent Read(EventRow row)
    {
        using var document = JsonText.ParseStored(row.Body);
        var root = document.RootElement;
        StoredFormat.Of(root, StoredFormat.Event, $"Event {row.Seq}");
        return new RoomEvent
        {
            Seq = row.Seq,
            Tag = EventCursor.TagOf(row),
            At = row.At,
            Kind = KindOf(row.Kind),
            Agent = row.Agent,
            By = root.TryGetProperty("by"u8, out var by) ? by.GetString() : null,
            Action = row.Action,
            Params = root.TryGetProperty("params"u8, out var parameters) ? JsonRules.Cut(parameters) ?? JsonText.Of(parameters) : null,
            Changes = root.TryGetProperty("writes"u8, out var writes) ? ReadChanges(writes) : [],
            ByPerson = root.TryGetProperty("person"u8, out _),
            Because = ReadCause(root),
            AlsoBecause = ReadFurtherCauses(root),
            Steps = root.TryGetProperty("steps"u8, out var steps) ? [.. steps.EnumerateArray().Select(ReadStep)] : [],
            LeaseEnds = LeaseEndJson.Read(root),
            Error = root.TryGetProperty("error"u8, out var error) ? error.GetString() : null,
            Message = root.TryGetProperty("message"u8, out var message) ? message.GetString() : null,
            Count = root.TryGetProperty("count"u8, out var count) ? count.GetInt32() : 1,
            IsEmbodiment = root.TryGetProperty("embodied"u8, out _),
            RequestHash = root.TryGetProperty("request"u8, out var request) ? request.GetString() : null,
            Answer = Optional(root, "answer"u8),
        };
    }

    private static EventStep ReadStep(JsonElement step) => new(step.TryGetProperty("action"u8, out var action) ? action.GetString() : null, step.GetProperty("writes"u8).GetInt32())
    {
        Agent = step.TryGetProperty("agent"u8, out var agent) ? agent.GetString() : null,
    };

    private static void WriteChange(Utf8JsonWriter writer, EntryChange change)
    {
        writer.WriteStartObject();
        ChangeJson.Stored.Write(writer, change, state: 0, static (writer, change, _) =>
        {
            ChangeJson.WriteEdits(writer, change);
            if (change.HoldsValue)
            {
                writer.WritePropertyName("value"u8);
                change.Value!.Value.WriteTo(writer);
            }

            writer.WriteNumber("revision"u8, change.Revision);
        });
        if (change.Timer is not null)
        {
            writer.WritePropertyName("timer"u8);
            change.Timer.WriteTo(writer);
        }

        if (change.Enabled is not null)
        {
            writer.WriteString("enabled"u8, change.Enabled);
        }

        if (change.PreviousSeq is { } previous)
        {
            writer.WriteNumber("previous_seq"u8, previous);
            if (change.PreviousVersion is not null)
            {
                writer.WriteString("previous_version"u8, change.PreviousVersion);
            }
        }

        writer.WriteEndObject();
    }

    private static ImmutableArray<EntryChange> ReadChanges(JsonElement writes)
    {
        var changes = ImmutableArray.CreateBuilder<EntryChange>(writes.GetArrayLength());
        foreach (var write in writes.EnumerateArray())
        {
            var deleted = write.TryGetProperty("deleted"u8, out _);
            var whole = write.TryGetProperty("value"u8, out var value);
            var edited = write.TryGetProperty("edits"u8, out var edits);
            var scope = write.GetProperty("scope"u8).GetString()!;
            var cut = whole ? JsonRules.Cut(value) : null;
            changes.Add(new EntryChange
            {
                Kind = deleted ? ChangeKind.Delete
                    : whole || edited ? ChangeKind.Put
                    : write.TryGetProperty("cooled"u8, out _) ? ChangeKind.Cooldown
                    : write.TryGetProperty("freed"u8, out _) ? ChangeKind.Freed
                    : ChangeKind.Timer,
                Fired = write.TryGetProperty("fired"u8, out _),
                Scope = scope,
                Key = write.GetProperty("key"u8).GetString()!,

                // Events of old carry a version too. It may be of an older rule than today's, so it is not read.
                Value = whole ? MessageJson.Current(scope, cut ?? JsonText.Of(value)) : null,
                IsCut = cut is not null,
                Edits = edited ? [.. edits.EnumerateArray().Select(ValueEdit.Read)] : [],
                HoldsValue = whole || !edited,
                Revision = write.TryGetProperty("revision"u8, out var revision) ? revision.GetInt64() : 0,
                Timer = write.TryGetProperty("timer"u8, out var timer) ? EntryTimer.Read(timer) : null,
                Enabled = write.TryGetProperty("enabled"u8, out var enabled) ? enabled.GetString() : null,
                PreviousSeq = write.TryGetProperty("previous_seq"u8, out var seq) ? seq.GetInt64() : null,
                PreviousVersion = write.TryGetProperty("previous_version"u8, out var before) ? before.GetString() : null,
            });
        }

        return changes.MoveToImmutable();
    }

    private static JsonText? Optional(JsonElement root, ReadOnlySpan<byte> name) =>
        root.TryGetProperty(name, out var value) ? JsonText.Of(value) : null;
}
