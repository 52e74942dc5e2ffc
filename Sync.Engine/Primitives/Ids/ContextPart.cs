using System.Collections.Immutable;
using System.Text.Json;

namespace Sync.Engine.Primitives.Ids;

/// <summary>
/// A part of a context, as <c>only</c> names it: a whole section (<c>views</c>), a part of one (<c>actions.vote</c>), and of the state a scope, an entry, a member of an entry's value
/// (<c>state._items.item07.owner</c>, <c>state._items["a.b"].tags[0]</c>). Which names a dotted path has is known only in the room. Immutable.
/// </summary>
/// <param name="Section">The section.</param>
/// <param name="Path">The names below it; none means the whole section.</param>
internal sealed record ContextPart(ContextSection Section, ImmutableArray<PartName> Path)
{
    /// <summary>Names in a path. Values do not nest deeper.</summary>
    public const int MaxNames = 66;

    /// <summary>One scope of the state.</summary>
    public static ContextPart OfScope(string scope) => Of(ContextSection.State, scope);

    /// <summary>A part by its names, each as it is.</summary>
    public static ContextPart Of(ContextSection section, params ReadOnlySpan<string> path)
    {
        var names = ImmutableArray.CreateBuilder<PartName>(path.Length);
        foreach (var name in path)
        {
            names.Add(new PartName(name, IsExact: true));
        }

        return new ContextPart(section, names.MoveToImmutable());
    }

    /// <summary>A whole section.</summary>
    public static implicit operator ContextPart(ContextSection section) => new(section, []);

    /// <summary>Whether it is the whole of its section.</summary>
    public bool IsSection => Path.IsEmpty;

    /// <summary>Reads a part's name; null when no part has it. What is below the section is not looked up: whether the room has it is known only when the context is written.</summary>
    public static ContextPart? Find(string name)
    {
        var end = name.AsSpan().IndexOfAny('.', '[');
        if (ContextSections.Find(end < 0 ? name : name[..end]) is not { } section)
        {
            return null;
        }

        return end < 0 ? section : PathOf(name.AsSpan(end)) is { } path ? new ContextPart(section, path) : null;
    }

    /// <summary>Splits a list of parts at its commas, but not at those in quotes.</summary>
    public static IEnumerable<string> Split(string list)
    {
        var begin = 0;
        char? quote = null;
        for (var at = 0; at < list.Length; at++)
        {
            if (quote is not null)
            {
                (at, quote) = list[at] == '\\' ? (at + 1, quote) : (at, list[at] == quote ? null : quote);
            }
            else if (list[at] is '"' or '\'' && at > 0 && list[at - 1] == '[')
            {
                quote = list[at];
            }
            else if (list[at] == ',')
            {
                if (list[begin..at].Trim() is { Length: > 0 } part)
                {
                    yield return part;
                }

                begin = at + 1;
            }
        }

        if (list[begin..].Trim() is { Length: > 0 } last)
        {
            yield return last;
        }
    }

    public bool Equals(ContextPart? other) => other is not null && Section == other.Section && Path.AsSpan().SequenceEqual(other.Path.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Section, Path.Length, Path.IsEmpty ? default : Path[^1]);

    /// <summary>The name of the part, which <see cref="Find"/> reads.</summary>
    public override string ToString() => Section.Name() + string.Concat(Path);

    private static ImmutableArray<PartName>? PathOf(ReadOnlySpan<char> text)
    {
        var path = ImmutableArray.CreateBuilder<PartName>();
        while (!text.IsEmpty)
        {
            if (path.Count == MaxNames || ReadName(text, out var name) is not (> 0 and var length))
            {
                return null;
            }

            path.Add(name);
            text = text[length..];
        }

        return path.DrainToImmutable();
    }

    // How much of the text the first name takes; 0 when it is none.
    private static int ReadName(ReadOnlySpan<char> text, out PartName name)
    {
        name = default;
        if (text[0] == '.')
        {
            var end = text[1..].IndexOfAny('.', '[');
            var plain = end < 0 ? text[1..] : text.Slice(1, end);
            name = new PartName(plain.ToString(), IsExact: false);
            return plain.IsEmpty ? 0 : plain.Length + 1;
        }

        return text.Length > 3 && text[1] is '"' or '\'' ? ReadQuoted(text, text[1], out name) : ReadIndex(text, out name);
    }

    private static int ReadIndex(ReadOnlySpan<char> text, out PartName name)
    {
        var close = text.IndexOf(']');
        var index = close < 1 ? [] : text[1..close];
        name = new PartName(index.ToString(), IsExact: true);
        return index.IsEmpty || index.ContainsAnyExceptInRange('0', '9') ? 0 : close + 1;
    }

    private static int ReadQuoted(ReadOnlySpan<char> text, char quote, out PartName name)
    {
        name = default;
        var end = 2;
        while (end < text.Length && text[end] != quote)
        {
            end += text[end] == '\\' ? 2 : 1;
        }

        if (end + 1 >= text.Length || text[end + 1] != ']')
        {
            return 0;
        }

        try
        {
            var quoted = quote == '"' ? text[2..end].ToString() : text[2..end].ToString().Replace("\\'", "'", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            using var document = JsonDocument.Parse($"\"{quoted}\"");
            name = new PartName(document.RootElement.GetString()!, IsExact: true);
        }
        catch (JsonException)
        {
            return 0;
        }

        return name.Text.Length == 0 ? 0 : end + 2;
    }
}
