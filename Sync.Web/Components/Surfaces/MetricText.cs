using System.Globalization;
using System.Text.Json;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Surfaces;

/// <summary>A metric's value as text.</summary>
internal static class MetricText
{
    private const int MaxUnit = 40;

    /// <summary>
    /// <c>percent</c> takes a fraction (0.42 is 42%), <c>duration</c> seconds (milliseconds with unit <c>ms</c>), <c>currency</c> an amount with the unit as its
    /// code or sign (dollars without one). What is no number stays as it is.
    /// </summary>
    public static string Of(JsonElement value, string? format, string? unit)
    {
        if (value.ValueKind != JsonValueKind.Number)
        {
            var plain = JsonLayout.Plain(value);
            return plain.Length == 0 ? "–" : Clip.Text(plain, Clip.Cell);
        }

        return Number(value.GetDouble(), format, unit);
    }

    /// <summary>A number by its format.</summary>
    public static string Number(double number, string? format, string? unit) =>
        format switch
        {
            "percent" => (number * 100).ToString("0.#", CultureInfo.InvariantCulture) + "%",
            "duration" => Duration(TimeSpan.FromSeconds(Math.Clamp(unit == "ms" ? number / 1000 : number, -1e9, 1e9))),
            "currency" => Sign(unit) + number.ToString("#,0.00", CultureInfo.InvariantCulture),
            _ => number.ToString("#,0.###", CultureInfo.InvariantCulture),
        };

    /// <summary>The unit to show after the text: none where the format has used it up.</summary>
    public static string? UnitAfter(string? format, string? unit) => format is "percent" or "duration" or "currency" || unit is null ? null : Clip.Text(unit, MaxUnit);

    /// <summary>The tone of a colour's name; unknown ones are plain.</summary>
    public static string Tone(string? color) => color?.ToLowerInvariant() switch
    {
        "green" or "success" or "good" => "success",
        "red" or "error" or "danger" => "error",
        "orange" or "amber" or "yellow" or "warning" => "warning",
        "blue" or "info" => "info",
        "primary" or "accent" or "teal" => "primary",
        _ => "plain",
    };

    /// <summary>The share that a percentage is of a whole, for a bar, or null.</summary>
    public static string? Share(JsonElement value, string? format) =>
        format == "percent" && value.ValueKind == JsonValueKind.Number ? Math.Clamp(value.GetDouble(), 0, 1).ToString("0.####", CultureInfo.InvariantCulture) : null;

    private static string Sign(string? unit) => unit switch
    {
        null or "USD" => "$",
        "EUR" => "€",
        "GBP" => "£",
        "JPY" => "¥",
        { Length: 1 } => unit,
        _ => Clip.Text(unit, MaxUnit) + " ",
    };

    private static string Duration(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 and > -1 } => $"{span.TotalMilliseconds:0} ms",
        { TotalMinutes: < 1 and > -1 } => $"{span.TotalSeconds:0.#} s",
        { TotalHours: < 1 and > -1 } => $"{span.Minutes}m {Math.Abs(span.Seconds):00}s",
        { TotalDays: < 1 and > -1 } => $"{span.Hours}h {Math.Abs(span.Minutes):00}m",
        _ => $"{(int)span.TotalDays}d {Math.Abs(span.Hours)}h",
    };
}
