using System.Diagnostics;
using System.Text.Json;
using Sync.Cel.Checking;
using Sync.Cel.Values;
using Sync.Cel.Values.Limits;

namespace Sync.Cel.Tests;

public sealed class LimitTests
{
    private const string LimitCode = "cel_limit_exceeded";

    private static readonly CelLimits s_wide = new() { SourceLength = 4_000_000, Nesting = 250, Nodes = 10_000_000 };

    // Smaller than any thread that will ever run this.
    private const int StackBytes = 1024 * 1024;

    public static TheoryData<string, string> Pathological => new()
    {
        { "parentheses", new string('(', 100_000) + "1" + new string(')', 100_000) },
        { "open parentheses", new string('(', 100_000) },
        { "brackets", new string('[', 100_000) + new string(']', 100_000) },
        { "braces", string.Concat(Enumerable.Repeat("{1:", 100_000)) + "1" + new string('}', 100_000) },
        { "minus", new string('-', 100_000) + "x" },
        { "not", new string('!', 100_000) + "true" },
        { "ternary right", string.Concat(Enumerable.Repeat("true ? 1 : ", 100_000)) + "1" },
        { "ternary left", string.Concat(Enumerable.Repeat("true ? ", 100_000)) + "1" },
        { "selections", "state" + string.Concat(Enumerable.Repeat(".a", 100_000)) },
        { "optional selections", "state" + string.Concat(Enumerable.Repeat(".?a", 100_000)) },
        { "indexes", "state" + string.Concat(Enumerable.Repeat("[0]", 100_000)) },
        { "calls", "state" + string.Concat(Enumerable.Repeat(".size()", 100_000)) },
        { "nested calls", string.Concat(Enumerable.Repeat("size(", 100_000)) + "1" + new string(')', 100_000) },
        { "comparisons", "1" + string.Concat(Enumerable.Repeat(" < 1", 100_000)) },
        { "macros", string.Concat(Enumerable.Repeat("[1].all(x, ", 100_000)) + "true" + new string(')', 100_000) },
        { "binds", string.Concat(Enumerable.Repeat("cel.bind(x, 1, ", 100_000)) + "x" + new string(')', 100_000) },
        { "quotes", new string('"', 100_001) },
        { "backslashes", "\"" + new string('\\', 100_001) },
    };

    [Theory]
    [MemberData(nameof(Pathological))]
    public void Compile_PathologicalSource_IsRefusedOrRunsWithinStack(string name, string source)
    {
        // Cut to what compiles too, so that every later walk meets the deepest tree there can be.
        foreach (var length in (int[])[source.Length, 3000, 1900, 1400, 950, 480, 240])
        {
            var environment = new CelEnvironment(RoomCel.Options with { Limits = s_wide });
            OnSmallStack(() =>
            {
                var compiled = environment.Compile(source[..Math.Min(length, source.Length)]);
                Assert.True(compiled.Program is null != compiled.Issue is null, name);
                if (compiled.Program is { } program)
                {
                    program.Evaluate(RoomCel.Roots(RoomCel.Sample)).ToString();
                    _ = program.Dependencies;
                    _ = program.Warnings;
                    program.Explain(RoomCel.Roots(RoomCel.Sample));
                }
            });
        }
    }

    [Theory]
    [InlineData("1", " + 1", 4000, "4001")]
    [InlineData("true", " && true", 4000, "true")]
    [InlineData("false", " || false", 4000, "false")]
    [InlineData("1", " * 1", 4000, "1")]
    public void Evaluate_LongChain_DoesNotCountAsDepth(string first, string next, int count, string expected) =>
        OnSmallStack(() => Assert.Equal(
            expected,
            RoomCel.Evaluate(first + string.Concat(Enumerable.Repeat(next, count)), environment: new CelEnvironment(RoomCel.Options with { Limits = s_wide })).ToString()));

    [Fact]
    public void Compile_LongSelectionChainWithinSafeHeight_Evaluates() =>
        OnSmallStack(() => Assert.Equal(
            "null",
            RoomCel.Evaluate("state" + string.Concat(Enumerable.Repeat(".a", 480)), environment: new CelEnvironment(RoomCel.Options with { Limits = s_wide })).ToString()));

    [Fact]
    public void Compile_SourceTooLong_IsALimitIssue()
    {
        var issue = RoomCel.Issue(new string(' ', 9000) + "1");

        Assert.Equal(LimitCode, issue.Code);
        Assert.Equal(1, issue.Line);
    }

    [Fact]
    public void Compile_NestedTooDeep_IsALimitIssue() => Assert.Equal(LimitCode, RoomCel.Issue(new string('(', 60) + "1" + new string(')', 60)).Code);

    [Fact]
    public void Compile_TooManyNodes_IsALimitIssue() =>
        Assert.Equal(LimitCode, RoomCel.Issue(
            "[" + string.Concat(Enumerable.Repeat("1,", 200)) + "1]", new CelEnvironment(new CelOptions { Limits = new CelLimits { Nodes = 100 } })).Code);

    [Theory]
    [InlineData("lists.range(1000).all(a, lists.range(1000).all(b, lists.range(1000).all(c, true)))")]
    [InlineData("lists.range(1000).all(a, lists.range(1000).all(b, lists.range(1000).all(c, true))) || true")]
    [InlineData("true || lists.range(100000000).size() > 0 || lists.range(2000).exists(x, lists.range(2000).exists(y, false))", "true")]
    [InlineData("lists.range(100000000)")]
    [InlineData("lists.range(1000).map(a, lists.range(1000).map(b, [a, b]))")]
    [InlineData("lists.range(40000).map(x, \"0123456789abcdef0123456789abcdef\".replace(\"\", \"0123456789abcdef0123456789abcdef\")).join()")]
    [InlineData("\"%.1000f%.1000f%.1000f\".format([1.0, 1.0, 1.0]).size()", "3006")]
    [InlineData("\"%.1001f\".format([1.0]).size()", "error")]
    [InlineData("cel.bind(a, \"0123456789abcdef\", cel.bind(b, a+a+a+a+a+a+a+a+a+a, cel.bind(c, b+b+b+b+b+b+b+b+b+b, cel.bind(d, c+c+c+c+c+c+c+c+c+c, cel.bind(e, d+d+d+d+d+d+d+d+d+d, cel.bind(f, e+e+e+e+e+e+e+e+e+e, cel.bind(g, f+f+f+f+f+f+f+f+f+f, g)))))))")]
    [InlineData("cel.bind(a, [1,1,1,1,1,1,1,1], cel.bind(b, [a,a,a,a,a,a,a,a], cel.bind(c, [b,b,b,b,b,b,b,b], cel.bind(d, [c,c,c,c,c,c,c,c], cel.bind(e, [d,d,d,d,d,d,d,d], cel.bind(f, [e,e,e,e,e,e,e,e], cel.bind(g, [f,f,f,f,f,f,f,f], [g,g])))))))")]
    [InlineData("cel.bind(a, [1,1,1,1,1,1,1,1], cel.bind(b, [a,a,a,a,a,a,a,a], cel.bind(c, [b,b,b,b,b,b,b,b], cel.bind(d, [c,c,c,c,c,c,c,c], cel.bind(e, [d,d,d,d,d,d,d,d], cel.bind(f, [e,e,e,e,e,e,e,e], cel.bind(g, [f,f,f,f,f,f,f,f], g == [f,f,f,f,f,f,f,f])))))))")]
    [InlineData("cel.bind(a, [1,1,1,1,1,1,1,1], cel.bind(b, [a,a,a,a,a,a,a,a], cel.bind(c, [b,b,b,b,b,b,b,b], cel.bind(d, [c,c,c,c,c,c,c,c], cel.bind(e, [d,d,d,d,d,d,d,d], cel.bind(f, [e,e,e,e,e,e,e,e], cel.bind(g, [f,f,f,f,f,f,f,f], \"%s\".format([g]))))))))")]
    [InlineData("cel.bind(a, [1,1,1,1,1,1,1,1], cel.bind(b, [a,a,a,a,a,a,a,a], cel.bind(c, [b,b,b,b,b,b,b,b], cel.bind(d, [c,c,c,c,c,c,c,c], cel.bind(e, [d,d,d,d,d,d,d,d], cel.bind(f, [e,e,e,e,e,e,e,e], cel.bind(g, [f,f,f,f,f,f,f,f], g.flatten(9))))))))")]
    [InlineData("cel.bind(a, lists.range(3000), a.map(x, a).map(l, l.distinct()))")]
    [InlineData("cel.bind(a, lists.range(3000).map(x, [x]), a.distinct())")]
    [InlineData("cel.bind(a, lists.range(3000), sets.equivalent(a, a.reverse()))")]
    [InlineData("lists.range(1000).map(x, lists.range(1000).sort())")]
    public void Evaluate_CostlyExpression_EndsSoonAtTheLimit(string expression, string? expected = null)
    {
        var watch = Stopwatch.StartNew();

        var value = RoomCel.Evaluate(expression);

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"took {watch.Elapsed}");
        if (expected is null)
        {
            Assert.Equal(LimitCode, value.IsError ? value.AsError.Code : $"{value.TypeName}");
        }
        else
        {
            Assert.Equal(expected, value.IsError ? "error" : value.ToString());
        }
    }

    [Fact]
    public void Matches_HostilePattern_IsLinear()
    {
        var watch = Stopwatch.StartNew();

        var value = RoomCel.Evaluate("\"" + new string('a', 2000) + "!\".matches(\"(a+)+$\") || params.text.matches(\"^(([a-z])+.)+[A-Z]([a-z])+$\")");

        Assert.Equal("false", value.ToString());
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void ParseJson_DeeperThan64_IsAnErrorValue()
    {
        Assert.True(RoomCel.Json(new string('[', 65) + new string(']', 65)).IsError);
        Assert.True(RoomCel.Json(new string('[', 100_000)).IsError);
        Assert.False(RoomCel.Json(new string('[', 64) + new string(']', 64)).IsError);
    }

    [Fact]
    public void DeepValue_ComparedPrintedAndWritten_StaysWithinStack() => OnSmallStack(() =>
    {
        var left = Nest(100_000);
        var right = Nest(100_000);

        Assert.False(left == right);
        Assert.NotEmpty(left.ToString());
        using var writer = new Utf8JsonWriter(Stream.Null);
        left.WriteJson(writer);
        var roots = new Activation([left, right]);
        var environment = new CelEnvironment(new CelOptions { Variables = ["a", "b"] });
        Assert.Equal(LimitCode, RoomCel.Compile("a == b", environment).Evaluate(roots).AsError.Code);
        Assert.Equal(LimitCode, RoomCel.Compile("[a]", environment).Evaluate(roots).AsError.Code);
        Assert.Equal(LimitCode, RoomCel.Compile("'%s'.format([a])", environment).Evaluate(roots).AsError.Code);
        Assert.False(RoomCel.Compile("a.flatten(1000000)", environment).Evaluate(roots).Kind == CelKind.Null);
    });

    [Fact]
    public void DeepExpression_WithLittleStackLeft_IsALimitNotACrash()
    {
        var environment = new CelEnvironment(RoomCel.Options with { Limits = s_wide });
        var source = "state" + string.Concat(Enumerable.Repeat(".?a", 490)) + ".hasValue() == " + new string('!', 200) + "true";
        var program = RoomCel.Compile(source, environment);
        OnSmallStack(() => WithLittleStackLeft(() =>
        {
            var value = program.Evaluate(RoomCel.Roots(RoomCel.Sample));
            var again = environment.CompileAnew(source);
            _ = program.Dependencies;
            _ = program.Warnings;
            Assert.True(value.Kind is CelKind.Bool || value.AsError.Code == LimitCode);
            Assert.True(again.Program is not null || again.Issue?.Code == LimitCode);
        }));
    }

    private static void WithLittleStackLeft(Action action)
    {
        if (System.Runtime.CompilerServices.RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            WithLittleStackLeft(action);
        }
        else
        {
            action();
        }
    }

    private static CelValue Nest(int depth)
    {
        var value = CelValue.Null;
        for (var i = 0; i < depth; i++)
        {
            value = CelValue.Of(new ArrayList([value], 1, built: true));
        }

        return value;
    }

    private static void OnSmallStack(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    action();
                }
                catch (Exception e)
                {
                    failure = e;
                }
            },
            StackBytes);
        thread.Start();
        thread.Join();
        Assert.True(failure is null, failure?.ToString());
    }
}
