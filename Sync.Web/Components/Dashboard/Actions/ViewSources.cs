using System.Text.Json;
using System.Text.RegularExpressions;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Shared;
using Sync.Web.Components.Surfaces;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>Something in a room that a view could begin with.</summary>
/// <param name="Group">What kind of thing it is.</param>
/// <param name="Label">What a person reads.</param>
/// <param name="Expression">The CEL of it.</param>
/// <param name="Id">An id for the view.</param>
/// <param name="Hint">How it is drawn, as JSON.</param>
internal sealed record ViewSource(string Group, string Label, string Expression, string Id, string Hint);

/// <summary>What a new view can show without a line of CEL: scopes as tables, how many they hold, how they stand, and entries of the shared scope. Of the scopes that everybody reads only: a view publishes.</summary>
internal static partial class ViewSources
{
    private const int Max = 200;
    private const int MaxSample = 200;
    private const int MaxStates = 8;

    public static IReadOnlyList<ViewSource> Of(RoomPageModel model)
    {
        var scopes = model.Entries.Where(entry => entry.Scope.StartsWith('_') && entry.Scope is not "_config").GroupBy(entry => entry.Scope, StringComparer.Ordinal).ToList();
        return
        [
            .. scopes.Where(scope => scope.Key != "_shared").SelectMany(scope => Scope(scope.Key, [.. scope.Take(MaxSample)]))
                .Concat(scopes.Where(scope => scope.Key == "_shared").SelectMany(scope => scope).Where(entry => !entry.Key.StartsWith('_')).Select(Entry))
                .Take(Max),
        ];
    }

    private static IEnumerable<ViewSource> Scope(string scope, List<EntryModel> entries)
    {
        var (path, name) = ($"state{Member(scope)}", scope.TrimStart('_'));
        var values = entries.ConvertAll(entry => JsonLayout.Parse(entry.Value));
        yield return new ViewSource("Tables", $"All of {scope}", path, $"{name}_table", Hint("view-table", name));
        yield return new ViewSource("Numbers", $"How many in {scope}", $"{path}.size()", $"{name}_count", Hint("metric", name));
        var states = values.Select(value => value.Text("status")).OfType<string>().Distinct(StringComparer.Ordinal).Take(MaxStates + 1).ToList();
        if (states.Count is > 0 and <= MaxStates)
        {
            var words = string.Join(", ", states.Order(StringComparer.Ordinal).Select(state => JsonSerializer.Serialize(state)));
            yield return new ViewSource(
                "Charts", $"{scope} by status", $$"""[{{words}}].map(s, {"label": s, "value": {{path}}.values().filter(e, e.?status.orValue("") == s).size()})""", $"{name}_by_status", Hint("chart", $"{name} by status", ",\"kind\":\"bar\""));
        }
    }

    private static ViewSource Entry(EntryModel entry)
    {
        var value = JsonLayout.Parse(entry.Value);
        var (group, type) = Surface.Inferred(value, default) switch
        {
            SurfaceKind.Metric => ("Numbers", "metric"),
            SurfaceKind.Markdown => ("Texts", "markdown"),
            SurfaceKind.Chart => ("Charts", "chart"),
            SurfaceKind.ArrayTable => ("Tables", "array-table"),
            SurfaceKind.ViewTable => ("Tables", "view-table"),
            _ => ("Values", "json"),
        };
        return new ViewSource(group, $"{entry.Scope}.{Clip.OfName(entry.Key)}", $"state{Member(entry.Scope)}{Member(entry.Key)}", $"{entry.Key}_view", Hint(type, entry.Key));
    }

    private static string Hint(string type, string label, string more = "") => $$"""{"type":"{{type}}","label":{{JsonSerializer.Serialize(Title(label))}}{{more}}}""";

    private static string Title(string name) => name.Length == 0 ? name : char.ToUpperInvariant(name[0]) + Clip.OfName(name[1..]).Replace('_', ' ');

    private static string Member(string name) => Identifier().IsMatch(name) && !s_reserved.Contains(name) ? $".{name}" : $"[{JsonSerializer.Serialize(name)}]";

    private static readonly HashSet<string> s_reserved = new(StringComparer.Ordinal)
    {
        "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop", "namespace", "null", "package", "return", "true", "var", "void", "while",
    };

    [GeneratedRegex("""\A[A-Za-z_][A-Za-z0-9_]*\z""")]
    private static partial Regex Identifier();
}
