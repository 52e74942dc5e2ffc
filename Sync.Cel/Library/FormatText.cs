using System.Buffers;
using System.Numerics;
using System.Text;
using System.Text.Unicode;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Library;

/// <summary>What <c>%s</c> prints: text bare, lists and maps in brackets, map entries sorted by the text of their keys.</summary>
internal static class FormatText
{
    public static CelValue Append(StringBuilder text, in CelValue value, ref Evaluation run, int depth)
    {
        if (!run.Charge(1))
        {
            return Errors.Cost;
        }

        if (depth >= Evaluation.MaxValueDepth)
        {
            return Errors.Depth;
        }

        switch (value.Kind)
        {
            case CelKind.String:
                // Charged before it is copied: many references to one long text must not outgrow the meter.
                if (!run.ChargeText(value.AsString.Length))
                {
                    return Errors.Cost;
                }

                text.Append(value.AsString);
                return CelValue.Null;
            case CelKind.Bytes:
                if (!run.ChargeText(value.BytesArray.Length))
                {
                    return Errors.Cost;
                }

                AppendUtf8(text, value.BytesArray);
                return CelValue.Null;
            case CelKind.List:
                return AppendList(text, value.AsList, ref run, depth + 1);
            case CelKind.Map:
                return AppendMap(text, value.AsMap, ref run, depth + 1);
            case CelKind.Optional:
                return CelValue.Error("The clause %s does not take optionals.", "Use `x.orValue(d)`.");
            default:
                text.Append(ValueText.Plain(value));
                return CelValue.Null;
        }
    }

    // However many bytes in a row are no text, one U+FFFD stands for them, as in other implementations.
    private static void AppendUtf8(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            text.Append(Encoding.UTF8.GetString(bytes));
            return;
        }

        for (var wasText = true; !bytes.IsEmpty;)
        {
            var isText = Rune.DecodeFromUtf8(bytes, out var rune, out var length) == OperationStatus.Done;
            if (isText || wasText)
            {
                text.Append(rune); // U+FFFD where it is none
            }

            wasText = isText;
            bytes = bytes[length..];
        }
    }

    private static CelValue AppendList(StringBuilder text, CelList list, ref Evaluation run, int depth)
    {
        text.Append('[');
        for (var i = 0; i < list.Count; i++)
        {
            text.Append(i == 0 ? "" : ", ");
            var problem = Append(text, list[i], ref run, depth);
            if (problem.IsError)
            {
                return problem;
            }
        }

        text.Append(']');
        return CelValue.Null;
    }

    private static CelValue AppendMap(StringBuilder text, CelMap map, ref Evaluation run, int depth)
    {
        if (!run.Charge(map.Count))
        {
            return Errors.Cost;
        }

        // Sorting reads each key about as often as their number has digits in base two.
        var rounds = 1 + BitOperations.Log2((uint)map.Count + 1);
        var keys = new List<(string Text, CelValue Key)>();
        foreach (var key in map.Keys)
        {
            var shown = ValueText.Plain(key);
            if (!run.Charge(rounds * (1L + (shown.Length >> 4))))
            {
                return Errors.Cost;
            }

            keys.Add((shown, key));
        }

        keys.Sort(static (a, b) => Ordering.CompareText(a.Text, b.Text));
        text.Append('{');
        var first = true;
        foreach (var (shown, key) in keys)
        {
            text.Append(first ? "" : ", ").Append(shown).Append(": ");
            first = false;
            map.TryGet(key, run.Budget, out var item);
            var problem = Append(text, item, ref run, depth);
            if (problem.IsError)
            {
                return problem;
            }
        }

        text.Append('}');
        return CelValue.Null;
    }
}
