using Sync.Cel.Library;
using Sync.Cel.Syntax;
using Sync.Cel.Values;

namespace Sync.Cel.Repair;

/// <summary>What may be changed of an expression beyond its syntax. Each changes nothing where the values are what the language wants.</summary>
[Flags]
internal enum RepairKinds
{
    None = 0,

    /// <summary>What is joined with text becomes text.</summary>
    Texts = 1,

    /// <summary>What is read and may be absent is tested first.</summary>
    Nulls = 2,

    /// <summary>What takes text takes a list instead, and the other way round.</summary>
    Lists = 4,

    /// <summary>What is compared with an instant or a duration becomes one.</summary>
    Times = 8,

    /// <summary>Text that is compared with a number, or computed with, becomes a whole number.</summary>
    Numbers = 16,

    /// <summary>With <see cref="Numbers"/>: one with a fraction.</summary>
    Fractions = 32,

    /// <summary>A number's size is the number.</summary>
    Counts = 64,

    /// <summary>A loop that reads fields of its variable runs over a map's values.</summary>
    Values = 128,

    /// <summary>With <see cref="Times"/>: an instant is written as a day.</summary>
    Days = 256,

    /// <summary>With <see cref="Times"/>: an instant is a number of milliseconds.</summary>
    Milliseconds = 512,
}

/// <summary>
/// Turns terms of other languages into those of this one. What it cannot turn is left, and nothing is written then. To teach it another habit: a case in the table of functions or of
/// methods, and a row in the tests.
/// </summary>
internal sealed partial class Rewriter(RepairNames names, RepairKinds kinds)
{
    private readonly Stack<string> _locals = new();

    public Term Rewrite(Term term) => term switch
    {
        NameTerm name => Name(name),
        SelectTerm select => Select(select),
        IndexTerm index => Index(index),
        SliceTerm slice => Slice(Rewrite(slice.Target), slice),
        CallTerm call => Call(call),
        UnaryTerm unary => new UnaryTerm(unary.Operator, Rewrite(unary.Operand)),
        BinaryTerm binary => Binary(binary),
        ChoiceTerm choice => new ChoiceTerm(Rewrite(choice.Condition), Rewrite(choice.Then), Rewrite(choice.Otherwise)),
        ListTerm list => List(list),
        OptionalTerm optional => new OptionalTerm(Rewrite(optional.Value)),
        MapTerm map => Map(map),
        LoopTerm loop => Loop(loop),
        SelectionTerm selection => Selection(selection),
        PatternTerm pattern => new TextTerm(PatternText(pattern)),
        _ => term,
    };

    private bool IsKnown(string name) => _locals.Contains(name) || names.IsVariable(name) || TypeNames.All.Contains(name);

    private Term Name(NameTerm name) =>
        IsKnown(name.Text) ? name
        : names.Alias(name.Text) is { } alias ? alias
        : DidYouMean.Nearest(name.Text, _locals.Concat(names.Variables)) is { } near ? new NameTerm(near)
        : !IsOfTheLanguage(name.Text) && names.Unknown(name.Text) is { } path ? path
        : name;

    // A function or a reserved word that stands where a value should is no key that somebody forgot the way to.
    private static bool IsOfTheLanguage(string name) => FunctionTable.Standard.Find(name, isMethod: false) is not null || FunctionTable.Standard.IsNamespace(name) || Parser.IsReserved(name) || name is "cel";

    // A bare word beside a comparison is most often text without its quotes.
    private bool IsBareText(Term term) =>
        term is NameTerm { Text: var text } && !IsKnown(text) && names.Alias(text) is null && DidYouMean.Nearest(text, _locals.Concat(names.Variables)) is null;

    private Term Select(SelectTerm select)
    {
        if (select.Target is NameTerm { Text: var root } && !_locals.Contains(root) && names.Alias(root, select.Field) is { } alias)
        {
            return alias;
        }

        var target = Rewrite(select.Target);
        return select.Field is "length" or "Length" or "Count" or "size" && names.ListOfTerm(target) is { } list ? Size(list)
            : select.Field is "length" or "Length" or "Count" && !select.IsOptional ? Size(target)
            : target is LiteralTerm { Text: "null" } ? target
            : new SelectTerm(target, select.Field, select.IsOptional);
    }

    private Term Index(IndexTerm index)
    {
        var target = Rewrite(index.Target);
        target = index.Index is TextTerm ? target : AsList(target);
        return index.Index is LiteralTerm { Text: ['-', ..] } negative && !index.IsOptional
            ? new IndexTerm(target, FromEnd(target, negative))
            : new IndexTerm(target, Rewrite(index.Index), index.IsOptional);
    }

    private static BinaryTerm FromEnd(Term target, LiteralTerm negative) => new("-", Size(target), new LiteralTerm(negative.Text[1..]));

    // A variable that is taken for the list that stands elsewhere.
    private Term AsList(Term term) => !(term is NameTerm { Text: var name } && _locals.Contains(name)) && names.ListOfTerm(term) is { } list ? list : term;

    private static Term Size(Term of) => of is LiteralTerm { Text: "null" } ? new LiteralTerm("0") : new CallTerm(Target: null, "size", of);

    private Term Slice(Term target, SliceTerm slice)
    {
        if (slice.IsReversed)
        {
            return new CallTerm(target, "reverse");
        }

        var from = slice.From is null ? new LiteralTerm("0") : Bound(target, slice.From);
        var to = slice.To is null ? Size(target) : Bound(target, slice.To);
        return new CallTerm(target, target is TextTerm || kinds.HasFlag(RepairKinds.Lists) ? "substring" : "slice", from, to);
    }

    private Term Bound(Term target, Term bound) => bound is LiteralTerm { Text: ['-', ..] } negative ? FromEnd(target, negative) : Rewrite(bound);

    private Term List(ListTerm list)
    {
        Term? whole = null;
        var items = new List<Term>();
        foreach (var item in list.Items)
        {
            if (item is not SpreadTerm spread)
            {
                items.Add(Rewrite(item));
                continue;
            }

            whole = Plus(whole, items);
            whole = whole is null ? Rewrite(spread.Value) : new BinaryTerm("+", whole, Rewrite(spread.Value));
        }

        return Plus(whole, items) ?? new ListTerm();
    }

    private static Term? Plus(Term? whole, List<Term> items)
    {
        if (items.Count == 0)
        {
            return whole;
        }

        var list = new ListTerm([.. items]);
        items.Clear();
        return whole is null ? list : new BinaryTerm("+", whole, list);
    }

    private Term Map(MapTerm map)
    {
        // {a: 1} names a key in JavaScript and a variable here. One key that is no variable shows which is meant.
        var areTexts = map.Entries.Any(entry => entry.Key is NameTerm { Text: var key } && !IsKnown(key));
        Term? whole = null;
        var entries = new List<(Term? Key, Term Value)>();
        foreach (var (key, value) in map.Entries)
        {
            if (key is not null)
            {
                entries.Add((key is NameTerm { Text: var name } && areTexts ? new TextTerm(name) : Rewrite(key), Rewrite(value)));
                continue;
            }

            whole = entries.Count > 0 ? Merged(whole, new MapTerm([.. entries])) : whole;
            entries.Clear();
            whole = Merged(whole, Rewrite(value));
        }

        return entries.Count > 0 || whole is null ? Merged(whole, new MapTerm([.. entries])) : whole;
    }

    // Of a key in both maps the second one's value stays.
    private static Term Merged(Term? first, Term second)
    {
        if (first is null)
        {
            return second;
        }

        var kept = new CallTerm(
            new CallTerm(first, "entries"), "filter", new NameTerm("e"), new UnaryTerm("!", new BinaryTerm("in", new SelectTerm(new NameTerm("e"), "key"), second)));
        return new CallTerm(
            new BinaryTerm("+", kept, new CallTerm(second, "entries")), "transformMapEntry", new NameTerm("i"), new NameTerm("e"),
            new MapTerm((new SelectTerm(new NameTerm("e"), "key"), new SelectTerm(new NameTerm("e"), "value"))));
    }

    private Term Loop(LoopTerm loop)
    {
        var source = loop.Source;
        if (loop.Names.Length == 2)
        {
            // k, v in m.items(); i, x in enumerate(list)
            source = source is CallTerm { Target: { } map, Name: "items" or "entries", Arguments: [] } ? map
                : source is CallTerm { Name: "enumerate" or "entries", Arguments: [var list] } ? list
                : source;
        }

        var range = AsList(Rewrite(source));
        if (loop.Body is MapTerm { Entries: [({ }, _)] } entry)
        {
            string[] variables = loop.Names.Length == 1 ? ["i", .. loop.Names] : loop.Names;
            return Macro(range, "transformMapEntry", variables, loop.Filter, entry, areKeysComputed: true);
        }

        return loop.Names.Length == 2 ? Macro(range, "transformList", loop.Names, loop.Filter, loop.Body)
            : loop.Body is NameTerm { Text: var body } && body == loop.Names[0] ? loop.Filter is null ? range : Macro(range, "filter", loop.Names, filter: null, loop.Filter)
            : Macro(range, "map", loop.Names, loop.Filter, loop.Body);
    }

    private CallTerm Macro(Term target, string name, string[] variables, Term? filter, Term body, bool areKeysComputed = false)
    {
        target = AsList(target);
        if (variables is [var only] && (ReadsFieldOf(only, body) || (filter is not null && ReadsFieldOf(only, filter))) && IsMap(target))
        {
            target = new CallTerm(target, "values");
        }

        foreach (var variable in variables)
        {
            _locals.Push(variable);
        }

        var inner = areKeysComputed && body is MapTerm { Entries: [({ } key, var value)] } ? new MapTerm((Rewrite(key), Rewrite(value))) : Rewrite(body);
        Term[] arguments = filter is null ? [inner] : [Rewrite(filter), inner];
        foreach (var _ in variables)
        {
            _locals.Pop();
        }

        return new CallTerm(target, name, [.. variables.Select(static variable => new NameTerm(variable)), .. arguments]);
    }

    // A macro over a map runs over its keys, which have no fields.
    private bool IsMap(Term target) => names.TypeOf(target) is { } type ? type.Name == "map" : kinds.HasFlag(RepairKinds.Values) && IsPath(target);

    private static bool ReadsFieldOf(string variable, Term term) => term switch
    {
        SelectTerm { Target: NameTerm { Text: var name } } when name == variable => true,
        IndexTerm { Target: NameTerm { Text: var name }, Index: TextTerm } when name == variable => true,
        SelectTerm select => ReadsFieldOf(variable, select.Target),
        IndexTerm index => ReadsFieldOf(variable, index.Target) || ReadsFieldOf(variable, index.Index),
        CallTerm call => (call.Target is not null && ReadsFieldOf(variable, call.Target)) || call.Arguments.Any(argument => ReadsFieldOf(variable, argument)),
        UnaryTerm unary => ReadsFieldOf(variable, unary.Operand),
        BinaryTerm binary => ReadsFieldOf(variable, binary.Left) || ReadsFieldOf(variable, binary.Right),
        ChoiceTerm choice => ReadsFieldOf(variable, choice.Condition) || ReadsFieldOf(variable, choice.Then) || ReadsFieldOf(variable, choice.Otherwise),
        ListTerm list => list.Items.Any(item => ReadsFieldOf(variable, item)),
        MapTerm map => map.Entries.Any(entry => (entry.Key is not null && ReadsFieldOf(variable, entry.Key)) || ReadsFieldOf(variable, entry.Value)),
        OptionalTerm optional => ReadsFieldOf(variable, optional.Value),
        _ => false,
    };

    private Term Selection(SelectionTerm selection)
    {
        var element = selection.Alias ?? "x";
        var whole = AsList(Rewrite(selection.Source));
        whole = IsMap(whole) ? new CallTerm(whole, "values") : whole;
        if (selection.Filter is not null)
        {
            whole = Macro(whole, "filter", [element], filter: null, Columns(selection.Filter, element));
        }

        if (selection.Group is not null)
        {
            return Grouped(selection, whole, element);
        }

        if (selection.Order is not null)
        {
            whole = Macro(whole, "sortBy", [element], filter: null, Columns(selection.Order, element));
            whole = selection.IsDescending ? new CallTerm(whole, "reverse") : whole;
        }

        whole = selection.Limit is null ? whole : Taken(whole, Rewrite(selection.Limit));
        return selection.Columns switch
        {
            [] => whole,
            [CallTerm { Target: null, Name: "COUNT" or "count" }] => Size(whole),
            [CallTerm { Target: null, Name: var name, Arguments: [var column] }] => Function(name.ToLowerInvariant(), [Macro(whole, "map", [element], filter: null, Columns(column, element))]),
            [var column] => Macro(whole, "map", [element], filter: null, Columns(column, element)),
            var columns => Macro(whole, "map", [element], filter: null, new MapTerm([.. columns.Select(column => (column is NameTerm name ? (Term?)new TextTerm(name.Text) : null, Columns(column, element)))])),
        };
    }

    // In SQL a bare name is a column.
    private Term Columns(Term term, string element) => term switch
    {
        NameTerm name when name.Text != element && !IsKnown(name.Text) => new SelectTerm(new NameTerm(element), name.Text),
        BinaryTerm binary => new BinaryTerm(binary.Operator, Columns(binary.Left, element), Columns(binary.Right, element)),
        UnaryTerm unary => new UnaryTerm(unary.Operator, Columns(unary.Operand, element)),
        CallTerm call => new CallTerm(call.Target is null ? null : Columns(call.Target, element), call.Name, [.. call.Arguments.Select(argument => Columns(argument, element))]),
        _ => term,
    };

    private static CallTerm Taken(Term list, Term count) => new(list, "slice", new LiteralTerm("0"), AtMost(count, list));

    private static CallTerm AtMost(Term count, Term list) => new(new NameTerm("math"), "least", count, Size(list));

    private static string PatternText(PatternTerm pattern)
    {
        var flags = string.Concat(pattern.Flags.Where(static flag => flag is 'i' or 'm' or 's'));
        return (flags.Length > 0 ? $"(?{flags})" : "") + pattern.Source;
    }
}
