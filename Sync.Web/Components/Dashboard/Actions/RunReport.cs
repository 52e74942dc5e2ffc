using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sync.Engine;
using Sync.Web.Components.Surfaces;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>What an invocation did, or would do: read from the engine's answer, with what stood there before.</summary>
public sealed record RunReport
{
    /// <summary>Whether nothing was written.</summary>
    public required bool IsPreview { get; init; }

    /// <summary>Who acted.</summary>
    public required string? Agent { get; init; }

    /// <summary>The event it made.</summary>
    public required long Seq { get; init; }

    /// <summary>What it wrote.</summary>
    public required ImmutableArray<RunWrite> Writes { get; init; }

    /// <summary>The action's result as JSON, or null when it declares none.</summary>
    public required string? Result { get; init; }

    /// <summary>What the engine advises.</summary>
    public required ImmutableArray<string> Warnings { get; init; }

    /// <summary>Reads an answer; <paramref name="before"/> is the room before it.</summary>
    public static RunReport Read(ReadOnlySpan<byte> json, RoomPicture before)
    {
        var answer = JsonElement.Parse(json);
        return new RunReport
        {
            IsPreview = answer.Flag("dry_run") == true,
            Agent = answer.Text("agent"),
            Seq = (long)(answer.Number("seq") ?? 0),
            Writes = [.. answer.Items("writes").Select(write => Write(write, before))],
            Result = answer.Member("result")?.GetRawText(),
            Warnings = [.. Words(answer.Items("warnings"))],
        };
    }

    /// <summary>An answer's warnings in words.</summary>
    internal static IEnumerable<string> Words(IEnumerable<JsonElement> warnings) =>
        warnings.Select(warning => warning.ValueKind == JsonValueKind.String ? warning.GetString()! : warning.Text("message") ?? warning.GetRawText());

    internal static RunWrite Write(JsonElement write, RoomPicture before)
    {
        var (scope, key) = (write.Text("scope") ?? "", write.Text("key") ?? "");
        var old = before.Entries.FirstOrDefault(entry => entry.Scope == scope && entry.Key == key)?.Value;
        if (write.Flag("deleted") == true || write.Member("value") is not null)
        {
            return new RunWrite(scope, key, old, write.Member("value")?.GetRawText());
        }

        if (write.Flag("withheld") == true)
        {
            return new RunWrite(scope, key, old, After: null) { IsHidden = true };
        }

        // Of a long value the answer says what changed in it, and of a place the invoker does not read only that it was written.
        var part = (write.Member("element") ?? write.Member("members") ?? write.Member("sum") ?? write.Member("set"))?.GetRawText();
        return part is null ? new RunWrite(scope, key, Before: null, After: null) { IsHidden = true } : new RunWrite(scope, key, Before: null, part) { Part = Place(write) };
    }

    private static string Place(JsonElement write) =>
        (write.Text("path"), write.Number("index")) switch
        {
            (null, null) => "members",
            (null, { } index) => string.Create(CultureInfo.InvariantCulture, $"item {index}"),
            ({ } path, null) => path,
            ({ } path, { } index) => string.Create(CultureInfo.InvariantCulture, $"{path}, item {index}"),
        };
}

/// <summary>One write; a null value is "not there".</summary>
/// <param name="Scope">Where.</param>
/// <param name="Key">Which entry.</param>
/// <param name="Before">What stood there, as compact JSON.</param>
/// <param name="After">What stands there now.</param>
public sealed record RunWrite(string Scope, string Key, string? Before, string? After)
{
    /// <summary>Whether what is written is not for the invoker to see.</summary>
    public bool IsHidden { get; init; }

    /// <summary>Which part of a long value <see cref="After"/> is; null for the whole value.</summary>
    public string? Part { get; init; }
}
