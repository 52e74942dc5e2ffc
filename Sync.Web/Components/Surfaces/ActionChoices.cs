using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard.Actions;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Surfaces;

/// <summary>A button of an action bar or an action choice: an action with parameters that are fixed already.</summary>
internal sealed record ActionButton(string Key, string Label, string ActionId, ActionModel? Action, ImmutableDictionary<string, string> Given)
{
    /// <summary>Whether pressing it needs nothing more.</summary>
    public bool IsComplete { get; init; }
}

/// <summary>The buttons a hint asks for.</summary>
internal static class ActionChoices
{
    private const int Max = 40;

    /// <summary>One button per action of the hint, which may name a label and parameters with each.</summary>
    public static IReadOnlyList<ActionButton> Bar(JsonElement hint, RoomPageModel model) =>
        Bar(hint, model, new Dictionary<string, ParamForm>(StringComparer.Ordinal));

    // A form is read once for all buttons of its action: a definition may be long.
    private static IReadOnlyList<ActionButton> Bar(JsonElement hint, RoomPageModel model, Dictionary<string, ParamForm> forms) =>
        [.. hint.Items("actions").Take(Max).Select((item, index) => Button(item, index, model, forms)).OfType<ActionButton>()];

    /// <summary>One button per value of the hint's <c>param</c>: its declared choices, else the view's value if that is a list. With <c>actions</c> it is a bar.</summary>
    public static IReadOnlyList<ActionButton> Choice(JsonElement hint, JsonElement value, RoomPageModel model)
    {
        if (hint.Text("action") is not { } id || hint.Text("param") is not { } param)
        {
            return Bar(hint, model);
        }

        var action = model.Actions.FirstOrDefault(candidate => candidate.Id == id);
        var form = action is null ? null : ParamForm.Of(action.Definition);
        var declared = form?.Fields.FirstOrDefault(field => field.Name == param);
        var choices = declared is { Choices.Count: > 0 }
            ? declared.Choices.Select(choice => (Label: ParamField.ChoiceText(choice), Text: choice))
            : value.ValueKind == JsonValueKind.Array
                ? value.EnumerateArray().Select(item => Offered(item, declared))
                : declared is { Input: ParamInput.YesNo } ? [("yes", "true"), ("no", "false")] : [];
        return
        [
            .. choices.Take(Max).Select((choice, index) => Complete(
                new ActionButton($"{index}:{Clip.OfName(choice.Text)}", Clip.OfName(choice.Label), id, action, ImmutableDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create(param, choice.Text)])),
                form)),
        ];
    }

    private static ActionButton? Button(JsonElement item, int index, RoomPageModel model, Dictionary<string, ParamForm> forms)
    {
        var id = item.ValueKind == JsonValueKind.String ? item.GetString() : item.Text("action") ?? item.Text("id");
        if (id is null)
        {
            return null;
        }

        var given = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var action = model.Actions.FirstOrDefault(candidate => candidate.Id == id);
        ParamForm? form = null;
        if (action is not null && !forms.TryGetValue(id, out form))
        {
            forms[id] = form = ParamForm.Of(action.Definition);
        }

        if (item.Member("params") is { ValueKind: JsonValueKind.Object } fixedParams)
        {
            var fields = form?.Fields ?? [];
            foreach (var param in fixedParams.EnumerateObject())
            {
                given[param.Name] = Typed(param.Value, fields.FirstOrDefault(field => field.Name == param.Name));
            }
        }

        return Complete(new ActionButton($"{index}:{Clip.OfName(id)}", Clip.OfName(item.Text("label") ?? Words(id)), id, action, given.ToImmutable()), form);
    }

    private static ActionButton Complete(ActionButton button, ParamForm? form) => button with { IsComplete = form is not null && form.IsCompleteWith(button.Given) };

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
