using Sync.Cel.Values;

namespace Sync.Cel.Library;

/// <summary>The bit operations of the math library: int with int, uint with uint.</summary>
internal static class BitFunctions
{
    public static void Register(FunctionTable.Builder table)
    {
        Pair(table, "bitAnd", static (a, b) => a & b);
        Pair(table, "bitOr", static (a, b) => a | b);
        Pair(table, "bitXor", static (a, b) => a ^ b);
        table.Function("math.bitNot(int) int; math.bitNot(uint) uint", (ref run, in a) => a.Kind switch
        {
            CelKind.Int => CelValue.Of(~a.AsInt),
            CelKind.UInt => CelValue.UInt(~a.AsUInt),
            _ => Errors.NoMatch,
        });
        Shift(table, "bitShiftLeft", isLeft: true);
        Shift(table, "bitShiftRight", isLeft: false);
    }

    private static void Pair(FunctionTable.Builder table, string name, Func<long, long, long> combine) =>
        table.Function($"math.{name}(int, int) int; math.{name}(uint, uint) uint", (ref run, in a, in b) => (a.Kind, b.Kind) switch
        {
            (CelKind.Int, CelKind.Int) => CelValue.Of(combine(a.AsInt, b.AsInt)),
            (CelKind.UInt, CelKind.UInt) => CelValue.UInt((ulong)combine(a.AsInt, b.AsInt)),
            _ => Errors.NoMatch,
        });

    // A shift by 64 or more gives 0, and a right shift of an int does not carry the sign along (conformance: bitShiftRight).
    private static void Shift(FunctionTable.Builder table, string name, bool isLeft) =>
        table.Function($"math.{name}(int, int) int; math.{name}(uint, int) uint", (ref run, in a, in b) =>
        {
            if (a.Kind is not (CelKind.Int or CelKind.UInt) || b.Kind != CelKind.Int)
            {
                return Errors.NoMatch;
            }

            if (b.AsInt < 0)
            {
                return CelValue.Error($"`math.{name}` cannot shift by a negative offset: {b.AsInt}.");
            }

            var bits = b.AsInt >= 64 ? 0 : isLeft ? a.AsUInt << (int)b.AsInt : a.AsUInt >> (int)b.AsInt;
            return a.Kind == CelKind.Int ? CelValue.Of((long)bits) : CelValue.UInt(bits);
        });
}
