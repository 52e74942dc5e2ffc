namespace Sync.Cel.Values;

/// <summary>The content of a value of kind <see cref="CelKind.Optional"/>.</summary>
public sealed class CelOptional
{
    private readonly CelValue _value;

    private CelOptional(bool hasValue, in CelValue value)
    {
        HasValue = hasValue;
        _value = value;
    }

    /// <summary><c>optional.none()</c>.</summary>
    public static CelOptional None { get; } = new(hasValue: false, CelValue.Null);

    /// <summary>Whether there is a value.</summary>
    public bool HasValue { get; }

    /// <summary>The value; <c>null</c> when there is none.</summary>
    public CelValue Value => _value;

    /// <summary><c>optional.of(value)</c>.</summary>
    public static CelOptional Of(in CelValue value) => new(hasValue: true, value);
}
