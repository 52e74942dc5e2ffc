using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>
/// Finds plain text in write templates that was most likely meant as a placeholder, as CEL or as an operator. Such a template is valid, and would store the text in silence. What is certain is
/// refused: nobody stores <c>{{params.v}}</c>, and who does can say so in CEL, where a text is quoted.
/// </summary>
internal sealed partial class LiteralCheck
{
    private readonly ActionDefinition _definition;
    private readonly RoomState _state;
    private readonly List<Doubt> _doubts = [];
    private JsonElement _write;

    private LiteralCheck(ActionDefinition definition, RoomState state)
    {
        _definition = definition;
        _state = state;
    }

    public static IReadOnlyList<Doubt> Of(ActionDefinition definition, RoomState state)
    {
        var check = new LiteralCheck(definition, state);
        using var document = definition.Source.Parse();
        if (document.RootElement.TryGetProperty("writes"u8, out var writes) && writes.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var write in writes.EnumerateArray())
            {
                check.Write(write, string.Create(CultureInfo.InvariantCulture, $"writes[{index++}]"));
            }
        }

        return check._doubts;
    }

    private void Write(JsonElement write, string path)
    {
        _write = write;
        foreach (var name in (ReadOnlySpan<string>)["scope", "key", "path", "if_version"])
        {
            if (write.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String)
            {
                Place(text.GetString()!, name, $"{path}.{name}"); // It is a string.
            }
        }

        if (write.TryGetProperty("value"u8, out var value) && !(write.TryGetProperty("expr"u8, out var isCel) && isCel.ValueKind == JsonValueKind.True))
        {
            Value(value, value, "value", $"{path}.value", at: "");
        }

        if (write.TryGetProperty("merge"u8, out var patch) && patch.ValueKind == JsonValueKind.Object)
        {
            Value(patch, patch, "merge", $"{path}.merge", at: "");
        }

        if (write.TryGetProperty("key"u8, out var key) && key.ValueKind == JsonValueKind.String && !write.TryGetProperty("path"u8, out _))
        {
            FlatKey(write, key.GetString()!, path); // It is a string.
        }
    }

    // A name of a place: text as well, and CEL has fields of its own for it.
    private void Place(string text, string field, string at)
    {
        if (Foreign(text, field, at))
        {
            return;
        }

        if (text is "self" or "now" && field == "key")
        {
            _doubts.Add(new Doubt("literal_text", at, $"The key is the text \"{text}\" for everybody.", $"Write \"{field}\": \"${{{text}}}\" if the {(text == "self" ? "invoking agent's id" : "time")} is meant."));
            return;
        }

        if (!IsCertain(text) || (field == "if_version" && !IsParameter(text)))
        {
            return;
        }

        var hint = IsParameter(text) ? $"Write {{\"{field}\": \"${{{text}}}\"}}."
            : field is "key" or "scope" ? $"CEL goes into a field of its own: {{\"{field}_expr\": {JsonText.Of(text)}}}."
            : $"Let the caller send it as a parameter: {{\"{field}\": \"${{params.name}}\"}}.";
        _doubts.Add(new Doubt("literal_text", at, $"'{field}' would be this text as it stands; it looks like CEL.", hint, IsCertain: true));
    }

    private void Value(JsonElement value, JsonElement whole, string mode, string field, string at)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                Text(value.GetString()!, whole, mode, field, at); // It is a string.
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    Value(item, whole, mode, field, $"{at}[]");
                }

                break;
            case JsonValueKind.Object:
                if (at.Length > 0 || mode == "value")
                {
                    Operator(value, mode, field, at);
                }

                foreach (var member in value.EnumerateObject())
                {
                    if (!Foreign(member.Name, mode, field))
                    {
                        Value(member.Value, whole, mode, field, at.Length == 0 ? member.Name : $"{at}.{member.Name}");
                    }
                }

                break;
        }
    }

    private void Text(string text, JsonElement whole, string mode, string field, string at)
    {
        if (Foreign(text, mode, field))
        {
            return;
        }

        var place = at.Length == 0 ? $"'{mode}'" : $"'{Identifiers.Shown(at)}' in '{mode}'";
        var cel = TemplateExpression.Read(text, _state.Language);
        if (text is "self" or "now")
        {
            _doubts.Add(new Doubt("literal_text", field, $"{place} is the text \"{text}\".", $"Write \"${{{text}}}\" if the {(text == "self" ? "invoking agent's id" : "time")} is meant."));
        }
        else if (cel is not null && IsCertain(cel))
        {
            _doubts.Add(new Doubt("literal_text", field, $"{place} would be stored as this text; it looks like CEL.", $"{Meant(text, whole, mode, at)} If the text itself is meant: {{\"value\": {JsonText.Of(JsonText.Of(text).ToString())}, \"expr\": true}}.", IsCertain: true));
        }
        else if (cel is not null && IsLikely(cel))
        {
            _doubts.Add(new Doubt("literal_text", field, $"{place} is stored as this text; it looks like CEL.", Meant(text, whole, mode, at)));
        }
        else if (Positional().IsMatch(text) && _definition.Params.Names.Count > 0)
        {
            _doubts.Add(new Doubt("literal_text", field, $"{place} is stored as this text: nothing fills it in.", $"Placeholders are written by name: \"${{params.{_definition.Params.Names.First()}}}\"."));
        }
        else if (text.Length > 2 && text[0] == '\'' && text[^1] == '\'' && text.Count('\'') == 2)
        {
            _doubts.Add(new Doubt("quoted_text", field, $"The quotes in {place} are part of the text: a value is no CEL.", $"Write {JsonText.Of(text[1..^1])}."));
        }
    }

    // What makes the value that was meant, as it can be sent.
    private string Meant(string text, JsonElement whole, string mode, string at)
    {
        if (IsParameter(text))
        {
            return $"Write \"${{{text}}}\".";
        }

        if (at.Length == 0)
        {
            return $"With \"expr\": true it is CEL: {{\"value\": {JsonText.Of(text)}, \"expr\": true}}.";
        }

        if (mode == "merge" && !at.Contains('[', StringComparison.Ordinal))
        {
            return $"Write that member as CEL, in a write of its own: {{\"path\": {JsonText.Of(at)}, \"value\": {JsonText.Of(text)}, \"expr\": true}}.";
        }

        return mode == "value" && TemplateExpression.OfValue(whole, candidate => IsCertain(candidate) || candidate == text, _state.Language) is { } cel
            ? $"Let the whole value be CEL: {{\"value\": {JsonText.Of(cel)}, \"expr\": true}}."
            : $"Let it be CEL in a write of its own: {{\"path\": \"member\", \"value\": {JsonText.Of(text)}, \"expr\": true}}.";
    }

    private bool Foreign(string text, string field, string at)
    {
        if (ForeignPlaceholder.Find(text, _definition.Params) is not { } found)
        {
            return false;
        }

        var declare = found.Undeclared is null ? "" : $" Declare the parameter too: {{\"params\": {{\"{Identifiers.Shown(found.Undeclared)}\": {{\"type\": \"any\"}}}}}}.";
        _doubts.Add(new Doubt(
            "foreign_placeholder",
            at,
            $"'{Identifiers.Shown(found.Found)}' in '{field}' is {(found.IsCertain ? "no placeholder here: it would be stored as this text" : "stored as this text")}.",
            $"Placeholders are ${{params.NAME}}, ${{self}} and ${{now}}: {JsonText.Of(found.Corrected)}.{declare}",
            found.IsCertain));
        return true;
    }

    // A field of the write as it is, for a hint that repeats it.
    private string Own(string name) => _write.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? $"\"{name}\": {JsonText.Of(value)}, " : "";

    // {"wins": {"increment": 1}}: modes are fields of a write, and inside a value they are data.
    private void Operator(JsonElement value, string mode, string field, string at)
    {
        using var members = value.EnumerateObject();
        if (!members.MoveNext() || (members.Current is var only && members.MoveNext()))
        {
            return;
        }

        var (isForeign, write) = only.Name switch
        {
            "increment" when only.Value.ValueKind is JsonValueKind.Number or JsonValueKind.True => (false, $"\"increment\": {only.Value.GetRawText()}"),
            "increment" when only.Value.ValueKind == JsonValueKind.String && only.Value.GetString()!.StartsWith("${", StringComparison.Ordinal) => (false, $"\"increment\": {only.Value.GetRawText()}"),
            "append" => (false, $"\"append\": true, \"value\": {only.Value.GetRawText()}"),
            "delete" when only.Value.ValueKind == JsonValueKind.True => (false, "\"delete\": true"),
            "$inc" or "$add" or "$increment" => (true, $"\"increment\": {only.Value.GetRawText()}"),
            "$push" or "$append" or "$addToSet" => (true, $"\"append\": true, \"value\": {only.Value.GetRawText()}"),
            "$set" => (true, $"\"value\": {only.Value.GetRawText()}"),
            "$unset" or "$delete" or "$remove" => (true, "\"delete\": true"),
            "$expr" or "expr" or "$cel" when only.Value.ValueKind == JsonValueKind.String => (only.Name[0] == '$', $"\"value\": {only.Value.GetRawText()}, \"expr\": true"),
            _ => (false, null),
        };
        if (write is null || at.Contains('[', StringComparison.Ordinal))
        {
            return;
        }

        var isCertain = isForeign || (mode == "merge" && only.Name != "expr");
        var path = at.Length == 0 ? "" : $"\"path\": {JsonText.Of(at)}, ";
        _doubts.Add(new Doubt(
            "nested_operator",
            field,
            $"'{Identifiers.Shown(only.Name)}' inside '{mode}' is no mode: the object {(isCertain ? "would be" : "is")} stored as it stands.",
            $"A mode is a field of a write, and 'path' says where in the value: {{{Own("scope")}{Own("key")}{path}{write}}}.",
            isCertain));
    }

    // A dot in a key is a character like others.
    private void FlatKey(JsonElement write, string key, string path)
    {
        var dot = key.IndexOf('.', StringComparison.Ordinal);
        if (dot <= 0 || dot == key.Length - 1 || key.Contains("${", StringComparison.Ordinal) || key.AsSpan().ContainsAny(" /:"))
        {
            return;
        }

        var scope = write.TryGetProperty("scope"u8, out var given) && given.ValueKind == JsonValueKind.String && Identifiers.CheckScope(given.GetString()!) is null ? given.GetString()! : ReservedScopes.Shared;
        _doubts.Add(new Doubt(
            "flat_key",
            $"{path}.key",
            $"'{Identifiers.Shown(key)}' is one key with a dot in its name, read as state.{scope}[\"{Identifiers.Shown(key)}\"].",
            $"If the member of a value is meant, write {{\"key\": {JsonText.Of(key[..dot])}, \"path\": {JsonText.Of(key[(dot + 1)..])}}}."));
    }

    private bool IsParameter(string text) => Parameter().Match(text) is { Success: true } match && _definition.Params.Names.Contains(match.Groups["name"].Value);

    private bool IsCertain(string text) => TemplateExpression.Read(text, _state.Language) is { } cel && IsCertain(cel);

    // CEL that reads a declared parameter, or a scope by a name that only scopes have.
    private bool IsCertain(Expression cel) =>
        cel.Paths.Any(path => path.Segments is [var first, ..] && (path.Root switch
        {
            "params" => !first.IsVariable && _definition.Params.Names.Contains(first.Text),
            "state" => first.IsVariable || first.Text == ReservedScopes.Self || (first.Text.StartsWith('_') && path.Segments.Length > 1),
            _ => false,
        }));

    // A name with one dot may be that of a file.
    private bool IsLikely(Expression cel) =>
        !FileName().IsMatch(cel.Source) || (cel.Paths is [{ Root: "views", Segments: [{ IsVariable: false } view, ..] }] && _state.Views.ContainsKey(view.Text));

    [GeneratedRegex(@"\Aparams\.(?<name>\w+)(?:\.\w+)*\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\A\w+(?:\.\w+)?\z", RegexOptions.NonBacktracking)]
    private static partial Regex FileName();

    [GeneratedRegex(@"(?:\A|\s)(?:%[sd]|\{\d?\}|\?|\$\d)(?:\z|\s)", RegexOptions.NonBacktracking)]
    private static partial Regex Positional();
}
