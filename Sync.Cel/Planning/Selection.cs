using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Planning;

/// <summary>Selecting, indexing and testing for presence: one place for what absent means.</summary>
internal static class Selection
{
    public static CelValue Field(in CelValue operand, string field, bool absentIsNull, ref Evaluation run)
    {
        switch (operand.Kind)
        {
            case CelKind.Map:
                return operand.MapUnchecked.TryGet(field, run.Budget, out var value) ? value
                    : absentIsNull ? operand.MapUnchecked.Absent
                    : Errors.NoSuchKey(CelValue.Of(field));
            case CelKind.Null when absentIsNull:
                return CelValue.Null;
            case CelKind.Optional:
                return OptionalField(operand, field, absentIsNull, ref run);
            case CelKind.Error:
                return operand;
            default:
                return Errors.NoSelection(field, operand);
        }
    }

    /// <summary><c>operand.?field</c>: an optional, none where the key is absent.</summary>
    public static CelValue OptionalField(in CelValue operand, string field, bool absentIsNull, ref Evaluation run)
    {
        switch (operand.Kind)
        {
            case CelKind.Map:
                return operand.MapUnchecked.TryGet(field, run.Budget, out var value) ? Some(value) : CelValue.Of(CelOptional.None);
            case CelKind.Optional:
                return operand.AsOptional.HasValue ? OptionalField(operand.AsOptional.Value, field, absentIsNull, ref run) : operand;
            case CelKind.Null when absentIsNull:
                return CelValue.Of(CelOptional.None);
            case CelKind.Error:
                return operand;
            default:
                return Errors.NoSelection(field, operand);
        }
    }

    public static CelValue HasField(in CelValue operand, string field, bool absentIsNull, ref Evaluation run)
    {
        switch (operand.Kind)
        {
            case CelKind.Map:
                var isThere = operand.MapUnchecked.TryGet(field, run.Budget, out var found);
                return isThere && found.IsError ? found : CelValue.Of(isThere);
            case CelKind.Optional:
                return operand.AsOptional.HasValue ? HasField(operand.AsOptional.Value, field, absentIsNull, ref run) : CelValue.Of(false);
            case CelKind.Null when absentIsNull:
                return CelValue.Of(false);
            case CelKind.Error:
                return operand;
            default:
                return Errors.NoSelection(field, operand);
        }
    }

    public static CelValue Index(in CelValue operand, in CelValue index, bool absentIsNull, ref Evaluation run)
    {
        switch (operand.Kind)
        {
            case CelKind.Map:
                return operand.MapUnchecked.TryGet(index, run.Budget, out var value) ? value
                    : absentIsNull ? operand.MapUnchecked.Absent
                    : Errors.NoSuchKey(index);
            case CelKind.List:
                return !TryPosition(index, out var at) ? Errors.NotIndexable(operand, index)
                    : at < 0 || at >= operand.ListUnchecked.Count ? Errors.IndexRange(at, operand.ListUnchecked.Count)
                    : operand.ListUnchecked[(int)at];
            case CelKind.Null when absentIsNull:
                return CelValue.Null;
            case CelKind.Optional:
                return OptionalIndex(operand, index, absentIsNull, ref run);
            default:
                return Errors.NotIndexable(operand, index);
        }
    }

    /// <summary><c>operand[?index]</c>: an optional, none where the key or position is absent.</summary>
    public static CelValue OptionalIndex(in CelValue operand, in CelValue index, bool absentIsNull, ref Evaluation run)
    {
        switch (operand.Kind)
        {
            case CelKind.Map:
                return operand.MapUnchecked.TryGet(index, run.Budget, out var value) ? Some(value) : CelValue.Of(CelOptional.None);
            case CelKind.List:
                return !TryPosition(index, out var at) ? Errors.NotIndexable(operand, index)
                    : at < 0 || at >= operand.ListUnchecked.Count ? CelValue.Of(CelOptional.None)
                    : Some(operand.ListUnchecked[(int)at]);
            case CelKind.Optional:
                return operand.AsOptional.HasValue ? OptionalIndex(operand.AsOptional.Value, index, absentIsNull, ref run) : operand;
            case CelKind.Null when absentIsNull:
                return CelValue.Of(CelOptional.None);
            default:
                return Errors.NotIndexable(operand, index);
        }
    }

    public static CelValue HasIndex(in CelValue operand, in CelValue index, bool absentIsNull, ref Evaluation run)
    {
        var found = OptionalIndex(operand, index, absentIsNull, ref run);
        return found.IsError ? found : CelValue.Of(found.AsOptional.HasValue);
    }

    // A map may know a key and refuse its value; that is neither present nor absent.
    private static CelValue Some(in CelValue value) => value.IsError ? value : CelValue.Of(CelOptional.Of(value));

    // A whole double or uint is a position too (conformance: zero_based_double, zero_based_uint).
    private static bool TryPosition(in CelValue index, out long position)
    {
        switch (index.Kind)
        {
            case CelKind.Int:
                position = index.AsInt;
                return true;
            case CelKind.UInt:
                position = index.AsUInt > int.MaxValue ? int.MaxValue : (long)index.AsUInt;
                return true;
            case CelKind.Double when Math.Abs(index.AsDouble) <= int.MaxValue && double.IsInteger(index.AsDouble):
                position = (long)index.AsDouble;
                return true;
            default:
                position = 0;
                return false;
        }
    }
}
