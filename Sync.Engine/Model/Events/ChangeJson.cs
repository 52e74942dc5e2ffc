using System.Text.Json;

namespace Sync.Engine.Model.Events;

/// <summary>What the stored form of a change and the one that readers see have in common: where it was, and what happened there if it was no value.</summary>
/// <param name="Cooldown">The name of an action's cooldown.</param>
/// <param name="Timer">The name of a timer that was set or that enabled the entry.</param>
/// <param name="Fired">The name of what a timer did.</param>
internal sealed record ChangeJson(string Cooldown, string Timer, string Fired)
{
    /// <summary>The names in the log, short because they are written once per write, for ever.</summary>
    public static ChangeJson Stored { get; } = new("cooled", "timer_only", "fired");

    /// <summary>The names for readers.</summary>
    public static ChangeJson Shown { get; } = new("cooled_down", "enabled", "by_timer");

    /// <summary>Writes the members that both have; <paramref name="writePut"/> those of a value.</summary>
    public void Write<T>(Utf8JsonWriter writer, EntryChange change, T state, Action<Utf8JsonWriter, EntryChange, T> writePut)
    {
        writer.WriteString("scope"u8, change.Scope);
        writer.WriteString("key"u8, change.Key);
        if (change.Kind == ChangeKind.Put)
        {
            writePut(writer, change, state);
        }
        else
        {
            writer.WriteBoolean(NameOf(change.Kind), value: true);
        }

        if (change.Fired)
        {
            writer.WriteBoolean(Fired, value: true);
        }
    }

    /// <summary>How a put changed what was there, where it replaced only part of it.</summary>
    public static void WriteEdits(Utf8JsonWriter writer, EntryChange change)
    {
        if (change.Edits.IsEmpty)
        {
            return;
        }

        writer.WriteStartArray("edits"u8);
        foreach (var edit in change.Edits)
        {
            writer.WriteStartObject();
            edit.WriteFields(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private string NameOf(ChangeKind kind) => kind switch
    {
        ChangeKind.Delete => "deleted",
        ChangeKind.Cooldown => Cooldown,
        ChangeKind.Freed => "freed",
        _ => Timer,
    };
}
