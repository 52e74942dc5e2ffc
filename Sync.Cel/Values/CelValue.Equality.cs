using Sync.Cel.Values.Limits;

namespace Sync.Cel.Values;

public readonly partial struct CelValue : IEquatable<CelValue>
{
    // Enough for any value a person stores; past it two values count as different rather than hold the thread.
    private const long ComparisonBudget = 10_000_000;

    /// <summary>The language's <c>==</c>. Values nested too deeply or too large to compare are unequal.</summary>
    public bool Equals(CelValue other)
    {
        if (Kind == other.Kind && Kind is CelKind.List or CelKind.Map or CelKind.Optional)
        {
            var budget = new CelBudget(ComparisonBudget, TimeSpan.MaxValue);
            return Equality.Equal(this, other, budget) && !budget.IsExhausted;
        }

        return Equality.Scalars(this, other);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CelValue other && Equals(other);

    /// <summary>
    /// A hash that agrees with <c>==</c>: numbers hash by their value as a double, containers by their size. Numbers and texts are mixed with a secret of the process, so that nobody can
    /// store many that meet in one bucket.
    /// </summary>
    public override int GetHashCode() => Kind switch
    {
        CelKind.Int => HashOf(AsInt),
        CelKind.UInt => HashOf(AsUInt),
        CelKind.Double => HashOf(AsDouble),
        CelKind.String => AsString.GetHashCode(),
        CelKind.Bytes => BytesArray.Length + 17,
        CelKind.List => AsList.Count + 31,
        CelKind.Map => AsMap.Count + 47,
        CelKind.Optional => AsOptional.HasValue ? 3 : 5,
        CelKind.Opaque => AsOpaque.TypeName.GetHashCode(),
        CelKind.Type => AsTypeName.GetHashCode(),
        CelKind.Error => AsError.GetHashCode(),
        _ => HashCode.Combine(Kind, _bits, _extra),
    };

    private static int HashOf(double number)
    {
        // 0.0 == -0.0.
        var bits = number == 0 ? 0 : BitConverter.DoubleToInt64Bits(number);
        return HashCode.Combine((int)bits, (int)(bits >> 32));
    }

    /// <summary>The language's <c>==</c>.</summary>
    public static bool operator ==(CelValue left, CelValue right) => left.Equals(right);

    /// <summary>The language's <c>!=</c>.</summary>
    public static bool operator !=(CelValue left, CelValue right) => !left.Equals(right);
}
