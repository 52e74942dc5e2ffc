using System.Text.Json;
using Sync.Cel;
using Sync.Engine.Json;

namespace Sync.Engine.Actions;

/// <summary>Writes <c>{invoked, action, agent, params, writes, result?, seq, warnings?}</c>.</summary>
internal static class InvocationAnswer
{
    public static JsonText Write(
        InvocationInput input,
        long seq,
        IReadOnlyDictionary<string, JsonElement>? bound,
        IReadOnlyList<AnswerWrite> writes,
        JsonText? result,
        bool isWithheld,
        Action<Utf8JsonWriter>? writeMore) => JsonText.Write((input, seq, bound, writes, result, isWithheld, writeMore), static (writer, t) =>
    {
        writer.WriteStartObject();
        writer.WriteBoolean("invoked"u8, value: true);
        if (t.input.DryRun)
        {
            writer.WriteBoolean("dry_run"u8, value: true);
        }

        writer.WriteString("action"u8, t.input.Action);
        writer.WriteString("agent"u8, t.input.Actor.Agent);
        WriteParams(writer, t.input, t.bound);
        writer.WriteStartArray("writes"u8);
        foreach (var write in t.writes)
        {
            // Half of the answer is for the rest: parameters are bounded by the request, a result by its expression.
            var isCut = writer.BytesCommitted + writer.BytesPending + write.ContentBytes > t.input.Limits.AnswerBytes / 2;
            (isCut ? write with { IsCut = true } : write).WriteTo(writer);
        }

        writer.WriteEndArray();
        if (t.result is { } value)
        {
            writer.WritePropertyName("result"u8);
            value.WriteTo(writer);
        }

        if (t.isWithheld)
        {
            writer.WriteBoolean("withheld"u8, value: true);
        }

        writer.WriteNumber("seq"u8, t.seq);
        t.writeMore?.Invoke(writer);
        writer.WriteEndObject();
    });

    private static void WriteParams(Utf8JsonWriter writer, InvocationInput input, IReadOnlyDictionary<string, JsonElement>? bound)
    {
        writer.WritePropertyName("params"u8);
        if (bound is null && input.Params.ValueKind == JsonValueKind.Object)
        {
            input.Params.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        var declared = input.Moment.State.Actions.GetValueOrDefault(input.Action)?.Definition.Params;
        foreach (var (name, value) in bound ?? new Dictionary<string, JsonElement>())
        {
            writer.WritePropertyName(name);
            if (declared is not null && declared.IsSecret(name))
            {
                // The answer is kept with the event for a retry, and what is secret is in no log.
                writer.WriteStringValue(ParamSet.Redacted);
            }
            else
            {
                value.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }
}
