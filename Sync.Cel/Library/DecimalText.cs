using System.Globalization;
using System.Text;
using Sync.Cel.Values;

namespace Sync.Cel.Library;

/// <summary>
/// Every decimal digit of a finite number, to be rounded where a format says. What lies exactly between two texts becomes the one with the even digit, as C's printf and
/// Go's have it; .NET's own formats round those away from zero, and custom ones keep 15 digits only.
/// </summary>
internal readonly ref struct DecimalText
{
    private const int MaxDigits = 767; // of a double, written out

    private readonly ReadOnlySpan<char> _digits; // without zeros at the end
    private readonly int _point; // how many digits stand before the decimal point; negative for zeros after it
    private readonly bool _isNegative;

    private DecimalText(ReadOnlySpan<char> digits, int point, bool isNegative)
    {
        _digits = digits.TrimEnd('0');
        _point = _digits.IsEmpty ? 1 : point;
        _isNegative = isNegative;
    }

    /// <summary>The digits of an int, a uint, or a double that is finite.</summary>
    public static DecimalText Of(in CelValue value)
    {
        if (value.Kind != CelKind.Double)
        {
            var whole = ValueText.Plain(value).AsSpan().TrimStart('-');
            return new DecimalText(whole, whole.Length, value.Kind == CelKind.Int && value.AsInt < 0);
        }

        var text = double.Abs(value.AsDouble).ToString("E" + (MaxDigits - 1).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var exponentAt = text.IndexOf('E');
        var exponent = int.Parse(text.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return new DecimalText(string.Concat(text.AsSpan(0, 1), text.AsSpan(2, exponentAt - 2)), exponent + 1, double.IsNegative(value.AsDouble));
    }

    /// <summary>As <c>%e</c>: one digit before the point, an exponent of at least two digits.</summary>
    public void AppendScientific(StringBuilder text, int precision)
    {
        var rounded = Rounded(precision + 1, out var point);
        text.Append(_isNegative ? "-" : "");
        AppendPadded(text, rounded, 0, 1);
        if (precision > 0)
        {
            text.Append('.');
            AppendPadded(text, rounded, 1, precision);
        }

        var exponent = _digits.IsEmpty ? 0 : point - 1;
        text.Append(exponent < 0 ? "e-" : "e+").Append(Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture));
    }

    /// <summary>As <c>%f</c>: all digits before the point, <paramref name="precision"/> after it.</summary>
    public void AppendFixed(StringBuilder text, int precision)
    {
        var rounded = Rounded(_point + precision, out var point);
        text.Append(_isNegative ? "-" : "");
        if (point <= 0)
        {
            text.Append('0');
        }
        else
        {
            AppendPadded(text, rounded, 0, point);
        }

        if (precision > 0)
        {
            var zeros = Math.Clamp(-point, 0, precision);
            text.Append('.').Append('0', zeros);
            AppendPadded(text, rounded, Math.Max(point, 0), precision - zeros);
        }
    }

    // The digits from one place on, with zeros where there are none any more.
    private static void AppendPadded(StringBuilder text, ReadOnlySpan<char> digits, int from, int count)
    {
        var there = digits[Math.Min(from, digits.Length)..];
        there = there[..Math.Min(there.Length, count)];
        text.Append(there).Append('0', count - there.Length);
    }

    private ReadOnlySpan<char> Rounded(int count, out int point)
    {
        point = _point;
        if (count >= _digits.Length)
        {
            return _digits;
        }

        if (count < 0)
        {
            return [];
        }

        // Digits have no zeros at the end, so what follows a 5 is more than half.
        var next = _digits[count];
        var isUp = next > '5' || (next == '5' && (count + 1 < _digits.Length || (count > 0 && (_digits[count - 1] & 1) == 1)));
        if (!isUp)
        {
            return _digits[..count];
        }

        var kept = _digits[..count].TrimEnd('9');
        if (kept.IsEmpty)
        {
            point++;
            return "1";
        }

        var rounded = kept.ToArray();
        rounded[^1]++;
        return rounded;
    }
}
