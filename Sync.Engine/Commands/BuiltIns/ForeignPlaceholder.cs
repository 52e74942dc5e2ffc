using System.Text.RegularExpressions;
using Sync.Engine.Model.Actions;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>Placeholders of other template languages in a text: <c>{{params.v}}</c>, <c>{v}</c>, <c>$v</c>, <c>%(v)s</c>, <c>#{v}</c>, <c>&lt;%= v %&gt;</c>. Stored as they stand they would say nothing.</summary>
internal static partial class ForeignPlaceholder
{
    private static readonly Dictionary<string, string[]> s_closes = new(StringComparer.Ordinal)
    {
        ["{{{"] = ["}}}"],
        ["{{"] = ["}}"],
        ["#{"] = ["}"],
        ["<%="] = ["%>"],
        ["%("] = [")s", ")d"],
        ["$("] = [")"],
        ["[["] = ["]]"],
        ["{"] = ["}"],
        ["$"] = [""],
        ["<"] = [">"],
        ["%"] = ["%"],
    };

    // What no text has around a name by accident.
    private static readonly string[] s_certain = ["{{{", "{{", "#{", "<%=", "%("];

    /// <summary>The text with the first kind of such placeholders written as ours, and whether it is certain that they are meant so; null where there is none.</summary>
    /// <param name="text">The text, our own placeholders in it.</param>
    /// <param name="parameters">Declared parameters.</param>
    public static (string Corrected, string Found, string? Undeclared, bool IsCertain)? Find(string text, ParamSet parameters)
    {
        (string Found, string? Undeclared, bool IsCertain)? first = null;
        var corrected = Pattern().Replace(text, match =>
        {
            if (match.Groups["ours"].Success || Read(match, text, parameters) is not { } read)
            {
                return match.Value;
            }

            first ??= (match.Value, read.Undeclared, read.IsCertain);
            return $"${{{read.Name}}}";
        });
        return first is { } found ? (corrected, found.Found, found.Undeclared, found.IsCertain) : null;
    }

    private static (string Name, string? Undeclared, bool IsCertain)? Read(Match match, string text, ParamSet parameters)
    {
        var (open, name, close) = (match.Groups["open"].Value, match.Groups["name"].Value, match.Groups["close"].Value.Trim());
        if (!s_closes[open].Contains(open == "$" ? "" : close))
        {
            return null;
        }

        var isNamed = name.StartsWith("params.", StringComparison.Ordinal);
        var parameter = (isNamed ? name["params.".Length..] : name).Split('.')[0];
        var isDeclared = parameters.Names.Contains(parameter);
        var isOwn = name is "self" or "now";
        return !isNamed && !isDeclared && !isOwn ? null
            : (isOwn || isNamed ? name : $"params.{name}",
                isOwn || isDeclared ? null : parameter,
                isNamed || s_certain.Contains(open) || match.Length == text.Length);
    }

    [GeneratedRegex(@"(?<ours>\$\{[^}]*\})|(?<open>\{\{\{|\{\{|#\{|<%=|%\(|\$\(|\[\[|\{|\$|<|%)\s*(?<name>[A-Za-z_]\w*(?:\.\w+)*)(?<close>\s*(?:\}\}\}|\}\}|\}|%>|\)s|\)d|\)|\]\]|>|%))?", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
