using System.Text.Json;
using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Model.Entries;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Invocations;

/// <summary>What the mode of a write makes of what stands at its place. One invocation.</summary>
/// <param name="inputs">What paths are made of.</param>
/// <param name="copy">What stands there, as the writes so far have left it.</param>
/// <param name="maxDepth">How deep a value may be nested.</param>
internal sealed class WriteEditor(TemplateInputs inputs, WorkingCopy copy, int maxDepth)
{
    /// <summary>The value after a write of any mode but a deletion.</summary>
    /// <param name="template">What the write was made of.</param>
    /// <param name="scope">Where it goes.</param>
    /// <param name="key">Which entry.</param>
    /// <param name="value">What it brings; null where it removes.</param>
    /// <param name="field">Where it stands in the definition.</param>
    public Outcome<EditedValue> Edit(WriteTemplate template, string scope, string key, JsonText? value, string field) =>
        template.Mode == WriteMode.Remove ? Removal(template, scope, key, field) : Combined(template, scope, key, value!.Value, field); // Every other mode has a value.

    private Outcome<EditedValue> Removal(WriteTemplate template, string scope, string key, string field)
    {
        var path = template.Path!.Expand(inputs); // The mode has one.
        var edit = new ValueEdit { Kind = EditKind.Remove, Path = path, Operand = JsonText.Null };
        var current = copy.Current(scope, key) ?? JsonText.Null;
        var (left, sentence) = JsonEdit.Remove(current, path);
        return sentence is null ? new EditedValue(left ?? current, edit) : Wrong(sentence, field);
    }

    private Outcome<EditedValue> Combined(WriteTemplate template, string scope, string key, JsonText value, string field)
    {
        var current = copy.Current(scope, key);
        var path = template.Path?.Expand(inputs) is { Length: > 0 } given ? given : null;
        var levels = (path is null ? 0 : path.Count('.') + 1) + (template.Mode == WriteMode.Append ? 1 : 0);
        if (Deeper(levels + JsonRules.Depth(value.Span), key, field) is { } tooDeep)
        {
            return tooDeep;
        }

        if (path is null && template.Mode is WriteMode.Value or WriteMode.AppendRow)
        {
            return new EditedValue(value, Edit: null);
        }

        SyncError? problem = null;
        ValueEdit? edit = null;
        var (edited, sentence) = path is null ? (Apply(current), null) : JsonEdit.At(current, path, Apply);
        return (problem ?? (sentence is not null ? Wrong(sentence, field) : null)) is { } wrong ? wrong : new EditedValue(edited!.Value, edit!);

        JsonText? Apply(JsonText? at)
        {
            problem = Problem(template.Mode, at, value, key, field)
                ?? (template.Mode == WriteMode.Append && at is { } wrapped && wrapped.Kind != JsonValueKind.Array ? Deeper(levels + JsonRules.Depth(wrapped.Span), key, field) : null);
            edit = problem is not null ? null : template.Mode switch
            {
                WriteMode.Append => new ValueEdit { Kind = EditKind.Append, Path = path, Operand = value, Index = JsonEdit.Count(at) },
                WriteMode.Merge => new ValueEdit { Kind = EditKind.Merge, Path = path, Operand = value },
                WriteMode.Increment => new ValueEdit { Kind = EditKind.Increment, Path = path, Operand = value, Sum = JsonEdit.Add(at, value) },
                _ => new ValueEdit { Kind = EditKind.Set, Path = path, Operand = value },
            };
            return edit?.ApplyTo(at);
        }
    }

    private SyncError? Deeper(int levels, string key, string field) =>
        levels <= maxDepth ? null : JsonRules.TooDeep($"The value of '{Identifiers.Shown(key)}'", levels, maxDepth).With("field", field);

    private static SyncError? Problem(WriteMode mode, JsonText? at, JsonText value, string key, string field) => mode switch
    {
        WriteMode.Merge when value.Kind != JsonValueKind.Object => Wrong("'merge' needs an object.", field),
        WriteMode.Increment when at is { } old && old.Kind != JsonValueKind.Number => Wrong($"'{Identifiers.Shown(key)}' holds {Kind(old)}, which cannot be incremented.", field),
        WriteMode.Increment when JsonEdit.Add(at, value) is null =>
            Wrong($"'{Identifiers.Shown(key)}' cannot be incremented by {(value.Kind == JsonValueKind.Number ? "so much" : Kind(value))}.", field),
        _ => null,
    };

    // The kind and not the value: it may be private, or secret, and the log shows the sentence to all.
    private static string Kind(JsonText value) => value.Kind switch
    {
        JsonValueKind.String => "text",
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.Null => "null",
        JsonValueKind.Number => "a number",
        _ => "a boolean",
    };

    private static SyncError Wrong(string message, string field) =>
        new SyncError(ErrorCode.InvalidParam, message) { Hint = "Read the key's value first; 'value' replaces whatever is there." }.With("field", field);

    /// <summary>A value that was written.</summary>
    /// <param name="Value">The whole value.</param>
    /// <param name="Edit">How the stored value became this one; null when it was replaced as a whole.</param>
    internal readonly record struct EditedValue(JsonText Value, ValueEdit? Edit);
}
