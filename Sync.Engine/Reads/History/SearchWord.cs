using System.Collections.Immutable;

namespace Sync.Engine.Reads.History;

/// <summary>
/// One word that a text must have: as <see cref="TextTerms"/> cuts it, one term or several that follow each other (<c>precondition_failed</c>). A word finds words that begin with it; one
/// of a single letter, and what stands between quotes, only itself. Immutable.
/// </summary>
/// <param name="Terms">Its terms, at least one.</param>
/// <param name="IsPrefix">Whether the last of them may go on.</param>
internal sealed record SearchWord(ImmutableArray<string> Terms, bool IsPrefix)
{
    /// <summary>The word in a text; null where it has none.</summary>
    public static SearchWord? Of(string text, bool isQuoted)
    {
        var terms = ImmutableArray.CreateBuilder<string>();
        for (var found = new TextTerms(text); found.MoveNext();)
        {
            terms.Add(found.Current.ToString());
        }

        return terms.Count == 0 ? null : new SearchWord(terms.ToImmutable(), IsPrefix: !isQuoted && terms[^1].Length > 1);
    }

    /// <summary>Whether a term of a text is the one at a place of this word.</summary>
    public bool Takes(int at, ReadOnlySpan<char> term) =>
        at == Terms.Length - 1 && IsPrefix ? term.StartsWith(Terms[at], StringComparison.Ordinal) : term.SequenceEqual(Terms[at]);
}
