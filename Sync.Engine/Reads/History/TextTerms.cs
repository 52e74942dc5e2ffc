using System.Globalization;
using System.Text;

namespace Sync.Engine.Reads.History;

/// <summary>
/// The words of a text as a search compares them: runs of letters and digits, in small letters and without accents; where a script has no blanks between words, and of signs such as
/// emoji, each character is one. What is indexed, what is asked for and what is looked through are all cut here, so that an index finds what a look through the text would find.
/// </summary>
internal ref struct TextTerms(ReadOnlySpan<char> text)
{
    /// <summary>What distinguishes a word: letters after these do not count.</summary>
    public const int MaxLength = 64;

    private readonly ReadOnlySpan<char> _text = text;
    private readonly char[] _term = new char[MaxLength + 8];
    private int _length;
    private int _at;

    /// <summary>The word, as it is compared. Valid until the next.</summary>
    public readonly ReadOnlySpan<char> Current => _term.AsSpan(0, _length);

    /// <summary>Where it begins in the text.</summary>
    public int Start { get; private set; }

    public bool MoveNext()
    {
        _length = 0;
        var isIn = false;
        while (_at < _text.Length)
        {
            var (kind, rune, size) = Next();
            if (kind == TermPart.Mark || (kind == TermPart.Letter && isIn))
            {
                if (isIn && kind == TermPart.Letter)
                {
                    Append(rune);
                }

                _at += size;
                continue;
            }

            if (isIn)
            {
                break;
            }

            var start = _at;
            _at += size;
            if (kind == TermPart.None)
            {
                continue;
            }

            (Start, isIn) = (start, true);
            Append(rune);
            if (kind == TermPart.Whole)
            {
                break;
            }
        }

        return isIn;
    }

    // Whatever there is in the text, halves of pairs among it.
    private readonly (TermPart Kind, Rune Rune, int Size) Next()
    {
        var first = _text[_at];
        return char.IsAscii(first) ? (char.IsAsciiLetterOrDigit(first) ? TermPart.Letter : TermPart.None, new Rune(first), 1)
            : Rune.DecodeFromUtf16(_text[_at..], out var rune, out var size) == System.Buffers.OperationStatus.Done ? (KindOf(rune), rune, size)
            : (TermPart.None, default, size);
    }

    private static TermPart KindOf(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.OtherLetter => HasNoBlanks(rune.Value) ? TermPart.Whole : TermPart.Letter,
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
            or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => TermPart.Letter,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => TermPart.Mark,
        UnicodeCategory.OtherSymbol or UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol => TermPart.Whole,
        _ => TermPart.None,
    };

    // Thai to Myanmar and Khmer, kana, and Han with what was added to it.
    private static bool HasNoBlanks(int value) =>
        value is (>= 0x0E00 and <= 0x0EFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF) or (>= 0x2E80 and <= 0x312F) or (>= 0x31A0 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF);

    private void Append(Rune rune)
    {
        if (_length >= MaxLength)
        {
            return;
        }

        if (rune.IsAscii)
        {
            _term[_length++] = (char)(rune.Value is >= 'A' and <= 'Z' ? rune.Value | 0x20 : rune.Value);
            return;
        }

        var plain = Rune.ToLowerInvariant(LatinLetters.WithoutAccent(rune));
        if (_length + plain.Utf16SequenceLength <= MaxLength)
        {
            _length += plain.EncodeToUtf16(_term.AsSpan(_length));
        }
    }

    private enum TermPart
    {
        None,
        Letter,
        Mark,
        Whole,
    }
}
