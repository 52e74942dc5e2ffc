using System.Text.Json.Nodes;
using Sync.Cel.Syntax;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Messages;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>
/// Finds paths of an expression that nothing in the room has and nothing writes. Such an expression is accepted, since the key may come to be,
/// but a misspelt name would otherwise wait for ever in silence.
/// </summary>
internal static class PathCheck
{
    /// <summary>One warning per unknown path, with the nearest known one.</summary>
    /// <param name="state">The room.</param>
    /// <param name="expression">The expression.</param>
    /// <param name="field">Where it stands.</param>
    /// <param name="visible">What the reader of the warnings sees: of other private scopes they tell neither that a key is there nor that it is not.</param>
    /// <param name="self">The reader's agent.</param>
    /// <param name="parameters">Declared parameters, where there are any.</param>
    /// <param name="alsoKnown">The id of what is being registered.</param>
    public static IEnumerable<JsonObject> Check(
        RoomState state, Expression expression, string field, VisibleScopes visible, string? self, IReadOnlyCollection<string>? parameters = null, string? alsoKnown = null)
    {
        foreach (var issue in expression.Warnings)
        {
            yield return Warning(issue.Code, field, issue.Message, issue.Hint);
        }

        foreach (var path in expression.Paths)
        {
            if (path.Segments.Length == 0 || path.Segments[0].IsVariable)
            {
                continue;
            }

            var first = path.Segments[0].Text;
            var second = path.Segments.Length > 1 && !path.Segments[1].IsVariable ? path.Segments[1].Text : null;
            var warning = path.Root switch
            {
                "state" => CheckState(state, first, second, field, visible, self),
                "views" => CheckName("view", "views", first, state.Views.Keys.Append(ReservedScopes.ContestedView).Append(alsoKnown ?? ""), field),
                "agents" => CheckName("agent", "agents", first, state.Agents.Keys, field),
                "actions" => CheckName("action", "actions", first, state.Actions.Keys.Concat(BuiltInIds.All).Append(alsoKnown ?? ""), field),
                "messages" => CheckName("figure", "messages", first, MessageFigures.Names, field),
                "params" when parameters is not null => CheckName("parameter", "params", first, parameters, field),
                _ => null,
            };
            if (warning is not null)
            {
                yield return warning;
            }
        }
    }

    /// <summary>The warning for an entry, or a whole scope, that is not there and that nothing writes; null for all others.</summary>
    public static JsonObject? CheckState(RoomState state, string scope, string? key, string field, VisibleScopes visible, string? self)
    {
        if (scope != ReservedScopes.Self && !visible.Sees(scope) && (state.Agents.ContainsKey(scope) || state.Scope(scope) is not null))
        {
            return null;
        }

        var own = scope == ReservedScopes.Self || state.Agents.ContainsKey(scope);
        if (!own && scope != ReservedScopes.Shared && state.Scope(scope) is null && !WritersOf(state, scope, own).Any() && !ReservedScopes.IsSection(scope) && scope != ReservedScopes.Config)
        {
            var near = DidYouMean.Nearest(scope, state.Scopes.Keys.Where(name => visible.Sees(name)).Append(ReservedScopes.Shared).Append(ReservedScopes.Self));
            return Unknown($"state.{scope}", $"No scope '{Identifiers.Shown(scope)}' exists and no action writes it.", near is null ? null : $"state.{near}", field);
        }

        if (key is null || state.Find(scope, key) is not null || ReservedScopes.IsSection(scope))
        {
            return null;
        }

        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var write in WritersOf(state, scope, own))
        {
            // A new row, or a key that is worked out, may be any.
            if (write.Key?.Literal is null)
            {
                if (write.Key is null || Matches(write.Key.Source, key))
                {
                    return null;
                }

                continue;
            }

            known.Add(write.Key.Literal);
        }

        if (scope == ReservedScopes.Self)
        {
            known.UnionWith(self is null ? [] : state.Scope(self)?.Entries.Keys ?? []);
        }
        else if (state.Scope(scope) is { } cells)
        {
            known.UnionWith(cells.Entries.Keys);
        }

        if (known.Contains(key))
        {
            return null;
        }

        var guess = DidYouMean.Nearest(key, known);
        return Unknown($"state.{scope}.{key}", $"Nothing in '{Identifiers.Shown(scope)}' is called '{Identifiers.Shown(key)}' yet, and no action writes it.", guess is null ? null : $"state.{scope}.{guess}", field);
    }

    private static IEnumerable<WriteTemplate> WritersOf(RoomState state, string scope, bool own) =>
        state.Actions.Values.SelectMany(a => a.Definition.Writes)
            .Where(w => w.FixedScope is { } literal ? literal == scope || (own && state.Agents.ContainsKey(literal)) : own || !w.IsOwn);

    // A templated key may become any text with its literal parts in order.
    private static bool Matches(string template, string key)
    {
        var at = 0;
        foreach (var part in template.Split("${").Select((p, i) => i == 0 ? p : p[(p.IndexOf('}') + 1)..]))
        {
            at = key.IndexOf(part, at, StringComparison.Ordinal);
            if (at < 0)
            {
                return false;
            }

            at += part.Length;
        }

        return true;
    }

    private static JsonObject? CheckName(string what, string root, string name, IEnumerable<string> known, string field)
    {
        var names = known.ToList();
        if (names.Contains(name))
        {
            return null;
        }

        var near = DidYouMean.Nearest(name, names);
        return Unknown($"{root}.{name}", $"There is no {what} '{Identifiers.Shown(name)}'.", near is null ? null : $"{root}[\"{near}\"]", field);
    }

    private static JsonObject Unknown(string path, string message, string? near, string field)
    {
        var warning = Warning("unknown_path", field, message, near is null ? "It reads as null until something writes it." : $"Did you mean {near}?");
        warning["path"] = path;
        return warning;
    }

    private static JsonObject Warning(string code, string field, string message, string? hint) =>
        new() { ["code"] = code, ["field"] = field, ["message"] = message, ["hint"] = hint };
}
