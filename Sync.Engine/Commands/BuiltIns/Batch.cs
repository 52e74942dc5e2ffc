using System.Text.Json;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>
/// <c>_batch</c>: several invocations as one event, all or nothing. Each step is an invocation of its own, asked and checked as any other, over the state that the steps before it have left, with their
/// use counts, cooldowns and ticks. One budget pays for all.
/// </summary>
internal sealed class Batch : BuiltIn
{
    /// <summary>The most steps of one batch.</summary>
    public const int MaxSteps = 100;

    private static readonly ParamSet s_params = Declare("""{"steps": {"type": "array", "required": true, "description": "the invocations, in order"}}""");

    public override string Id => BuiltInIds.Batch;

    public override string Description => "Invoke several actions as one step, all or nothing; each sees what the ones before it have written.";

    public override JsonText ParamsJson { get; } = Json("""{"steps": {"type": "array", "required": true, "description": "[{action, params?, consent?, if_action_version?}, …], at most 100"}}""");

    /// <summary>Runs the steps one after another.</summary>
    /// <remarks>Errors: those of its steps, with <c>step</c>, the number of the one that was refused.</remarks>
    public override Outcome<InvocationEffect> Invoke(InvocationInput input)
    {
        if (!s_params.Bind(input.Params, BuiltInIds.Batch, input.Budget).Try(out var bound, out var error) || !BatchStep.ReadAll(bound["steps"]).Try(out var steps, out error))
        {
            return error;
        }

        var done = new List<InvocationEffect>(steps.Length);
        var current = input with { IsStep = true };
        foreach (var step in steps)
        {
            current = current with { Action = step.Action, Params = step.Request.Params, Consent = step.Request.Consent, IfActionVersion = step.Request.IfActionVersion, Fence = step.Request.Fence };
            if (!Invocation.Run(current).Try(out var effect, out error))
            {
                return step.Refused(error);
            }

            done.Add(input.DryRun && done.Exists(static before => IsWithheld(before)) ? Withhold(effect) : effect);
            current = current with { Moment = current.Moment with { State = effect.After }, Actor = current.Actor with { Creates = null } };
        }

        var e = Event(input, done);
        return new InvocationEffect(e, done[^1].After, () => InvocationAnswer.WriteBatch(input, [.. done.Select(static effect => effect.Body!)], e.Seq)) // A step writes.
        {
            Writes = [.. done.SelectMany(static effect => effect.Writes)],
            ResultReads = [.. done.SelectMany(static effect => effect.ResultReads).Distinct()],
        };
    }

    /// <summary>Of a batch that was refused the log keeps which actions it named: which of their parameters are secret may have been a matter of its own steps.</summary>
    public static JsonText? NamesOf(JsonElement parameters) =>
        parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty("steps"u8, out var steps) && BatchStep.ReadAll(steps).Try(out var read, out _)
            ? JsonText.Write(read, static (writer, steps) =>
            {
                writer.WriteStartObject();
                writer.WriteStartArray("steps"u8);
                foreach (var step in steps)
                {
                    writer.WriteStringValue(Identifiers.Shown(step.Action));
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            })
            : null;

    private static bool IsWithheld(InvocationEffect effect) => effect.Body is { } body && (body.IsWithheld || body.Writes.Any(static write => write.IsWithheld || write.IsClosed));

    // What a dry run does not tell of one step, the next could read and tell.
    private static InvocationEffect Withhold(InvocationEffect effect) => effect with
    {
        Body = effect.Body! with { Writes = [.. effect.Body!.Writes.Select(static write => write with { IsWithheld = true })], Result = null, IsWithheld = true, WriteMore = null }, // A step writes.
    };

    private static RoomEvent Event(InvocationInput input, List<InvocationEffect> done)
    {
        var events = done.ConvertAll(static effect => effect.Event!); // A step writes.
        return CombinedEvent.Of(input.Head(ParamsOf(events)), events);
    }

    // As the steps give theirs to the log: without what is secret.
    private static JsonText ParamsOf(List<RoomEvent> events) => JsonText.Write(events, static (writer, events) =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("steps"u8);
        foreach (var e in events)
        {
            writer.WriteStartObject();
            writer.WriteString("action"u8, e.Action);
            if (e.Params is { } parameters)
            {
                writer.WritePropertyName("params"u8);
                parameters.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });
}
