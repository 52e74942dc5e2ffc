namespace Sync.Cel.Repair;

internal sealed partial class Rewriter
{
    private Term Binary(BinaryTerm binary)
    {
        if (binary.Operator is "==" or "!=" && TypeTest(binary) is { } test)
        {
            return test;
        }

        if (kinds.HasFlag(RepairKinds.Times) && IsTimed(binary) is { } time)
        {
            return Timed(binary, time);
        }

        if (kinds.HasFlag(RepairKinds.Numbers) && Numbered(binary) is { } numbers)
        {
            return numbers;
        }

        var left = Rewrite(binary.Left);
        var right = binary.Operator is "==" or "!=" && IsBareText(binary.Right) ? new TextTerm(((NameTerm)binary.Right).Text) : Rewrite(binary.Right);
        return binary.Operator switch
        {
            "??" => Default(left, right),
            "||" when IsValue(right) => left is BinaryTerm { Operator: "==", Left: var compared } ? new BinaryTerm("||", left, new BinaryTerm("==", compared, right)) : Default(left, right),
            "&&" when IsValue(right) => new ChoiceTerm(left, right, LiteralTerm.Null),
            "in" => In(left, right),
            "+" => Join(left, right),
            "-" or "*" or "/" or "%" when kinds.HasFlag(RepairKinds.Nulls) => new BinaryTerm(binary.Operator, Guarded(left, "0"), Guarded(right, "0")),
            "<" or ">" or "<=" or ">=" when kinds.HasFlag(RepairKinds.Nulls) => WhereThere([left, right], new BinaryTerm(binary.Operator, left, right)),
            _ => new BinaryTerm(binary.Operator, left, right),
        };
    }

    // A literal that can be no condition.
    private static bool IsValue(Term term) => term is TextTerm or ListTerm or MapTerm || (term is LiteralTerm literal && !literal.IsBool);

    private static Term Default(Term value, Term otherwise) =>
        value is CallTerm { Target: { } target, Name: "orValue", Arguments: [LiteralTerm { Text: "null" }] } ? new CallTerm(target, "orValue", otherwise)
        : new ChoiceTerm(new BinaryTerm("!=", value, LiteralTerm.Null), value, otherwise);

    private Term In(Term left, Term right) => right switch
    {
        TextTerm => new CallTerm(right, "contains", left),
        MapTerm { Entries: [_, ..] entries } when entries.All(static entry => entry.Key == entry.Value) => new BinaryTerm("in", left, new ListTerm([.. entries.Select(static entry => entry.Value)])),
        _ when kinds.HasFlag(RepairKinds.Lists) && right is not ListTerm => new CallTerm(right, "contains", left),
        _ => new BinaryTerm("in", left, right),
    };

    private Term Join(Term left, Term right)
    {
        if (kinds.HasFlag(RepairKinds.Texts) && (IsText(left) || IsText(right)))
        {
            return new BinaryTerm("+", AsText(left), AsText(right));
        }

        return kinds.HasFlag(RepairKinds.Nulls) ? new BinaryTerm("+", Guarded(left, "0"), Guarded(right, "0")) : new BinaryTerm("+", left, right);
    }

    private static bool IsText(Term term) => term is TextTerm or CallTerm { Name: "string" or "format" or "join" or "upperAscii" or "lowerAscii" }
        || (term is BinaryTerm { Operator: "+" } sum && (IsText(sum.Left) || IsText(sum.Right)));

    private Term AsText(Term term) => IsText(term) ? term : kinds.HasFlag(RepairKinds.Nulls) && IsPath(term)
        ? new ChoiceTerm(new BinaryTerm("!=", term, LiteralTerm.Null), StringOf(term), new TextTerm(""))
        : StringOf(term);

    private static CallTerm StringOf(Term term) => new(Target: null, "string", term);

    private static bool IsPath(Term term) => term switch
    {
        SelectTerm => true,
        IndexTerm { IsOptional: false } => true,
        _ => false,
    };

    private static Term Guarded(Term term, string otherwise) => IsPath(term) ? Default(term, new LiteralTerm(otherwise)) : term;

    // Is false where one of them is absent.
    private static Term WhereThere(Term[] terms, Term condition)
    {
        foreach (var term in terms.SelectMany(Paths).Reverse())
        {
            condition = new BinaryTerm("&&", new BinaryTerm("!=", term, LiteralTerm.Null), condition);
        }

        return condition;
    }

    // A conversion of what is absent fails as the path itself does.
    private static IEnumerable<Term> Paths(Term term) => term switch
    {
        _ when IsPath(term) => [term],
        CallTerm { Target: null, Name: "timestamp" or "duration" or "int" or "double", Arguments: [var inner] } => Paths(inner),
        BinaryTerm { Operator: "+" or "-" or "*" or "/" } binary => Paths(binary.Left).Concat(Paths(binary.Right)),
        _ => [],
    };

    // typeof x == "string"
    private Term? TypeTest(BinaryTerm binary)
    {
        if (binary.Left is not CallTerm { Target: null, Name: "typeof" or "type", Arguments: [var value] } || binary.Right is not TextTerm type)
        {
            return null;
        }

        var test = type.Value is "undefined" or "null" ? new BinaryTerm("==", Rewrite(value), LiteralTerm.Null) : IsOfType(Rewrite(value), type.Value);
        return test is not null && binary.Operator == "!=" ? new UnaryTerm("!", test) : test;
    }

    private static Term? IsOfType(Term value, string type)
    {
        var kind = new CallTerm(Target: null, "type", value);
        return type is "number" or "Number" ? new BinaryTerm("in", kind, new ListTerm(new NameTerm("int"), new NameTerm("double")))
            : ForeignTypes.NameOf(type) is { } name ? new BinaryTerm("==", kind, new NameTerm(name))
            : null;
    }
}
