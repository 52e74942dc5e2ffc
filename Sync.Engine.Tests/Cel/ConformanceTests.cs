namespace Sync.Engine.Tests.Cel;

/// <summary>
/// Runs every test of the public suite that needs no protobuf. A test may be left out only by <see cref="Exclusions"/>, and one
/// that is left out and passes fails here, so the list cannot outlive its reasons.
/// </summary>
public sealed class ConformanceTests(ITestOutputHelper output)
{
    /// <summary>Test id to the reason it is left out.</summary>
    private static readonly Dictionary<string, string> s_exclusions = [];

    /// <summary>Why each excluded test is excluded.</summary>
    internal static IReadOnlyDictionary<string, string> Exclusions => s_exclusions;

    [Fact]
    public void Suite_EvaluableTests_Pass()
    {
        if (ConformanceSuite.Folder is null)
        {
            Assert.Skip("The conformance suite is not here: put it at ../shared/cel-conformance or name it in CEL_CONFORMANCE_DIR.");
        }

        var failures = new List<string>();
        var passed = 0;
        foreach (var test in ConformanceSuite.Cases().Where(t => !t.IsCheckOnly))
        {
            var problem = test.Run();
            if (s_exclusions.ContainsKey(test.Id))
            {
                problem = problem is null ? "is excluded, yet passes" : null;
            }

            if (problem is null)
            {
                passed++;
            }
            else
            {
                failures.Add($"{test.Id}: {test.Expression}\n    {problem}");
            }
        }

        output.WriteLine($"{passed} passed, {failures.Count} failed");
        Assert.True(failures.Count == 0, $"{failures.Count} failed, {passed} passed:\n{string.Join('\n', failures.Take(60))}");
        Assert.True(passed > 1300, $"only {passed} tests were found");
    }
}
