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

    /// <summary>The answer of one invocation.</summary>
    public static JsonText Write(AnswerBody body, long seq)
    {
        var whole = JsonText.Write((body, seq), static (writer, t) =>
        {
            writer.WriteStartObject();
            WriteHead(writer, t.body.Input);
            WriteParams(writer, t.body.Input, t.body.Bound);
            WriteBody(writer, t.body);
            writer.WriteNumber("seq"u8, t.seq);
            t.body.WriteMore?.Invoke(writer);
            writer.WriteEndObject();
        });
        return whole.Length <= body.Input.Limits.AnswerBytes ? whole : JsonText.Write((body, seq, whole.Length), static (writer, t) =>
        {
            writer.WriteStartObject();
            WriteHead(writer, t.body.Input);
            WriteNamed(writer, t.body.Writes);
            WriteCut(writer, t.body.Input, t.body.Writes, t.Length);
            writer.WriteNumber("seq"u8, t.seq);
            writer.WriteEndObject();
        });
    }

    /// <summary>The answer of a batch: <c>{invoked, action, agent, steps: [{action, writes, result?, warnings?}], seq}</c>.</summary>
    public static JsonText WriteBatch(InvocationInput input, IReadOnlyList<AnswerBody> steps, long seq)
    {
        var whole = JsonText.Write((input, steps, seq), static (writer, t) =>
        {
            WriteSteps(writer, t.input, t.steps, static (writer, step) =>
            {
                WriteBody(writer, step);
                step.WriteMore?.Invoke(writer);
            });
            writer.WriteNumber("seq"u8, t.seq);
            writer.WriteEndObject();
        });
        return whole.Length <= input.Limits.AnswerBytes ? whole : JsonText.Write((input, steps, seq, whole.Length), static (writer, t) =>
        {
            WriteSteps(writer, t.input, t.steps, static (writer, step) => WriteNamed(writer, step.Writes));
            WriteCut(writer, t.input, t.steps.SelectMany(static step => step.Writes), t.Length);
            writer.WriteNumber("seq"u8, t.seq);
            writer.WriteEndObject();
        });
    }

    private static void WriteSteps(Utf8JsonWriter writer, InvocationInput input, IReadOnlyList<AnswerBody> steps, Action<Utf8JsonWriter, AnswerBody> write)
    {
        writer.WriteStartObject();
        WriteHead(writer, input);
        writer.WriteStartArray("steps"u8);
        foreach (var step in steps)
        {
            writer.WriteStartObject();
            writer.WriteString("action"u8, step.Input.Action);
            write(writer, step);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    // What was done and where, without what it was.
    private static void WriteNamed(Utf8JsonWriter writer, IReadOnlyList<AnswerWrite> writes)
    {
        writer.WriteStartArray("writes"u8);
        foreach (var write in writes)
        {
            (write with { IsCut = true }).WriteTo(writer);
        }

        writer.WriteEndArray();
    }

    // The query of a context that gives the rest.
    private static void WriteCut(Utf8JsonWriter writer, InvocationInput input, IEnumerable<AnswerWrite> writes, int bytes)
    {
        writer.WriteBoolean("cut"u8, value: true);
        writer.WriteNumber("bytes"u8, bytes);
        var readable = writes.Where(static write => write is { IsClosed: false, IsWithheld: false }).Select(static write => write.Scope switch
        {
            ReservedScopes.Actions => ContextSection.Actions,
            ReservedScopes.Views => ContextSection.Views,
            ReservedScopes.Messages => ContextSection.Messages,
            _ => ContextPart.OfScope(write.Scope),
        });
        writer.WriteString("query"u8, input.Steps.Query(NextStep.ReadContext(new StepArgument("depth", "full"), NextStep.Only(readable.Distinct().Take(MaxNamed)))));
    }

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

    /// <summary>Writes <c>writes</c>: of those for which there is no room, the places.</summary>
    public static void WriteWrites(Utf8JsonWriter writer, IReadOnlyList<AnswerWrite> writes, int bytes)
    {
        writer.WriteStartArray("writes"u8);
        foreach (var write in writes)
        {
            // Half of the answer is for the rest: parameters are bounded by the request, a result by its expression.
            var isCut = writer.BytesCommitted + writer.BytesPending + write.ContentBytes > bytes / 2;
            (isCut ? write with { IsCut = true } : write).WriteTo(writer);
        }

        writer.WriteEndArray();
    }

    private static void WriteBody(Utf8JsonWriter writer, AnswerBody body)
    {
        WriteWrites(writer, body.Writes, body.Input.Limits.AnswerBytes);
        if (body.Result is { } value)
        {
            writer.WritePropertyName("result"u8);
            value.WriteTo(writer);
        }

        if (body.IsWithheld)
        {
            writer.WriteBoolean("withheld"u8, value: true);
        }

        Warnings.Write(writer, body.Warnings);
    }

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
