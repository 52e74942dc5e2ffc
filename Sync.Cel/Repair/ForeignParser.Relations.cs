namespace Sync.Cel.Repair;

internal sealed partial class ForeignParser
{
    // 1 < x < 3 is 1 < x && x < 3, as it is read.
    private Term ParseRelation()
    {
        Term? whole = null;
        var left = ParseSum();
        while (!_failed)
        {
            var right = left;
            var part = ParseRelationAfter(left, ref right);
            if (part is null)
            {
                return whole ?? left;
            }

            whole = whole is null ? part : new BinaryTerm("&&", whole, part);
            left = right;
        }

        return whole ?? left;
    }

    private Term? ParseRelationAfter(Term left, ref Term right)
    {
        if (Now.Kind == ForeignKind.Symbol)
        {
            var op = Now.Text switch { "===" or "==" or "=" => "==", "!==" or "!=" or "<>" => "!=", "<" or "<=" or ">" or ">=" => Now.Text, "=~" => "=~", _ => null };
            if (op is null)
            {
                return null;
            }

            _at++;
            right = ParseSum();
            return op == "=~" ? new CallTerm(left, "matches", right) : new BinaryTerm(op, left, right);
        }

        var isNot = (Now.IsWord("not") && (Next.IsWord("in") || Next.IsWord("like") || Next.IsWord("between") || Next.IsWord("contains"))) && AcceptWord("not");
        var part = ParseWordRelation(left, ref right);
        return part is not null && isNot ? new UnaryTerm("!", part) : part;
    }

    private Term? ParseWordRelation(Term left, ref Term right)
    {
        if (AcceptWord("in"))
        {
            right = ParseSum();
            return new BinaryTerm("in", left, right);
        }

        if (AcceptWord("between"))
        {
            var low = ParseSum();
            _failed |= !AcceptWord("and");
            right = ParseSum();
            return new BinaryTerm("&&", new BinaryTerm(">=", left, low), new BinaryTerm("<=", left, right));
        }

        if (AcceptWord("is"))
        {
            return ParseIs(left, ref right);
        }

        if (AcceptWord("like") || AcceptWord("ilike"))
        {
            right = ParseSum();
            return right is TextTerm pattern ? Like(left, pattern.Value) : Fail();
        }

        var method = Now.Text switch
        {
            "contains" or "includes" or "CONTAINS" => "includes",
            "startsWith" or "startswith" => "startsWith",
            "endsWith" or "endswith" => "endsWith",
            "matches" or "MATCHES" or "REGEXP" => "matches",
            "equals" or "eq" => "==",
            "ne" => "!=",
            "gt" => ">",
            "gte" or "ge" => ">=",
            "lt" => "<",
            "lte" or "le" => "<=",
            "instanceof" => "instanceof",
            _ => null,
        };
        if (Now.Kind != ForeignKind.Word || method is null)
        {
            return null;
        }

        _at++;
        right = ParseSum();
        return method == "instanceof" ? new CallTerm(Target: null, "isinstance", left, right)
            : char.IsAsciiLetter(method[0]) ? new CallTerm(left, method, right)
            : new BinaryTerm(method, left, right);
    }

    private Term ParseIs(Term left, ref Term right)
    {
        var isNot = AcceptWord("not");
        if (AcceptWord("empty"))
        {
            var isEmpty = new CallTerm(Target: null, "isEmpty", left);
            return isNot ? new UnaryTerm("!", isEmpty) : isEmpty;
        }

        right = ParseSum();
        return new BinaryTerm(isNot ? "!=" : "==", left, right);
    }

    // 'a%' begins, '%a' ends, '%a%' contains; what else it may say is a pattern.
    private static Term Like(Term left, string pattern)
    {
        var inner = pattern.Trim('%');
        return inner.AsSpan().ContainsAny('%', '_') ? new CallTerm(left, "matches", new TextTerm("^" + RegexOf(pattern) + "$"))
            : pattern.StartsWith('%') && pattern.EndsWith('%') ? new CallTerm(left, "contains", new TextTerm(inner))
            : pattern.EndsWith('%') ? new CallTerm(left, "startsWith", new TextTerm(inner))
            : pattern.StartsWith('%') ? new CallTerm(left, "endsWith", new TextTerm(inner))
            : new BinaryTerm("==", left, new TextTerm(pattern));
    }

    private static string RegexOf(string pattern) => string.Concat(pattern.Select(static c => c switch
    {
        '%' => ".*",
        '_' => ".",
        _ when char.IsAsciiLetterOrDigit(c) || c == ' ' || c > '\x7f' => c.ToString(),
        _ => "\\" + c,
    }));
}
