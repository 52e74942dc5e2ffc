using Microsoft.Extensions.Time.Testing;
using Sync.Cel.Checking;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Tests;

/// <summary>One budget for everything that a request evaluates.</summary>
public sealed class BudgetTests
{
    private const string LimitCode = "cel_limit_exceeded";

    [Fact]
    public void Charge_MoreThanIsLeft_ExhaustsForGood()
    {
        var budget = new CelBudget(100, TimeSpan.MaxValue);

        Assert.True(budget.Charge(60));
        Assert.Equal(40, budget.Left);
        Assert.False(budget.Charge(41));
        Assert.False(budget.Charge(1));
        Assert.True(budget.IsExhausted);
        Assert.Equal((0, 100), (budget.Left, budget.Spent));
    }

    [Theory]
    [InlineData("lists.range(9223372036854775807).size() > 0 || lists.range(9223372036854775807).size() > 0")]
    [InlineData("lists.range(9223372036854775807).size() > 0 || lists.range(9223372036854775807).size() > 0 || true")]
    public void Charge_MoreThanALongHolds_DoesNotWrapAround(string expression)
    {
        var value = RoomCel.Evaluate(expression);

        Assert.Equal(LimitCode, value.AsError.Code);
    }

    [Fact]
    public void ChargeOnce_SameThingAgain_CostsOneUnit()
    {
        var budget = new CelBudget(10_000, TimeSpan.MaxValue);
        var thing = new object();

        budget.ChargeOnce(thing, 1000);
        budget.ChargeOnce(thing, 1000);
        Assert.Equal(1001, budget.Spent);
        budget.ChargeOnce(new object(), 1000);
        Assert.Equal(2001, budget.Spent);
    }

    [Fact]
    public void Evaluate_TwiceOnOneBudget_SpendsFromTheSame()
    {
        var program = RoomCel.Compile("lists.range(400).all(x, true)");
        var budget = new CelBudget(1_000, TimeSpan.MaxValue);

        Assert.True(program.Evaluate(RoomCel.Roots(RoomCel.Sample), budget).IsTrue);
        var spent = budget.Spent;
        Assert.True(program.Evaluate(RoomCel.Roots(RoomCel.Sample), budget).IsTrue);
        Assert.Equal(2 * spent, budget.Spent);
        Assert.Equal(LimitCode, program.Evaluate(RoomCel.Roots(RoomCel.Sample), budget).AsError.Code);
        Assert.Equal(LimitCode, RoomCel.Compile("true").Evaluate(RoomCel.Roots(RoomCel.Sample), budget).AsError.Code);
    }

    [Theory]
    [InlineData("inner || true")]
    [InlineData("true && (inner == 1 || true)")]
    [InlineData("[1].exists(x, inner == x) || true")]
    [InlineData("optional.of(1).hasValue() || inner > 0")]
    public void Evaluate_NestedEvaluationExhaustsTheBudget_TheOutermostIsTheLimit(string expression)
    {
        var budget = new CelBudget(10_000, TimeSpan.MaxValue);
        var inner = RoomCel.Compile("lists.range(5000).all(x, lists.range(5000).all(y, true))");
        var outer = RoomCel.Compile(expression, new CelEnvironment(new CelOptions { Variables = ["inner"] }));
        var reads = 0;

        var value = outer.Evaluate(new Nested(() =>
        {
            reads++;
            return inner.Evaluate(RoomCel.Roots(RoomCel.Sample), budget);
        }), budget);

        // What never asked for it is not harmed by it.
        Assert.Equal(reads > 0 ? LimitCode : "true", value.IsError ? value.AsError.Code : value.ToString());
    }

    [Fact]
    public void Explain_PartsShareOneBudget()
    {
        var program = RoomCel.Compile("lists.range(900).all(x, true) && lists.range(900).all(y, true) && 1 == 1");

        var parts = program.Explain(RoomCel.Roots(RoomCel.Sample), new CelBudget(1_500, TimeSpan.MaxValue));

        Assert.True(parts[0].Value.IsTrue);
        Assert.Equal(LimitCode, parts[1].Value.AsError.Code);
        Assert.Equal(LimitCode, parts[2].Value.AsError.Code);
    }

    [Fact]
    public void Deadline_PassedDuringAnEvaluation_ExhaustsTheBudget()
    {
        var time = new FakeTimeProvider();
        var budget = new CelBudget(1_000_000, TimeSpan.FromSeconds(1), time);
        var program = RoomCel.Compile("lists.range(20000).all(x, tick)", new CelEnvironment(new CelOptions { Variables = ["tick"] }));

        var value = program.Evaluate(new Nested(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
            return CelValue.Of(true);
        }), budget);

        Assert.Equal(LimitCode, value.AsError.Code);
        Assert.True(budget.IsExhausted);
        Assert.True(time.GetUtcNow() - time.Start < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Deadline_TimeBetweenEvaluations_DoesNotCount()
    {
        var time = new FakeTimeProvider();
        var budget = new CelBudget(1_000_000, TimeSpan.FromSeconds(1), time);
        var program = RoomCel.Compile("lists.range(5000).all(x, true)");

        for (var i = 0; i < 20; i++)
        {
            Assert.True(program.Evaluate(RoomCel.Roots(RoomCel.Sample), budget).IsTrue);
            time.Advance(TimeSpan.FromSeconds(10));
        }
    }

    private sealed class Nested(Func<CelValue> get) : ICelActivation
    {
        public CelValue Get(int slot) => get();
    }
}
