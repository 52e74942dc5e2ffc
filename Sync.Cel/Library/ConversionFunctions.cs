using System.Globalization;
using System.Text;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Library;

/// <summary>The type conversions of the language definition, <c>type</c> and <c>dyn</c>.</summary>
internal static class ConversionFunctions
{
    private const double TwoTo63 = 9223372036854775808.0;
    private const double TwoTo64 = 18446744073709551616.0;

    // Room for leading zeros; and for every digit of the smallest double.
    private const int MaxInteger = 64;
    private const int MaxDouble = 1200;

    private const long MaxDurationSeconds = long.MaxValue / TimeText.NanosPerSecond;

    // Numbers and times as text, and times from it.
    private const int PriceOfPrinting = 4;

    private static readonly CelValue s_intRange = CelValue.Error("The value does not fit an int: range error.");
    private static readonly CelValue s_uintRange = CelValue.Error("The value does not fit a uint: range error.");
    private static readonly CelValue s_doubleRange = CelValue.Error("The value does not fit a double: range error.");

    public static void Register(FunctionTable.Builder table)
    {
        table.Function("type(dyn) type", (ref run, in a) => CelValue.Type(a.TypeName));
        table.Function("dyn(dyn) dyn", (ref run, in a) => a);
        table.Function("bool(bool) bool; bool(string) bool", Bool);
        table.Function("int(int) int; int(uint) int; int(double) int; int(string) int; int(timestamp) int; int(duration) int", Int);
        table.Function("uint(uint) uint; uint(int) uint; uint(double) uint; uint(string) uint", UInt);
        table.Function("double(double) double; double(int) double; double(uint) double; double(string) double", Double);
        table.Function("string(dyn) string", String);
        table.Function("bytes(bytes) bytes; bytes(string) bytes", Bytes);
        table.Function("timestamp(timestamp) timestamp; timestamp(string) timestamp; timestamp(int) timestamp", Timestamp);
        table.Function("duration(duration) duration; duration(string) duration; duration(int) duration", Duration);
    }

    private static CelValue Bool(ref Evaluation run, in CelValue a) => a.Kind switch
    {
        CelKind.Bool => a,
        // Matching a text against literals reads it whole.
        CelKind.String when !IsShort(a.AsString, "false".Length) => NotA("bool", a),
        CelKind.String => a.AsString switch
        {
            "1" or "t" or "true" or "T" or "TRUE" or "True" => CelValue.Of(true),
            "0" or "f" or "false" or "F" or "FALSE" or "False" => CelValue.Of(false),
            _ => NotA("bool", a),
        },
        _ => Errors.NoMatch,
    };

    private static CelValue Int(ref Evaluation run, in CelValue a) => a.Kind switch
    {
        CelKind.Int => a,
        CelKind.UInt => a.AsUInt <= long.MaxValue ? CelValue.Of((long)a.AsUInt) : s_intRange,

        // Both ends are out: 2^63 itself, and -2^63 because the suite asks for it (double_int_min_range).
        CelKind.Double => a.AsDouble is > -TwoTo63 and < TwoTo63 ? CelValue.Of((long)a.AsDouble) : s_intRange,
        CelKind.String => IsShort(a.AsString, MaxInteger) && long.TryParse(a.AsString, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed) ? CelValue.Of(parsed) : NotA("int", a),
        CelKind.Timestamp => CelValue.Of(a.TimestampSeconds),
        CelKind.Duration => CelValue.Of(a.DurationNanos / TimeText.NanosPerSecond),
        _ => Errors.NoMatch,
    };

    private static CelValue UInt(ref Evaluation run, in CelValue a) => a.Kind switch
    {
        CelKind.UInt => a,
        CelKind.Int => a.AsInt >= 0 ? CelValue.UInt((ulong)a.AsInt) : s_uintRange,
        CelKind.Double => a.AsDouble is >= 0 and < TwoTo64 ? CelValue.UInt((ulong)a.AsDouble) : s_uintRange,
        CelKind.String => IsShort(a.AsString, MaxInteger) && ulong.TryParse(a.AsString, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? CelValue.UInt(parsed) : NotA("uint", a),
        _ => Errors.NoMatch,
    };

    private static CelValue Double(ref Evaluation run, in CelValue a) => a.Kind switch
    {
        CelKind.Double => a,
        CelKind.Int => CelValue.Of((double)a.AsInt),
        CelKind.UInt => CelValue.Of((double)a.AsUInt),
        CelKind.String => run.Charge(1 + (Math.Min(a.AsString.Length, MaxDouble) >> 3)) ? ParseDouble(a) : Errors.Cost,
        _ => Errors.NoMatch,
    };

    private static CelValue ParseDouble(in CelValue a)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!IsShort(a.AsString, MaxDouble))
        {
            return NotA("double", a);
        }

        return a.AsString switch
        {
            "NaN" => CelValue.Of(double.NaN),
            "Infinity" or "+Infinity" or "Inf" or "+Inf" => CelValue.Of(double.PositiveInfinity),
            "-Infinity" or "-Inf" => CelValue.Of(double.NegativeInfinity),
            var text => !double.TryParse(text, Style, CultureInfo.InvariantCulture, out var parsed) ? NotA("double", a)
                : double.IsFinite(parsed) ? CelValue.Of(parsed)
                : s_doubleRange,
        };
    }

    private static CelValue String(ref Evaluation run, in CelValue a)
    {
        switch (a.Kind)
        {
            case CelKind.String:
                return a;
            case CelKind.Bytes:
                return !run.ChargeText(a.BytesArray.Length) ? Errors.Cost
                    : CodePoints.TryDecode(a.BytesArray, out var text) ? CelValue.Of(text)
                    : CelValue.Error("The bytes are invalid UTF-8.", "Use `base64.encode(b)` for bytes that are no text.");
            case CelKind.Bool or CelKind.Int or CelKind.UInt or CelKind.Double or CelKind.Timestamp or CelKind.Duration or CelKind.Opaque or CelKind.Type:
                return run.Charge(PriceOfPrinting) ? CelValue.Of(ValueText.Plain(a)) : Errors.Cost;
            default:
                return Errors.NoMatch;
        }
    }

    private static CelValue Bytes(ref Evaluation run, in CelValue a) => a.Kind switch
    {
        CelKind.Bytes => a,
        CelKind.String => run.ChargeText(a.AsString.Length) ? CelValue.Bytes(Encoding.UTF8.GetBytes(a.AsString)) : Errors.Cost,
        _ => Errors.NoMatch,
    };

    private static CelValue Timestamp(ref Evaluation run, in CelValue a) => a.Kind switch
    {
        CelKind.Timestamp => a,
        CelKind.String => run.Charge(PriceOfPrinting) ? TimeText.ParseTimestamp(a.AsString) : Errors.Cost,
        CelKind.Int => a.AsInt is < TimeText.MinSeconds or > TimeText.MaxSeconds ? Errors.TimeRange : CelValue.Timestamp(a.AsInt, 0),
        _ => Errors.NoMatch,
    };

    private static CelValue Duration(ref Evaluation run, in CelValue a) => a.Kind switch
    {
        CelKind.Duration => a,
        CelKind.String => run.Charge(1 + (Math.Min(a.AsString.Length, TimeText.MaxDuration) >> 3)) ? TimeText.ParseDuration(a.AsString) : Errors.Cost,
        CelKind.Int => a.AsInt is >= -MaxDurationSeconds and <= MaxDurationSeconds ? CelValue.Duration(a.AsInt * TimeText.NanosPerSecond) : Errors.DurationRange,
        _ => Errors.NoMatch,
    };

    // What is longer stands for no number of the type, or for one that nobody writes so.
    private static bool IsShort(string text, int max) => text.Length <= max;

    private static CelValue NotA(string type, in CelValue text) => CelValue.Error($"Type conversion error: {ValueText.Brief(text)} is not {TypeNames.WithArticle(type)}.");
}
