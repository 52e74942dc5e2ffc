using System.Text;

namespace Sync.Cel.RegularExpressions;

/// <summary>Properties of a pattern's matches that are known without running it: where they stand, and the text they begin with.</summary>
/// <param name="Prefix">Every match begins with it; empty when nothing is known.</param>
/// <param name="IsWhole">Whether the prefix is the whole match.</param>
/// <param name="AtBegin">Whether a match begins only where the text does.</param>
/// <param name="AtEnd">Whether a match that <paramref name="IsWhole"/> describes ends where the text does.</param>
internal readonly record struct RegexLiteral(string Prefix, bool IsWhole, bool AtBegin, bool AtEnd)
{
    public static RegexLiteral Of(RegexNode tree)
    {
        var parts = tree is RegexConcat concat ? concat.Parts : [tree];
        var next = parts is [RegexPlace { Kind: RegexAssertion.TextBegin }, ..] ? 1 : 0;
        var prefix = new StringBuilder();
        while (next < parts.Length && parts[next] is RegexRune { Rune: var rune } && IsPlain(rune))
        {
            prefix.Append(new Rune(rune));
            next++;
        }

        var atEnd = next == parts.Length - 1 && parts[next] is RegexPlace { Kind: RegexAssertion.TextEnd };
        var isWhole = next == parts.Length || atEnd || (tree is RegexEmpty);
        return new RegexLiteral(prefix.ToString(), isWhole, IsAtBegin(tree), atEnd);
    }

    // U+FFFD also stands for what is no code point, and surrogates are none: they cannot be looked for as text.
    private static bool IsPlain(int rune) => rune != 0xFFFD && Rune.IsValid(rune);

    private static bool IsAtBegin(RegexNode node) => node switch
    {
        RegexPlace { Kind: RegexAssertion.TextBegin } => true,
        RegexCapture capture => IsAtBegin(capture.Body),
        RegexConcat concat => IsAtBegin(concat.Parts[0]),
        RegexAlternate alternate => Array.TrueForAll(alternate.Choices, IsAtBegin),
        RegexRepeat { Min: > 0 } repeat => IsAtBegin(repeat.Body),
        _ => false,
    };
}
