using System.Text.RegularExpressions;
using CsCheck;
using Sync.Engine.Model.Rules;

namespace Sync.Engine.Tests.Model.Rules;

public sealed class NamePatternTests
{
    [Fact]
    public void Matches_AnyPatternAndName_AsARegularExpressionDoes()
    {
        var pattern = Gen.Int[0, 4].Select(static at => "ab*?."[at]).Array[0, 7].Select(static letters => new string(letters));
        var name = Gen.Int[0, 2].Select(static at => "ab."[at]).Array[0, 7].Select(static letters => new string(letters));
        Gen.Select(pattern, name).Sample(
            static (pattern, name) =>
            {
                var regex = $"^{Regex.Escape(pattern).Replace(@"\*", ".*", StringComparison.Ordinal).Replace(@"\?", ".", StringComparison.Ordinal)}$";
                Assert.Equal(Regex.IsMatch(name, regex, RegexOptions.NonBacktracking), new NamePattern(pattern).Matches(name));
            },
            iter: 20_000);
    }
}
