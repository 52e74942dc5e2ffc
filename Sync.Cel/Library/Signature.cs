namespace Sync.Cel.Library;

/// <summary>A function's signature as the checker reads it: the receiver, if any, is the first parameter.</summary>
/// <param name="Parameters">The parameters' types.</param>
/// <param name="IsVariadic">Whether the last parameter may be given any number of times.</param>
/// <param name="Result">The result's type.</param>
internal sealed record Signature(StaticType[] Parameters, bool IsVariadic, StaticType Result)
{
    /// <summary>Reads <c>string.startsWith(string) bool</c> or <c>math.greatest(number, …) number</c>.</summary>
    public static Signature Parse(string text, bool isMethod)
    {
        var open = text.IndexOf('(');
        var close = text.LastIndexOf(')');
        var parameters = new List<StaticType>();
        if (isMethod)
        {
            parameters.Add(Type(text[..text.LastIndexOf('.', open)], text));
        }

        var isVariadic = false;
        foreach (var part in Split(text[(open + 1)..close]))
        {
            if (part == "…")
            {
                isVariadic = true;
            }
            else
            {
                parameters.Add(Type(part, text));
            }
        }

        return new Signature([.. parameters], isVariadic, Type(text[(close + 2)..], text));
    }

    /// <summary>The result for arguments of these types, or null when they cannot fit.</summary>
    public StaticType? Apply(StaticType[] arguments)
    {
        if (IsVariadic ? arguments.Length < Parameters.Length : arguments.Length != Parameters.Length)
        {
            return null;
        }

        var variables = new Dictionary<string, StaticType>();
        for (var i = 0; i < arguments.Length; i++)
        {
            if (!arguments[i].Fits(Parameters[Math.Min(i, Parameters.Length - 1)], variables))
            {
                return null;
            }
        }

        return Result.Bind(variables);
    }

    private static StaticType Type(string text, string signature) =>
        StaticType.Parse(text) ?? throw new InvalidOperationException($"The signature `{signature}` names an unknown type.");

    // At commas outside angle brackets.
    private static IEnumerable<string> Split(string text)
    {
        var (start, depth) = (0, 0);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == ',' && depth == 0))
            {
                if (text[start..i].Trim() is { Length: > 0 } part)
                {
                    yield return part;
                }

                start = i + 1;
            }
            else
            {
                depth += text[i] == '<' ? 1 : text[i] == '>' ? -1 : 0;
            }
        }
    }
}
