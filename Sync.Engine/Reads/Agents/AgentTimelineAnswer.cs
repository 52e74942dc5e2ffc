using System.Text.Json;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Reads.Agents;

/// <summary>A timeline as an answer: what is known by its end, of all agents or of one.</summary>
public sealed class AgentTimelineAnswer : IJsonAnswer
{
    // Of one lane, the newest; a page shows them all, a program asks for what is lately.
    private const int MaxSpans = 500;

    private readonly AgentTimeline _timeline;
    private readonly string? _agent;
    private readonly long _bytes;

    /// <param name="timeline">The timeline.</param>
    /// <param name="agent">The only agent, or null for all.</param>
    /// <param name="bytes">How long it may be.</param>
    internal AgentTimelineAnswer(AgentTimeline timeline, string? agent, long bytes)
    {
        _timeline = timeline;
        _agent = agent;
        _bytes = bytes;
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Json => JsonText.Write(this, static (writer, answer) => answer.WriteTo(writer)).Memory;

    private void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("agents"u8);
        var space = new AnswerSpace(AnswerSpace.Of(_bytes));
        var missing = 0;
        foreach (var lane in _timeline.Lanes)
        {
            if ((_agent is null || lane.Agent == _agent) && !space.TryWrite(writer, (this, lane), static (writer, t) => t.Item1.WriteLane(writer, t.lane, isCut: false))
                && !space.TryWrite(writer, (this, lane), static (writer, t) => t.Item1.WriteLane(writer, t.lane, isCut: true)))
            {
                missing++;
            }
        }

        writer.WriteEndArray();
        if (missing > 0)
        {
            writer.WriteNumber("missing"u8, missing);
        }

        writer.WriteNumber("seq"u8, _timeline.Seq);
        writer.WriteString("from"u8, _timeline.From.UtcDateTime);
        writer.WriteString("until"u8, _timeline.Until.UtcDateTime);
        writer.WriteString("waits_since"u8, _timeline.WaitsSince.UtcDateTime);
        if (_timeline.IsCut)
        {
            writer.WriteBoolean("earlier"u8, value: true);
        }

        writer.WriteEndObject();
    }

    private void WriteLane(Utf8JsonWriter writer, AgentLane lane, bool isCut)
    {
        writer.WriteStartObject();
        writer.WriteString("agent"u8, lane.Agent);
        writer.WriteString("now"u8, (lane.SpanAt(_timeline.Until)?.Activity ?? AgentActivity.Idle).Word());
        if (lane.Last is { } last)
        {
            writer.WriteNumber("last_seq"u8, last.Seq);
        }

        List<AgentSpan> known = [.. lane.Spans.Where(span => span.From <= _timeline.Until)];
        writer.WriteStartArray("spans"u8);
        foreach (var span in isCut ? [] : known.Skip(known.Count - MaxSpans))
        {
            writer.WriteStartObject();
            writer.WriteString("activity"u8, span.Activity.Word());
            writer.WriteString("from"u8, span.From.UtcDateTime);
            if (span.Until is { } until && until <= _timeline.Until)
            {
                writer.WriteString("until"u8, until.UtcDateTime);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (isCut || known.Count > MaxSpans)
        {
            writer.WriteBoolean("cut"u8, value: true);
        }

        writer.WriteEndObject();
    }
}
