using System.Globalization;
using System.Text.Json;
using Sync.Cel.Syntax;
using Sync.Cel.Values;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Actions.WriteTemplates;

/// <summary>One <c>${…}</c>: <c>params.name</c>, <c>params.name.field</c>, <c>self</c> or <c>now</c>.</summary>
internal sealed class Placeholder
{
    /// <summary>The detail of a refusal that holds what stood between the braces.</summary>
    public const string Detail = "placeholder";

    /// <summary>The root of <c>${key}</c>, the key of an action's first write, where that stands for anything.</summary>
    public const string KeyRoot = "key";

    private readonly string[] _path;

    private Placeholder(string root, string[] path)
    {
        Root = root;
        _path = path;
    }

    /// <summary><c>params</c>, <c>self</c>, <c>now</c> or <c>key</c>.</summary>
    public string Root { get; }

    /// <summary>The same as an expression; null where a name of its path is none that CEL has after a dot.</summary>
    public string? Expression => _path.All(MemberText.IsPlain) ? string.Join('.', [Root, .. _path]) : null;

    /// <summary>The parameter it reads, or null.</summary>
    public string? Parameter => Root == "params" ? _path[0] : null;

    /// <summary>Whether it is the whole parameter, and no part of it.</summary>
    public bool IsWhole => _path.Length <= 1;

    /// <param name="text">What stands between the braces.</param>
    /// <param name="parameters">The parameters that are declared.</param>
    /// <param name="withKey">Whether the key of the first write may be named.</param>
    public static Outcome<Placeholder> Parse(string text, IReadOnlyCollection<string> parameters, bool withKey)
    {
        var parts = text.Trim().Split('.');
        if (parts is ["self"] or ["now"] || (withKey && parts is [KeyRoot]))
        {
            return new Placeholder(parts[0], []);
        }

        if (parts[0] == "params" && parts.Length >= 2 && parts.All(p => p.Length > 0))
        {
            if (parameters.Contains(parts[1]))
            {
                return new Placeholder("params", parts[1..]);
            }

            var near = DidYouMean.Nearest(parts[1], parameters);
            return new SyncError(ErrorCode.InvalidTemplate, $"The placeholder ${{{Identifiers.Shown(text)}}} names a parameter the action does not declare.")
            {
                Hint = near is null
                    ? $"Declare it: \"params\": {{\"{Identifiers.Shown(parts[1])}\": {{\"type\": \"any\"}}}}."
                    : $"Did you mean ${{params.{near}}}?",
            }.With(Detail, text);
        }

        var guess = parameters.Contains(parts[0]) ? $"params.{parts[0]}" : DidYouMean.Nearest(text, ["self", "now", .. parameters.Select(p => "params." + p)]);
        return new SyncError(ErrorCode.InvalidTemplate, $"The placeholder ${{{Identifiers.Shown(text)}}} is unknown.")
        {
            Hint = guess is null ? $"Known are ${{params.NAME}}, ${{params.NAME.FIELD}}, ${{self}}{(withKey ? ", ${key}" : "")} and ${{now}}." : $"Did you mean ${{{guess}}}?",
        }.With(Detail, text);
    }

    /// <summary>Whether it has a value in this invocation; an optional parameter that was left out has none.</summary>
    public bool TryResolve(TemplateInputs inputs, out JsonElement value)
    {
        value = default;
        if (Root != "params" || !inputs.Params.TryGetValue(_path[0], out value))
        {
            return false;
        }

        for (var i = 1; i < _path.Length; i++)
        {
            if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty(_path[i], out var member))
            {
                value = member;
            }
            else if (value.ValueKind == JsonValueKind.Array && int.TryParse(_path[i], NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < value.GetArrayLength())
            {
                value = value[index];
            }
            else
            {
                value = default;
                return false;
            }
        }

        return true;
    }

    public void Write(Utf8JsonWriter writer, TemplateInputs inputs)
    {
        switch (Root)
        {
            case "self":
                writer.WriteStringValue(inputs.Self);
                break;
            case KeyRoot:
                writer.WriteStringValue(inputs.Key);
                break;
            case "now":
                writer.WriteStringValue(inputs.Now.UtcDateTime);
                break;
            default:
                if (TryResolve(inputs, out var value))
                {
                    value.WriteTo(writer);
                }
                else
                {
                    writer.WriteNullValue();
                }

                break;
        }
    }

    /// <summary>The text it becomes inside longer text: strings as they are, everything else as JSON, nothing for what is absent.</summary>
    public string Text(TemplateInputs inputs) => Root switch
    {
        "self" => inputs.Self ?? "",
        KeyRoot => inputs.Key ?? "",
        "now" => inputs.Now.ToString("yyyy-MM-dd'T'HH:mm:ss.fffK", CultureInfo.InvariantCulture).Replace("+00:00", "Z", StringComparison.Ordinal),
        _ => !TryResolve(inputs, out var value) ? "" : value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText(),
    };
}
