using System.Globalization;
using System.Text.Json;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Actions.WriteTemplates;

/// <summary>
/// Whether what a mode is given can ever be what it needs. Asked of what is registered today: what the log has accepted fails when it is invoked, as it did.
/// </summary>
internal static class WriteOperand
{
    /// <summary>The refusal for an amount that is never a number, or a patch that is never an object; null for all others.</summary>
    public static SyncError? Check(ValueTemplate? operand, WriteMode mode, ParamSet parameters, string path, RoomLanguage language) => (mode, operand) switch
    {
        (WriteMode.Increment, { Literal: { Kind: JsonValueKind.String } text }) => NotANumber(text.ToElement().GetString()!, path, parameters, language), // It is a string.
        (WriteMode.Increment, { Text: { } text }) => text.Single is not { } single ? NotANumber(text.Source, path, parameters, language) : WrongType(single, ["number", "integer", "boolean"], "An increment adds a number", "number", $"{path}.increment", parameters),
        (WriteMode.Merge, { Literal: { Kind: JsonValueKind.String } }) => Bad("'merge' needs an object, and this is text.", "For example {\"merge\": {\"status\": \"done\"}}.", $"{path}.merge"),
        (WriteMode.Merge, { Text: { } text }) => text.Single is { } single ? WrongType(single, ["object"], "'merge' needs an object", "object", $"{path}.merge", parameters)
            : Bad("'merge' needs an object, and a placeholder inside longer text makes text.", "Write {\"merge\": \"${params.patch}\"}, or an object whose values have placeholders.", $"{path}.merge"),
        _ => null,
    };

    private static SyncError? WrongType(Placeholder placeholder, ReadOnlySpan<string> types, string rule, string wanted, string field, ParamSet parameters)
    {
        if (placeholder.Parameter is not { } name)
        {
            return Bad($"{rule}, and ${{{placeholder.Root}}} is text.", $"Declare a parameter of type {wanted} and name that.", field);
        }

        // Of a part of a parameter nothing is declared.
        return !placeholder.IsWhole || parameters.TypeOf(name) is not { } type || type == "any" || types.Contains(type) ? null
            : Bad($"{rule}, and the parameter '{Identifiers.Shown(name)}' is declared as {type}.", $"Declare it as {{\"type\": \"{wanted}\"}}.", field);
    }

    // Text around a placeholder makes text. What was meant is nearly always arithmetic.
    private static SyncError NotANumber(string source, string path, ParamSet parameters, RoomLanguage language)
    {
        var text = source.Trim();
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
        {
            return Bad("An increment adds a number, and this is text.", $"Write it without quotes: {{\"increment\": {number.ToString(CultureInfo.InvariantCulture)}}}.", $"{path}.increment");
        }

        var meant = Meant(text, parameters, language);
        return Bad(
            "An increment adds a number, and text with a placeholder in it stays text.",
            meant is null ? "Let CEL work the amount out: {\"increment\": \"0 - params.amount\", \"expr\": true}." : $"Let CEL work the amount out: {{\"increment\": {JsonText.Of(meant)}, \"expr\": true}}.",
            $"{path}.increment");
    }

    private static string? Meant(string text, ParamSet parameters, RoomLanguage language)
    {
        var cel = text.Replace("${", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal).Trim();
        cel = cel.StartsWith('-') ? $"0 - {cel[1..].TrimStart()}" : cel.TrimStart('+').TrimStart();
        return language.TryCompile(cel) is { } expression && expression.Paths.Length > 0
            && expression.Paths.All(path => path.Root != "params" || (path.Segments is [{ IsVariable: false } name, ..] && parameters.Names.Contains(name.Text))) && expression.Expect(["int", "uint", "double", "number"], "", "") is null ? cel : null;
    }

    private static SyncError Bad(string message, string hint, string field) => new SyncError(ErrorCode.InvalidTemplate, message) { Hint = hint, Help = "vocabulary_bootstrap" }.With("field", field);
}
