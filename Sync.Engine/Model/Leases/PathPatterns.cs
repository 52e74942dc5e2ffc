using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Model.Leases;

/// <summary>The path patterns of one lease, as they are given: a list of texts, or one text.</summary>
internal static class PathPatterns
{
    /// <summary>Patterns of one lease.</summary>
    public const int Max = 64;

    /// <summary>Reads what stands in a body. Nothing (null, undefined) is no pattern; a list with nothing in it is refused, for who sends one believes that something is reserved.</summary>
    public static Outcome<ImmutableArray<PathPattern>> Read(JsonElement given)
    {
        if (given.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return ImmutableArray<PathPattern>.Empty;
        }

        var list = given.ValueKind == JsonValueKind.Array ? given.EnumerateArray().Take(Max + 1).ToArray() : [given];
        return list.Length > 0 && Array.TrueForAll(list, static one => one.ValueKind == JsonValueKind.String)
            ? Parse([.. list.Select(static one => one.GetString()!)]) // They are strings.
            : new SyncError(ErrorCode.InvalidParamType, "'paths' is a list of path patterns.") { Hint = "Send {\"paths\": [\"src/engine/**\", \"docs/api.md\"]}." }.With("param", "paths");
    }

    /// <summary>Parses texts; what is given twice is kept once.</summary>
    public static Outcome<ImmutableArray<PathPattern>> Parse(IReadOnlyCollection<string> given)
    {
        if (given.Count > Max)
        {
            return new SyncError(ErrorCode.InvalidParam, string.Create(CultureInfo.InvariantCulture, $"A lease has at most {Max} path patterns."))
            {
                Hint = "Reserve directories (\"src/engine/**\"), or claim the paths under several keys.",
            }.With("param", "paths").With("most", Max);
        }

        var patterns = new List<PathPattern>(given.Count);
        foreach (var text in given)
        {
            if (!PathPattern.Parse(text).Try(out var pattern, out var refusal))
            {
                return refusal;
            }

            if (!patterns.Contains(pattern))
            {
                patterns.Add(pattern);
            }
        }

        return patterns.ToImmutableArray();
    }
}
