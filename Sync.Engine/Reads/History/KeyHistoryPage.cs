using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Reads.History;

/// <summary>Writes of one key, newest first, each with the whole value after it.</summary>
public sealed class KeyHistoryPage : IJsonAnswer
{
    private readonly IReadOnlyList<KeyStep> _steps;
    private readonly AnswerLimit _limit;

    internal KeyHistoryPage(string scope, string key, IReadOnlyList<KeyStep> steps, bool more, AnswerLimit limit)
    {
        _steps = steps;
        _limit = limit;
        Scope = scope;
        Key = key;
        NextBefore = more ? steps[^1].Event.Seq : null;
    }

    /// <summary>The scope.</summary>
    public string Scope { get; }

    /// <summary>The key.</summary>
    public string Key { get; }

    /// <summary>Where the next page begins; null where there is none.</summary>
    public long? NextBefore { get; }

    /// <summary>The writes.</summary>
    public ImmutableArray<KeyWrite> Writes => [.. _steps.Select(static step => new KeyWrite(
        step.Event.Seq,
        step.Event.At,
        step.Event.Agent,
        ViaOf(step.Event),
        step.Value?.ToString(),
        step.Value is null ? null : step.Change.Revision,
        step.Value is { } value ? CanonicalJson.Version(value) : null))];

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Json => JsonText.Write(this, static (writer, page) =>
    {
        writer.WriteStartObject();
        writer.WriteString("scope"u8, page.Scope);
        writer.WriteString("key"u8, page.Key);
        writer.WriteStartArray("history"u8);
        foreach (var step in page._steps)
        {
            Write(writer, step, page._limit);
        }

        writer.WriteEndArray();
        if (page.NextBefore is { } next)
        {
            writer.WriteNumber("next_before"u8, next);
        }

        writer.WriteEndObject();
    }).Memory;

    private static string ViaOf(RoomEvent e) => e.Action ?? RoomEventJson.Name(e.Kind);

    /// <summary>Writes one write.</summary>
    internal static void Write(Utf8JsonWriter writer, KeyStep step, AnswerLimit limit)
    {
        var (e, change, value) = step;
        writer.WriteStartObject();
        writer.WriteNumber("seq"u8, e.Seq);
        writer.WriteString("at"u8, e.At.UtcDateTime);
        writer.WriteString("writer"u8, e.Agent);
        writer.WriteString("via"u8, ViaOf(e));
        if (value is { } tooLong && tooLong.Length > limit.Bytes)
        {
            writer.WriteNumber("revision"u8, change.Revision);
            limit.WriteCut(writer, tooLong.Length, e.Seq, ContextPart.OfScope(change.Scope));
        }
        else if (value is { } written)
        {
            writer.WritePropertyName("value"u8);
            written.WriteTo(writer);
            writer.WriteString("version"u8, CanonicalJson.Version(written));
            writer.WriteNumber("revision"u8, change.Revision);
        }
        else
        {
            writer.WriteBoolean("deleted"u8, value: true);
            if (change.PreviousVersion is not null)
            {
                writer.WriteString("previous_version"u8, change.PreviousVersion);
            }
        }

        writer.WriteEndObject();
    }
}

/// <summary>One write of a key.</summary>
/// <param name="Seq">The event that made it.</param>
/// <param name="At">When.</param>
/// <param name="Writer">Which agent, or null.</param>
/// <param name="Via">By which action, or by what kind of event.</param>
/// <param name="Value">The value after it as compact JSON; null for a deletion.</param>
/// <param name="Revision">The revision it made; null for a deletion.</param>
/// <param name="Version">The value's version; null for a deletion.</param>
public sealed record KeyWrite(long Seq, DateTimeOffset At, string? Writer, string? Via, string? Value, long? Revision, string? Version);
