using Sync.Cel.Values;

namespace Sync.Engine.Model.Expressions;

/// <summary>Types of values in words, and what to write where another type is needed.</summary>
internal static class ValueTypes
{
    /// <summary>A type with its article, from the checker's name for it: "a number", "a list".</summary>
    public static string Named(string type) => Plain(type) switch
    {
        "int" or "uint" or "double" or "number" => "a number",
        "bool" => "true or false",
        "string" => "text",
        "list" => "a list",
        "map" => "a map",
        "null" => "null",
        "timestamp" => "an instant",
        "duration" => "a duration",
        var other => $"a value of type {other}",
    };

    /// <summary>The same of a value: its type, never what it holds.</summary>
    public static string Named(in CelValue value) => Named(Of(value));

    /// <summary>The checker's name for a value's type, without what it holds.</summary>
    public static string Of(in CelValue value) => value.Kind switch
    {
        CelKind.Int or CelKind.UInt or CelKind.Double => "number",
        CelKind.Bool => "bool",
        CelKind.String => "string",
        CelKind.List => "list",
        CelKind.Map => "map",
        CelKind.Null => "null",
        CelKind.Timestamp => "timestamp",
        CelKind.Duration => "duration",
        var kind => kind.ToString().ToLowerInvariant(),
    };

    /// <summary>An expression over this one that has the type that is needed.</summary>
    public static string Instead(string wanted, string type, string source) => (wanted, Plain(type)) switch
    {
        ("bool", "int" or "uint" or "double" or "number") => $"Compare it, for example: ({source}) > 0",
        ("bool", "string") => $"Compare it, for example: ({source}) != \"\"",
        ("bool", "list" or "map") => $"Ask for its size, for example: size({source}) > 0",
        ("bool", "timestamp") => $"Compare it, for example: ({source}) < now",
        ("bool", "duration") => $"Compare it, for example: ({source}) > duration(\"1m\")",
        ("bool", _) => "Compare it with something: ==, !=, <, >, in.",
        ("string", "double" or "number") => $"Make it a whole number, for example: int({source})",
        ("string", _) => "Let it give text or a whole number, for example: params.id",
        (_, "bool") => $"Choose a number, for example: ({source}) ? 1 : 0",
        (_, "string") => $"Make it a number, for example: int({source})",
        (_, "list" or "map") => $"Count it, for example: size({source})",
        _ => "Let it give a number, for example: params.amount",
    };

    /// <summary>A type without what it holds: "list" of "list&lt;int&gt;".</summary>
    public static string Plain(string type) => type.IndexOf('<', StringComparison.Ordinal) is var at and > 0 ? type[..at] : type;
}
