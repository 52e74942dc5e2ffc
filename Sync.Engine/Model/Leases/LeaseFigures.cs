using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Sync.Cel.Values;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Leases;

/// <summary>
/// A lease as readers see it. What is said of one hold is that of an exclusive lease's holder; of a shared lease expressions read the first, since their values are everybody's, and contexts show the reader's own.
/// </summary>
internal static class LeaseFigures
{
    /// <summary>Whether the reader is among the holders. It is looked up and never listed: the value of a lease as a whole is the same for everybody.</summary>
    public const string Mine = "mine";

    private static readonly ImmutableArray<string> s_fields = ["holder", "holders", "mode", "fence", "note", "taken_at", "expires_at", "paths"];

    private static readonly ConditionalWeakTable<LeaseRecord, Written> s_inShort = [];

    /// <summary>The fields that an expression can read.</summary>
    public static ImmutableArray<string> Names { get; } = [.. s_fields, Mine];

    /// <summary>The lease as an expression reads it.</summary>
    public static CelMap Map(LeaseRecord lease, RoomActivation reader) => new LazyMap(static () => s_fields, field => field switch
    {
        "holder" => CelValue.Of(lease.First.Agent),
        "holders" => Texts([.. lease.Holds.Select(static hold => hold.Agent)], reader),
        "mode" => CelValue.Of(lease.Mode.Word()),
        "fence" => CelValue.Of(lease.First.Fence),
        "note" => lease.First.Note is { } note ? CelValue.Of(note) : CelValue.Null,
        "taken_at" => CelValue.Of(lease.First.TakenAt),
        "expires_at" => End(lease.First, reader),
        "paths" => Texts([.. lease.First.Paths], reader),
        Mine => CelValue.Of(reader.Self is not null && lease.Of(reader.Self) is not null),
        _ => null,
    });

    /// <summary>Writes the fields, without braces, that there is something to say of; <paramref name="full"/> adds what a lean context has of the reader's own leases only.</summary>
    public static void WriteFields(Utf8JsonWriter writer, LeaseRecord lease, Moment moment, string? self, bool full)
    {
        var own = lease.Of(self);
        var hold = own ?? lease.First;
        writer.WriteString("holder"u8, hold.Agent);
        if (lease.Mode == LeaseMode.Shared)
        {
            writer.WriteString("mode"u8, lease.Mode.Word());
            AgentRecord.WriteIds(writer, "holders"u8, [.. lease.Holds.Select(static one => one.Agent)]);
        }

        if (own is not null)
        {
            writer.WriteBoolean("mine"u8, value: true);
        }

        if (full || own is not null)
        {
            writer.WriteNumber("fence"u8, hold.Fence);
            writer.WriteString("taken_at"u8, hold.TakenAt.UtcDateTime);
        }

        WriteEnd(writer, moment, hold);
        if (hold.Note is not null)
        {
            writer.WriteString("note"u8, hold.Note);
        }

        if (!hold.Paths.IsEmpty)
        {
            AgentRecord.WriteIds(writer, "paths"u8, hold.Paths);
        }

        if (full && hold.Via is not null)
        {
            writer.WriteString("via"u8, hold.Via);
        }
    }

    /// <summary>Writes <c>expires_at</c>: null while there is no end.</summary>
    public static void WriteEnd(Utf8JsonWriter writer, Moment moment, LeaseHold hold)
    {
        if (LiveLeases.EndOf(moment, hold) is { } end)
        {
            writer.WriteString("expires_at"u8, end.UtcDateTime);
        }
        else
        {
            writer.WriteNull("expires_at"u8);
        }
    }

    /// <summary>A lease of others in short, as an object: written once for all who read it, for as long as it ends when it did.</summary>
    public static JsonText InShort(LeaseRecord lease, Moment moment)
    {
        var end = LiveLeases.EndOf(moment, lease.First);
        if (s_inShort.TryGetValue(lease, out var known) && known.End == end)
        {
            return known.Json;
        }

        var json = JsonText.Write((lease, moment), static (writer, t) =>
        {
            writer.WriteStartObject();
            WriteFields(writer, t.lease, t.moment, self: null, full: false);
            writer.WriteEndObject();
        });
        s_inShort.AddOrUpdate(lease, new Written(end, json));
        return json;
    }

    /// <summary>About how long a lease is with all that is said of it.</summary>
    public static long LengthOf(LeaseRecord lease, string? self)
    {
        var hold = lease.Of(self) ?? lease.First;
        return 220 + (hold.Note?.Length ?? 0) + hold.Paths.Sum(static path => path.Length + 3L) + (lease.Holds.Length > 1 ? lease.Holds.Sum(static one => one.Agent.Length + 3L) : 0);
    }

    // Signs of life move the end of a hold that has no span of its own, and no event tells it.
    private static CelValue End(LeaseHold hold, RoomActivation reader)
    {
        if (hold.Ttl is null)
        {
            reader.Clock.Absorb(next: null, isFleeting: reader.Moment.Present is null);
        }

        return LiveLeases.EndOf(reader.Moment, hold) is { } end ? CelValue.Of(end) : CelValue.Null;
    }

    private static CelValue Texts(ImmutableArray<string> texts, RoomActivation reader) =>
        reader.Budget.Charge(texts.Length) ? CelValue.Of(new TextList(texts)) : Sync.Cel.Values.Limits.CelBudget.Exceeded;

    private sealed record Written(DateTimeOffset? End, JsonText Json);

    private sealed class TextList(ImmutableArray<string> texts) : CelList
    {
        public override int Count => texts.Length;

        public override CelValue this[int index] => CelValue.Of(texts[index]);
    }
}
