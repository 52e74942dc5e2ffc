using System.Globalization;
using System.Text;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Library;

/// <summary>Strings to lists and back: split, join, format, quote; and base64.</summary>
internal static class TextListFunctions
{
    public static void Register(FunctionTable.Builder table)
    {
        table.Method("string.split(string) list<string>", (ref run, in a, in b) =>
            a.Kind == CelKind.String && b.Kind == CelKind.String ? Split(a.AsString, b.AsString, -1, ref run) : Errors.NoMatch);
        table.Method("string.split(string, int) list<string>", (ref run, in a, in b, in c) =>
            a.Kind == CelKind.String && b.Kind == CelKind.String && c.Kind == CelKind.Int ? Split(a.AsString, b.AsString, c.AsInt, ref run) : Errors.NoMatch);
        table.Method("list<string>.join() string", (ref run, in a) =>
            a.Kind == CelKind.List ? Join(a.AsList, "", ref run) : Errors.NoMatch);
        table.Method("list<string>.join(string) string", (ref run, in a, in b) =>
            a.Kind == CelKind.List && b.Kind == CelKind.String ? Join(a.AsList, b.AsString, ref run) : Errors.NoMatch);
        table.Method("string.format(list<dyn>) string", (ref run, in a, in b) =>
            a.Kind == CelKind.String && b.Kind == CelKind.List ? new Formatter(a.AsString, b.AsList).Run(ref run) : Errors.NoMatch);
        table.Function("strings.quote(string) string", Quote);
        table.Function("base64.encode(bytes) string", (ref run, in a) =>
            a.Kind != CelKind.Bytes ? Errors.NoMatch : run.ChargeText(2L * a.BytesArray.Length) ? CelValue.Of(Convert.ToBase64String(a.BytesArray)) : Errors.Cost);
        table.Function("base64.decode(string) bytes", Decode);
    }

    private static CelValue Split(string text, string separator, long limit, ref Evaluation run)
    {
        var parts = new ListBuilder(0);
        if (limit == 0 || !run.ChargeSearch(text.Length, separator.Length) || !run.ChargeText(text.Length))
        {
            return limit == 0 ? parts.ToValue() : Errors.Cost;
        }

        var at = 0;
        while (limit < 0 || parts.Count < limit - 1)
        {
            if (!run.Charge(1))
            {
                return Errors.Cost;
            }

            // An empty separator splits into code points.
            var found = separator.Length > 0 ? text.IndexOf(separator, at, StringComparison.Ordinal)
                : at < text.Length && at + CodePoints.Width(text, at) < text.Length ? at + CodePoints.Width(text, at) : -1;
            if (found < 0)
            {
                break;
            }

            parts.Add(CelValue.Of(text[at..found]));
            at = found + separator.Length;
        }

        if (separator.Length > 0 || text.Length > 0)
        {
            parts.Add(CelValue.Of(text[at..]));
        }

        return parts.ToValue();
    }

    private static CelValue Join(CelList list, string separator, ref Evaluation run)
    {
        var text = new StringBuilder();
        for (var i = 0; i < list.Count; i++)
        {
            var item = list[i];
            if (item.Kind != CelKind.String)
            {
                return CelValue.Error($"`join` needs strings; element {i} is {TypeNames.Plain(item)}.", "Convert first: `list.map(x, string(x)).join(\",\")`.");
            }

            if (!run.ChargeText((long)item.AsString.Length + separator.Length))
            {
                return Errors.Cost;
            }

            text.Append(i == 0 ? "" : separator).Append(item.AsString);
        }

        return CelValue.Of(text.ToString());
    }

    private static CelValue Quote(ref Evaluation run, in CelValue a)
    {
        if (a.Kind != CelKind.String)
        {
            return Errors.NoMatch;
        }

        if (!run.ChargeText(2L * a.AsString.Length))
        {
            return Errors.Cost;
        }

        var text = new StringBuilder(a.AsString.Length + 2).Append('"');
        foreach (var rune in a.AsString.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                7 => text.Append("\\a"),
                8 => text.Append("\\b"),
                9 => text.Append("\\t"),
                10 => text.Append("\\n"),
                11 => text.Append("\\v"),
                12 => text.Append("\\f"),
                13 => text.Append("\\r"),
                _ => text.Append(rune.ToString()),
            };
        }

        return CelValue.Of(text.Append('"').ToString());
    }

    private static CelValue Decode(ref Evaluation run, in CelValue a)
    {
        if (a.Kind != CelKind.String)
        {
            return Errors.NoMatch;
        }

        // Read, padded and decoded.
        if (!run.ChargeText(2L * a.AsString.Length))
        {
            return Errors.Cost;
        }

        // Padding may be left out (conformance: hello_without_padding).
        var text = a.AsString.TrimEnd('=');
        var padded = text.PadRight((text.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length / 4 * 3];
        return Convert.TryFromBase64String(padded, bytes, out var written)
            ? CelValue.Bytes(bytes[..written])
            : CelValue.Error("The text is not base64.", string.Create(CultureInfo.InvariantCulture, $"It has {a.AsString.Length} characters; only A-Z a-z 0-9 + / and = may stand in it."));
    }
}
