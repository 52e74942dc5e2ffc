using System.Text.Json.Nodes;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Services.Waits;

/// <summary>Finds conditions that cannot hold as they are written: before a caller spends its time on them, or when the time is over.</summary>
internal static class ConditionCheck
{
    private const int MaxShown = 120;

    /// <summary>What to say of a condition whose value turned out to be neither true nor false.</summary>
    public static JsonObject Warning(Expression condition, string type) => Warnings.Of(
        "condition_not_boolean",
        "condition",
        $"The condition's value is {ValueTypes.Named(type)}, neither true nor false: as such it never holds.",
        ValueTypes.Instead("bool", type, condition.Source));

    /// <summary>Why a condition is refused, or null: it reads a view or an action by a name that is not there but nearly. (That its value can be true or false, its compilation sees to.)</summary>
    public static SyncError? Check(Expression condition, RoomState state)
    {
        foreach (var path in condition.Paths)
        {
            if (path.Root is not ("views" or "actions") || path.Segments is not [{ IsVariable: false, Text: var name }, ..])
            {
                continue;
            }

            var isView = path.Root == "views";
            var known = isView ? state.Views.Keys.Append(ReservedScopes.ContestedView) : state.Actions.Keys.Concat(BuiltInIds.All);
            if (!known.Contains(name) && !IsTested(condition.Source, path.Root, name) && NearestName.Of(name, known) is { } near)
            {
                return NotFound(condition, isView, path.Root, name, near);
            }
        }

        return null;
    }

    private static SyncError NotFound(Expression condition, bool isView, string root, string name, string near)
    {
        var what = isView ? "view" : "action";
        return new SyncError(isView ? ErrorCode.ViewNotFound : ErrorCode.ActionNotFound, $"There is no {what} '{Identifiers.Shown(name)}' in this room.")
        {
            Hint = $"Did you mean {root}[\"{near}\"]? To wait until '{Identifiers.Shown(name)}' is registered: \"{Identifiers.Shown(name)}\" in {root}{(Shown(condition.Source) is { } source ? $" && ({source})" : "")}",
        }.With(what, Identifiers.Shown(name)).With("did_you_mean", near);
    }

    // Who asks whether it is there expects that it may not be. Only ever lets a condition through, so a text that merely looks like it does no harm.
    private static bool IsTested(string source, string root, string name)
    {
        var text = string.Concat(source.Where(static letter => !char.IsWhiteSpace(letter))).Replace('\'', '"');
        return ((string[])[$"has({root}.{name})", $"has({root}[\"{name}\"])", $"\"{name}\"in{root}", $"{root}.?{name}", $"{root}[?\"{name}\"]"]).Any(test => text.Contains(test, StringComparison.Ordinal));
    }

    private static string? Shown(string source) => source.Length <= MaxShown ? source : null;
}
