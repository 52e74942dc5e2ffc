using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Web.Components.Shared;
using Sync.Web.Components.Surfaces;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>How a parameter is typed in.</summary>
public enum ParamInput
{
    /// <summary>A line of text.</summary>
    Text,

    /// <summary>Text of any length.</summary>
    Lines,

    /// <summary>A number.</summary>
    Number,

    /// <summary>One of given values.</summary>
    Choice,

    /// <summary>True or false.</summary>
    YesNo,

    /// <summary>Any JSON.</summary>
    Json,

    /// <summary>Text that is not shown.</summary>
    Password,
}

/// <summary>
/// One declared parameter as a field of a form. It only turns text into JSON; whether the value will do is for the engine to say.
/// </summary>
public sealed class ParamField
{
    private readonly JsonElement _spec;

    /// <summary>Reads a declaration.</summary>
    public ParamField(string name, JsonElement spec)
    {
        _spec = spec;
        Name = name;
        Type = (spec.ValueKind == JsonValueKind.String ? spec.GetString() : spec.Text("type")) ?? "any";
        Required = spec.Flag("required") == true;
        Description = spec.Text("description");
        Choices = [.. spec.Items("enum").Select(choice => choice.GetRawText())];
        Secret = spec.Flag("secret") == true;
        Input = Secret && Type == "string" && Choices.Count == 0 ? ParamInput.Password
            : Choices.Count > 0 ? ParamInput.Choice
            : Type switch
            {
                "boolean" => ParamInput.YesNo,
                "number" or "integer" => ParamInput.Number,
                "array" or "object" or "any" => ParamInput.Json,
                _ => Maximum(spec) is null or > 200 ? ParamInput.Lines : ParamInput.Text,
            };
        Text = Default(spec);
    }

    /// <summary>The parameter's name.</summary>
    public string Name { get; }

    /// <summary>Its declared type.</summary>
    public string Type { get; }

    /// <summary>Whether it has to be given.</summary>
    public bool Required { get; }

    /// <summary>What it is for, or null.</summary>
    public string? Description { get; }

    /// <summary>Whether the log redacts it.</summary>
    public bool Secret { get; }

    /// <summary>How it is typed in.</summary>
    public ParamInput Input { get; }

    /// <summary>The values of <c>enum</c>, each as JSON.</summary>
    public IReadOnlyList<string> Choices { get; }

    /// <summary>What is typed, or the chosen value's JSON; empty is "not given".</summary>
    public string Text { get; set; }

    /// <summary>What is wrong with it, or null.</summary>
    public string? Error { get; set; }

    private string? Min => Attribute("minimum");

    private string? Max => Attribute("maximum");

    /// <summary>Longest text, as an attribute, or null.</summary>
    public string? MaxLength => Attribute("max_length");

    /// <summary>What the field takes, in a few words.</summary>
    public string Takes
    {
        get
        {
            var words = new List<string> { Type switch { "any" => "JSON, or plain text", "array" => "a JSON list", "object" => "a JSON object", _ => Type } };
            if (Min is not null || Max is not null)
            {
                words.Add(Min is null ? $"at most {Max}" : Max is null ? $"at least {Min}" : $"{Min} to {Max}");
            }

            if (Attribute("min_length") is { } least && least != "1")
            {
                words.Add($"at least {least} long");
            }

            if (_spec.Text("pattern") is { } pattern)
            {
                words.Add($"like {pattern}");
            }

            return string.Join(", ", words);
        }
    }

    /// <summary>A choice's text.</summary>
    public static string ChoiceText(string json) => JsonLayout.Plain(JsonLayout.Parse(json)) is { Length: > 0 } text ? text : json;

    /// <summary>The value as JSON; null with an <see cref="Error"/>, or without one when nothing is given.</summary>
    public JsonNode? Read()
    {
        Error = null;
        if (Text.Length == 0 || (string.IsNullOrWhiteSpace(Text) && Input != ParamInput.Password && Type != "string"))
        {
            Error = Required ? "This is needed." : null;
            return null;
        }

        switch (Input)
        {
            case ParamInput.Choice or ParamInput.YesNo:
                return JsonNode.Parse(Text);
            case ParamInput.Number:
                if (Type == "integer" && long.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
                {
                    return JsonValue.Create(whole);
                }

                if (double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
                {
                    return JsonValue.Create(number);
                }

                Error = Type == "integer" ? "A whole number is needed." : "A number is needed.";
                return null;
            case ParamInput.Json:
                return ReadJson();
            default:
                return JsonValue.Create(Text);
        }
    }

    private JsonNode? ReadJson()
    {
        var (value, error) = JsonInput.Read(Text);
        if (error is null)
        {
            if ((Type == "array" && value is not JsonArray) || (Type == "object" && value is not JsonObject))
            {
                Error = Type == "array" ? "A JSON list is needed: [ … ]." : "A JSON object is needed: { … }.";
                return null;
            }

            return value;
        }

        if (Type == "any" && !JsonInput.LooksLikeJson(Text))
        {
            return JsonValue.Create(Text);
        }

        Error = error;
        return null;
    }

    private string? Attribute(string name) => _spec.Number(name) is { } number ? number.ToString(CultureInfo.InvariantCulture) : null;

    private static double? Maximum(JsonElement spec) => spec.Number("max_length");

    private string Default(JsonElement spec) => spec.Member("default") switch
    {
        null or { ValueKind: JsonValueKind.Null } => "",
        { ValueKind: JsonValueKind.String } text when Input is ParamInput.Text or ParamInput.Lines or ParamInput.Password => text.GetString()!,
        { } value when Input == ParamInput.Choice => Choices.FirstOrDefault(choice => JsonElement.DeepEquals(JsonElement.Parse(choice), value)) ?? "",
        // As it would be typed: text that is no JSON is taken as it stands.
        { ValueKind: JsonValueKind.String } text when Type == "any" && text.GetString() is { } plain && (plain.Length == 0 || (!JsonInput.LooksLikeJson(plain) && JsonInput.Read(plain).Error is not null)) => plain,
        { } value => value.GetRawText(),
    };
}
