using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Model.Agents;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Timers;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Leases;

/// <summary>A key that is held, and by whom: the value of its entry in <c>_leases</c>. One hold where it is exclusive. Immutable.</summary>
internal sealed record LeaseRecord(string Key, LeaseMode Mode, ImmutableArray<LeaseHold> Holds)
{
    /// <summary>The first hold: of an exclusive lease the only one.</summary>
    public LeaseHold First => Holds[0];

    /// <summary>The first moment of running time at which one of its holds may end; null while all of their clocks stand still.</summary>
    public DateTimeOffset? FirstEnd => Holds.Min(static hold => hold.FirstEnd);

    /// <summary>An agent's hold, or null.</summary>
    public LeaseHold? Of(string? agent)
    {
        foreach (var hold in Holds)
        {
            if (hold.Agent == agent)
            {
                return hold;
            }
        }

        return null;
    }

    /// <summary>Whether an agent cannot have the key in a mode because of who holds it.</summary>
    public bool Conflicts(LeaseMode mode, string? agent)
    {
        if (mode == LeaseMode.Shared && Mode == LeaseMode.Shared)
        {
            return false;
        }

        foreach (var hold in Holds)
        {
            if (hold.Agent != agent)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The record without the holds that are over; null where none is left.</summary>
    public LeaseRecord? Live(IPresence presence, RunningClock clock, DateTimeOffset running)
    {
        foreach (var hold in Holds)
        {
            if (hold.EndAt(presence, clock) <= running)
            {
                return Where(left => !(left.EndAt(presence, clock) <= running));
            }
        }

        return this;
    }

    /// <summary>The record with a hold, which takes the place of the agent's own.</summary>
    public LeaseRecord With(LeaseMode mode, LeaseHold hold) => new(Key, mode, [.. Holds.Where(other => other.Agent != hold.Agent), hold]);

    /// <summary>The record without an agent's hold; null where none is left.</summary>
    public LeaseRecord? Without(string agent) => Where(hold => hold.Agent != agent);

    public JsonText ToJson() => JsonText.Write(this, static (writer, lease) =>
    {
        writer.WriteStartObject();
        writer.WriteString("mode"u8, lease.Mode.Word());
        writer.WriteStartArray("holds"u8);
        foreach (var hold in lease.Holds)
        {
            hold.WriteTo(writer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>
    /// Reads what <see cref="ToJson"/> wrote; null for anything else, since in rooms of before the scope was anybody's. What was written before it can have been given is nobody's hold either.
    /// </summary>
    public static LeaseRecord? Read(Entry entry)
    {
        if (entry.Value.Kind != JsonValueKind.Object)
        {
            return null;
        }

        using var document = entry.Value.Parse();
        var root = document.RootElement;
        if (LeaseModeWords.Parse(root.Text("mode"u8)) is not { } mode || !root.TryGetProperty("holds"u8, out var stored) || stored.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var holds = ImmutableArray.CreateBuilder<LeaseHold>(stored.GetArrayLength());
        foreach (var item in stored.EnumerateArray())
        {
            if (LeaseHold.Read(item) is not { } hold || hold.Fence <= 0 || hold.Fence > entry.Seq || holds.Any(other => other.Agent == hold.Agent))
            {
                return null;
            }

            holds.Add(hold);
        }

        return holds.Count == 0 || (mode == LeaseMode.Exclusive && holds.Count > 1) ? null : new LeaseRecord(entry.Key, mode, holds.ToImmutable());
    }

    private LeaseRecord? Where(Func<LeaseHold, bool> stays)
    {
        ImmutableArray<LeaseHold> left = [.. Holds.Where(stays)];
        return left.IsEmpty ? null : left.Length == Holds.Length ? this : this with { Holds = left };
    }
}
