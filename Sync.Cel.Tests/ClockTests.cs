using Sync.Cel.Checking;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Tests;

/// <summary>Solving for the next instant at which an expression can give something else.</summary>
public sealed class ClockTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 12, 0, 0, 500, TimeSpan.Zero);
    private static readonly CelEnvironment s_environment = new(new CelOptions { Variables = ["now", "t", "n"], AbsentKeysAreNull = true, MixedArithmetic = true });

    public static TheoryData<string, string?> Solved => new()
    {
        { "1 == 1", null },
        { "now > t", "10" },
        { "now >= t", "10" },
        { "t < now", "10" },
        { "now == t", "10" },
        { "now != t || n == 3", "10" },
        { "now + duration('3s') > t", "7" },
        { "now - duration('3s') > t", "13" },
        { "duration('3s') + now > t", "7" },
        { "now - t > duration('5s')", "15" },
        { "now - t - duration('1s') > duration('5s')", "16" },
        { "t - now < duration('4s')", "6" },
        { "-(now - t) < duration('4s')", "6" },
        { "t - (now - t) < t", "10" },
        { "now < t && now > t + duration('5s')", "10" },
        { "now < t || now > t + duration('5s')", "10" },
        { "now > t + duration('5s') || now > t", "10" },
        { "n == 3 ? now > t : now > t - duration('9s')", "10" },
        { "n != 3 ? now > t : now > t - duration('9s')", "1" },
        { "[1, 4, 2].exists(i, now > t + duration(string(i) + 's'))", "11" },
        { "[1, 2].filter(i, now > t - duration(string(i) + 's')).size()", "8" },
        { "cel.bind(age, now - t, age > duration('1s') || age < duration('-20s'))", "11" },
        { "now - now == duration('0s')", null },
        { "now > t - duration('60s')", null },
        { "timestamp(now) > t", "10" },
        { "int(now) > 0", "0.5" },
        { "now.getSeconds() == 30", "0.5" },
        { "now.getMinutes() == 1", "59.5" },
        { "now.getHours() == 13", "899.5" },
        { "now.getFullYear('Europe/Berlin') > 2026", "899.5" },
        { "int(now - t) > 5", "0" },
        { "string(now) == 'x'", "fleeting" },
        { "now", "fleeting" },
        { "now - t", "fleeting" },
        { "[now]", "fleeting" },
        { "{'at': now}", "fleeting" },
        { "[t, now].exists(x, x > t)", "fleeting" },
        { "now in [t]", "fleeting" },
        { "now.getMilliseconds() > 3", "fleeting" },
        { "type(now) == int", null },
        { "now == null", null },
    };

    [Theory]
    [MemberData(nameof(Solved))]
    public void Next_IsWhenTheClockChangesTheOutcome(string expression, string? seconds)
    {
        var clock = new CelClock(s_now);

        RoomCel.Compile(expression, s_environment).Evaluate(new Watched(clock), new CelBudget(new CelLimits()));

        Assert.Equal(seconds == "fleeting", clock.IsFleeting);
        if (!clock.IsFleeting)
        {
            Assert.Equal(seconds is null ? null : seconds == "0" ? s_now.AddTicks(1) : s_now.AddSeconds(double.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture)), clock.Next);
        }
    }

    /// <summary>Whatever the expression, its value stays the same until the instant that was found.</summary>
    [Fact]
    public void Next_OfAnyExpression_NothingChangesBefore()
    {
        var random = new Random(20260301);
        for (var i = 0; i < 3_000; i++)
        {
            var source = Condition(random, 3);
            var program = RoomCel.Compile(source, s_environment);
            var clock = new CelClock(s_now);
            var value = program.Evaluate(new Watched(clock), new CelBudget(new CelLimits())).ToString();
            if (clock.IsFleeting)
            {
                continue;
            }

            var until = clock.Next ?? s_now.AddHours(1);
            for (var step = 0; step < 8; step++)
            {
                var at = s_now.AddTicks((long)((until - s_now).Ticks * (step / 8.0)));
                var then = program.Evaluate(new Watched(new CelClock(at)), new CelBudget(new CelLimits())).ToString();
                Assert.True(then == value, $"{source}: {value} at first, {then} at {at:O}, though it was to stay until {until:O}");
            }
        }
    }

    private static string Condition(Random random, int depth) => depth == 0 || random.Next(3) == 0
        ? $"{Moving(random)} {Pick(random, "<", "<=", ">", ">=", "==", "!=")} {Still(random)}"
        : random.Next(5) switch
        {
            0 => $"({Condition(random, depth - 1)} && {Condition(random, depth - 1)})",
            1 => $"({Condition(random, depth - 1)} || {Condition(random, depth - 1)})",
            2 => $"!({Condition(random, depth - 1)})",
            3 => $"({Condition(random, depth - 1)} ? {Condition(random, depth - 1)} : {Condition(random, depth - 1)})",
            _ => $"[1, 5, 20].exists(i, now > t + duration(string(i) + 's') && {Condition(random, depth - 1)})",
        };

    private static string Moving(Random random) => Pick(random, "now", "now + duration('7s')", "now - duration('400ms')", "t - (t - now)", "timestamp(now)", "now - duration('1s') + duration('3s')");

    private static string Still(Random random) => Pick(random, "t", "t + duration('90s')", "t - duration('9s')", "timestamp('2026-03-01T12:00:00.500Z')", "timestamp('2026-03-01T12:20:00Z')");

    private static string Pick(Random random, params string[] from) => from[random.Next(from.Length)];

    private sealed class Watched(CelClock clock) : ICelActivation
    {
        public CelClock Clock => clock;

        public CelValue Get(int slot) => slot switch
        {
            0 => clock.Now,
            1 => CelValue.Of(s_now.AddSeconds(10)),
            _ => CelValue.Of(3L),
        };
    }
}
