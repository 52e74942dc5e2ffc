using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine;
using Sync.Web.Components.Shared;
using Sync.Web.Components.Surfaces;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>Why an action can or cannot be invoked now: the engine's explanation, read.</summary>
internal sealed record ActionWhy(bool Available, string? Message, string? Hint, ImmutableArray<WhyCheck> Checks)
{
    private static readonly (string Member, string Title)[] s_checks = [("enabled", "Shown when"), ("if", "Allowed when")];

    public static ActionWhy Read(ReadOnlySpan<byte> json)
    {
        var answer = JsonElement.Parse(json);
        return new ActionWhy(
            answer.Flag("available") == true,
            answer.Text("message"),
            answer.Text("hint"),
            [.. s_checks
                .Where(check => answer.Member(check.Member) is { ValueKind: JsonValueKind.Object })
                .Select(check => WhyCheck.Read(check.Title, answer.GetProperty(check.Member)))]);
    }

    /// <summary>The parts in a refusal's details.</summary>
    public static ImmutableArray<WhyPart> Parts(SyncError error) =>
        error.Details?["parts"] is { } parts ? WhyCheck.ReadParts(JsonElement.Parse(parts.ToJsonString())) : [];
}

/// <summary>A guard or a condition with its parts.</summary>
internal sealed record WhyCheck(string Title, string Expression, bool Holds, bool DependsOnParams, ImmutableArray<WhyPart> Parts)
{
    public static WhyCheck Read(string title, JsonElement check) => new(
        title,
        check.Text("expression") ?? "",
        check.Flag("holds") == true,
        check.Member("depends_on") is not null,
        check.Member("parts") is { } parts ? ReadParts(parts) : []);

    public static ImmutableArray<WhyPart> ReadParts(JsonElement parts) => parts.ValueKind == JsonValueKind.Array
        ?
        [
            .. parts.EnumerateArray().Select(part => new WhyPart(
                part.Text("expression") ?? "",
                part.Member("value") is { } value ? value.Text("_error") ?? (value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetRawText() : JsonLayout.Plain(value)) : part.Flag("withheld") == true ? "not for you to see" : part.Flag("elided") == true ? "…" : "",
                part.Member("value") switch
                {
                    { ValueKind: JsonValueKind.True } => true,
                    { ValueKind: JsonValueKind.False } => false,
                    { ValueKind: JsonValueKind.Object } broken when broken.Text("_error") is not null => false,
                    _ => null,
                })),
        ]
        : [];
}

/// <summary>A part of a guard with the value it had.</summary>
/// <param name="Expression">Its text.</param>
/// <param name="Value">The value, for reading.</param>
/// <param name="Holds">Whether it is true; null for what is neither true nor false.</param>
public sealed record WhyPart(string Expression, string Value, bool? Holds);
