using System.Text.Json;

namespace Sync.Cel;

/// <summary>The kinds of CEL values.</summary>
public enum CelKind : byte
{
    /// <summary><c>null</c>.</summary>
    Null,
    /// <summary><c>bool</c>.</summary>
    Bool,
    /// <summary><c>int</c>: 64-bit signed.</summary>
    Int,
    /// <summary><c>uint</c>: 64-bit unsigned.</summary>
    UInt,
    /// <summary><c>double</c>: IEEE 754 binary64.</summary>
    Double,
    /// <summary><c>string</c>: Unicode code points, held as UTF-16.</summary>
    String,
    /// <summary><c>bytes</c>.</summary>
    Bytes,
    /// <summary><c>list</c>.</summary>
    List,
    /// <summary><c>map</c>.</summary>
    Map,
    /// <summary><c>google.protobuf.Timestamp</c>.</summary>
    Timestamp,
    /// <summary><c>google.protobuf.Duration</c>.</summary>
    Duration,
    /// <summary>A type as a value.</summary>
    Type,
    /// <summary><c>optional_type</c>.</summary>
    Optional,
    /// <summary>An extension's own value, such as an IP address.</summary>
    Opaque,
    /// <summary>An evaluation error, travelling as a value (CEL spec: Evaluation, Logical operators).</summary>
    Error,
}

/// <summary>
/// One CEL value: a struct without boxing for the scalars. The default is <c>null</c>.
/// </summary>
public readonly struct CelValue
{
    private readonly object? _ref;
    private readonly long _bits;

    private CelValue(CelKind kind, long bits, object? reference)
    {
        Kind = kind;
        _bits = bits;
        _ref = reference;
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

    /// <summary>A timestamp.</summary>
    public static CelValue Of(DateTimeOffset value) => throw new InvalidOperationException(value.ToString());

    /// <summary>An error with a plain sentence.</summary>
    public static CelValue Error(string message, string? hint = null) => new(CelKind.Error, 0, new CelError("cel_error", message, hint));

    /// <summary>Whether this is the bool <c>true</c>.</summary>
    public bool IsTrue => Kind == CelKind.Bool && _bits != 0;

    /// <summary>Whether this is an error.</summary>
    public bool IsError => Kind == CelKind.Error;

    /// <summary>The string; only for kind String.</summary>
    public string AsString => (string)_ref!;

    /// <summary>The int; only for kind Int.</summary>
    public long AsInt => _bits;

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

    /// <summary>The CEL name of the value's type: <c>int</c>, <c>string</c>, <c>google.protobuf.Timestamp</c> …</summary>
    public string TypeName => throw new InvalidOperationException();

    /// <summary>
    /// Reads compact or spaced JSON. A number that is integral and within ±2^53 becomes an int, as does any integer
    /// literal within int64; every other number a double. A duplicate key keeps its last value.
    /// </summary>
    public static CelValue ParseJson(ReadOnlySpan<byte> utf8) => throw new InvalidOperationException();

    /// <summary>The same for an element that is already parsed.</summary>
    public static CelValue FromJson(JsonElement element) => throw new InvalidOperationException();

    /// <summary>
    /// Writes the value as JSON: bytes as base64, timestamps and durations as their CEL string, types by name,
    /// optionals as their value or null, NaN and infinities as strings, errors as <c>{"_error": message}</c>.
    /// </summary>
    public void WriteJson(Utf8JsonWriter writer) => throw new InvalidOperationException();
}

/// <summary>An evaluation error.</summary>
/// <param name="Code"><c>cel_error</c> or <c>cel_limit_exceeded</c>.</param>
/// <param name="Message">One plain sentence.</param>
/// <param name="Hint">What to do about it, or null.</param>
public sealed record CelError(string Code, string Message, string? Hint);

/// <summary>A list value. Implementations must be immutable.</summary>
public abstract class CelList
{
    /// <summary>Number of elements.</summary>
    public abstract int Count { get; }

    /// <summary>The element at a 0-based index within range.</summary>
    public abstract CelValue this[int index] { get; }
}

/// <summary>
/// A map value. Implementations must be immutable, or at least unchanging for the time of one evaluation; the engine
/// implements it over its own room state, so nothing is copied to evaluate an expression.
/// </summary>
public abstract class CelMap
{
    /// <summary>Number of entries.</summary>
    public abstract int Count { get; }

    /// <summary>Looks up a key; numeric keys match across int, uint and integral double.</summary>
    public abstract bool TryGet(in CelValue key, out CelValue value);

    /// <summary>Looks up a string key: what selection and <c>has()</c> use. Override to avoid the wrapping.</summary>
    public virtual bool TryGet(string key, out CelValue value) => TryGet(CelValue.Of(key), out value);

    /// <summary>The keys in iteration order.</summary>
    public abstract IEnumerable<CelValue> Keys { get; }
}
