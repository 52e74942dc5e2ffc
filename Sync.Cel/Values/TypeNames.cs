using System.Collections.Frozen;

namespace Sync.Cel.Values;

/// <summary>The names of types, which are identifiers in expressions (<c>type(x) == int</c>).</summary>
internal static class TypeNames
{
    public const string Timestamp = "google.protobuf.Timestamp";
    public const string Duration = "google.protobuf.Duration";
    public const string Optional = "optional_type";
    public const string Ip = "net.IP";
    public const string Cidr = "net.CIDR";

    // `dyn` is a type for a checker only: CEL gives it no value (conformance: dyn_no_denotation).
    public static readonly FrozenSet<string> All = FrozenSet.ToFrozenSet(
    [
        "bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type",
        Timestamp, Duration, Optional, Ip, Cidr,
    ]);

    public static string Of(CelKind kind) => kind switch
    {
        CelKind.Null => "null_type",
        CelKind.Bool => "bool",
        CelKind.Int => "int",
        CelKind.UInt => "uint",
        CelKind.Double => "double",
        CelKind.String => "string",
        CelKind.Bytes => "bytes",
        CelKind.List => "list",
        CelKind.Map => "map",
        CelKind.Timestamp => Timestamp,
        CelKind.Duration => Duration,
        CelKind.Type => "type",
        CelKind.Optional => Optional,
        CelKind.Opaque => "opaque",
        _ => "error",
    };

    /// <summary>A type's name as a sentence has it: an int, a uint, null.</summary>
    public static string WithArticle(string type) => type switch
    {
        "null" or "dyn" => type,
        ['a' or 'e' or 'i' or 'o', ..] => "an " + type,
        _ => "a " + type, // a uint is said as "you int"
    };

    /// <summary>The same at the beginning of a sentence.</summary>
    public static string Sentence(string type)
    {
        var text = WithArticle(type);
        return char.ToUpperInvariant(text[0]) + text[1..];
    }

    /// <summary>The short word for messages: people say "timestamp" and "null".</summary>
    public static string Plain(in CelValue value) => value.Kind switch
    {
        CelKind.Null => "null",
        CelKind.Timestamp => "timestamp",
        CelKind.Duration => "duration",
        CelKind.Optional => "optional",
        _ => value.TypeName,
    };
}
