using System.Text.Json;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Events;

/// <summary>
/// Log events as readers see them. Writes to private scopes a reader does not see are left out and counted, and so are the parameters that made them.
/// </summary>
internal static class EventJson
{
    /// <param name="writer">Where to.</param>
    /// <param name="e">The event.</param>
    /// <param name="visible">What its reader sees.</param>
    /// <param name="withValues">Whether written values are in it.</param>
    /// <param name="values">The whole values before and after, by change; null gives of a change what the log holds of it.</param>
    public static void Write(Utf8JsonWriter writer, RoomEvent e, VisibleScopes visible, bool withValues, IReadOnlyDictionary<EntryChange, ChangeValues>? values = null)
    {
        visible = visible.At(e.Seq);
        writer.WriteStartObject();
        WriteHead(writer, e);
        WriteParams(writer, e, visible);
        if (e.Error is not null)
        {
            writer.WriteString("error"u8, e.Error);
            writer.WriteString("message"u8, e.Message);
            writer.WriteNumber("count"u8, e.Count);
        }

        WriteChanges(writer, e, visible, withValues, values);
        writer.WriteEndObject();
    }

    /// <summary>An event of at most so many bytes: one that has more says <c>cut</c> instead of the values and parameters, which <c>history</c> of its keys gives.</summary>
    public static JsonText Within(long bytes, RoomEvent e, VisibleScopes visible, bool withValues) => Fit(bytes, e, visible, withValues).Json;

    /// <summary>The same, and whether it was cut.</summary>
    public static (JsonText Json, bool IsCut) Fit(long bytes, RoomEvent e, VisibleScopes visible, bool withValues, IReadOnlyDictionary<EntryChange, ChangeValues>? values = null)
    {
        var whole = JsonText.Write((e, visible, withValues, values), static (writer, t) => Write(writer, t.e, t.visible, t.withValues, t.values));
        return whole.Length <= bytes ? (whole, false) : (JsonText.Write((e, visible, whole.Length), static (writer, t) =>
        {
            writer.WriteStartObject();
            WriteHead(writer, t.e);
            WriteChanges(writer, t.e, t.visible.At(t.e.Seq), withValues: false, values: null);
            writer.WriteBoolean("cut"u8, value: true);
            writer.WriteNumber("bytes"u8, t.Length);
            writer.WriteEndObject();
        }), true);
    }

    /// <summary>Writes events until the next does not fit; the first always is there, cut if need be.</summary>
    /// <returns>How many were written.</returns>
    public static int WriteAll(Utf8JsonWriter writer, IReadOnlyList<EventRow> rows, VisibleScopes visible, bool withValues, long bytes)
    {
        var space = new AnswerSpace(bytes);
        for (var i = 0; i < rows.Count; i++)
        {
            var e = RoomEventJson.Read(rows[i]);
            var written = Within(bytes, e, visible, withValues);
            if (i > 0 && !space.Fits(written.Length))
            {
                return i;
            }

            space.Take(written.Length);
            written.WriteTo(writer);
        }

        return rows.Count;
    }

    public static void WriteParams(Utf8JsonWriter writer, RoomEvent e, VisibleScopes visible)
    {
        if (e.Params is not { } parameters)
        {
            return;
        }

        if (HidesParams(e, visible.At(e.Seq)))
        {
            writer.WriteBoolean("private"u8, value: true);
            return;
        }

        writer.WritePropertyName("params"u8);
        parameters.WriteTo(writer);
    }

    /// <summary>Whether the parameters are not for a reader: what was refused might have been meant for a private scope.</summary>
    public static bool HidesParams(RoomEvent e, VisibleScopes visible) =>
        e.Params is not null && (e.Changes.Any(c => !visible.Sees(c.Scope) && c.Scope != ReservedScopes.ApprovalDetails) || (e.Kind == EventKind.Refused && !visible.Sees(e.Agent ?? "")));

    private static void WriteHead(Utf8JsonWriter writer, RoomEvent e)
    {
        writer.WriteNumber("seq"u8, e.Seq);
        writer.WriteString("at"u8, e.At.UtcDateTime);
        writer.WriteString("kind"u8, RoomEventJson.Name(e.Kind));
        writer.WriteString("agent"u8, e.Agent);
        if (e.By is not null)
        {
            writer.WriteString("by"u8, e.By);
        }

        writer.WriteString("action"u8, e.Action);
        writer.WriteBoolean("ok"u8, e.Ok);
        if (e.ByPerson)
        {
            writer.WriteBoolean("person"u8, value: true);
        }

        if (e.Because is { } cause)
        {
            writer.WritePropertyName("because"u8);
            cause.WriteTo(writer);
        }

        RoomEventJson.WriteFurtherCauses(writer, e);
        WriteSteps(writer, e);
        LeaseEndJson.Write(writer, e.LeaseEnds);
    }

    // A batch's steps are its parameters; what else was done with an event is said of whose it is.
    private static void WriteSteps(Utf8JsonWriter writer, RoomEvent e)
    {
        if (e.Steps.All(static step => step is { Action: not null, Agent: null }))
        {
            return;
        }

        writer.WriteStartArray("steps"u8);
        foreach (var step in e.Steps)
        {
            writer.WriteStartObject();
            writer.WriteString("agent"u8, step.Action is null ? null : step.Agent ?? e.Agent);
            writer.WriteString("action"u8, step.Action);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteChanges(Utf8JsonWriter writer, RoomEvent e, VisibleScopes visible, bool withValues, IReadOnlyDictionary<EntryChange, ChangeValues>? values)
    {
        if (e.Changes.IsEmpty)
        {
            return;
        }

        var hidden = 0;
        writer.WriteStartArray("writes"u8);
        var step = 0;
        foreach (var part in e.Parts())
        {
            step++;
            foreach (var change in part.Changes)
            {
                if (!visible.Sees(change.Scope))
                {
                    // What the engine notes for itself is no write of anybody's.
                    hidden += change.Scope == ReservedScopes.ApprovalDetails ? 0 : 1;
                    continue;
                }

                WriteChange(writer, change, e.Steps.IsEmpty ? null : step, withValues, values?.GetValueOrDefault(change) ?? default);
            }
        }

        writer.WriteEndArray();
        if (hidden > 0)
        {
            writer.WriteNumber("private_writes"u8, hidden);
        }
    }

    private static void WriteChange(Utf8JsonWriter writer, EntryChange change, int? step, bool withValues, ChangeValues values)
    {
        writer.WriteStartObject();
        if (step is { } number)
        {
            writer.WriteNumber("step"u8, number);
        }

        ChangeJson.Shown.Write(writer, change, (withValues, After: values.After ?? (change.HoldsValue ? change.Value : null)), static (writer, change, t) => WritePut(writer, change, t.withValues, t.After));
        if (change.PreviousVersion is not null)
        {
            writer.WriteString("previous_version"u8, change.PreviousVersion);
        }

        if (change.PreviousSeq is { } previous)
        {
            writer.WriteNumber("previous_seq"u8, previous);
        }

        if (values.Before is { } before)
        {
            writer.WriteStartObject("before"u8);
            writer.WritePropertyName("value"u8);
            before.WriteTo(writer);
            writer.WriteString("version"u8, CanonicalJson.Version(before));
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    // The event's own value only where the log holds it: a reader of memory sees what a reader of the log sees.
    private static void WritePut(Utf8JsonWriter writer, EntryChange change, bool withValues, JsonText? after)
    {
        if (withValues)
        {
            ChangeJson.WriteEdits(writer, change);
            if (after is { } value)
            {
                writer.WritePropertyName("value"u8);
                value.WriteTo(writer);
            }
        }

        if (after is { } known && (withValues || known.Length <= Entry.CheapBytes))
        {
            writer.WriteString("version"u8, CanonicalJson.Version(known));
        }

        writer.WriteNumber("revision"u8, change.Revision);
    }
}

/// <summary>The values of a key before and after a change.</summary>
/// <param name="Before">Before it; null where there was nothing.</param>
/// <param name="After">After it; null where there is nothing.</param>
internal readonly record struct ChangeValues(JsonText? Before, JsonText? After);
