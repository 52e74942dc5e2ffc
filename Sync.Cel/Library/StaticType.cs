using Sync.Cel.Values;

namespace Sync.Cel.Library;

/// <summary>
/// What the checker knows of a value: a name and parameters, <c>list&lt;int&gt;</c>. <c>dyn</c> is anything; <see cref="Free"/> is the element of
/// an empty list, which any type may become.
/// </summary>
internal sealed class StaticType
{
    public static readonly StaticType Dyn = new("dyn");
    public static readonly StaticType Free = new("_");

    /// <summary>Anything that JSON can hold: open like <see cref="Dyn"/>, and yet never an instant or a duration.</summary>
    public static readonly StaticType Json = new("dyn");

    /// <summary>An object of JSON where it is there, else null.</summary>
    public static readonly StaticType JsonMap = new("dyn");

    public static readonly StaticType Null = new("null");
    public static readonly StaticType Bool = new("bool");
    public static readonly StaticType Int = new("int");
    public static readonly StaticType UInt = new("uint");
    public static readonly StaticType Double = new("double");
    public static readonly StaticType String = new("string");
    public static readonly StaticType Bytes = new("bytes");
    public static readonly StaticType Timestamp = new("timestamp");
    public static readonly StaticType Duration = new("duration");
    public static readonly StaticType Type = new("type");

    private static readonly Dictionary<string, StaticType> s_simple = new StaticType[]
    {
        Dyn, Null, Bool, Int, UInt, Double, String, Bytes, Timestamp, Duration, Type, new("number"), new(TypeNames.Ip), new(TypeNames.Cidr),
    }.Select(t => (t.Name, t)).Append(("json", Json)).ToDictionary();

    private StaticType(string name, params StaticType[] parameters)
    {
        Name = name;
        Parameters = parameters;
    }

    public string Name { get; }

    public StaticType[] Parameters { get; }

    /// <summary>Whether nothing is known, so that nothing can be wrong.</summary>
    public bool IsOpen => ReferenceEquals(this, Dyn) || ReferenceEquals(this, Free) || IsOpenJson;

    /// <summary>Whether nothing is known but that it is, or is made of, JSON.</summary>
    public bool IsJson => IsOpenJson || (Name is "map" or "list" && Parameters[^1].IsJson);

    private bool IsOpenJson => ReferenceEquals(this, Json) || ReferenceEquals(this, JsonMap);

    /// <summary>The type with the elements of an empty list as JSON: what a function gives that was called on JSON.</summary>
    public StaticType OfJson() => ReferenceEquals(this, Free) ? Json
        : Parameters.Length == 0 ? this
        : new StaticType(Name, [.. Parameters.Select(p => p.OfJson())]);

    /// <summary>What a selection may rely on of a map's values where an absent key reads as null.</summary>
    public StaticType OrNull() => !IsJson ? Dyn : Name == "map" ? JsonMap : Json;

    public bool IsNumber => Name is "int" or "uint" or "double";

    /// <summary>A signature's T, K, V.</summary>
    public bool IsVariable => Name.Length == 1 && char.IsAsciiLetterUpper(Name[0]);

    public static StaticType List(StaticType item) => new("list", item);

    public static StaticType Map(StaticType key, StaticType value) => new("map", key, value);

    public static StaticType Optional(StaticType value) => new("optional", value);

    public static StaticType Of(in CelValue constant) => constant.Kind switch
    {
        CelKind.Null => Null,
        CelKind.Bool => Bool,
        CelKind.Int => Int,
        CelKind.UInt => UInt,
        CelKind.Double => Double,
        CelKind.String => String,
        CelKind.Bytes => Bytes,
        _ => Dyn,
    };

    /// <summary>The nearest type both are.</summary>
    public static StaticType Join(StaticType a, StaticType b)
    {
        if (ReferenceEquals(a, b) || ReferenceEquals(b, Free))
        {
            return a;
        }

        if (ReferenceEquals(a, Free))
        {
            return b;
        }

        if (a.IsOpen && b.IsOpen)
        {
            return a.IsOpenJson && b.IsOpenJson ? Json : Dyn;
        }

        if (a.Name == b.Name && a.Parameters.Length == b.Parameters.Length)
        {
            return a.Parameters.Length == 0 ? a : new StaticType(a.Name, [.. a.Parameters.Zip(b.Parameters, Join)]);
        }

        return ReferenceEquals(a, Null) && b.IsNullable ? b : ReferenceEquals(b, Null) && a.IsNullable ? a : Dyn;
    }

    /// <summary>The type with whatever stayed free as <c>dyn</c>.</summary>
    public StaticType Closed() => ReferenceEquals(this, Free) || IsVariable || Name == "number" ? Dyn
        : Parameters.Length == 0 ? this
        : new StaticType(Name, [.. Parameters.Select(p => p.Closed())]);

    /// <summary>The type with a signature's variables replaced.</summary>
    public StaticType Bind(Dictionary<string, StaticType> variables) =>
        IsVariable || Name == "number" ? variables.GetValueOrDefault(Name, Free)
        : Parameters.Length == 0 ? this
        : new StaticType(Name, [.. Parameters.Select(p => p.Bind(variables))]);

    /// <summary>Whether a value of this type may be given for a parameter; fills in the parameter's variables.</summary>
    public bool Fits(StaticType parameter, Dictionary<string, StaticType> variables)
    {
        if (parameter.IsVariable || (parameter.Name == "number" && (IsOpen || IsNumber)))
        {
            variables[parameter.Name] = Join(variables.GetValueOrDefault(parameter.Name, Free), this);
            return true;
        }

        if (IsOpen || parameter.IsOpen)
        {
            return true;
        }

        if (Name != parameter.Name || Parameters.Length != parameter.Parameters.Length)
        {
            return false;
        }

        for (var i = 0; i < Parameters.Length; i++)
        {
            if (!Parameters[i].Fits(parameter.Parameters[i], variables))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads <c>map&lt;string, list&lt;int&gt;&gt;</c>; null when it is not a type.</summary>
    public static StaticType? Parse(string text)
    {
        var at = 0;
        var type = Parse(text.Replace(" ", ""), ref at, depth: 0);
        return at == text.Replace(" ", "").Length ? type : null;
    }

    public override string ToString() => Parameters.Length == 0 ? Name : $"{Name}<{string.Join(", ", (object[])Parameters)}>";

    private bool IsNullable => Name is "optional" or "timestamp" or "duration" or TypeNames.Ip or TypeNames.Cidr;

    private static StaticType? Parse(string text, ref int at, int depth)
    {
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '.' or '_'))
        {
            at++;
        }

        var name = text[start..at];
        var parameters = new List<StaticType>();
        if (at < text.Length && text[at] == '<' && depth < 16)
        {
            do
            {
                at++;
                if (Parse(text, ref at, depth + 1) is not { } parameter)
                {
                    return null;
                }

                parameters.Add(parameter);
            }
            while (at < text.Length && text[at] == ',');
            if (at >= text.Length || text[at++] != '>')
            {
                return null;
            }
        }

        return (name, parameters.Count) switch
        {
            ("list", 1) or ("optional", 1) or ("map", 2) => new StaticType(name, [.. parameters]),
            ("list", 0) => List(Dyn),
            ("map", 0) => Map(Dyn, Dyn),
            ({ Length: 1 }, 0) when char.IsAsciiLetterUpper(name[0]) => new StaticType(name),
            (_, 0) => s_simple.GetValueOrDefault(name),
            _ => null,
        };
    }
}
