using System.Text;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Library;

/// <summary>The strings library: positions are code points, errors are out-of-range positions.</summary>
internal static class StringFunctions
{
    public static void Register(FunctionTable.Builder table)
    {
        table.Method("string.charAt(int) string", CharAt);
        table.Method("string.indexOf(string) int; list<T>.indexOf(T) int", IndexOf);
        table.Method("string.indexOf(string, int) int", IndexOfFrom);
        table.Method("string.lastIndexOf(string) int; list<T>.lastIndexOf(T) int", LastIndexOf);
        table.Method("string.lastIndexOf(string, int) int", LastIndexOfFrom);
        table.Method("string.lowerAscii() string", (ref run, in a) =>
            a.Kind != CelKind.String ? Errors.NoMatch : run.ChargeText(a.AsString.Length) ? CelValue.Of(Map(a.AsString, char.IsAsciiLetterUpper)) : Errors.Cost);
        table.Method("string.upperAscii() string", (ref run, in a) =>
            a.Kind != CelKind.String ? Errors.NoMatch : run.ChargeText(a.AsString.Length) ? CelValue.Of(Map(a.AsString, char.IsAsciiLetterLower)) : Errors.Cost);
        table.Method("string.trim() string", (ref run, in a) =>
            a.Kind != CelKind.String ? Errors.NoMatch : run.ChargeText(a.AsString.Length) ? CelValue.Of(a.AsString.Trim()) : Errors.Cost);
        table.Method("string.reverse() string; list<T>.reverse() list<T>", Reverse);
        table.Method("string.replace(string, string) string", (ref run, in a, in b, in c) =>
            b.Kind != CelKind.String || a.Kind != CelKind.String || c.Kind != CelKind.String ? Errors.NoMatch
            : Replace(a.AsString, b.AsString, c.AsString, -1, ref run));
        table.Method("string.replace(string, string, int) string", ReplaceSome, arity: 4);
        table.Method("string.substring(int) string", (ref run, in a, in b) =>
            a.Kind != CelKind.String || b.Kind != CelKind.Int ? Errors.NoMatch : Substring(a.AsString, b.AsInt, -1, ref run));
        table.Method("string.substring(int, int) string", (ref run, in a, in b, in c) =>
            a.Kind != CelKind.String || b.Kind != CelKind.Int || c.Kind != CelKind.Int ? Errors.NoMatch
            : c.AsInt < b.AsInt ? CelValue.Error($"Invalid substring range: start {b.AsInt}, end {c.AsInt}.")
            : Substring(a.AsString, b.AsInt, c.AsInt, ref run));
    }

    private static CelValue OutOfRange(long index) => CelValue.Error($"Index {index} is out of range of the text.");

    private static CelValue CharAt(ref Evaluation run, in CelValue a, in CelValue b)
    {
        if (a.Kind != CelKind.String || b.Kind != CelKind.Int)
        {
            return Errors.NoMatch;
        }

        var text = a.AsString;
        if (!run.ChargeText(text.Length))
        {
            return Errors.Cost;
        }

        var at = CodePoints.Offset(text, b.AsInt);
        return at < 0 ? OutOfRange(b.AsInt)
            : at == text.Length ? CelValue.Of("")
            : CelValue.Of(text.Substring(at, CodePoints.Width(text, at)));
    }

    private static CelValue IndexOf(ref Evaluation run, in CelValue a, in CelValue b) => a.Kind switch
    {
        CelKind.String when b.Kind == CelKind.String => Find(a.AsString, b.AsString, 0, ref run),
        CelKind.List => ListFunctions.Find(a.AsList, b, isLast: false, ref run),
        _ => Errors.NoMatch,
    };

    private static CelValue IndexOfFrom(ref Evaluation run, in CelValue a, in CelValue b, in CelValue c) =>
        a.Kind == CelKind.String && b.Kind == CelKind.String && c.Kind == CelKind.Int
            ? Find(a.AsString, b.AsString, c.AsInt, ref run)
            : Errors.NoMatch;

    private static CelValue Find(string text, string part, long from, ref Evaluation run)
    {
        if (!run.ChargeSearch(text.Length, part.Length))
        {
            return Errors.Cost;
        }

        var start = CodePoints.Offset(text, from);
        if (start < 0)
        {
            return OutOfRange(from);
        }

        var at = text.IndexOf(part, start, StringComparison.Ordinal);
        return CelValue.Of(at < 0 ? -1L : CodePoints.Count(text.AsSpan(0, at)));
    }

    private static CelValue LastIndexOf(ref Evaluation run, in CelValue a, in CelValue b) => a.Kind switch
    {
        CelKind.String when b.Kind == CelKind.String => FindLast(a.AsString, b.AsString, a.AsString.Length, ref run),
        CelKind.List => ListFunctions.Find(a.AsList, b, isLast: true, ref run),
        _ => Errors.NoMatch,
    };

    private static CelValue LastIndexOfFrom(ref Evaluation run, in CelValue a, in CelValue b, in CelValue c)
    {
        if (a.Kind != CelKind.String || b.Kind != CelKind.String || c.Kind != CelKind.Int)
        {
            return Errors.NoMatch;
        }

        if (!run.ChargeText(a.AsString.Length))
        {
            return Errors.Cost;
        }

        var start = CodePoints.Offset(a.AsString, c.AsInt);
        return start < 0 ? OutOfRange(c.AsInt) : FindLast(a.AsString, b.AsString, start, ref run);
    }

    // The last occurrence that begins at or before an offset.
    private static CelValue FindLast(string text, string part, int from, ref Evaluation run)
    {
        if (!run.ChargeSearch(text.Length, part.Length))
        {
            return Errors.Cost;
        }

        var upTo = Math.Min((long)from + part.Length, text.Length);
        var at = text.AsSpan(0, (int)upTo).LastIndexOf(part);
        return CelValue.Of(at < 0 ? -1L : CodePoints.Count(text.AsSpan(0, at)));
    }

    private static string Map(string text, Func<char, bool> changes) =>
        string.Create(text.Length, (text, changes), static (span, state) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = state.changes(state.text[i]) ? (char)(state.text[i] ^ 0x20) : state.text[i];
            }
        });

    private static CelValue Reverse(ref Evaluation run, in CelValue a)
    {
        if (a.Kind == CelKind.List)
        {
            return ListFunctions.Reverse(a.AsList, ref run);
        }

        if (a.Kind != CelKind.String)
        {
            return Errors.NoMatch;
        }

        var text = a.AsString;
        if (!run.ChargeText(text.Length))
        {
            return Errors.Cost;
        }

        var reversed = new StringBuilder(text.Length);
        for (var i = text.Length - 1; i >= 0; i--)
        {
            if (i > 0 && char.IsLowSurrogate(text[i]) && char.IsHighSurrogate(text[i - 1]))
            {
                i--;
                reversed.Append(text, i, 2);
            }
            else
            {
                reversed.Append(text[i]);
            }
        }

        return CelValue.Of(reversed.ToString());
    }

    private static CelValue ReplaceSome(ref Evaluation run, ReadOnlySpan<CelValue> arguments) =>
        arguments is [{ Kind: CelKind.String }, { Kind: CelKind.String }, { Kind: CelKind.String }, { Kind: CelKind.Int }]
            ? Replace(arguments[0].AsString, arguments[1].AsString, arguments[2].AsString, arguments[3].AsInt, ref run)
            : Errors.NoMatch;

    // A negative limit replaces all. An empty part is found before every code point and at the end.
    private static CelValue Replace(string text, string part, string with, long limit, ref Evaluation run)
    {
        // The text is scanned once, and copied.
        if (!run.ChargeSearch(text.Length, part.Length) || !run.ChargeText(text.Length))
        {
            return Errors.Cost;
        }

        var result = new StringBuilder(text.Length);
        var at = 0;
        while (limit != 0 && at <= text.Length)
        {
            var found = text.IndexOf(part, at, StringComparison.Ordinal);
            if (found < 0)
            {
                break;
            }

            if (!run.ChargeText(with.Length))
            {
                return Errors.Cost;
            }

            result.Append(text, at, found - at).Append(with);
            at = found + part.Length;
            limit--;
            if (part.Length == 0)
            {
                if (at == text.Length)
                {
                    return CelValue.Of(result.ToString());
                }

                var width = CodePoints.Width(text, at);
                result.Append(text, at, width);
                at += width;
            }
        }

        return CelValue.Of(result.Append(text, at, text.Length - at).ToString());
    }

    private static CelValue Substring(string text, long start, long end, ref Evaluation run)
    {
        if (!run.ChargeText(text.Length))
        {
            return Errors.Cost;
        }

        var from = CodePoints.Offset(text, start);
        var to = end < 0 ? text.Length : CodePoints.Offset(text, end);
        return from < 0 ? OutOfRange(start) : to < 0 ? OutOfRange(end) : CelValue.Of(text[from..to]);
    }
}
