using System.Text.Json;

namespace Sync.Web.Components.Surfaces;

/// <summary>Optional members of a render hint. Whatever is of another type than asked for counts as not there: hints are written by agents.</summary>
internal static class HintReading
{
    // Of a list in a hint or an answer; what a page shows of any is far less.
    private const int Max = 2_000;

    public static string? Text(this JsonElement hint, string name) =>
        hint.Member(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public static double? Number(this JsonElement hint, string name) =>
        hint.Member(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;

    public static bool? Flag(this JsonElement hint, string name) =>
        hint.Member(name) switch { { ValueKind: JsonValueKind.True } => true, { ValueKind: JsonValueKind.False } => false, _ => null };

    /// <summary>Strings of a list; one string alone counts as a list of it.</summary>
    public static IReadOnlyList<string> Names(this JsonElement hint, string name) => hint.Member(name) switch
    {
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Take(Max).Select(item => item.GetString()!)],
        { ValueKind: JsonValueKind.String } one => [one.GetString()!],
        _ => [],
    };

    /// <summary>Items of a list, or none.</summary>
    public static IReadOnlyList<JsonElement> Items(this JsonElement hint, string name) =>
        hint.Member(name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Take(Max)] : [];

    public static JsonElement? Member(this JsonElement hint, string name) =>
        hint.ValueKind == JsonValueKind.Object && hint.TryGetProperty(name, out var value) ? value : null;
}
