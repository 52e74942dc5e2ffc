namespace Sync.Cel.Tests;

/// <summary>
/// Runs every test of the public suite, or of the part of it that is there, that needs no protobuf. A test may be left out only by <see cref="s_exclusions"/>, and one
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
        var (seen, passed, excluded) = (0, 0, 0);
        foreach (var test in ConformanceSuite.Cases())
        {
            seen++;
            var problem = test.Run();
            if (s_exclusions.ContainsKey(test.Id))
            {
                problem = problem is null ? "is excluded, yet passes" : null;
                excluded++;
            }
            else if (problem is null)
            {
                passed++;
            }

            if (problem is not null)
            {
                failures.Add($"{test.Id}: {test.Expression}\n    {problem}");
            }
        }

        if (seen == 0)
        {
            Assert.Skip($"No file in {ConformanceSuite.Folder} has a test without protobuf.");
        }

        output.WriteLine($"{passed} passed, {excluded} excluded, {failures.Count} failed");
        Assert.True(failures.Count == 0, $"{failures.Count} of {seen} failed:\n{string.Join('\n', failures.Take(60))}");
    }
}
