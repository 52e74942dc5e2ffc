using Sync.Cel.Syntax;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Planning;

/// <summary>The operators <c>+ - * / %</c> (CEL spec: Arithmetic; integer overflow is an error).</summary>
internal static class Arithmetic
{
    public static CelValue Apply(TokenKind op, in CelValue a, in CelValue b, bool mixed, ref Evaluation run)
    {
        switch (a.Kind, b.Kind)
        {
            case (CelKind.Int, CelKind.Int):
                return Ints(op, a.AsInt, b.AsInt);
            case (CelKind.Double, CelKind.Double):
                return Doubles(op, a, b, a.AsDouble, b.AsDouble);
            case (CelKind.Int, CelKind.Double) when mixed:
                return Doubles(op, a, b, a.AsInt, b.AsDouble);
            case (CelKind.Double, CelKind.Int) when mixed:
                return Doubles(op, a, b, a.AsDouble, b.AsInt);
            case (CelKind.UInt, CelKind.UInt):
                return UInts(op, a.AsUInt, b.AsUInt);
            case (CelKind.String, CelKind.String) when op == TokenKind.Plus:
                return run.ChargeText((long)a.AsString.Length + b.AsString.Length)
                    ? CelValue.Of(string.Concat(a.AsString, b.AsString))
                    : Errors.Cost;
            case (CelKind.List, CelKind.List) when op == TokenKind.Plus:
                return Join(a.AsList, b.AsList, ref run);
            case (CelKind.Bytes, CelKind.Bytes) when op == TokenKind.Plus:
                return run.ChargeText((long)a.BytesArray.Length + b.BytesArray.Length)
                    ? CelValue.Bytes([.. a.BytesArray, .. b.BytesArray])
                    : Errors.Cost;
            default:
                var result = Times(op, a, b);
                return a.IsMoving || b.IsMoving ? Moving(op, a, b, result, ref run) : result;
        }
    }

    private static CelValue Ints(TokenKind op, long a, long b)
    {
        long result;
        switch (op)
        {
            case TokenKind.Plus:
                result = unchecked(a + b);
                return ((a ^ result) & (b ^ result)) < 0 ? Errors.Overflow : CelValue.Of(result);
            case TokenKind.Minus:
                result = unchecked(a - b);
                return ((a ^ b) & (a ^ result)) < 0 ? Errors.Overflow : CelValue.Of(result);
            case TokenKind.Star:
                return Math.BigMul(a, b, out result) != result >> 63 ? Errors.Overflow : CelValue.Of(result);
            case TokenKind.Slash:
                return b == 0 ? Errors.DivideByZero
                    : a == long.MinValue && b == -1 ? Errors.Overflow
                    : CelValue.Of(a / b);
            default:
                // The processor traps on MinValue % -1, whose result is 0.
                return b == 0 ? Errors.ModulusByZero : CelValue.Of(b == -1 ? 0 : a % b);
        }
    }

    private static CelValue UInts(TokenKind op, ulong a, ulong b) => op switch
    {
        TokenKind.Plus => unchecked(a + b) < a ? Errors.Overflow : CelValue.UInt(a + b),
        TokenKind.Minus => b > a ? Errors.Overflow : CelValue.UInt(a - b),
        TokenKind.Star => Math.BigMul(a, b, out var low) != 0 ? Errors.Overflow : CelValue.UInt(low),
        TokenKind.Slash => b == 0 ? Errors.DivideByZero : CelValue.UInt(a / b),
        _ => b == 0 ? Errors.ModulusByZero : CelValue.UInt(a % b),
    };

    private static CelValue Doubles(TokenKind op, in CelValue left, in CelValue right, double a, double b) => op switch
    {
        TokenKind.Plus => CelValue.Of(a + b),
        TokenKind.Minus => CelValue.Of(a - b),
        TokenKind.Star => CelValue.Of(a * b),
        TokenKind.Slash => CelValue.Of(a / b),
        _ => Errors.Operator("%", left, right),
    };

    private static CelValue Join(CelList a, CelList b, ref Evaluation run)
    {
        if (!run.Charge(1 + (long)a.Count + b.Count))
        {
            return Errors.Cost;
        }

        var items = new CelValue[a.Count + b.Count];
        for (var i = 0; i < a.Count; i++)
        {
            items[i] = a[i];
        }

        for (var i = 0; i < b.Count; i++)
        {
            items[a.Count + i] = b[i];
        }

        return CelValue.Of(new ArrayList(items, items.Length, built: true));
    }

    // CelClock: sums and differences move as their parts do.
    private static CelValue Moving(TokenKind op, in CelValue a, in CelValue b, in CelValue result, ref Evaluation run)
    {
        var slope = a.Slope + (op == TokenKind.Minus ? -b.Slope : b.Slope);
        if (result.Kind is not (CelKind.Timestamp or CelKind.Duration) || slope is not (1 or 0 or -1))
        {
            run.Clock?.Lose();
            return result;
        }

        return result.MovingBy(slope);
    }

    private static CelValue Times(TokenKind op, in CelValue a, in CelValue b) => (op, a.Kind, b.Kind) switch
    {
        (TokenKind.Plus, CelKind.Timestamp, CelKind.Duration) => Instants.TimestampOf(Instants.Nanos(a) + b.DurationNanos),
        (TokenKind.Plus, CelKind.Duration, CelKind.Timestamp) => Instants.TimestampOf(Instants.Nanos(b) + a.DurationNanos),
        (TokenKind.Minus, CelKind.Timestamp, CelKind.Duration) => Instants.TimestampOf(Instants.Nanos(a) - b.DurationNanos),
        (TokenKind.Minus, CelKind.Timestamp, CelKind.Timestamp) => DurationOf(Instants.Nanos(a) - Instants.Nanos(b)),
        (TokenKind.Plus, CelKind.Duration, CelKind.Duration) => DurationOf((Int128)a.DurationNanos + b.DurationNanos),
        (TokenKind.Minus, CelKind.Duration, CelKind.Duration) => DurationOf((Int128)a.DurationNanos - b.DurationNanos),
        _ => Errors.Operator(TokenText.Of(op), a, b),
    };

    private static CelValue DurationOf(Int128 nanos) =>
        nanos < long.MinValue || nanos > long.MaxValue ? Errors.DurationRange : CelValue.Duration((long)nanos);
}
