using System.Text.Json.Nodes;
using Sync.Cel.Values;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Authority;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Rules;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Commands.Rules;

/// <summary>
/// The rules of <c>_config.targets</c>, asked of every place that is written, whatever writes it, and of the list itself where it is written. Timers that fire, the end of an agent and what else the
/// engine does by itself are asked nothing: whoever set them going was.
/// </summary>
internal static class TargetCheck
{
    /// <summary>In place of the parameters of an action, where there are none that a rule could mean.</summary>
    public static CelValue NoParameters { get; } = CelValue.Error("It has no parameters of an action that the rule names.");

    /// <summary>The refusal of a write, or null; what has to be approved is added.</summary>
    /// <param name="input">The invocation.</param>
    /// <param name="scope">Where it writes.</param>
    /// <param name="key">Which entry.</param>
    /// <param name="parameters">What it was invoked with, for <c>when</c>.</param>
    /// <param name="asked">What has to be approved.</param>
    public static SyncError? Check(InvocationInput input, string scope, string key, CelValue parameters, ICollection<ApprovalRule> asked)
    {
        if (input.Moment.State.TargetRules.Of(scope, key, input.Budget) is not { } rules)
        {
            return TooDear();
        }

        foreach (var rule in rules)
        {
            if (!rule.Names(input.Action))
            {
                return Denied($"'{Identifiers.Shown(input.Action)}' may not write there", scope, rule);
            }

            if (rule.Actions is not null && !IsMeant(input))
            {
                return Changed(input.Action, scope, rule);
            }

            // An action that the rule does not name is whoever's, and so are its parameters.
            if (rule.Approve is { } approve && !asked.Contains(approve) && Asks(input, approve, rule.Actions is null ? NoParameters : parameters))
            {
                asked.Add(approve);
            }
        }

        return null;
    }

    /// <summary>The same of everything that a working copy has written.</summary>
    public static SyncError? Check(InvocationInput input, WorkingCopy copy, ICollection<ApprovalRule> asked)
    {
        foreach (var (scope, key) in input.Moment.State.TargetRules.IsEmpty ? [] : copy.Places)
        {
            if (Check(input, scope, key, NoParameters, asked) is { } refused)
            {
                return refused;
            }
        }

        return null;
    }

    /// <summary>The same of what is no action and cannot wait for a decision: a join, a change of an agent.</summary>
    /// <param name="moment">The room.</param>
    /// <param name="copy">What is written.</param>
    /// <param name="what">What writes: "A join".</param>
    public static SyncError? CheckUnnamed(Moment moment, WorkingCopy copy, string what)
    {
        if (moment.State.TargetRules.IsEmpty)
        {
            return null;
        }

        var budget = moment.State.Language.NewBudget();
        foreach (var (scope, key) in copy.Places)
        {
            if (moment.State.TargetRules.Of(scope, key, budget) is not { } rules)
            {
                return TooDear();
            }

            if (rules is [var rule, ..])
            {
                return rule.Actions is null ? Approvals.Asking.Required($"What {char.ToLowerInvariant(what[0])}{what[1..]} writes", [rule.Approve!]) : Denied($"{what} may not write there", scope, rule); // A rule asks something.
            }
        }

        return null;
    }

    /// <summary>The refusal of what a working copy makes of the rules themselves, or null.</summary>
    /// <remarks>Errors: <c>invalid_param invalid_cel</c> of what is no list of rules; <c>person_required</c> where a token would loosen what a person set.</remarks>
    public static SyncError? CheckList(InvocationInput input, WorkingCopy copy)
    {
        if (!copy.HasWritten(ReservedScopes.Config, TargetRules.Key))
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

    // A rule is the room's: it reads what everybody reads.
    private static bool Asks(InvocationInput input, ApprovalRule rule, CelValue parameters)
    {
        if (rule.When is null)
        {
            return true;
        }

        var reader = new RoomActivation(input.Moment, VisibleScopes.Public, input.Actor.Agent, input.Budget);
        var frame = new Frame(VisibleScopes.Public, input.Actor.Agent, ReadsSelf: false, MustName: true, PassesSelf: false);
        return rule.Asks(reader.Inside(frame, owner: null, parameters));
    }

    // An id that stands in a rule means an action that stood when the rules were written, or that an owner registers: were it whoever takes the id first, naming an action would open the place.
    private static bool IsMeant(InvocationInput input)
    {
        var state = input.Moment.State;
        return BuiltInIds.Contains(input.Action)
            || (state.Actions.TryGetValue(input.Action, out var action)
                && (action.Entry.Seq <= state.Find(ReservedScopes.Config, TargetRules.Key)?.Seq || action.StandingIn(input.Moment).Level == AccessLevel.Admin));
    }

    private static SyncError Changed(string action, string scope, TargetRule rule) =>
        new SyncError(ErrorCode.ScopeDenied, $"A rule of the room lets '{Identifiers.Shown(action)}' write this place in '{Identifiers.Shown(scope)}', and its definition was written since by somebody who is no owner.")
        {
            Hint = $"An owner has to read '{Identifiers.Shown(action)}' and register it anew, or to write _config.targets again.",
            LogMessage = "A rule of the room means another definition of the action.",
            Help = "gates",
        }.With("scope", scope).With("rule", rule.Field).With("action", action);

    // Nobody knows then whether a rule is about it.
    private static SyncError TooDear() =>
        new(ErrorCode.CelLimitExceeded, "Finding the room's rules about what this writes is more work than one request may ask for.")
        {
            Hint = "Write less in one call. An owner can use fewer and shorter patterns in _config.targets.",
            Help = "gates",
        };

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
