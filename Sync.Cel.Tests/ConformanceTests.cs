namespace Sync.Cel.Tests;

/// <summary>
/// Runs every test of the public suite that needs no protobuf. A test may be left out only by <see cref="s_exclusions"/>, and one
/// that is left out and passes fails here, so the list cannot outlive its reasons.
/// </summary>
public sealed class ConformanceTests(ITestOutputHelper output)
{
    /// <summary>Test id to the reason it is left out.</summary>
    private static readonly Dictionary<string, string> s_exclusions = new()
    {
        ["type_deduction/functions/function_result_type"] = OwnFunctions,
        ["type_deduction/type_parameters/multiple_parameters_generality"] = OwnFunctions,
        ["type_deduction/type_parameters/multiple_parameters_generality_2"] = OwnFunctions,
        ["type_deduction/type_parameters/multiple_parameters_parameterized_ovl"] = OwnFunctions,
        ["type_deduction/type_parameters/multiple_parameters_parameterized_ovl_2"] = OwnFunctions,
    };

    private const string OwnFunctions = "Declares functions of its own for the checker; environments have a fixed set.";

    [Fact]
    public void Suite_TestsWithoutProtobuf_Pass()
    {
        if (ConformanceSuite.Folder is null)
        {
            Assert.Skip("The conformance suite is not here: name its folder in CEL_CONFORMANCE_DIR.");
        }

        var failures = new List<string>();
        var passed = 0;
        var seen = new HashSet<string>();
        foreach (var test in ConformanceSuite.Cases())
        {
            seen.Add(test.Id);
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

        failures.AddRange(s_exclusions.Keys.Where(id => !seen.Contains(id)).Select(id => $"{id}: is excluded, yet the suite has no such test"));
        output.WriteLine($"{passed - s_exclusions.Count} passed, {s_exclusions.Count} excluded, {failures.Count} failed");
        Assert.True(failures.Count == 0, $"{failures.Count} failed, {passed} passed:\n{string.Join('\n', failures.Take(60))}");
        Assert.True(passed > 1300, $"only {passed} tests were found");
    }
}
