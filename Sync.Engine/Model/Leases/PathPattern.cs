using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Model.Leases;

/// <summary>
/// A pattern of file paths that a lease reserves, relative to whatever the room agrees on. <c>/</c> and <c>\</c> part segments alike; <c>*</c> is any text within a segment, <c>?</c> one character, <c>**</c> any
/// number of segments, none included. A plain path names that path alone; one that ends with <c>/</c> names it and everything below it, as <c>dir/**</c> does. Segments that are empty or <c>.</c> say nothing, <c>..</c>
/// takes back the segment before it, a <c>/</c> at the beginning has no meaning. Case makes no difference; otherwise characters are compared by code point, composed and decomposed accents apart. Parsing <see cref="Text"/> gives the same pattern. Immutable.
/// </summary>
internal sealed class PathPattern : IEquatable<PathPattern>
{
    /// <summary>Characters of a pattern, as given and as kept.</summary>
    public const int MaxLength = 512;

    /// <summary>Segments of a pattern.</summary>
    public const int MaxSegments = 64;

    private readonly string _compared;

    private PathPattern(string text, ImmutableArray<PathSegment> segments)
    {
        Text = text;
        Segments = segments;
        _compared = string.Join('/', segments);
        Ending = EndingOf(segments[^1]);
    }

    /// <summary>The normal form, in the case in which it was given.</summary>
    public string Text { get; }

    /// <summary>At least one; no two runs follow each other.</summary>
    public ImmutableArray<PathSegment> Segments { get; }

    /// <summary>How its last segment ends, after the last wildcard, without case and from the last character on; empty where it ends with a wildcard.</summary>
    public string Ending { get; }

    /// <summary>Reads a pattern.</summary>
    public static Outcome<PathPattern> Parse(string given)
    {
        if (given.Length > MaxLength)
        {
            return TooLong(given.Length);
        }

        if (!Identifiers.IsPrintable(given))
        {
            return Refused(given, string.IsNullOrWhiteSpace(given) ? "it is empty" : "it has characters that cannot be seen", "Give a path or pattern such as \"src/engine/**\"; \"**\" is every path.");
        }

        if (given[0] == '!')
        {
            return Refused(given, "nothing can be left out of a pattern", "List the paths that you need, and no others.");
        }

        if (PathAlternatives.In(given) is { IsEmpty: false } alternatives)
        {
            return Refused(given, "alternatives in braces are not read", $"Give one pattern for each: {string.Join(", ", alternatives.Select(static one => $"\"{one}\""))}.");
        }

        return Normalize(given).Try(out var names, out var refusal) ? Of(names) : refusal;
    }

    /// <summary>Whether some path is matched by both.</summary>
    public bool Overlaps(PathPattern other) => WildcardSequence<PathSegment, PathSegment.OfPath>.Overlap(Segments.AsSpan(), other.Segments.AsSpan());

    /// <inheritdoc/>
    public bool Equals(PathPattern? other) => other is not null && _compared == other._compared;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PathPattern);

    /// <inheritdoc/>
    public override int GetHashCode() => _compared.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static Outcome<List<string>> Normalize(string given)
    {
        var names = new List<string>();
        var parts = given.Replace('\\', '/').Split('/');
        foreach (var part in parts)
        {
            if (part is "" or ".")
            {
                continue;
            }

            if (part == "..")
            {
                if (names.Count == 0 || names[^1] == "**")
                {
                    return Refused(given, names.Count == 0 ? "it leads out of where paths begin" : "'..' after '**' can be anywhere", "Leave '..' out: paths begin at the root of what the room works on, such as \"src/engine/**\".");
                }

                names.RemoveAt(names.Count - 1);
            }
            else if (part != "**" && part.Contains("**", StringComparison.Ordinal))
            {
                return Refused(given, "'**' is a segment of its own", $"For '{part}' write \"{Apart(part)}\"; a single '*' stays within its segment.");
            }
            else if (part != "**" || names.Count == 0 || names[^1] != "**")
            {
                names.Add(part);
            }
        }

        if (parts[^1] is "" or "." or ".." && (names.Count == 0 || names[^1] != "**"))
        {
            names.Add("**");
        }

        return names;
    }

    private static Outcome<PathPattern> Of(List<string> names)
    {
        var text = string.Join('/', names);
        if (names.Count > MaxSegments)
        {
            return Refused(text, string.Create(CultureInfo.InvariantCulture, $"it has {names.Count} segments of at most {MaxSegments}"), "Reserve a directory further up: \"dir/**\".");
        }

        return text.Length > MaxLength ? TooLong(text.Length) : new PathPattern(text, [.. names.Select(PathSegment.Of)]);
    }

    private static string EndingOf(PathSegment last) => string.Create(last.Text.Length - 1 - last.Text.AsSpan().LastIndexOfAny('*', '?'), last.Text, static (reversed, text) =>
    {
        text.AsSpan(text.Length - reversed.Length).CopyTo(reversed);
        reversed.Reverse();
    });

    // a**b is what is meant by a*/**/*b: the segments that begin and end so, and all between.
    private static string Apart(string part)
    {
        var text = new StringBuilder();
        var pieces = part.Split("**");
        for (var i = 0; i < pieces.Length; i++)
        {
            var piece = pieces[i].Trim('*');
            if (piece.Length > 0)
            {
                text.Append(i > 0 ? "/*" : "").Append(piece).Append(i < pieces.Length - 1 ? "*/" : "");
            }

            if (i < pieces.Length - 1 && !text.ToString().EndsWith("**", StringComparison.Ordinal))
            {
                text.Append("**");
            }
        }

        return text.ToString();
    }

    private static SyncError TooLong(int length) =>
        new SyncError(ErrorCode.InvalidParam, string.Create(CultureInfo.InvariantCulture, $"A path pattern has {length} characters; at most {MaxLength} are taken.")) { Hint = "Reserve a directory further up: \"dir/**\"." }.With("param", "paths");

    private static SyncError Refused(string given, string why, string hint) =>
        new SyncError(ErrorCode.InvalidParam, $"'{Identifiers.Shown(given)}' is not a path pattern: {why}.") { Hint = hint }.With("param", "paths");
}
