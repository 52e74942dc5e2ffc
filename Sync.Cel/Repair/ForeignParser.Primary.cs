namespace Sync.Cel.Repair;

internal sealed partial class ForeignParser
{
    private Term ParsePrimary()
    {
        var token = Now;
        switch (token.Kind)
        {
            case ForeignKind.Number:
                _at++;
                return token.Text.AsSpan().TrimStart("0123456789.") is "s" or "m" or "h" or "ms" or "us" or "ns"
                    ? new CallTerm(Target: null, "duration", new TextTerm(token.Text))
                    : new LiteralTerm(token.Text);
            case ForeignKind.Text:
                _at++;
                return token.Mark == "b" ? new LiteralTerm(token.Text) : new TextTerm(token.Text);
            case ForeignKind.Template:
                _at++;
                return ParseTemplate(token.Text, token.Mark);
            case ForeignKind.Pattern:
                _at++;
                return new PatternTerm(token.Text, token.Mark);
            case ForeignKind.Word:
                return ParseWord(token);
        }

        return token.Text switch
        {
            "(" => ParseParentheses(),
            "[" => ParseList(),
            "{" => ParseBraces(),
            "$" => ParseMarked(),
            _ => Fail(),
        };
    }

    // ${params.x}
    private Term ParseMarked()
    {
        _at++;
        if (!Accept("{"))
        {
            return Now.Kind == ForeignKind.Word ? ParsePrimary() : Fail();
        }

        var inner = ParseTerm();
        Expect("}");
        return inner;
    }

    private Term ParseWord(ForeignToken token)
    {
        switch (token.Text)
        {
            case "true" or "True" or "TRUE":
                _at++;
                return new LiteralTerm("true");
            case "false" or "False" or "FALSE":
                _at++;
                return new LiteralTerm("false");
            case "null" or "None" or "nil" or "NULL" or "Null" or "undefined":
                _at++;
                return LiteralTerm.Null;
            case "NaN" or "Infinity":
                _at++;
                return new CallTerm(Target: null, "double", new TextTerm(token.Text));
            case "lambda":
                _at++;
                var names = ParseNames();
                Expect(":");
                return new LambdaTerm(names, ParseTerm());
            case "function":
                _at++;
                Expect("(");
                var parameters = Now.Is(")") ? [] : ParseNames();
                Expect(")");
                return new LambdaTerm(parameters, ParseBody());
            case "new":
                _at++;
                break;
            case "if" or "IF":
                return ParseIf();
            case "CASE" or "case":
                return ParseCase();
            case "SELECT" or "select" when Next.Kind is ForeignKind.Word || Next.Is("*"):
                return ParseSelection();
        }

        var name = Take().Text;
        return Now.Is("(") ? new CallTerm(Target: null, name, ParseArguments()) : new NameTerm(name);
    }

    private Term ParseIf()
    {
        _at++;
        var condition = ParsePrimaryCondition();
        if (condition is ListTerm { Items: [var test, var then, var otherwise] } && Now.Kind is ForeignKind.End or ForeignKind.Symbol)
        {
            return new ChoiceTerm(test, then, otherwise); // if(c, a, b)
        }

        var chosen = ParseBranch("then");
        return AcceptWord("else") || AcceptWord("elif") ? new ChoiceTerm(condition, chosen, ParseBranch("else")) : Fail();
    }

    private Term ParsePrimaryCondition() => Now.Is("(") && !IsClosedBefore("then") ? ParseParentheses() : ParseElse();

    // Whether `(…)` is only the first part of the condition: `if (a) && b then`.
    private bool IsClosedBefore(string word)
    {
        for (var i = _at; i < _tokens.Count; i++)
        {
            if (_tokens[i].IsWord(word))
            {
                return true;
            }
        }

        return false;
    }

    private Term ParseBranch(string word)
    {
        AcceptWord(word);
        Accept(":");
        var isBlock = Accept("{");
        AcceptWord("return");
        var term = ParseElse();
        Accept(";");
        if (isBlock)
        {
            Expect("}");
        }

        return term;
    }

    private Term ParseCase()
    {
        _at++;
        var cases = new List<(Term When, Term Then)>();
        while (AcceptWord("when"))
        {
            var when = ParseElse();
            _failed |= !AcceptWord("then");
            cases.Add((when, ParseElse()));
        }

        Term otherwise = AcceptWord("else") ? ParseElse() : LiteralTerm.Null;
        _failed |= !AcceptWord("end") || cases.Count == 0;
        for (var i = cases.Count - 1; i >= 0; i--)
        {
            otherwise = new ChoiceTerm(cases[i].When, cases[i].Then, otherwise);
        }

        return otherwise;
    }

    private Term ParseBody()
    {
        if (!(Now.Is("{") && Next.IsWord("return")))
        {
            return ParseTerm();
        }

        _at += 2;
        var body = ParseTerm();
        Accept(";");
        Expect("}");
        return body;
    }

    private Term ParseParentheses()
    {
        _at++;
        var items = new List<Term>();
        while (!_failed && !Now.Is(")"))
        {
            items.Add(ParseArgument());
            if (!Accept(","))
            {
                break;
            }
        }

        Expect(")");
        if (Now.Is("=>") || Now.Is("->"))
        {
            _at++;
            _failed |= !items.TrueForAll(static item => item is NameTerm);
            return _failed ? LiteralTerm.Null : new LambdaTerm([.. items.Cast<NameTerm>().Select(static name => name.Text)], ParseBody());
        }

        // (int)x
        if (items is [NameTerm type] && (Now.Kind is ForeignKind.Number or ForeignKind.Text || Now.Is("(") || (Now.Kind == ForeignKind.Word && !IsOperator(Now)))
            && ForeignTypes.Cast(type.Text, LiteralTerm.Null) is not null)
        {
            return ForeignTypes.Cast(type.Text, ParseUnary()) ?? Fail();
        }

        return items is [var only and not LoopTerm] ? only : items is [LoopTerm loop] ? loop : new ListTerm([.. items]);
    }

    private static bool IsOperator(ForeignToken word) =>
        word.IsWord("and") || word.IsWord("or") || word.IsWord("in") || word.IsWord("is") || word.IsWord("not") || word.IsWord("if") || word.IsWord("else")
        || word.IsWord("then") || word.IsWord("between") || word.IsWord("like") || word.IsWord("as");

    private Term ParseList()
    {
        _at++;
        var items = new List<Term>();
        while (!_failed && !Now.Is("]"))
        {
            items.Add(Accept("?") ? new OptionalTerm(ParseTerm()) : ParseArgument());
            if (!Accept(","))
            {
                break;
            }
        }

        Expect("]");
        return items is [LoopTerm loop] ? loop : new ListTerm([.. items]);
    }

    private Term ParseBraces()
    {
        // {{params.x}}
        if (Next.Is("{"))
        {
            _at += 2;
            var inner = ParseTerm();
            Expect("}");
            Expect("}");
            return inner;
        }

        _at++;
        var entries = new List<(Term? Key, Term Value)>();
        while (!_failed && !Now.Is("}"))
        {
            if (Accept("...") || Accept("**"))
            {
                entries.Add((null, ParseTerm()));
            }
            else
            {
                var isOptional = Accept("?");
                var isComputed = Now.Is("[");
                var key = ParseElse();
                key = isComputed && key is ListTerm { Items: [var computed] } ? computed : key;
                var value = Accept(":") || Accept("=") ? ParseTerm() : key; // {a} is {a: a}
                if (Now.IsWord("for"))
                {
                    return ParseMapLoop(key, value);
                }

                entries.Add((isOptional ? new OptionalTerm(key) : key, value));
            }

            if (!Accept(","))
            {
                break;
            }
        }

        Expect("}");
        return new MapTerm([.. entries]);
    }

    // {k: v for x in list}
    private Term ParseMapLoop(Term key, Term value)
    {
        var loop = ParseLoop(new MapTerm((key, value))) as LoopTerm;
        Expect("}");
        return loop ?? Fail();
    }

    private Term ParseTemplate(string text, string open)
    {
        Term? whole = null;
        var at = 0;
        while (at < text.Length && !_failed)
        {
            var mark = text.IndexOf(open, at, StringComparison.Ordinal);
            mark = mark < 0 ? text.Length : mark;
            if (mark > at)
            {
                whole = Joined(whole, new TextTerm(text[at..mark]));
            }

            if (mark == text.Length)
            {
                break;
            }

            var closing = open == "{{" ? "}}" : "}";
            var close = text.IndexOf(closing, mark, StringComparison.Ordinal);
            if (close < 0 || Placeholder(text[(mark + open.Length)..close], open) is not { } value)
            {
                return Fail();
            }

            at = close + closing.Length;
            var isWhole = mark == 0 && at == text.Length;
            whole = Joined(whole, isWhole || value is CallTerm { Name: "format" } ? value : new CallTerm(Target: null, "string", value));
        }

        return whole ?? new TextTerm("");
    }

    private static Term Joined(Term? left, Term right) => left is null ? right : new BinaryTerm("+", left, right);

    // {x:.2f} has a format.
    private Term? Placeholder(string text, string open)
    {
        var colon = open == "{" ? text.LastIndexOf(':') : -1;
        var inner = Parse(colon > 0 ? text[..colon] : text, _depth + 1);
        return inner is null || colon < 0 ? inner : new CallTerm(new TextTerm("%" + text[(colon + 1)..]), "format", new ListTerm(inner));
    }

    // Columns, the list with its alias, and the clauses after it, each of which may be left out.
    private Term ParseSelection()
    {
        _at++;
        AcceptWord("distinct");
        var columns = new List<Term>();
        var (outer, aliases) = (_aliases, new Dictionary<string, Term>(StringComparer.Ordinal));
        _aliases = aliases;
        if (!Accept("*"))
        {
            do
            {
                columns.Add(ParseElse());
            }
            while (Accept(","));
        }

        _aliases = outer;
        _failed |= !AcceptWord("from");
        var source = ParsePostfix(ParsePrimary());
        AcceptWord("as");
        var isKeyword = Now.IsWord("where") || Now.IsWord("group") || Now.IsWord("order") || Now.IsWord("limit");
        var alias = Now.Kind == ForeignKind.Word && !isKeyword ? Take().Text : null;
        var filter = AcceptWord("where") ? ParseElse() : null;
        Term? group = null;
        if (AcceptWord("group"))
        {
            _failed |= !AcceptWord("by");
            group = ParseSum();
        }

        Term? order = null;
        var isDescending = false;
        if (AcceptWord("order"))
        {
            _failed |= !AcceptWord("by");
            order = ParseSum();
            order = order is NameTerm { Text: var named } && aliases.GetValueOrDefault(named) is { } column ? column : order;
            isDescending = AcceptWord("desc");
            AcceptWord("asc");
        }

        return new SelectionTerm([.. columns], source, alias, filter, group, order, isDescending, AcceptWord("limit") ? ParseSum() : null);
    }
}
