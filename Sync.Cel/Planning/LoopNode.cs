using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Planning;

/// <summary>What a loop has gathered so far.</summary>
internal ref struct LoopState
{
    /// <summary>Set when a step ends the loop.</summary>
    public CelValue Result;

    /// <summary>The first error of a step that does not end the loop.</summary>
    public CelValue Error;

    public int Hits;
    public ListBuilder Items;

    /// <summary>For sorting: what the keys in <see cref="Items"/> are of.</summary>
    public ListBuilder Sorted;
    public HashMap? Entries;
}

/// <summary>
/// A macro's loop: sets the variables for each element, then calls <see cref="Step"/>. Every turn is charged, so the meter ends
/// a loop whatever it runs over.
/// </summary>
internal abstract class LoopNode(string name, PlanNode range, int firstSlot, int secondSlot) : PlanNode
{
    protected int FirstSlot => firstSlot;

    protected string Name => name;

    public override CelValue Evaluate(ref Evaluation run)
    {
        run.Cost--;
        var over = range.Evaluate(ref run);
        LoopState state = default;
        switch (over.Kind)
        {
            case CelKind.List:
                Start(ref state, over.ListUnchecked.Count);
                OverList(over.ListUnchecked, ref run, ref state);
                break;
            case CelKind.Map:
                Start(ref state, over.MapUnchecked.Count);
                OverMap(over.MapUnchecked, ref run, ref state);
                break;
            case CelKind.Error:
                return over;
            default:
                return Errors.NotIterable(name, TypeNames.Plain(over));
        }

        return state.Result.IsNull ? Finish(ref run, ref state) : state.Result;
    }

    protected virtual void Start(ref LoopState state, int count)
    {
    }

    /// <summary>One turn. False ends the loop with <see cref="LoopState.Result"/>, which is never null then.</summary>
    protected abstract bool Step(ref Evaluation run, ref LoopState state);

    /// <summary>The result after the last turn.</summary>
    protected abstract CelValue Finish(ref Evaluation run, ref LoopState state);

    private void OverList(CelList list, ref Evaluation run, ref LoopState state)
    {
        var count = list.Count;
        for (var i = 0; i < count; i++)
        {
            if (secondSlot < 0)
            {
                run.Locals[firstSlot] = list[i];
            }
            else
            {
                run.Locals[firstSlot] = CelValue.Of(i);
                run.Locals[secondSlot] = list[i];
            }

            if (!Turn(ref run, ref state))
            {
                return;
            }
        }
    }

    private void OverMap(CelMap map, ref Evaluation run, ref LoopState state)
    {
        foreach (var key in map.Keys)
        {
            run.Locals[firstSlot] = key;
            if (secondSlot >= 0)
            {
                _ = run.ChargeKey(key) && map.TryGet(key, run.Budget, out run.Locals[secondSlot]);
            }

            if (!Turn(ref run, ref state))
            {
                return;
            }
        }
    }

    private bool Turn(ref Evaluation run, ref LoopState state)
    {
        if (!run.Charge(1))
        {
            state.Result = Errors.Cost;
            return false;
        }

        return Step(ref run, ref state);
    }
}
