namespace Sync.Cel.Repair;

/// <summary>There is no macro that groups: the distinct keys become a map, each with what has it.</summary>
internal sealed partial class Rewriter
{
    // list.countBy(r, r.team), list.groupBy("team"), Counter(list)
    private Term? Counted(Term target, string name, Term[] arguments)
    {
        var isCount = name is "countBy" or "count_by" or "CountBy" or "countby" or "tally" or "value_counts" or "valueCounts" or "frequencies" or "Counter";
        if (!isCount && name is not ("groupBy" or "group_by" or "groupby" or "GroupBy" or "partitionBy" or "indexBy"))
        {
            return null;
        }

        var (variable, key) = arguments switch
        {
            [] => ("x", new NameTerm("x")),
            [TextTerm { Value: var field }] => ("x", (Term)new SelectTerm(new NameTerm("x"), field)),
            [NamedTerm { Value: LambdaTerm { Names: [var one], Body: var inner } }] => (one, inner),
            _ when TryFunction(name, arguments, out var variables, out var body) && variables is [var only] => (only, body),
            _ => ("", LiteralTerm.Null),
        };
        return variable.Length == 0 ? null : Grouped(target, variable, key, members => isCount ? Size(members) : members);
    }

    // Columns with figures over a group: a map from each group to its figure; in an order a list of entries.
    private Term Grouped(SelectionTerm selection, Term whole, string element)
    {
        var key = Columns(selection.Group!, element); // asked for only where it is there
        var figures = selection.Columns.OfType<CallTerm>().Where(static column => column.Target is null).ToArray();
        var grouped = Grouped(whole, element, key, members => figures switch
        {
            [] => members,
            [{ Name: "COUNT" or "count" }] => Size(members),
            [{ Arguments: [var column] } figure] => Function(figure.Name.ToLowerInvariant(), [Macro(members, "map", [element], filter: null, Columns(column, element))]),
            _ => new NamedTerm("", members), // more than one figure of a group has no short form
        });
        if (selection.Order is null)
        {
            return selection.Limit is null ? grouped : new NamedTerm("", grouped); // a map has no first ones
        }

        var sorted = Macro(new CallTerm(grouped, "entries"), "sortBy", ["e"], filter: null, new SelectTerm(new NameTerm("e"), selection.Order == selection.Group ? "key" : "value"));
        var list = selection.IsDescending ? new CallTerm(sorted, "reverse") : sorted;
        return selection.Limit is null ? list : Taken(list, Rewrite(selection.Limit));
    }

    private Term Grouped(Term target, string variable, Term key, Func<Term, Term> valueOf)
    {
        var list = AsList(target);
        if (ReadsFieldOf(variable, key) && IsMap(list))
        {
            list = new CallTerm(list, "values");
        }

        var group = variable == "k" ? "key" : "k";
        var keys = new CallTerm(key is NameTerm { Text: var same } && same == variable ? list : Macro(list, "map", [variable], filter: null, key), "distinct");
        _locals.Push(group);
        var members = Macro(list, "filter", [variable], filter: null, new BinaryTerm("==", key, new NameTerm(group)));
        var entry = new MapTerm((new NameTerm(group), valueOf(members)));
        _locals.Pop();
        return new CallTerm(keys, "transformMapEntry", new NameTerm("i"), new NameTerm(group), entry);
    }
}
