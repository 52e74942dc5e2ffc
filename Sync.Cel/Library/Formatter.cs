using System.Globalization;
using System.Text;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Library;

/// <summary><c>string.format(list)</c>: the clauses %s %d %f %e %b %o %x %X, a precision for %f and %e, and %%.</summary>
internal readonly ref struct Formatter(string format, CelList arguments)
{
    private const int MaxPrecision = 1000;

    public CelValue Run(ref Evaluation run)
    {
        if (!run.ChargeText(format.Length))
        {
            return Errors.Cost;
        }

        var text = new StringBuilder(format.Length + 16);
        var used = 0;
        for (var at = 0; at < format.Length;)
        {
            var mark = format.IndexOf('%', at);
            mark = mark < 0 ? format.Length : mark;
            text.Append(format, at, mark - at);
            if (mark == format.Length)
            {
                break;
            }

            at = mark + 1;
            if (at < format.Length && format[at] == '%')
            {
                text.Append('%');
                at++;
                continue;
            }

            if (!TryPrecision(ref at, out var precision) || at >= format.Length)
            {
                return CelValue.Error("The format ends inside a clause, or its precision is above 1000.", "Clauses are %s %d %f %.2f %e %b %o %x %X; write %% for a percent sign.");
            }

            if (used >= arguments.Count)
            {
                return CelValue.Error($"The format needs more than the {arguments.Count} values it was given.");
            }

            var problem = Clause(text, format[at++], precision, arguments[used++], ref run);
            if (problem.IsError)
            {
                return problem;
            }
        }

        return CelValue.Of(text.ToString());
    }

    private bool TryPrecision(ref int at, out int precision)
    {
        precision = 6;
        if (at >= format.Length || format[at] != '.')
        {
            return true;
        }

        var start = ++at;
        while (at < format.Length && char.IsAsciiDigit(format[at]))
        {
            at++;
        }

        return int.TryParse(format.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out precision) && precision <= MaxPrecision;
    }

    private static CelValue Clause(StringBuilder text, char clause, int precision, in CelValue value, ref Evaluation run)
    {
        switch (clause)
        {
            case 's':
                return FormatText.Append(text, value, ref run, depth: 0);
            case 'd':
                return run.Charge(4) ? Decimal(text, value) : Errors.Cost;
            case 'f' or 'e':
                return run.Charge(8 + (precision >> 4)) ? Fixed(text, clause, precision, value) : Errors.Cost;
            case 'b' or 'o' or 'x' or 'X':
                return Radix(text, clause, value, ref run);
            default:
                return CelValue.Error($"Unrecognized formatting clause `%{clause}`.", "Clauses are %s %d %f %e %b %o %x %X; write %% for a percent sign.");
        }
    }

    private static CelValue Wrong(string clause, string takes, in CelValue value) =>
        CelValue.Error($"The clause %{clause} takes {takes}, got {TypeNames.Plain(value)}.", "Use %s for any value.");

    private static CelValue Decimal(StringBuilder text, in CelValue value)
    {
        if (!value.IsNumber || (value.Kind == CelKind.Double && double.IsFinite(value.AsDouble) && !double.IsInteger(value.AsDouble)))
        {
            return Wrong("d", "integers", value);
        }

        text.Append(ValueText.Plain(value));
        return CelValue.Null;
    }

    private static CelValue Fixed(StringBuilder text, char clause, int precision, in CelValue value)
    {
        if (!value.IsNumber)
        {
            return Wrong(clause.ToString(), "numbers", value);
        }

        if (value.Kind == CelKind.Double && !double.IsFinite(value.AsDouble))
        {
            text.Append(ValueText.Double(value.AsDouble));
            return CelValue.Null;
        }

        var number = DecimalText.Of(value);
        if (clause == 'e')
        {
            number.AppendScientific(text, precision);
        }
        else
        {
            number.AppendFixed(text, precision);
        }

        return CelValue.Null;
    }

    private static CelValue Radix(StringBuilder text, char clause, in CelValue value, ref Evaluation run)
    {
        // A text becomes bytes, and each of them two digits.
        var length = value.Kind == CelKind.String ? value.AsString.Length : value.Kind == CelKind.Bytes ? value.BytesArray.Length : 0;
        if (!run.ChargeText(4L * length))
        {
            return Errors.Cost;
        }

        var bytes = value.Kind switch
        {
            CelKind.String when clause is 'x' or 'X' => Encoding.UTF8.GetBytes(value.AsString),
            CelKind.Bytes when clause is 'x' or 'X' => value.BytesArray,
            _ => null,
        };
        if (bytes is not null)
        {
            text.Append(clause == 'x' ? Convert.ToHexStringLower(bytes) : Convert.ToHexString(bytes));
            return CelValue.Null;
        }

        if (value.Kind is not (CelKind.Int or CelKind.UInt) && !(value.Kind == CelKind.Bool && clause == 'b'))
        {
            return Wrong(clause.ToString(), clause == 'b' ? "integers and bools" : clause == 'o' ? "integers" : "integers, strings and bytes", value);
        }

        var isNegative = value.Kind == CelKind.Int && value.AsInt < 0;
        var magnitude = isNegative ? (ulong)-(Int128)value.AsInt : value.AsUInt;
        text.Append(isNegative ? "-" : "");
        switch (clause)
        {
            case 'b':
                text.Append(magnitude.ToString("B", CultureInfo.InvariantCulture));
                break;
            case 'o':
                text.Append(Octal(magnitude));
                break;
            default:
                text.Append(magnitude.ToString(clause.ToString(), CultureInfo.InvariantCulture));
                break;
        }

        return CelValue.Null;
    }

    private static string Octal(ulong value)
    {
        Span<char> digits = stackalloc char[22];
        var at = digits.Length;
        do
        {
            digits[--at] = (char)('0' + (value & 7));
            value >>= 3;
        }
        while (value != 0);
        return new string(digits[at..]);
    }
}
