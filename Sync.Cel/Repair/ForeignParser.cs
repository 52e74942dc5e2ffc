using System.Runtime.CompilerServices;

namespace Sync.Cel.Repair;

/// <summary>
/// Reads what did not compile as the languages do that people come from: the operators and calls of JavaScript, Python, C# and SQL together, each with the precedence it has there.
/// It never says what is wrong; a text it cannot read is null.
/// </summary>
internal sealed partial class ForeignParser
{
    private const int MaxDepth = 60;

    private readonly List<ForeignToken> _tokens;
    private int _at;
    private int _depth;
    private Dictionary<string, Term>? _aliases; // of the columns of a selection, while they are read
    private bool _failed;

    private ForeignParser(List<ForeignToken> tokens, int depth)
    {
        _tokens = tokens;
        _depth = depth;
    }

    private ForeignToken Now => _tokens[Math.Min(_at, _tokens.Count - 1)];

    private ForeignToken Next => _tokens[Math.Min(_at + 1, _tokens.Count - 1)];

    public static Term? Parse(string source) => Parse(source, depth: 0);

    private static Term? Parse(string source, int depth)
    {
        if (depth > MaxDepth || ForeignLexer.Read(source) is not { } tokens)
        {
            return null;
        }

        var parser = new ForeignParser(tokens, depth);
        var term = parser.ParseStatement();
        return parser._failed || parser.Now.Kind != ForeignKind.End ? null : term;
    }

    private bool Accept(string symbol)
    {
        if (!Now.Is(symbol))
        {
            return false;
        }

        _at++;
        return true;
    }

    private bool AcceptWord(string word)
    {
        if (!Now.IsWord(word))
        {
            return false;
        }

        _at++;
        return true;
    }

    private void Expect(string symbol) => _failed |= !Accept(symbol);

    private Term Fail()
    {
        _failed = true;
        return LiteralTerm.Null;
    }

    // let x = 1; return x + 1;
    private Term ParseStatement()
    {
        if ((Now.IsWord("let") || Now.IsWord("const") || Now.IsWord("var")) && Next.Kind == ForeignKind.Word)
        {
            _at++;
            var name = Now.Text;
            _at++;
            Expect("=");
            var value = ParseTerm();
            if (!Accept(";"))
            {
                AcceptWord("in");
            }

            return new CallTerm(new NameTerm("cel"), "bind", new NameTerm(name), value, ParseStatement());
        }

        if (Now.IsWord("for") && Next.Kind == ForeignKind.Word)
        {
            return ParseForEach();
        }

        AcceptWord("return");
        var term = ParseTerm();
        Accept(";");
        return term;
    }

    // for x in list: x.n
    private Term ParseForEach()
    {
        _at++;
        var names = ParseNames();
        _failed |= !AcceptWord("in");
        var source = ParseLogic(isAnd: false);
        if (!Accept(":") && !Accept("=>"))
        {
            AcceptWord("do");
        }

        AcceptWord("yield");
        AcceptWord("return");
        return new LoopTerm(ParseTerm(), names, source, Filter: null);
    }

    private string[] ParseNames()
    {
        var names = new List<string>();
        do
        {
            _failed |= Now.Kind != ForeignKind.Word;
            names.Add(Now.Text);
            _at++;
        }
        while (Accept(","));
        return [.. names];
    }

    private Term ParseTerm()
    {
        if (_failed || ++_depth > MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            return Fail();
        }

        var term = ParseChoice();
        _depth--;
        return term;
    }

    private Term ParseChoice()
    {
        if (Now.Kind == ForeignKind.Word && (Next.Is("=>") || Next.Is("->")))
        {
            var name = Now.Text;
            _at += 2;
            return new LambdaTerm([name], ParseBody());
        }

        var term = ParseElse();
        if (Accept("?"))
        {
            var then = ParseTerm();
            Expect(":");
            return new ChoiceTerm(term, then, ParseTerm());
        }

        // a if condition else b
        if (Now.IsWord("if"))
        {
            _at++;
            var condition = ParseElse();
            return AcceptWord("else") ? new ChoiceTerm(condition, term, ParseTerm()) : Fail();
        }

        return term;
    }

    private Term ParseElse()
    {
        var term = ParseLogic(isAnd: false);
        while (Accept("??") || Accept("?:"))
        {
            term = new BinaryTerm("??", term, ParseLogic(isAnd: false));
        }

        return term;
    }

    private Term ParseLogic(bool isAnd)
    {
        var term = isAnd ? ParseNot() : ParseLogic(isAnd: true);
        while (isAnd ? Accept("&&") || Accept("&") || AcceptWord("and") : Accept("||") || Accept("|") || AcceptWord("or"))
        {
            term = new BinaryTerm(isAnd ? "&&" : "||", term, isAnd ? ParseNot() : ParseLogic(isAnd: true));
        }

        return term;
    }

    private Term ParseNot()
    {
        if (!Now.IsWord("not"))
        {
            return ParseRelation();
        }

        _at++;
        return _failed || ++_depth > MaxDepth ? Fail() : new UnaryTerm("!", ParseNot());
    }

    private Term ParseSum()
    {
        var term = ParseProduct();
        while (Now.Is("+") || Now.Is("-"))
        {
            var op = Now.Text;
            _at++;
            term = new BinaryTerm(op, term, ParseProduct());
        }

        return term;
    }

    private Term ParseProduct()
    {
        var term = ParsePower();
        while (Now.Is("*") || Now.Is("/") || Now.Is("%") || Now.IsWord("mod") || Now.IsWord("div"))
        {
            var op = Now.IsWord("mod") ? "%" : Now.IsWord("div") ? "/" : Now.Text;
            _at++;

            // "%s of %s" % (a, b)
            var right = ParsePower();
            term = op == "%" && term is TextTerm ? new CallTerm(term, "format", right is ListTerm ? right : new ListTerm(right)) : new BinaryTerm(op, term, right);
        }

        return term;
    }

    private Term ParsePower()
    {
        var term = ParseUnary();
        return Accept("**") ? new CallTerm(new NameTerm("Math"), "pow", term, ParseUnary()) : term;
    }

    private Term ParseUnary()
    {
        if (_failed || ++_depth > MaxDepth)
        {
            return Fail();
        }

        var term = Accept("!") ? new UnaryTerm("!", ParseUnary())
            : Accept("-") ? Now.Kind == ForeignKind.Number ? ParsePostfix(new LiteralTerm("-" + Take().Text)) : new UnaryTerm("-", ParseUnary())
            : Accept("+") ? ParseUnary()
            : AcceptWord("typeof") ? new CallTerm(Target: null, "typeof", ParseUnary())
            : AcceptWord("await") ? ParseUnary()
            : ParsePostfix(ParsePrimary());
        while (Now.IsWord("as") || Now.Is("::"))
        {
            _at++;
            var name = Take();
            if (_aliases is not null && name.Kind == ForeignKind.Word && ForeignTypes.Cast(name.Text, term) is null)
            {
                _aliases[name.Text] = term;
                break;
            }

            term = ForeignTypes.Cast(name.Text, term) ?? Fail();
        }

        _depth--;
        return term;
    }

    private ForeignToken Take()
    {
        var token = Now;
        _at++;
        return token;
    }

    private Term ParsePostfix(Term term)
    {
        while (!_failed)
        {
            if (Now.Is(".") && Next.Is("?"))
            {
                _at += 2;
                term = new SelectTerm(term, TakeField(), IsOptional: true);
            }
            else if (Now.Is(".") || Now.Is("?."))
            {
                _at++;
                var field = TakeField();
                term = Now.Is("(") ? new CallTerm(term, field, ParseArguments()) : new SelectTerm(term, field);
            }
            else if (Accept("?.["))
            {
                var index = ParseTerm();
                Expect("]");
                term = new CallTerm(new IndexTerm(term, index, IsOptional: true), "orValue", LiteralTerm.Null);
            }
            else if (Now.Is("["))
            {
                term = ParseIndex(term);
            }
            else
            {
                return term;
            }
        }

        return term;
    }

    private string TakeField()
    {
        _failed |= Now.Kind is not (ForeignKind.Word or ForeignKind.Number);
        return Take().Text;
    }

    private Term ParseIndex(Term target)
    {
        _at++;
        if (Now.Is("::") && Next.Is("-"))
        {
            // Of the steps only -1 has a function: [::-1].
            _at += 2;
            _failed |= Take() is not { Kind: ForeignKind.Number, Text: "1" };
            Expect("]");
            return new SliceTerm(target, From: null, To: null, IsReversed: true);
        }

        var isOptional = Accept("?");
        var from = Now.Is(":") ? null : ParseElse();
        if (!Now.Is(":"))
        {
            Expect("]");
            return from is null ? Fail() : new IndexTerm(target, from, isOptional);
        }

        _at++;
        var to = Now.Is("]") ? null : ParseElse();
        Expect("]");
        return new SliceTerm(target, from, to, IsReversed: false);
    }

    private Term[] ParseArguments()
    {
        Expect("(");
        var arguments = new List<Term>();
        while (!_failed && !Now.Is(")"))
        {
            arguments.Add(ParseArgument());
            if (!Accept(","))
            {
                break;
            }
        }

        Expect(")");
        return [.. arguments];
    }

    private Term ParseArgument()
    {
        if (Accept("...") || (Now.Is("*") && !Next.Is(")") && Accept("*")))
        {
            return new SpreadTerm(ParseTerm());
        }

        if (Now.Is("*"))
        {
            _at++;
            return new NameTerm("*");
        }

        if (Now.Kind == ForeignKind.Word && Next.Is("="))
        {
            var name = Take().Text;
            _at++;
            return new NamedTerm(name, ParseTerm());
        }

        var term = ParseTerm();
        return Now.IsWord("for") ? ParseLoop(term) : term;
    }

    // … for x in list if x.n > 1
    private Term ParseLoop(Term body)
    {
        _at++;
        var names = ParseNames();
        _failed |= !AcceptWord("in");
        var source = ParseElse();
        return new LoopTerm(body, names, source, AcceptWord("if") ? ParseElse() : null);
    }
}
