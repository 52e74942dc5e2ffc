using System.Text;
using System.Text.Json;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Actions.WriteTemplates;

/// <summary>
/// What a template would be as an expression, for hints: whoever put CEL into a placeholder, or into plain text, is given the expression to send. Nothing of it is run.
/// </summary>
internal static class TemplateExpression
{
    private const int MaxLength = 2_000;

    private static readonly string[] s_roots = ["state", "views", "agents", "actions", "messages", "params", "self", "now", "owner", "leases", "approvals"];

    /// <summary>A value whose strings are templates, those among them that <paramref name="isCel"/> says are expressions as such; null where it makes no CEL.</summary>
    public static string? OfValue(JsonElement value, Func<string, bool> isCel, RoomLanguage language)
    {
        var cel = new StringBuilder();
        Add(cel, value, isCel);
        return Checked(cel.ToString(), language);
    }

    /// <summary>The expression that a text is by itself when it reads a room or its parameters, or null.</summary>
    public static Expression? Read(string text, RoomLanguage language) =>
        text.Length <= MaxLength && s_roots.Any(root => text.Contains(root, StringComparison.Ordinal))
        && language.TryCompile(text) is { } expression && expression.Paths.Any(static path => s_roots.Contains(path.Root)) ? expression : null;

    private static string? Checked(string cel, RoomLanguage language) => cel.Length <= MaxLength && language.TryCompile(cel) is not null ? cel : null;

    private static void Add(StringBuilder cel, JsonElement value, Func<string, bool> isCel)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                cel.Append(Text(value.GetString()!, isCel)); // It is a string.
                break;
            case JsonValueKind.Array:
                cel.Append('[');
                foreach (var item in value.EnumerateArray())
                {
                    cel.Append(cel[^1] == '[' ? "" : ", ");
                    Add(cel, item, isCel);
                }

                cel.Append(']');
                break;
            case JsonValueKind.Object:
                cel.Append('{');
                var isFirst = true;
                foreach (var member in value.EnumerateObject())
                {
                    cel.Append(isFirst ? "" : ", ").Append(Text(member.Name, static _ => false)).Append(": ");
                    Add(cel, member.Value, isCel);
                    isFirst = false;
                }

                cel.Append('}');
                break;
            default:
                cel.Append(value.GetRawText());
                break;
        }
    }

    private static string Text(string text, Func<string, bool> isCel)
    {
        if (isCel(text))
        {
            return text;
        }

        var parts = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            var start = text.IndexOf("${", at, StringComparison.Ordinal);
            var end = start < 0 ? -1 : text.IndexOf('}', start);
            if (end < 0)
            {
                parts.Add(JsonText.Of(text[at..]).ToString());
                break;
            }

            if (start > at)
            {
                parts.Add(JsonText.Of(text[at..start]).ToString());
            }

            parts.Add(text[(start + 2)..end].Trim());
            at = end + 1;
        }

        return parts switch
        {
            [] => "\"\"",
            [var only] => only,
            _ => string.Join(" + ", parts.Select(static part => part[0] == '"' ? part : $"string({part})")),
        };
    }
}
