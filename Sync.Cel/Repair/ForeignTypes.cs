namespace Sync.Cel.Repair;

/// <summary>Names of types in other languages.</summary>
internal static class ForeignTypes
{
    /// <summary>The type's name here, or null.</summary>
    public static string? NameOf(string type) => type switch
    {
        "int" or "Int" or "integer" or "Integer" or "long" or "Long" or "int32" or "int64" or "bigint" or "INT" or "INTEGER" => "int",
        "uint" or "uint64" => "uint",
        "double" or "Double" or "float" or "Float" or "number" or "Number" or "decimal" or "real" or "float64" => "double",
        "string" or "String" or "str" or "text" or "TEXT" or "varchar" or "VARCHAR" => "string",
        "bool" or "boolean" or "Boolean" or "Bool" => "bool",
        "bytes" => "bytes",
        "list" or "Array" or "array" or "List" or "tuple" => "list",
        "map" or "dict" or "object" or "Object" or "Map" or "dictionary" => "map",
        _ => null,
    };

    /// <summary>A conversion, or null where the type has none.</summary>
    public static Term? Cast(string type, Term value) => NameOf(type) is { } name and not ("list" or "map") ? new CallTerm(Target: null, name, value) : null;
}
