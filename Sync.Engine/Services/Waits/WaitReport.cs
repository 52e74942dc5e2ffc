using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Reads.Context;
using Sync.Engine.Runtime.Waits;

namespace Sync.Engine.Services.Waits;

/// <summary>What the answer to a wait is made of, but for the context.</summary>
/// <param name="Condition">The condition as it was sent.</param>
/// <param name="Began">When it began.</param>
/// <param name="Wait">The wait.</param>
/// <param name="End">How it ended.</param>
/// <param name="Warnings">What is doubtful about the condition.</param>
/// <param name="CappedTo">The time it was given where more was asked for; otherwise null.</param>
internal sealed record WaitReport(string Condition, Moment Began, ParkedWait Wait, WaitEnd End, IList<JsonObject> Warnings, TimeSpan? CappedTo)
{
    public bool HasTriggered => End.Value is not null;

    /// <summary>The answer with its context; without one, for a reader that pays for each byte, the time-out form alone: nothing that the reader sent or has.</summary>
    public JsonText ToJson(JsonText? context) => JsonText.Write((Report: this, context), static (writer, t) => t.Report.Write(writer, t.context));

    private void Write(Utf8JsonWriter writer, JsonText? context)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("triggered"u8, HasTriggered);
        if (context is not null)
        {
            writer.WriteString("condition"u8, Condition);
        }

        if (End.Value is { } value)
        {
            writer.WritePropertyName("value"u8);
            value.WriteJson(writer);
            if (End.WokenBy is { } seq)
            {
                writer.WriteNumber("woken_by"u8, seq);
            }
        }
        else
        {
            WriteTimeOut(writer);
        }

        Primitives.Json.Warnings.Write(writer, HasTriggered || Wait.LastOtherType is not { } type ? Warnings : [.. Warnings, ConditionCheck.Warning(Wait.Expression, type)]);
        if (context is { } shaped)
        {
            writer.WritePropertyName("context"u8);
            shaped.WriteTo(writer);
        }
        else
        {
            writer.WriteNumber("seq"u8, End.Moment.State.Seq);
            writer.WriteString("cursor"u8, End.Moment.State.Cursor.ToString());
        }

        writer.WriteEndObject();
    }

    private void WriteTimeOut(Utf8JsonWriter writer)
    {
        writer.WriteBoolean("timeout"u8, value: true);
        writer.WriteNumber("elapsed_ms"u8, (long)(End.Moment.Now - Began.Now).TotalMilliseconds);
        if (CappedTo is { } capped)
        {
            writer.WriteNumber("capped_to_ms"u8, (long)capped.TotalMilliseconds);
        }

        if (Wait.LastError is { } broken)
        {
            writer.WriteString("last_error"u8, broken.Message);
        }
    }
}
