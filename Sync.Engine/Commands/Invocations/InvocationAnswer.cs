using System.Text.Json;
using Sync.Engine.Model.Actions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Invocations;

/// <summary>Writes <c>{invoked, action, agent, params, writes, result?, seq, warnings?}</c>.</summary>
internal static class InvocationAnswer
{
    // Places that the query of a cut answer names.
    private const int MaxNamed = 20;

    public static JsonText Write(
        InvocationInput input,
        long seq,
        IReadOnlyDictionary<string, JsonElement>? bound,
        IReadOnlyList<AnswerWrite> writes,
        JsonText? result,
        bool isWithheld,
        Action<Utf8JsonWriter>? writeMore)
    {
        var whole = WriteWhole(input, seq, bound, writes, result, isWithheld, writeMore);
        return whole.Length <= input.Limits.AnswerBytes ? whole : WriteCut(input, seq, writes, whole.Length);
    }

    // What was done and where; the query of a context that gives the rest.
    private static JsonText WriteCut(InvocationInput input, long seq, IReadOnlyList<AnswerWrite> writes, int bytes) => JsonText.Write((input, seq, writes, bytes), static (writer, t) =>
    {
        writer.WriteStartObject();
        WriteHead(writer, t.input);
        writer.WriteStartArray("writes"u8);
        foreach (var write in t.writes)
        {
            (write with { IsCut = true }).WriteTo(writer);
        }

        writer.WriteEndArray();
        writer.WriteBoolean("cut"u8, value: true);
        writer.WriteNumber("bytes"u8, t.bytes);
        var readable = t.writes.Where(static write => write is { IsClosed: false, IsWithheld: false }).Select(static write => write.Scope switch
        {
            ReservedScopes.Actions => ContextSection.Actions,
            ReservedScopes.Views => ContextSection.Views,
            ReservedScopes.Messages => ContextSection.Messages,
            _ => ContextPart.OfScope(write.Scope),
        });
        writer.WriteString("query"u8, t.input.Steps.Query(NextStep.ReadContext(new StepArgument("depth", "full"), NextStep.Only(readable.Distinct().Take(MaxNamed)))));
        writer.WriteNumber("seq"u8, t.seq);
        writer.WriteEndObject();
    });

    private static void WriteHead(Utf8JsonWriter writer, InvocationInput input)
    {
        writer.WriteBoolean("invoked"u8, value: true);
        if (input.DryRun)
        {
            writer.WriteBoolean("dry_run"u8, value: true);
        }

        writer.WriteString("action"u8, input.Action);
        writer.WriteString("agent"u8, input.Actor.Agent);
    }

    private static JsonText WriteWhole(
        InvocationInput input,
        long seq,
        IReadOnlyDictionary<string, JsonElement>? bound,
        IReadOnlyList<AnswerWrite> writes,
        JsonText? result,
        bool isWithheld,
        Action<Utf8JsonWriter>? writeMore) => JsonText.Write((input, seq, bound, writes, result, isWithheld, writeMore), static (writer, t) =>
    {
        writer.WriteStartObject();
        WriteHead(writer, t.input);
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
