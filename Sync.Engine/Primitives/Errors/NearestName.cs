using Sync.Cel.Syntax;

namespace Sync.Engine.Primitives.Errors;

/// <summary>
/// Finds the known name that was meant by one that is not known: another word of the field for the same thing first (<c>arguments</c> for <c>params</c>), then a slip of the pen
/// (<see cref="DidYouMean"/>). It never gives the name itself back, and none that means the opposite (<c>_unregister_action</c> is no slip for <c>_register_action</c>).
/// </summary>
public static class NearestName
{
    /// <summary>The candidate that was meant, or null.</summary>
    public static string? Of(string name, IEnumerable<string> candidates) => Of(name, candidates, static (name, slips) => DidYouMean.Nearest(name, slips));

    /// <summary>The same, with one edit as the most that a slip may be.</summary>
    public static string? OfOneSlip(string name, IEnumerable<string> candidates) => Of(name, candidates, static (name, slips) => DidYouMean.Nearest(name, slips, maxEdits: 1));

    private static string? Of(string name, IEnumerable<string> candidates, Func<string, IEnumerable<string>, string?> nearest)
    {
        // What a client made up may be long; a name is not.
        if (name.Length > 256)
        {
            return null;
        }

        var words = Synonyms.WordsOf(name);
        var others = candidates.Where(candidate => candidate != name).Select(static candidate => (Name: candidate, Words: Synonyms.WordsOf(candidate))).ToList();
        return others.Find(candidate => Synonyms.Mean(words, candidate.Words)).Name
            ?? nearest(name, others.Where(candidate => IsSlip(words, candidate.Words)).Select(static candidate => candidate.Name));
    }

    // Word by word, so that a long common part does not hide that one word is another.
    private static bool IsSlip(List<string> words, List<string> candidate) =>
        words.Count != candidate.Count
            ? !words.Concat(candidate).Any(Synonyms.IsVerb) || words.Where(Synonyms.IsVerb).SequenceEqual(candidate.Where(Synonyms.IsVerb))
            : words.Zip(candidate).All(static pair => pair.First == pair.Second || (!Synonyms.IsVerb(pair.First) && DidYouMean.Nearest(pair.First, [pair.Second]) is not null));
}
