using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Cel;
using Sync.Engine.Actions.BuiltIns;
using Sync.Engine.Expressions;
using Sync.Engine.Json;

namespace Sync.Engine.Actions;

/// <summary>Why an action is or is not available: every check of the gate with what it found.</summary>
internal static class Explanation
{
    /// <summary><c>{action, agent, available, reason?, enabled?, if?, cooldown?, params?}</c> as UTF-8 JSON.</summary>
    public static Outcome<ReadOnlyMemory<byte>> Of(Moment moment, Actor actor, string id, JsonElement given, CelBudget budget)
    {
        if (BuiltIn.Find(id) is not null || moment.State.Actions.GetValueOrDefault(id) is not { } action)
        {
            return BuiltIn.Find(id) is null
                ? Invocation.NotFound(moment.State, id)
                : JsonText.Of(new JsonObject { ["action"] = id, ["agent"] = actor.Agent, ["available"] = actor.Level >= BuiltIn.Find(id)!.Needs, ["builtin"] = true }).Memory;
        }

        var reader = new RoomActivation(moment, actor.Sight, actor.Agent, budget);
        var answer = new JsonObject { ["action"] = id, ["agent"] = actor.Agent };
        var refusals = new List<SyncError>();
        if (InvocationGate.CheckTimers(moment, action) is { } clock)
        {
            refusals.Add(clock);
            answer["timer"] = clock.Details?.DeepClone();
        }

        if (action.Definition.Enabled is { } enabled)
        {
            answer["enabled"] = Check(enabled, Availability.Inside(reader, action), InvocationGate.CheckEnabled(reader, action, actor.Sight), refusals, actor.Sight);
        }

        CelValue? parameters = null;
        if (given.ValueKind == JsonValueKind.Object)
        {
            if (action.Definition.Params.Bind(given, id, budget).Try(out var bound, out var wrong))
            {
                parameters = CelValue.Of(new ParamsMap(bound));
            }
            else
            {
                refusals.Add(wrong);
                answer["params"] = ErrorJson(wrong);
            }
        }

        if (action.Definition.If is { } guard)
        {
            var inside = Availability.Inside(reader, action, parameters);
            var open = parameters is null && guard.UsesParams && guard.Evaluate(inside).IsError;
            var check = Check(guard, inside, open ? null : InvocationGate.CheckGuard(inside, action, actor.Sight), refusals, actor.Sight);
            if (open)
            {
                check["depends_on"] = new JsonArray([.. action.Definition.DependsOn.Select(static path => (JsonNode)path)]);
            }

            answer["if"] = check;
        }

        answer["available"] = refusals.Count == 0;
        if (refusals.Count > 0)
        {
            answer["reason"] = refusals[0].Code.Name;
            answer["message"] = refusals[0].Message;
            answer["hint"] = refusals[0].Hint;
        }

        var text = JsonText.Of(answer);
        return (Secrets.Of(action.Definition.Params, given)?.TakeOut(text, out _) ?? text).Memory;
    }

    private static JsonObject Check(Expression expression, RoomActivation inside, SyncError? refusal, List<SyncError> refusals, Sight sight)
    {
        if (refusal is not null)
        {
            refusals.Add(refusal);
        }

        return new JsonObject
        {
            ["expression"] = expression.Source,
            ["holds"] = refusal is null,
            ["parts"] = InvocationGate.Parts(expression, inside, sight),
        };
    }

    private static JsonNode? ErrorJson(SyncError error) => JsonText.Write(error, static (writer, e) => e.WriteTo(writer)).ToNode();
}
