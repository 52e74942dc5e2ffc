using System.Text.Json.Nodes;
using Sync.Cel.Values;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Rules;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Commands.Rules;

/// <summary>
/// The rules of <c>_config.targets</c>, asked of every place that is written, whatever writes it, and of the list itself where it is written. Timers that fire, the end of an agent and what else the
/// engine does by itself are asked nothing: whoever set them going was.
/// </summary>
internal static class TargetCheck
{
    /// <summary>The refusal of a write, or null; what has to be approved is added.</summary>
    /// <param name="input">The invocation.</param>
    /// <param name="scope">Where it writes.</param>
    /// <param name="key">Which entry.</param>
    /// <param name="parameters">What it was invoked with, for <c>when</c>.</param>
    /// <param name="asked">What has to be approved.</param>
    public static SyncError? Check(InvocationInput input, string scope, string key, CelValue parameters, ICollection<ApprovalRule> asked)
    {
        foreach (var rule in input.Moment.State.TargetRules.Of(scope, key))
        {
            if (rule.Actions is { } allowed && !allowed.Contains(input.Action, StringComparer.Ordinal))
            {
                return Denied($"'{Identifiers.Shown(input.Action)}' may not write there", scope, rule);
            }

            if (rule.Approve is { } approve && !asked.Contains(approve) && Asks(input, approve, parameters))
            {
                asked.Add(approve);
            }
        }

        return null;
    }

    /// <summary>The same of everything that a working copy has written.</summary>
    public static SyncError? Check(InvocationInput input, WorkingCopy copy, ICollection<ApprovalRule> asked)
    {
        foreach (var (scope, key) in input.Moment.State.TargetRules.IsEmpty ? [] : copy.Written)
        {
            if (Check(input, scope, key, CelValue.Error("It has no parameters of an action."), asked) is { } refused)
            {
                return refused;
            }
        }

        return null;
    }

    /// <summary>The same of what a join writes, which is no action and cannot wait for a decision.</summary>
    public static SyncError? CheckJoin(Moment moment, WorkingCopy copy)
    {
        foreach (var (scope, key) in moment.State.TargetRules.IsEmpty ? [] : copy.Written)
        {
            if (moment.State.TargetRules.Of(scope, key).FirstOrDefault() is { } rule)
            {
                return rule.Actions is null ? Approvals.Asking.Required("The state that the join brings", [rule.Approve!]) : Denied("A join may not write there", scope, rule); // A rule asks something.
            }
        }

        return null;
    }

    /// <summary>The refusal of what a working copy makes of the rules themselves, or null.</summary>
    /// <remarks>Errors: <c>invalid_param invalid_cel</c> of what is no list of rules; <c>person_required</c> where a token would loosen what a person set.</remarks>
    public static SyncError? CheckList(InvocationInput input, WorkingCopy copy)
    {
        if (!copy.Written.Contains((ReservedScopes.Config, TargetRules.Key)))
        {
            return null;
        }

        var state = input.Moment.State;
        var (value, timer, enabled) = copy.Content(ReservedScopes.Config, TargetRules.Key);
        if (timer is not null || enabled is not null)
        {
            return new SyncError(ErrorCode.InvalidParam, "The rules about who writes where have no timer and no condition: they hold until they are changed.") { Hint = "Leave 'timer' and 'enabled' out." }.With("field", TargetRules.Key);
        }

        var after = TargetRules.Empty;
        if (value is { } written)
        {
            using var document = written.Parse();
            if (!TargetRules.Parse(document.RootElement, state.Language).Try(out after, out var error))
            {
                return error;
            }
        }

        return input.Actor.InBrowser || state.Find(ReservedScopes.Config, TargetRules.Key) is not { ByPerson: true } || after.Cover(state.TargetRules)
            ? null
            : new SyncError(ErrorCode.PersonRequired, "A person set the rules about who writes where, and no token takes one of them away or asks less.")
            {
                Hint = "Keep every rule as it is and add yours, or ask an owner to change them on the room's page.",
                Next = [NextStep.OpenRoom(input.Moment.Record?.Id ?? "")],
                Help = "gates",
            }.With("field", TargetRules.Key);
    }

    // Whatever is not plainly false asks. A rule is the room's: it reads what everybody reads.
    private static bool Asks(InvocationInput input, ApprovalRule rule, CelValue parameters)
    {
        if (rule.When is not { } when)
        {
            return true;
        }

        var reader = new RoomActivation(input.Moment, VisibleScopes.Public, input.Actor.Agent, input.Budget);
        var frame = new Frame(VisibleScopes.Public, input.Actor.Agent, ReadsSelf: false, MustName: true, PassesSelf: false);
        return when.Evaluate(reader.Inside(frame, owner: null, parameters)) is not { Kind: CelKind.Bool, IsTrue: false };
    }

    private static SyncError Denied(string what, string scope, TargetRule rule)
    {
        var allowed = rule.Actions ?? [];
        return new SyncError(ErrorCode.ScopeDenied, $"{what}: a rule of the room lets {(allowed.IsEmpty ? "no action" : "other actions only")} write this place in '{Identifiers.Shown(scope)}'.")
        {
            Hint = allowed.IsEmpty ? "An owner can change the rules, in _config.targets." : $"Invoke {string.Join(" or ", allowed.Select(static id => $"'{Identifiers.Shown(id)}'"))} instead.",
            LogMessage = "A rule of the room does not let it write there.",
            Help = "gates",
        }.With("scope", scope).With("rule", rule.Field).With("actions", new JsonArray([.. allowed.Select(static id => (JsonNode)id)]));
    }
}
