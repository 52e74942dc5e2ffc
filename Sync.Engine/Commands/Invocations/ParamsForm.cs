using System.Text.Json;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Packs;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Commands.Invocations;

/// <summary>Parameters whose JSON no value may be: nested too deep, a name given twice, a number that no double holds. It needs no room, so that large ones are looked at before the call stands in line.</summary>
internal static class ParamsForm
{
    // Definitions hold values two levels below their fields.
    private static readonly Func<string, int> s_levelsOfDefinition = static name => name is "params" or "writes" ? 2 : 0;

    // A pack holds definitions and values; how deep each of them is, is asked when it is read.
    private static readonly Func<string, int> s_levelsOfPack = static name => name == "pack" ? PackParser.Levels : 0;

    /// <summary>The refusal of such parameters, or null.</summary>
    public static SyncError? Check(RoomLimits limits, string action, JsonElement parameters) =>
        action == BuiltInIds.Batch ? CheckSteps(limits, parameters)
        : JsonRules.CheckMembers(parameters, limits.JsonDepth, action switch
        {
            BuiltInIds.RegisterAction or BuiltInIds.Decide => s_levelsOfDefinition,
            BuiltInIds.InstallPack => s_levelsOfPack,
            _ => null,
        })?.With("action", Identifiers.Shown(action));

    // The values are those of the steps, each two levels below the list.
    private static SyncError? CheckSteps(RoomLimits limits, JsonElement parameters)
    {
        if (JsonRules.CheckMembers(parameters, limits.JsonDepth, static name => name == "steps" ? 5 : 0) is { } malformed)
        {
            return malformed.With("action", BuiltInIds.Batch);
        }

        if (parameters.ValueKind != JsonValueKind.Object || !parameters.TryGetProperty("steps"u8, out var steps) || steps.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var number = 0;
        foreach (var step in steps.EnumerateArray())
        {
            number++;
            if (step.ValueKind == JsonValueKind.Object && step.TryGetProperty("action"u8, out var action) && action.ValueKind == JsonValueKind.String && action.GetString() is { } id and not BuiltInIds.Batch
                && step.TryGetProperty("params"u8, out var given) && Check(limits, id, given) is { } refused)
            {
                return refused.With("step", number);
            }
        }

        return null;
    }
}
