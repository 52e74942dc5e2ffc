using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Reads.History;

/// <summary>The values that a view had over time, oldest first.</summary>
public sealed class ViewHistory : IJsonAnswer
{
    private readonly IReadOnlyList<ViewSample> _samples;
    private readonly AnswerLimit _limit;

    internal ViewHistory(string view, IReadOnlyList<ViewSample> samples, long from, long seq, bool isThinned, AnswerLimit limit)
    {
        _samples = samples;
        _limit = limit;
        View = view;
        From = from;
        Seq = seq;
        IsThinned = isThinned;
    }

    /// <summary>The view.</summary>
    public string View { get; }

    /// <summary>The event after which it begins.</summary>
    public long From { get; }

    /// <summary>The event up to which it goes.</summary>
    public long Seq { get; }

    /// <summary>Whether some values in between were left out.</summary>
    public bool IsThinned { get; }

    /// <summary>The values that are numbers.</summary>
    public ImmutableArray<ViewNumber> Numbers => [.. _samples
        .Where(static sample => sample.Value.Kind == JsonValueKind.Number)
        .Select(static sample => new ViewNumber(sample.Seq, sample.At, sample.Value.ToNode()!.GetValue<double>()))]; // A number is not null.

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Json => JsonText.Write(this, static (writer, history) =>
    {
        writer.WriteStartObject();
        writer.WriteString("view"u8, history.View);
        writer.WriteStartArray("samples"u8);
        foreach (var sample in history._samples)
        {
            writer.WriteStartObject();
            writer.WriteNumber("seq"u8, sample.Seq);
            writer.WriteString("at"u8, sample.At.UtcDateTime);
            if (sample.Value.Length > history._limit.Bytes)
            {
                history._limit.WriteCut(writer, sample.Value.Length, sample.Seq, ContextSection.Views);
            }
            else
            {
                writer.WritePropertyName("value"u8);
                sample.Value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteNumber("from"u8, history.From);
        writer.WriteNumber("seq"u8, history.Seq);
        if (history.IsThinned)
        {
            writer.WriteBoolean("thinned"u8, value: true);
        }

        writer.WriteEndObject();
    }).Memory;
}

/// <summary>A number that a view had after an event.</summary>
public readonly record struct ViewNumber(long Seq, DateTimeOffset At, double Value);
