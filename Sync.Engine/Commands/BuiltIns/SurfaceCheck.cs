using System.Text.Json;
using Sync.Cel.Syntax;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Model.Timers;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>
/// What a render hint names that is not there: types, fields, columns, actions, views, keys. A page draws such a surface as well as it can, so whoever registered it would never learn of it. All are
/// warnings, since what is named may be registered next.
/// </summary>
internal static class SurfaceCheck
{
    // Rows of a value that are looked at for its columns.
    private const int MaxRows = 200;

    // What other kits call them. One that depends on the value stands below, one that is a chart of a kind too.
    private static readonly Dictionary<string, string> s_synonyms = new(StringComparer.OrdinalIgnoreCase)
    {
        ["grid"] = "view-grid",
        ["cards"] = "view-grid",
        ["number"] = "metric",
        ["counter"] = "metric",
        ["gauge"] = "metric",
        ["stat"] = "metric",
        ["text"] = "markdown",
        ["form"] = "action-form",
        ["button"] = "action-bar",
        ["buttons"] = "action-bar",
        ["select"] = "action-choice",
        ["poll"] = "action-choice",
        ["chat"] = "feed",
        ["messages"] = "feed",
        ["graph"] = "chart",
        ["plot"] = "chart",
        ["group"] = "section",
        ["tabs"] = "section",
        ["keys"] = "watch",
        ["raw"] = "json",
    };

    private static readonly HashSet<string> s_tables = new(StringComparer.OrdinalIgnoreCase) { "table", "list", "datatable", "data-table", "rows" };

    private static readonly Dictionary<string, string> s_charts = new(StringComparer.OrdinalIgnoreCase)
    {
        ["line"] = "line",
        ["lines"] = "line",
        ["line-chart"] = "line",
        ["linechart"] = "line",
        ["sparkline"] = "line",
        ["area"] = "line",
        ["timeseries"] = "line",
        ["bar"] = "bar",
        ["bars"] = "bar",
        ["bar-chart"] = "bar",
        ["barchart"] = "bar",
        ["column"] = "bar",
        ["columns"] = "bar",
        ["histogram"] = "bar",
        ["pie"] = "bar",
    };

    /// <param name="after">The room with the view in it.</param>
    /// <param name="view">The view.</param>
    /// <param name="value">Its value now; null where it has none that can be looked at.</param>
    /// <param name="visible">What the reader of the warnings sees.</param>
    /// <param name="self">The reader's agent.</param>
    public static IEnumerable<Doubt> Of(RoomState after, ViewDefinition view, JsonText? value, VisibleScopes visible, string? self)
    {
        var hint = view.Surface;
        return view.Render is null ? []
            : TypeAndFields(hint, value).Concat(Values(hint)).Concat(Actions(after, hint)).Concat(Views(after, view)).Concat(Keys(after, hint, visible, self)).Concat(value is { } known ? Shape(hint, known) : []);
    }

    private static IEnumerable<Doubt> TypeAndFields(SurfaceHint hint, JsonText? value)
    {
        if (hint.Type is { } type && !SurfaceHint.Types.ContainsKey(type))
        {
            var near = s_tables.Contains(type) ? value is { Kind: JsonValueKind.Object } ? "view-table" : "array-table"
                : s_synonyms.GetValueOrDefault(type) ?? DidYouMean.Nearest(type, SurfaceHint.Types.Keys);
            yield return new Doubt("unknown_type", "render.type", $"There is no surface type '{Identifiers.Shown(type)}': it is drawn by the shape of its value.",
                s_charts.GetValueOrDefault(type) is { } kind ? $"Did you mean {{\"type\": \"chart\", \"kind\": \"{kind}\"}}?"
                : near is null ? $"Types are {string.Join(", ", SurfaceHint.Types.Keys)}." : $"Did you mean \"{near}\"?");
        }
        else if (hint.Type is null && hint.Fields.Contains("type"))
        {
            yield return new Doubt("unknown_type", "render.type", "'type' is the name of a surface type in a string.", $"Types are {string.Join(", ", SurfaceHint.Types.Keys)}.");
        }

        var fields = SurfaceHint.CommonFields.Concat(SurfaceHint.Types.Values.SelectMany(static own => own)).Distinct(StringComparer.Ordinal).ToList();
        foreach (var field in hint.Fields)
        {
            if (!fields.Contains(field))
            {
                var near = field is "title" or "name" ? "label" : DidYouMean.Nearest(field, fields);
                yield return new Doubt("unknown_field", $"render.{Identifiers.Shown(field)}", $"No surface has a field '{Identifiers.Shown(field)}': nothing reads it.",
                    near is not null ? $"Did you mean '{near}'?"
                    : hint.Type is { } known && SurfaceHint.Types.TryGetValue(known, out var own) ? $"A {known} has {string.Join(", ", SurfaceHint.CommonFields.Concat(own))}."
                    : $"Known are {string.Join(", ", fields)}.");
            }
        }
    }

    // A value of another form than its field has: a page passes over it.
    private static IEnumerable<Doubt> Values(SurfaceHint hint)
    {
        foreach (var (field, value) in hint.Values)
        {
            var known = SurfaceField.All[field];
            if (value.Kind == JsonValueKind.Null || known.Fits(value))
            {
                continue;
            }

            var text = value.Kind == JsonValueKind.String ? value.ToNode()!.GetValue<string>() : null;
            var near = text is null || known.Words.IsEmpty ? null : (field == "kind" ? s_charts.GetValueOrDefault(text) : null) ?? DidYouMean.Nearest(text, known.Words);
            yield return new Doubt("unknown_value", $"render.{field}", $"'{field}' is {known.Form}: this value is passed over.",
                near is not null ? $"Did you mean \"{near}\"?" : known.Words.IsEmpty ? $"Send {known.Example}." : $"It is one of {string.Join(", ", known.Words)}.");
        }
    }

    private static IEnumerable<Doubt> Actions(RoomState after, SurfaceHint hint)
    {
        var lacks = hint.Type switch
        {
            "action-form" or "action-bar" or "action-choice" when hint.Actions.IsEmpty => hint.Type == "action-bar" ? "actions" : "action",
            "action-choice" when hint.Param is null && !hint.Fields.Contains("actions") => "param",
            "section" when hint.Views.IsEmpty => "views",
            "watch" when hint.Keys.IsEmpty => "keys",
            _ => null,
        };
        if (lacks is not null)
        {
            yield return new Doubt("missing_field", $"render.{lacks}", $"A surface of type {hint.Type} names what it shows in '{lacks}', which is missing.", lacks switch
            {
                "action" => "For example {\"action\": \"vote\"}.",
                "param" => "Name the parameter that a choice fills: {\"action\": \"vote\", \"param\": \"choice\"}.",
                "actions" => "For example {\"actions\": [\"vote\"]}.",
                "views" => "For example {\"views\": [\"results\"]}.",
                _ => "For example {\"keys\": [\"_shared.objective\"]}.",
            });
        }

        foreach (var action in hint.Actions)
        {
            if (after.Actions.ContainsKey(action) || BuiltInIds.Contains(action))
            {
                continue;
            }

            var near = DidYouMean.Nearest(action, after.Actions.Keys.Concat(BuiltInIds.All));
            yield return new Doubt("unknown_action", hint.Fields.Contains("action") ? "render.action" : "render.actions", $"There is no action '{Identifiers.Shown(action)}' to offer.",
                near is null ? "Register it: the surface offers it from then on." : $"Did you mean '{near}'?");
        }

        if (hint.Param is { } param && hint.Actions is [var only] && after.Actions.GetValueOrDefault(only) is { } offered && !offered.Definition.Params.Names.Contains(param))
        {
            var near = DidYouMean.Nearest(param, offered.Definition.Params.Names);
            yield return new Doubt("unknown_param", "render.param", $"The action '{only}' has no parameter '{Identifiers.Shown(param)}'.",
                near is not null ? $"Did you mean '{near}'?" : offered.Definition.Params.Names.Count == 0 ? "It takes none: use an action-bar." : $"It takes {string.Join(", ", offered.Definition.Params.Names)}.");
        }
    }

    private static IEnumerable<Doubt> Views(RoomState after, ViewDefinition view)
    {
        foreach (var other in view.Surface.Views)
        {
            if (other == view.Id)
            {
                yield return new Doubt("unknown_view", "render.views", $"The section '{view.Id}' names itself.", "Name the views that stand under it.");
            }
            else if (!after.Views.ContainsKey(other) && other != ReservedScopes.ContestedView)
            {
                var near = DidYouMean.Nearest(other, after.Views.Keys.Where(id => id != view.Id));
                yield return new Doubt("unknown_view", "render.views", $"There is no view '{Identifiers.Shown(other)}' to show.", near is null ? "Register it: the section shows it from then on." : $"Did you mean '{near}'?");
            }
        }
    }

    private static IEnumerable<Doubt> Keys(RoomState after, SurfaceHint hint, VisibleScopes visible, string? self)
    {
        foreach (var watched in hint.Keys)
        {
            var (scope, key) = TimerSpec.SplitTarget(watched);
            if (key.Length == 0)
            {
                var near = after.Find(ReservedScopes.Shared, watched) is not null ? $"{ReservedScopes.Shared}.{watched}" : null;
                yield return new Doubt("unknown_key", "render.keys", $"'{Identifiers.Shown(watched)}' is no key: a watch names a scope and a key.",
                    near is not null ? $"Did you mean \"{near}\"?" : after.Scope(watched) is not null ? $"Did you mean \"{watched}.*\"?" : "Write \"_shared.objective\", or \"_tasks.*\" for all keys of a scope.");
            }
            else if (PathCheck.CheckState(after, scope, key == "*" ? null : key, visible, self) is { } unknown)
            {
                yield return new Doubt("unknown_key", "render.keys", unknown.Message, unknown.Hint.Replace("state.", "", StringComparison.Ordinal));
            }
        }
    }

    // Whether the type fits what the view gives. An empty list has no columns, and null fits everything.
    private static IEnumerable<Doubt> Shape(SurfaceHint hint, JsonText value)
    {
        var fits = (hint.Type, value.Kind) switch
        {
            (_, JsonValueKind.Null) => true,
            ("array-table", var kind) => kind == JsonValueKind.Array,
            ("view-table" or "view-grid" or "chart", var kind) => kind is JsonValueKind.Array or JsonValueKind.Object,
            ("metric", var kind) => kind is not (JsonValueKind.Array or JsonValueKind.Object),
            ("markdown", var kind) => kind == JsonValueKind.String,
            _ => true,
        };
        if (!fits)
        {
            yield return new Doubt("unfit_value", "render.type", $"A surface of type {hint.Type} does not show {Named(value.Kind)}, which is what the view gives.", (hint.Type, value.Kind) switch
            {
                ("array-table", JsonValueKind.Object) => "Give the rows: state._tasks.values(), or use view-table.",
                ("metric", _) => "Count it with size(…), or use array-table or view-table.",
                ("markdown", _) => "Let the expression give text, or leave 'type' out.",
                _ => "Let the expression give a list or a map, or leave 'type' out.",
            });
        }

        if (hint.Columns.IsEmpty || value.Kind != JsonValueKind.Array)
        {
            yield break;
        }

        using var document = value.Parse();
        var members = document.RootElement.EnumerateArray().Take(MaxRows).Where(static row => row.ValueKind == JsonValueKind.Object)
            .SelectMany(static row => row.EnumerateObject()).Select(static member => member.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var column in members.Count == 0 ? [] : hint.Columns.Where(column => !members.Contains(column.Split('.')[0]) && !members.Contains(column)))
        {
            var near = DidYouMean.Nearest(column, members);
            yield return new Doubt("unknown_column", "render.columns", $"No row has a member '{Identifiers.Shown(column)}': that column stays empty.",
                near is not null ? $"Did you mean '{near}'?" : $"Rows have {string.Join(", ", members.Order(StringComparer.Ordinal).Take(20))}.");
        }
    }

    private static string Named(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "a map",
        JsonValueKind.String => "text",
        JsonValueKind.Number => "a number",
        _ => "true or false",
    };
}
