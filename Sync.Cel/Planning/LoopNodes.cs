using Sync.Cel.Library;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Planning;

/// <summary><c>all</c> and <c>exists</c>: the conjunction or disjunction of the predicates, with its absorption of errors.</summary>
internal sealed class QuantifierNode(bool isAll, string name, PlanNode range, int first, int second, PlanNode body)
    : LoopNode(name, range, first, second)
{
    protected override bool Step(ref Evaluation run, ref LoopState state)
    {
        var value = body.Evaluate(ref run);
        if (value.Kind == CelKind.Bool)
        {
            if (value.AsBool == isAll)
            {
                return true;
            }

            state.Result = value;
            return false;
        }

        if (!state.Error.IsError)
        {
            state.Error = value.IsError ? value : Errors.NotBool(isAll ? "all" : "exists", value);
        }

        return true;
    }

    protected override CelValue Finish(ref Evaluation run, ref LoopState state) => state.Error.IsError ? state.Error : CelValue.Of(isAll);
}

/// <summary><c>exists_one</c>: any error is the result (CEL spec: Macros).</summary>
internal sealed class ExistsOneNode(string name, PlanNode range, int first, int second, PlanNode body)
    : LoopNode(name, range, first, second)
{
    protected override bool Step(ref Evaluation run, ref LoopState state)
    {
        var value = body.Evaluate(ref run);
        if (value.Kind == CelKind.Bool)
        {
            state.Hits += value.AsBool ? 1 : 0;
            return true;
        }

        state.Result = value.IsError ? value : Errors.NotBool("exists_one", value);
        return false;
    }

    protected override CelValue Finish(ref Evaluation run, ref LoopState state) => CelValue.Of(state.Hits == 1);
}

/// <summary><c>filter</c>.</summary>
internal sealed class FilterNode(string name, PlanNode range, int slot, PlanNode body) : LoopNode(name, range, slot, secondSlot: -1)
{
    protected override void Start(ref LoopState state, int count) => state.Items = new ListBuilder(Math.Min(count, 16));

    protected override bool Step(ref Evaluation run, ref LoopState state)
    {
        var value = body.Evaluate(ref run);
        if (value.IsTrue)
        {
            run.Cost--;
            state.Items.Add(run.Locals[FirstSlot]);
        }
        else if (value.Kind != CelKind.Bool)
        {
            state.Result = value.IsError ? value : Errors.NotBool("filter", value);
            return false;
        }

        return true;
    }

    protected override CelValue Finish(ref Evaluation run, ref LoopState state) => state.Items.ToValue();
}

/// <summary>A loop that transforms the elements that pass an optional filter.</summary>
internal abstract class TransformNode(string name, PlanNode range, int first, int second, PlanNode? filter, PlanNode body)
    : LoopNode(name, range, first, second)
{
    protected bool HasFilter => filter is not null;

    protected override bool Step(ref Evaluation run, ref LoopState state)
    {
        if (filter is not null)
        {
            var passes = filter.Evaluate(ref run);
            if (passes.IsFalse)
            {
                return true;
            }

            if (!passes.IsTrue)
            {
                state.Result = passes.IsError ? passes : Errors.NotBool(Name, passes);
                return false;
            }
        }

        var value = body.Evaluate(ref run);
        run.Cost--;
        run.Hold(value);
        var problem = value.IsError ? value : Take(value, ref run, ref state);
        if (!problem.IsError)
        {
            return true;
        }

        state.Result = problem;
        return false;
    }

    /// <summary>Adds the transformed element; an error value when it cannot be added.</summary>
    protected abstract CelValue Take(in CelValue value, ref Evaluation run, ref LoopState state);
}

/// <summary><c>map</c> and <c>transformList</c>.</summary>
internal sealed class MapListNode(string name, PlanNode range, int first, int second, PlanNode? filter, PlanNode body)
    : TransformNode(name, range, first, second, filter, body)
{
    protected override void Start(ref LoopState state, int count) => state.Items = new ListBuilder(HasFilter ? Math.Min(count, 16) : Math.Min(count, 1024));

    protected override CelValue Take(in CelValue value, ref Evaluation run, ref LoopState state)
    {
        state.Items.Add(value);
        return CelValue.Null;
    }

    protected override CelValue Finish(ref Evaluation run, ref LoopState state) => state.Items.ToValue();
}

/// <summary><c>transformMap</c> (the key stays) and <c>transformMapEntry</c> (the body is a map of new entries).</summary>
internal sealed class TransformMapNode(string name, bool isEntry, PlanNode range, int first, int second, PlanNode? filter, PlanNode body)
    : TransformNode(name, range, first, second, filter, body)
{
    protected override void Start(ref LoopState state, int count) => state.Entries = new HashMap(0, built: true);

    protected override CelValue Take(in CelValue value, ref Evaluation run, ref LoopState state)
    {
        // Start made the map.
        var entries = state.Entries!;
        if (!isEntry)
        {
            return MapNode.Add(entries, run.Locals[FirstSlot], value, ref run);
        }

        if (value.Kind != CelKind.Map)
        {
            return Errors.NotEntries(Name, TypeNames.Plain(value));
        }

        foreach (var key in value.AsMap.Keys)
        {
            if (!run.Charge(1 + Equality.PriceOfKey(key)))
            {
                return Errors.Cost;
            }

            value.AsMap.TryGet(key, run.Budget, out var item);
            var problem = MapNode.Add(entries, key, item, ref run);
            if (problem.IsError)
            {
                return problem;
            }
        }

        return CelValue.Null;
    }

    protected override CelValue Finish(ref Evaluation run, ref LoopState state) => CelValue.Of(state.Entries!);
}

/// <summary><c>sortBy</c>: the body gives each element's key.</summary>
internal sealed class SortByNode(string name, PlanNode range, int slot, PlanNode body) : TransformNode(name, range, slot, second: -1, filter: null, body)
{
    protected override void Start(ref LoopState state, int count)
    {
        state.Items = new ListBuilder(Math.Min(count, 1024));
        state.Sorted = new ListBuilder(Math.Min(count, 1024));
    }

    protected override CelValue Take(in CelValue value, ref Evaluation run, ref LoopState state)
    {
        state.Items.Add(value);
        state.Sorted.Add(run.Locals[FirstSlot]);
        return CelValue.Null;
    }

    protected override CelValue Finish(ref Evaluation run, ref LoopState state) =>
        ListSort.Sort(state.Sorted.ToValue().AsList, state.Items.ToValue().AsList, ref run);
}
