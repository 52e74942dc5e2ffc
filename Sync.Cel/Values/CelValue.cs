using System.Runtime.CompilerServices;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Values;

/// <summary>
/// One CEL value: a struct without boxing for the scalars. The default is <c>null</c>. Equality is the language's <c>==</c>:
/// numbers compare across <c>int</c>, <c>uint</c> and <c>double</c>, and NaN equals nothing, not even itself.
/// </summary>
public readonly partial struct CelValue
{
    // Scalars live in _bits; a timestamp is seconds in _bits plus nanoseconds in _extra, which fills padding that is there anyway.
    // Of times and durations that move with the clock, _ref holds which way; of others nothing.
    private static readonly object s_forward = new();
    private static readonly object s_backward = new();

    private readonly object? _ref;
    private readonly long _bits;
    private readonly int _extra;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private CelValue(CelKind kind, long bits, object? reference, int extra = 0)
    {
        Kind = kind;
        _bits = bits;
        _ref = reference;
        _extra = extra;
    }

    /// <summary>The value's kind.</summary>
    public CelKind Kind { get; }

    /// <summary><c>null</c>.</summary>
    public static CelValue Null => default;

    /// <summary>A bool.</summary>
    public static CelValue Of(bool value) => new(CelKind.Bool, value ? 1 : 0, null);

    /// <summary>An int.</summary>
    public static CelValue Of(long value) => new(CelKind.Int, value, null);

    /// <summary>A double.</summary>
    public static CelValue Of(double value) => new(CelKind.Double, BitConverter.DoubleToInt64Bits(value), null);

    /// <summary>A string.</summary>
    public static CelValue Of(string value) => new(CelKind.String, 0, value);

    /// <summary>A list.</summary>
    public static CelValue Of(CelList value) => new(CelKind.List, 0, value);

    /// <summary>A map.</summary>
    public static CelValue Of(CelMap value) => new(CelKind.Map, 0, value);

    /// <summary>A timestamp, to the 100 nanoseconds a DateTimeOffset holds; its offset is not kept.</summary>
    public static CelValue Of(DateTimeOffset value)
    {
        var ticks = value.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        var seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out var rest);
        return rest < 0
            ? Timestamp(seconds - 1, (int)(rest + TimeSpan.TicksPerSecond) * 100)
            : Timestamp(seconds, (int)rest * 100);
    }

    /// <summary>A duration; beyond about ±292 years an error.</summary>
    public static CelValue Of(TimeSpan value)
    {
        var nanos = (Int128)value.Ticks * 100;
        return nanos < long.MinValue || nanos > long.MaxValue
            ? Error("A duration must lie within about 292 years.")
            : Duration((long)nanos);
    }

    /// <summary>A uint.</summary>
    public static CelValue UInt(ulong value) => new(CelKind.UInt, (long)value, null);

    /// <summary>Bytes; the array must not be changed afterwards.</summary>
    public static CelValue Bytes(byte[] value) => new(CelKind.Bytes, 0, value);

    /// <summary>A timestamp.</summary>
    /// <param name="seconds">Seconds since 1970-01-01T00:00:00Z; negative before.</param>
    /// <param name="nanos">Nanoseconds of the second, 0 to 999,999,999, counted forward.</param>
    public static CelValue Timestamp(long seconds, int nanos) => new(CelKind.Timestamp, seconds, null, nanos);

    /// <summary>A duration in nanoseconds.</summary>
    public static CelValue Duration(long nanos) => new(CelKind.Duration, nanos, null);

    /// <summary>The type of the given CEL name as a value.</summary>
    public static CelValue Type(string name) => new(CelKind.Type, 0, name);

    /// <summary>An optional.</summary>
    public static CelValue Of(CelOptional value) => new(CelKind.Optional, 0, value);

    /// <summary>An extension's own value.</summary>
    public static CelValue Of(CelOpaque value) => new(CelKind.Opaque, 0, value);

    /// <summary>An error with a plain sentence.</summary>
    public static CelValue Error(string message, string? hint = null) => Error(new CelError("cel_error", message, hint));

    /// <summary>An error.</summary>
    public static CelValue Error(CelError error) => new(CelKind.Error, 0, error);

    /// <summary>Whether this is the bool <c>true</c>.</summary>
    public bool IsTrue => Kind == CelKind.Bool && _bits != 0;

    /// <summary>Whether this is the bool <c>false</c>.</summary>
    public bool IsFalse => Kind == CelKind.Bool && _bits == 0;

    /// <summary>Whether this is <c>null</c>.</summary>
    public bool IsNull => Kind == CelKind.Null;

    /// <summary>Whether this is an error.</summary>
    public bool IsError => Kind == CelKind.Error;

    /// <summary>The string; only for kind String.</summary>
    public string AsString => (string)_ref!; // `!` here and below: the kind says which reference is held

    /// <summary>The int; only for kind Int.</summary>
    public long AsInt => _bits;

    /// <summary>The uint; only for kind UInt.</summary>
    public ulong AsUInt => (ulong)_bits;

    /// <summary>The double; only for kind Double.</summary>
    public double AsDouble => BitConverter.Int64BitsToDouble(_bits);

    /// <summary>The bool; only for kind Bool.</summary>
    public bool AsBool => _bits != 0;

    /// <summary>The list; only for kind List.</summary>
    public CelList AsList => (CelList)_ref!;

    /// <summary>The map; only for kind Map.</summary>
    public CelMap AsMap => (CelMap)_ref!;

    /// <summary>The error; only for kind Error.</summary>
    public CelError AsError => (CelError)_ref!;

    /// <summary>The bytes; only for kind Bytes.</summary>
    public ReadOnlyMemory<byte> AsBytes => (byte[])_ref!;

    /// <summary>The optional; only for kind Optional.</summary>
    public CelOptional AsOptional => (CelOptional)_ref!;

    /// <summary>The extension value; only for kind Opaque.</summary>
    public CelOpaque AsOpaque => (CelOpaque)_ref!;

    /// <summary>Seconds since the Unix epoch; only for kind Timestamp.</summary>
    public long TimestampSeconds => _bits;

    /// <summary>Nanoseconds of the second; only for kind Timestamp.</summary>
    public int TimestampNanos => _extra;

    /// <summary>Nanoseconds; only for kind Duration.</summary>
    public long DurationNanos => _bits;

    /// <summary>The timestamp, cut to 100 nanoseconds; only for kind Timestamp.</summary>
    public DateTimeOffset AsTimestamp => DateTimeOffset.FromUnixTimeSeconds(_bits).AddTicks(_extra / 100);

    /// <summary>The duration, cut to 100 nanoseconds; only for kind Duration.</summary>
    public TimeSpan AsDuration => TimeSpan.FromTicks(_bits / 100);

    /// <summary>The name of the type that a value of kind Type stands for.</summary>
    public string AsTypeName => (string)_ref!;

    /// <summary>The CEL name of the value's type: <c>int</c>, <c>string</c>, <c>google.protobuf.Timestamp</c> …</summary>
    public string TypeName => Kind == CelKind.Opaque ? AsOpaque.TypeName : TypeNames.Of(Kind);

    // For hot paths that have looked at the kind, which the constructors tie to the reference: a cast to an abstract class costs
    // as much as a small map's look-up.
    internal CelMap MapUnchecked => Unsafe.As<CelMap>(_ref!);

    internal CelList ListUnchecked => Unsafe.As<CelList>(_ref!);

    internal byte[] BytesArray => (byte[])_ref!;

    /// <summary>Whether this is a time or a duration that moves with the clock; see <see cref="CelClock"/>.</summary>
    internal bool IsMoving => Kind is CelKind.Timestamp or CelKind.Duration && _ref is not null;

    /// <summary>1 where the value moves with the clock, -1 where against it, otherwise 0.</summary>
    internal int Slope => !IsMoving ? 0 : ReferenceEquals(_ref, s_forward) ? 1 : -1;

    /// <summary>The same time or duration, moving by 1, -1 or 0.</summary>
    internal CelValue MovingBy(int slope) => new(Kind, _bits, slope == 0 ? null : slope > 0 ? s_forward : s_backward, _extra);

    /// <summary>Whether this is the very same value, containers compared by reference.</summary>
    internal bool IsSameAs(in CelValue other) => Kind == other.Kind && _bits == other._bits && ReferenceEquals(_ref, other._ref);

    internal bool IsNumber => Kind is CelKind.Int or CelKind.UInt or CelKind.Double;
}
