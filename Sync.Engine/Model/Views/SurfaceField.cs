using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Views;

/// <summary>The values that a field of a render hint can have. A page passes over any other, so that whoever wrote it would never learn of it.</summary>
/// <param name="Form">What it is: "a number".</param>
/// <param name="Example">A value of it.</param>
/// <param name="Kinds">The kinds of JSON that it can be.</param>
internal sealed record SurfaceField(string Form, string Example, ImmutableArray<JsonValueKind> Kinds)
{
    private static readonly SurfaceField s_text = new("text", "a string", [JsonValueKind.String]);
    private static readonly SurfaceField s_number = new("a number", "a number without quotes", [JsonValueKind.Number]);
    private static readonly SurfaceField s_switch = new("true or false", "true or false without quotes", [JsonValueKind.True, JsonValueKind.False]);

    /// <summary>The fields that hold one value, by name; lists of names are looked at by what they name.</summary>
    public static ImmutableSortedDictionary<string, SurfaceField> All { get; } = new Dictionary<string, SurfaceField>(StringComparer.Ordinal)
    {
        ["label"] = s_text,
        ["group"] = s_text,
        ["unit"] = s_text,
        ["param"] = s_text,
        ["order"] = s_number,
        ["limit"] = s_number,
        ["max_rows"] = s_number,
        ["temporal"] = s_switch,
        ["compose"] = s_switch,
        ["format"] = OneOf("number", "percent", "duration", "currency"),
        ["color"] = OneOf("green", "red", "amber", "blue", "primary", "success", "good", "error", "danger", "orange", "yellow", "warning", "info", "accent", "teal") with { IgnoresCase = true },
        ["layout"] = OneOf("table", "event-log"),
        ["kind"] = OneOf("line", "bar"),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>The words that it is one of; empty for all others.</summary>
    public ImmutableArray<string> Words { get; private init; } = [];

    private bool IgnoresCase { get; init; }

    /// <summary>Whether it can have this value.</summary>
    public bool Fits(JsonText value) =>
        Kinds.Contains(value.Kind)
        && (Words.IsEmpty || Words.Contains(value.ToNode()!.GetValue<string>(), IgnoresCase ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal)); // It is a string.

    private static SurfaceField OneOf(params ReadOnlySpan<string> words) => new($"one of {string.Join(", ", words)}", $"\"{words[0]}\"", [JsonValueKind.String]) { Words = [.. words] };
}
