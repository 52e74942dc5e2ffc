using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Components.Shared;
using Sync.Web.Components.Surfaces;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>The form an action's declared parameters make.</summary>
internal sealed class ParamForm
{
    private ParamForm(IReadOnlyList<ParamField> fields) => Fields = fields;

    public IReadOnlyList<ParamField> Fields { get; }

    /// <summary>Whether it can be sent with these values filled in and no others.</summary>
    public bool IsCompleteWith(IReadOnlyDictionary<string, string> given) =>
        Fields.All(param => !param.Required || (given.GetValueOrDefault(param.Name) ?? param.Text).Length > 0);

    /// <summary>Reads the parameters of a definition; <paramref name="given"/> is filled in.</summary>
    public static ParamForm Of(string definition, IReadOnlyDictionary<string, string>? given = null)
    {
        var form = new ParamForm(JsonLayout.Parse(definition).Member("params") is { ValueKind: JsonValueKind.Object } declared
            ? [.. declared.EnumerateObject().DistinctBy(param => param.Name, StringComparer.Ordinal).Select(param => new ParamField(param.Name, param.Value))]
            : []);
        foreach (var field in form.Fields)
        {
            if (given?.GetValueOrDefault(field.Name) is { } value)
            {
                field.Text = value;
            }
        }

        return form;
    }

    /// <summary>Takes over what was typed into a form of the same action as it was before.</summary>
    public void Take(ParamForm before)
    {
        foreach (var field in Fields)
        {
            if (before.Fields.FirstOrDefault(old => old.Name == field.Name && old.Input == field.Input) is { } old)
            {
                field.Text = old.Input == ParamInput.Choice && !field.Choices.Contains(old.Text) ? field.Text : old.Text;
            }
        }
    }

    /// <summary>The parameters; null when a field says what is wrong with it.</summary>
    public JsonElement? Read()
    {
        var values = new JsonObject();
        var fits = true;
        foreach (var field in Fields)
        {
            var value = field.Read();
            fits &= field.Error is null;
            if (field.Error is null && (value is not null || field.Text.Trim() == "null"))
            {
                values[field.Name] = value;
            }
        }

        return fits ? JsonSerializer.SerializeToElement(values) : null;
    }

    /// <summary>Puts a refusal beside the field it is about. False when it is about none.</summary>
    public bool Blame(SyncError error)
    {
        var name = error.Details?["param"]?.GetValue<string>();
        if (Fields.FirstOrDefault(field => field.Name == name) is not { } field)
        {
            return false;
        }

        field.Error = error.Message;
        return true;
    }
}
