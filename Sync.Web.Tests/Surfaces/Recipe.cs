using System.Text.RegularExpressions;

namespace Sync.Web.Tests.Surfaces;

/// <summary>A section of the help text <c>recipes</c>: its calls in order, each by one agent, with what the text says of its effect.</summary>
internal sealed partial record Recipe(string Name, IReadOnlyList<Recipe.Line> Lines)
{
    /// <summary>The sections of a text as a surface shows it.</summary>
    public static IReadOnlyList<Recipe> Read(string text) =>
        [.. text.Split("\n## ").Skip(1).Select(static section =>
        {
            var lines = section.Split('\n');
            return new Recipe(lines[0].Trim(), [.. lines.Where(static line => line.StartsWith("- ", StringComparison.Ordinal)).Select(Parse)]);
        })];

    private static Line Parse(string text)
    {
        var match = Form().Match(text);
        Assert.True(match.Success, $"A line of another form: {text}");
        return new Line(
            match.Groups["agent"].Success ? match.Groups["agent"].Value : "ann",
            match.Groups["call"].Value,
            match.Groups["refused"].Success ? match.Groups["refused"].Value : null,
            match.Groups["holds"].Success ? match.Groups["holds"].Value : null);
    }

    [GeneratedRegex("^- ((?<agent>[a-z]+): )?`(?<call>[^`]+)`( → (refused: `(?<refused>[a-z_]+)`|`(?<holds>[^`]+)`))?$")]
    private static partial Regex Form();

    /// <summary>One call.</summary>
    /// <param name="Agent">Who makes it.</param>
    /// <param name="Call">In the words of the surface.</param>
    /// <param name="Refused">The code of the refusal that it gets, or null.</param>
    /// <param name="Holds">CEL over the room and <c>answer</c> that holds afterwards, or null.</param>
    internal sealed record Line(string Agent, string Call, string? Refused, string? Holds);
}
