using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Reads.Actions;

/// <summary>Why an action is or is not available to its reader.</summary>
public sealed record Explanation
{
    /// <summary>The action.</summary>
    public required string Action { get; init; }

    /// <summary>As whom the reader would act, or null.</summary>
    public required string? Agent { get; init; }

    /// <summary>Whether an invocation would pass as far as it can be told without its parameters.</summary>
    public required bool IsAvailable { get; init; }

    /// <summary>Whether it is a built-in action, which has no conditions.</summary>
    public bool IsBuiltIn { get; init; }

    /// <summary>What its timer or cooldown says, where that refuses.</summary>
    public JsonObject? Timer { get; init; }

    /// <summary>Its visibility; null where it declares none.</summary>
    public ExplainedCheck? Enabled { get; init; }

    /// <summary>What is wrong with the parameters that were given.</summary>
    public SyncError? Params { get; init; }

    /// <summary>What is in the way of the leases that it needs or takes, as far as they are known.</summary>
    public SyncError? Lease { get; init; }

    /// <summary>Its guard; null where it declares none.</summary>
    public ExplainedCheck? If { get; init; }

    /// <summary>The first refusal, which an invocation would meet; null where it is available.</summary>
    public SyncError? Reason { get; init; }

    /// <summary><c>{action, agent, timer?, enabled?, params?, lease?, if?, available, depends_on?, builtin?, reason?, message?, hint?}</c> in a surface's words.</summary>
    public JsonObject ToJson(IStepRenderer steps, string? room)
    {
        var answer = new JsonObject { ["action"] = Action, ["agent"] = Agent };
        if (IsBuiltIn)
        {
            answer["available"] = IsAvailable;
            answer["builtin"] = true;
            return answer;
        }

        if (Timer is not null)
        {
            answer["timer"] = Timer.DeepClone();
        }

        if (Enabled is not null)
        {
            answer["enabled"] = Enabled.ToJson();
        }

        if (Params is not null)
        {
            answer["params"] = Params.ToJson(steps, room);
        }

        if (Lease is not null)
        {
            answer["lease"] = Lease.ToJson(steps, room);
        }

        if (If is not null)
        {
            answer["if"] = If.ToJson();
        }

        answer["available"] = IsAvailable;
        if (If is { DependsOn: { IsEmpty: false } awaited })
        {
            answer["depends_on"] = Names(awaited);
        }

        if (Reason is not null)
        {
            answer["reason"] = Reason.Code.Name;
            answer["message"] = Reason.Message;
            answer["hint"] = Reason.HintFor(steps, room);
        }

        return answer;
    }

    internal static JsonArray Names(ImmutableArray<string> names) => new([.. names.Select(static name => (JsonNode)name)]);
}

/// <summary>A condition with what it came to.</summary>
/// <param name="Expression">Its text.</param>
/// <param name="Holds">Whether it is true, as far as it can be told.</param>
/// <param name="Parts">Each of its parts: <c>{expression, value? | depends_on?, operands?, …}</c>.</param>
public sealed record ExplainedCheck(string Expression, bool Holds, JsonArray Parts)
{
    /// <summary>The parameters that it waits for; empty where it could be asked without any.</summary>
    public ImmutableArray<string> DependsOn { get; init; } = [];

    internal JsonObject ToJson()
    {
        var check = new JsonObject { ["expression"] = Expression, ["holds"] = DependsOn.IsEmpty ? Holds : null, ["parts"] = Parts.DeepClone() };
        if (!DependsOn.IsEmpty)
        {
            check["depends_on"] = Explanation.Names(DependsOn);
        }

        return check;
    }
}
