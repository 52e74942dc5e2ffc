using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Actions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>One step of a batch, as it was asked for.</summary>
/// <param name="Number">Its place, from 1.</param>
/// <param name="Action">What it invokes.</param>
/// <param name="Request">With what.</param>
internal sealed record BatchStep(int Number, string Action, InvokeRequest Request)
{
    /// <summary>Reads <c>[{action, params?, consent?, if_action_version?}, …]</c>.</summary>
    public static Outcome<ImmutableArray<BatchStep>> ReadAll(JsonElement steps)
    {
        if (steps.ValueKind != JsonValueKind.Array || steps.GetArrayLength() is < 1 or > Batch.MaxSteps)
        {
            return new SyncError(ErrorCode.InvalidParam, string.Create(CultureInfo.InvariantCulture, $"'steps' lists 1 to {Batch.MaxSteps} invocations.")) { Hint = Example }.With("param", "steps");
        }

        var read = ImmutableArray.CreateBuilder<BatchStep>(steps.GetArrayLength());
        foreach (var step in steps.EnumerateArray())
        {
            if (!Read(read.Count + 1, step).Try(out var one, out var error))
            {
                return error;
            }

            read.Add(one);
        }

        return read.MoveToImmutable();
    }

    /// <summary>A refusal of this step, as one of the batch.</summary>
    public SyncError Refused(SyncError error) => Refused(Number, Identifiers.Shown(Action), error);

    private const string Example = "Send {\"steps\": [{\"action\": \"update_status\", \"params\": {\"status\": \"done\"}}]}.";

    private static Outcome<BatchStep> Read(int number, JsonElement step)
    {
        if (step.ValueKind != JsonValueKind.Object || !step.TryGetProperty("action"u8, out var named) || named.ValueKind != JsonValueKind.String)
        {
            return Refused(number, action: null, new SyncError(ErrorCode.InvalidParam, "A step names its 'action'.") { Hint = Example }.With("param", "steps"));
        }

        var action = named.GetString()!; // It is a text.
        if (action is BuiltInIds.Batch or BuiltInIds.Help or BuiltInIds.Decide or BuiltInIds.Revert or BuiltInIds.InstallPack or BuiltInIds.UninstallPack)
        {
            return Refused(number, action, new SyncError(ErrorCode.InvalidParam, $"'{action}' cannot be a step of a batch.")
            {
                Hint = action switch
                {
                    BuiltInIds.Help => "Read help by itself: it writes nothing.",
                    BuiltInIds.Batch => "Put its steps into this one.",
                    BuiltInIds.InstallPack or BuiltInIds.UninstallPack => "Invoke it by itself: it is one event already.",
                    BuiltInIds.Revert => "Revert by a call of its own.",
                    _ => "Decide by a call of its own.",
                },
            }.With("param", "steps"));
        }

        var members = step.EnumerateObject().Where(static member => member.Name != "action").Select(static member => KeyValuePair.Create(member.Name, member.Value)).ToList();
        if (!InvokeRequest.Parse(members, idempotencyKey: null).Try(out var request, out var error))
        {
            return Refused(number, action, error);
        }

        return request is { Agent: null, DryRun: false, RequestId: null, Because: null } && request.Wait == TimeSpan.Zero
            ? new BatchStep(number, action, request)
            : Refused(number, action, new SyncError(ErrorCode.UnknownField, "'agent', 'dry_run', 'request_id' and 'because' are of the whole batch, and no step waits.") { Hint = "Send them beside 'params', not in a step; leave 'wait_ms' out." }.With("field", "steps"));
    }

    private static SyncError Refused(int number, string? action, SyncError error)
    {
        var place = string.Create(CultureInfo.InvariantCulture, $"Step {number}{(action is null ? "" : $" ('{Identifiers.Shown(action)}')")}");
        return (error with { Message = $"{place}: {error.Message}", LogMessage = $"{place}: {error.LogMessage ?? SyncError.UntoldMessage}" }).With("step", number);
    }
}
