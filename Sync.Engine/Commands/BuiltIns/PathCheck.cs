using System.Globalization;
using System.Text.Json.Nodes;
using Sync.Cel.Checking;
using Sync.Cel.Syntax;
using Sync.Cel.Values;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Approvals;
using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Messages;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>
/// Finds paths of an expression that nothing in the room has and nothing writes. Such an expression is accepted, since the key may come to be,
/// but a misspelt name would otherwise wait for ever in silence.
/// </summary>
internal static class PathCheck
{
    private const string FiguresAsList = "figures_as_list"; // of the language: it has the whole expression

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
            yield return Warnings.Of(issue.Code, field, issue.Message, issue.Hint);
        }

        if (LogReads.Warn(expression, field) is { } log)
        {
            yield return log;
        }

        foreach (var path in expression.Paths)
        {
            if (path.Segments.Length == 0 || path.Segments[0].IsVariable)
            {
                continue;
            }

            var first = path.Segments[0].Text;
            var second = path.Segments.Length > 1 && !path.Segments[1].IsVariable ? path.Segments[1].Text : null;
            var unknown = path.Root switch
            {
                "state" when FlatKey(state, path, visible, self) is { } flat => new UnknownPath(Shown(path), $"'{flat.Key}' is one key with dots in it, not a way into a value.", flat.Path),
                "state" => CheckState(state, first, second, visible, self),
                "views" => CheckName("view", "views", first, state.Views.Keys.Append(ReservedScopes.ContestedView).Append(alsoKnown ?? "")),
                "agents" => CheckName("agent", "agents", first, state.Agents.Keys),
                "actions" => CheckName("action", "actions", first, state.Actions.Keys.Concat(BuiltInIds.All).Append(alsoKnown ?? "")),
                "leases" => LeaseCheck.Check(state, first, second),
                "messages" when expression.Warnings.Any(static issue => issue.Code == FiguresAsList) => null,
                "messages" => CheckName("figure", "messages", first, MessageFigures.Names, $"There are {string.Join(", ", MessageFigures.Names)}; the messages themselves are `{NameHints.All["messages[]"]}`."),
                "approvals" when first is not (ApprovalFigures.Pending or ApprovalFigures.ToDecide) && ApprovalId.Parse(first) is null =>
                    new UnknownPath(Shown(path), $"No approval has the id '{Identifiers.Shown(first)}': ids are such as a12.", "approvals.pending"),
                "params" when parameters is not null => CheckName("parameter", "params", first, parameters, parameters.Count == 0 ? "Declare it in 'params'." : $"Declared are {string.Join(", ", parameters)}."),
                _ => null,
            };
            if (unknown is not null)
            {
                yield return unknown.ToWarning(field, expression.Source);
            }
        }
    }

    /// <summary>
    /// An entry, or a whole scope, that is not there and that nothing writes by name; null for all others. An action that writes wherever its parameters say may make anything, so
    /// that it tells nothing of a name.
    /// </summary>
    public static UnknownPath? CheckState(RoomState state, string scope, string? key, VisibleScopes visible, string? self)
    {
        if (scope != ReservedScopes.Self && !visible.Sees(scope) && (state.Agents.ContainsKey(scope) || state.Scope(scope) is not null))
        {
            return null;
        }

        var own = scope == ReservedScopes.Self || state.Agents.ContainsKey(scope);
        if (!own && scope != ReservedScopes.Shared && state.Scope(scope) is null && !ReservedScopes.IsSection(scope) && scope != ReservedScopes.Config)
        {
            var writers = WritersOf(state, scope, own).ToList();
            if (!writers.Exists(write => NamesScope(write, scope)))
            {
                return UnknownScope(state, scope, visible, isOpen: writers.Count > 0);
            }
        }

        if (key is null || state.Find(scope, key) is not null || ReservedScopes.IsSection(scope))
        {
            return null;
        }

        var known = new HashSet<string>(StringComparer.Ordinal);
        var making = MakingOf(state, scope, key, own, known);
        if (making == Making.ByName)
        {
            return null;
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
        if (making == Making.AsDataOfItsScope && guess is null)
        {
            return null; // A scope of its own whose keys are data, such as votes by voter.
        }

        var place = $"state{MemberText.Of(scope)}";
        return new UnknownPath(
            place + MemberText.Of(key),
            $"Nothing in '{Identifiers.Shown(scope)}' is called '{Identifiers.Shown(key)}' yet, and {(making != Making.Never ? "no action writes it by name: only those that write any key could" : "no action writes it")}.",
            MethodFor(key) is { } method ? string.Format(CultureInfo.InvariantCulture, method, place) : guess is null ? null : place + MemberText.Of(guess));
    }

    // How a key may come to be that is not there; what actions write by other names is added to those that are known.
    private static Making MakingOf(RoomState state, string scope, string key, bool own, HashSet<string> known)
    {
        var making = Making.Never;
        foreach (var write in WritersOf(state, scope, own))
        {
            if (write.Key?.Literal is { } literal)
            {
                known.Add(literal);
                continue;
            }

            // A new row, or a key that is worked out, may be any.
            var namesScope = NamesScope(write, scope) || (own && (write.IsOwn || write.FixedScope is not null));
            if ((write.Key is null && namesScope) || (write.Key is { HasText: true } template && template.MayBecome(key))
                || (write.Key?.Single is { Root: "self" } && state.Agents.ContainsKey(key)))
            {
                return Making.ByName;
            }

            if (write.Key is null || write.Key.MayBecome(key))
            {
                making = namesScope && scope != ReservedScopes.Shared ? Making.AsDataOfItsScope : making == Making.Never ? Making.ByAnyKey : making;
            }
        }

        return making;
    }

    private enum Making
    {
        Never,

        /// <summary>By an action that writes wherever it is told.</summary>
        ByAnyKey,

        /// <summary>By an action that names the scope, whose keys are data.</summary>
        AsDataOfItsScope,

        ByName,
    }

    // A key of the shared scope is named before a scope that is spelt alike.
    private static UnknownPath UnknownScope(RoomState state, string scope, VisibleScopes visible, bool isOpen)
    {
        var isShared = state.Find(ReservedScopes.Shared, scope) is not null
            || WritersOf(state, ReservedScopes.Shared, own: false).Any(write => write.Key?.Literal == scope);
        var written = state.Actions.Values.SelectMany(static action => action.Definition.Writes).Select(static write => write.FixedScope).OfType<string>();
        var near = isShared ? null : DidYouMean.Nearest(scope, state.Scopes.Keys.Concat(written).Where(name => visible.Sees(name)).Append(ReservedScopes.Shared).Append(ReservedScopes.Self));
        return new UnknownPath(
            $"state{MemberText.Of(scope)}",
            $"No scope '{Identifiers.Shown(scope)}' exists and {(isOpen ? "no action writes it by name: only those that write any scope could" : "no action writes it")}.",
            isShared ? $"state.{ReservedScopes.Shared}{MemberText.Of(scope)}" : near is null ? null : $"state{MemberText.Of(near)}");
    }

    /// <summary>Whether some action of the room may write a scope, which may not be there yet.</summary>
    public static bool IsWritten(RoomState state, string scope) => WritersOf(state, scope, own: false).Any();

    private static IEnumerable<WriteTemplate> WritersOf(RoomState state, string scope, bool own) =>
        state.Actions.Values.SelectMany(a => a.Definition.Writes)
            .Where(w => w.FixedScope is { } literal ? literal == scope || (own && state.Agents.ContainsKey(literal)) : own || !w.IsOwn);

    private static bool NamesScope(WriteTemplate write, string scope) =>
        write.FixedScope is { } literal ? literal == scope : write.Scope is { HasText: true } template && template.MayBecome(scope);

    private static UnknownPath? CheckName(string what, string root, string name, IEnumerable<string> known, string? otherwise = null)
    {
        var names = known.ToList();
        if (names.Contains(name))
        {
            return null;
        }

        var near = DidYouMean.Nearest(name, names);
        var unknown = new UnknownPath(root + MemberText.Of(name), $"There is no {what} '{Identifiers.Shown(name)}'.", near is null ? null : root + MemberText.Of(near));
        return otherwise is null ? unknown : unknown with { Otherwise = otherwise }; // It will never be there.
    }

    // state._shared.ann.status, where the key is "ann.status": the longest such key.
    private static (string Key, string Path)? FlatKey(RoomState state, CelPath path, VisibleScopes visible, string? self)
    {
        var names = path.Segments.TakeWhile(static segment => !segment.IsVariable).Select(static segment => segment.Text).ToList();
        if (names.Count < 3)
        {
            return null;
        }

        var scope = names[0] == ReservedScopes.Self ? self : names[0];
        if (scope is null || !visible.Sees(scope) || state.Find(scope, names[1]) is not null)
        {
            return null;
        }

        for (var length = names.Count - 1; length >= 2; length--)
        {
            var key = string.Join('.', names.Skip(1).Take(length));
            if (state.Find(scope, key) is not null || WritersOf(state, scope, own: false).Any(write => write.Key?.Literal == key))
            {
                return (key, $"state{MemberText.Of(names[0])}{MemberText.Of(key)}{string.Concat(names.Skip(1 + length).Select(MemberText.Of))}");
            }
        }

        return null;
    }

    private static string Shown(CelPath path) => path.Root + string.Concat(path.Segments.TakeWhile(static segment => !segment.IsVariable).Select(static segment => MemberText.Of(segment.Text)));

    // What is a property elsewhere.
    private static string? MethodFor(string key) => key switch
    {
        "length" or "size" or "count" => "size({0})",
        "keys" or "values" or "entries" or "items" => "{0}." + (key == "items" ? "entries" : key) + "()",
        _ => null,
    };
}
