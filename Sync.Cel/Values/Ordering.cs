namespace Sync.Cel.Values;

/// <summary>The language's order (CEL spec: Ordering): within a type, and across the numeric types.</summary>
internal static class Ordering
{
    /// <summary>The result of <see cref="TryCompare"/> for NaN: neither less, equal nor greater.</summary>
    public const int Unordered = 2;

    private const double TwoTo63 = 9223372036854775808.0;
    private const double TwoTo64 = 18446744073709551616.0;

    /// <summary>-1, 0 or 1, or <see cref="Unordered"/>; false where the types have no order.</summary>
    public static bool TryCompare(in CelValue left, in CelValue right, out int order)
    {
        order = 0;
        if (left.Kind != right.Kind)
        {
            if (!left.IsNumber || !right.IsNumber)
            {
                return false;
            }

            order = CompareNumbers(left, right);
            return true;
        }

        switch (left.Kind)
        {
            case CelKind.Bool or CelKind.Int or CelKind.Duration:
                order = left.AsInt.CompareTo(right.AsInt);
                return true;
            case CelKind.UInt:
                order = left.AsUInt.CompareTo(right.AsUInt);
                return true;
            case CelKind.Double:
                order = CompareDoubles(left.AsDouble, right.AsDouble);
                return true;
            case CelKind.String:
                order = CompareText(left.AsString, right.AsString);
                return true;
            case CelKind.Bytes:
                order = Math.Sign(left.BytesArray.AsSpan().SequenceCompareTo(right.BytesArray));
                return true;
            case CelKind.Timestamp:
                order = left.TimestampSeconds.CompareTo(right.TimestampSeconds);
                order = order != 0 ? order : left.TimestampNanos.CompareTo(right.TimestampNanos);
                return true;
            default:
                return false;
        }
    }

    /// <summary>What comparing takes beyond looking at the types: texts are read as far as they are alike.</summary>
    public static long Price(in CelValue left, in CelValue right) => (left.Kind, right.Kind) switch
    {
        (CelKind.String, CelKind.String) => Math.Min(left.AsString.Length, right.AsString.Length) >> 4,
        (CelKind.Bytes, CelKind.Bytes) => Math.Min(left.BytesArray.Length, right.BytesArray.Length) >> 4,
        _ => 0,
    };

    /// <summary>
    /// Compares numbers of any types. An integer against a double is compared as doubles, which is lossy beyond 2^53: the
    /// conformance suite asserts that 9223372036854775807 is not less than 9223372036854775808.0.
    /// </summary>
    public static int CompareNumbers(in CelValue left, in CelValue right) => (left.Kind, right.Kind) switch
    {
        (CelKind.Int, CelKind.Int) => left.AsInt.CompareTo(right.AsInt),
        (CelKind.UInt, CelKind.UInt) => left.AsUInt.CompareTo(right.AsUInt),
        (CelKind.Int, CelKind.UInt) => left.AsInt < 0 ? -1 : ((ulong)left.AsInt).CompareTo(right.AsUInt),
        (CelKind.UInt, CelKind.Int) => right.AsInt < 0 ? 1 : left.AsUInt.CompareTo((ulong)right.AsInt),
        (CelKind.Int, CelKind.Double) => IntToDouble(left.AsInt, right.AsDouble),
        (CelKind.Double, CelKind.Int) => Reverse(IntToDouble(right.AsInt, left.AsDouble)),
        (CelKind.UInt, CelKind.Double) => UIntToDouble(left.AsUInt, right.AsDouble),
        (CelKind.Double, CelKind.UInt) => Reverse(UIntToDouble(right.AsUInt, left.AsDouble)),
        _ => CompareDoubles(left.AsDouble, right.AsDouble),
    };

    /// <summary>Compares by code point. UTF-16 order differs where surrogates meet U+E000 to U+FFFF.</summary>
    public static int CompareText(string left, string right)
    {
        var common = left.AsSpan().CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        char a = left[common], b = right[common];
        if (a >= '\uD800' && b >= '\uD800' && char.IsSurrogate(a) != char.IsSurrogate(b))
        {
            return char.IsSurrogate(a) ? 1 : -1;
        }

        return a < b ? -1 : 1;
    }

    private static int IntToDouble(long left, double right) => right switch
    {
        < -TwoTo63 => 1,
        > TwoTo63 => -1,
        _ => CompareDoubles(left, right),
    };

    private static int UIntToDouble(ulong left, double right) => right switch
    {
        < 0 => 1,
        > TwoTo64 => -1,
        _ => CompareDoubles(left, right),
    };

    private static int CompareDoubles(double left, double right) =>
        left < right ? -1 : left > right ? 1 : left == right ? 0 : Unordered;

    private static int Reverse(int order) => order == Unordered ? order : -order;
}
