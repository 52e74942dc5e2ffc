using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine;
using Sync.Web.Components.Dashboard.Actions;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Surfaces;

/// <summary>A button of an action bar or an action choice: an action with parameters that are fixed already.</summary>
internal sealed record ActionButton(string Key, string Label, string ActionId, ActionPicture? Action, ImmutableDictionary<string, string> Given)
{
    /// <summary>Whether pressing it needs nothing more.</summary>
    public bool IsComplete => Action is not null && ParamForm.Of(Action.Definition, Given).IsComplete;
}

/// <summary>The buttons a hint asks for.</summary>
internal static class ActionChoices
{
    private const int Most = 40;

    /// <summary>One button per action of the hint, which may name a label and parameters with each.</summary>
    public static IReadOnlyList<ActionButton> Bar(JsonElement hint, RoomPicture picture) =>
        [.. hint.Items("actions").Take(Most).Select((item, index) => Button(item, index, picture)).OfType<ActionButton>()];

    /// <summary>One button per value of the hint's <c>param</c>: its declared choices, else the view's value if that is a list. With <c>actions</c> it is a bar.</summary>
    public static IReadOnlyList<ActionButton> Choice(JsonElement hint, JsonElement value, RoomPicture picture)
    {
        if (hint.Text("action") is not { } id || hint.Text("param") is not { } param)
        {
            return Bar(hint, picture);
        }

        var action = picture.Actions.FirstOrDefault(candidate => candidate.Id == id);
        var declared = action is null ? null : ParamForm.Of(action.Definition).Fields.FirstOrDefault(field => field.Name == param);
        var choices = declared is { Choices.Count: > 0 }
            ? declared.Choices.Select(choice => (Label: ParamField.ChoiceText(choice), Text: choice))
            : value.ValueKind == JsonValueKind.Array
                ? value.EnumerateArray().Select(item => Offered(item, declared))
                : declared is { Input: ParamInput.YesNo } ? [("yes", "true"), ("no", "false")] : [];
        return
        [
            .. choices.Take(Most).Select((choice, index) => new ActionButton(
                $"{index}:{choice.Text}", choice.Label, id, action, ImmutableDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create(param, choice.Text)]))),
        ];
    }

    private static ActionButton? Button(JsonElement item, int index, RoomPicture picture)
    {
        var id = item.ValueKind == JsonValueKind.String ? item.GetString() : item.Text("action") ?? item.Text("id");
        if (id is null)
        {
            return null;
        }

        var given = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var action = picture.Actions.FirstOrDefault(candidate => candidate.Id == id);
        if (item.Member("params") is { ValueKind: JsonValueKind.Object } fixedParams)
        {
            var fields = action is null ? [] : ParamForm.Of(action.Definition).Fields;
            foreach (var param in fixedParams.EnumerateObject())
            {
                given[param.Name] = Typed(param.Value, fields.FirstOrDefault(field => field.Name == param.Name));
            }
        }

        return new ActionButton($"{index}:{id}", item.Text("label") ?? Words(id), id, action, given.ToImmutable());
    }

    // An item of a list: a value, or an object that tells the value and how to call it.
    private static (string Label, string Text) Offered(JsonElement item, ParamField? field)
    {
        var value = item.Member("value") ?? item.Member("id") ?? item.Member("key") ?? item;
        var label = item.Text("label") ?? item.Text("title") ?? item.Text("name") ?? JsonLayout.Plain(value);
        return (label, Typed(value, field));
    }

    // As the field's text has it: JSON where the field takes JSON, else the plain text.
    private static string Typed(JsonElement value, ParamField? field) =>
        value.ValueKind == JsonValueKind.String && field?.Input is not (ParamInput.Json or ParamInput.Choice) ? value.GetString()! : value.GetRawText();

    private static string Words(string id) => id.Length == 0 ? id : char.ToUpperInvariant(id[0]) + id[1..].Replace('_', ' ');
}
