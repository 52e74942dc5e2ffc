using Sync.Cel.Values.Limits;

namespace Sync.Cel.Tests;

/// <summary>What a parked wait evaluates on every change must leave nothing for the garbage collector.</summary>
public sealed class AllocationTests
{
    [Theory]
    [InlineData("state._shared.phase == \"playing\" && messages.unread > 0")]
    [InlineData("state[self].x == 1 || state._shared.absent != null")]
    [InlineData("state._shared.phase in [\"a\", \"b\", \"c\", \"playing\"] && has(state._shared.name)")]
    [InlineData("size(state._tasks) > 1 && state._shared.name.startsWith(\"A\") ? views.total * 2 > 3 : false")]
    [InlineData("\"t1\" in state._tasks && !(self == owner)")]
    public void Evaluate_Predicate_AllocatesNothing(string expression)
    {
        var program = RoomCel.Compile(expression);
        var roots = RoomCel.Roots(RoomCel.Sample);
        var budget = new CelBudget(new CelLimits());
        program.Evaluate(roots, budget);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 100; i++)
        {
            program.Evaluate(roots, budget);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
