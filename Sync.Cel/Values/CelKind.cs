namespace Sync.Cel.Values;

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
