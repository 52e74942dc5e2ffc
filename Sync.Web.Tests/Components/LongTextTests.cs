using Bunit;
using Sync.Web.Components.Shared;
using Sync.Web.Components.Surfaces;

namespace Sync.Web.Tests.Components;

/// <summary>Long texts show their beginning, and the rest piece by piece.</summary>
public sealed class LongTextTests : BunitContext
{
    [Fact]
    public void Text_ThatFits_StandsThereInFullWithoutAButton()
    {
        var text = Render<LongText>(parameters => parameters.Add(p => p.Text, "a short one"));

        Assert.Equal("a short one", text.Find("p").TextContent);
        Assert.Empty(text.FindAll("button"));
    }

    [Fact]
    public void Text_OfAMegabyte_SendsItsBeginningAndMoreOnDemand()
    {
        var whole = new string('x', 1_000_000);
        var text = Render<LongText>(parameters => parameters.Add(p => p.Text, whole));
        Assert.InRange(text.Markup.Length, 1, 3_000);
        Assert.Contains("of 1,000,000 characters", text.Find(".more-note").TextContent, StringComparison.Ordinal);

        text.Find("button").Click();

        Assert.Equal(22_000, text.Find("p").TextContent.Length);
        Assert.Equal(2, text.FindAll(".piece").Count);
    }

    /// <summary>A browser stands still over a long text in which no line may break; what the text is, it stays.</summary>
    [Theory]
    [InlineData("x", 100)]
    [InlineData("😀", 101)]
    [InlineData("e\u0301", 101)]
    [InlineData("word ", 0)]
    [InlineData("a line\n", 0)]
    public void Text_WithoutBlanks_MayBreakEverywhereNow(string part, int longest)
    {
        var whole = string.Concat(Enumerable.Repeat(part, 1_000));
        var text = Render<LongText>(parameters => parameters.Add(p => p.Text, whole));
        while (text.FindAll("button") is [var more])
        {
            more.Click();
        }

        Assert.Equal(whole, text.Find("p").TextContent);
        var runs = text.FindAll(".piece").SelectMany(static piece => piece.ChildNodes).Where(static node => node.NodeType == AngleSharp.Dom.NodeType.Text).Select(static node => node.TextContent).ToList();
        Assert.All(runs, run => Assert.True(longest == 0 || run.Length <= longest, $"{run.Length}"));
        Assert.All(runs, static run => Assert.False(char.IsLowSurrogate(run[0]) || run[0] == '\u0301'));
        Assert.Equal(longest == 0, text.FindAll("wbr").Count == 0);
    }

    [Fact]
    public void Text_ALittleTooLong_ShowsAllAtOnePress()
    {
        var text = Render<LongText>(parameters => parameters.Add(p => p.Text, new string('x', 1_999) + "😀😀" + new string('y', 9_000)));
        Assert.Equal("Show all", text.Find("button").TextContent);
        Assert.False(char.IsHighSurrogate(text.Find("p").TextContent[^1]));

        text.Find("button").Click();

        Assert.Equal(1_999 + 4 + 9_000, text.Find("p").TextContent.Length);
        Assert.Empty(text.FindAll("button"));
    }

    [Fact]
    public void Text_ThatChangesWhileMoreOfItIsShown_StaysBounded()
    {
        var text = Render<LongText>(parameters => parameters.Add(p => p.Text, new string('x', 10_000)));
        text.Find("button").Click();

        text.Render(parameters => parameters.Add(p => p.Text, new string('y', 1_000_000)));

        Assert.InRange(text.Markup.Length, 20_000, 30_000);
        text.Render(parameters => parameters.Add(p => p.Text, "z"));
        Assert.Equal("z", text.Find("p").TextContent);
    }

    [Theory]
    [InlineData("""{"a":[1,true,null,"x"],"b":{}}""", "{\n  \"a\": [\n    1,\n    true,\n    null,\n    \"x\"\n  ],\n  \"b\": {}\n}")]
    [InlineData("not json", "not json")]
    [InlineData("", "")]
    [InlineData("1e400", "1e400")]
    [InlineData("12345678901234567890123", "12345678901234567890123")]
    [InlineData("[\"\\ud800\"]", "[\n  \"\ufffd\"\n]")]
    [InlineData("[\"\\ud83d\\ude00\\\\ud800\"]", "[\n  \"\\uD83D\\uDE00\\\\ud800\"\n]")]
    public void Json_IsLaidOut(string json, string expected) =>
        Assert.Equal(expected, JsonLayout.Indent(json).Replace("\r", "", StringComparison.Ordinal));

    [Fact]
    public void Json_OfAnySize_StaysWithinTheBound()
    {
        var nested = string.Concat(Enumerable.Repeat("[", 60)) + string.Join(',', Enumerable.Repeat("1", 300_000)) + string.Concat(Enumerable.Repeat("]", 60));
        foreach (var json in new[] { nested, $"\"{new string('x', 1_000_000)}\"", $"[\"{new string('x', 1_000_000)}\"]", string.Concat(Enumerable.Repeat("[", 100_000)) })
        {
            Assert.InRange(JsonLayout.Indent(json).Length, 100_000, JsonLayout.MaxIndented + 1_000);
        }
    }

    [Fact]
    public void Diff_OfMegabytes_StaysBounded()
    {
        var diff = Render<JsonDiff>(parameters => parameters
            .Add(p => p.Before, $"[{string.Join(',', Enumerable.Range(0, 100_000))}]").Add(p => p.After, $"[\"{new string('x', 1_000_000)}\",\"{new string('y', 500_000)}\"]").Add(p => p.Label, "l"));

        Assert.InRange(diff.Markup.Length, 1, 200_000);
    }

    [Theory]
    [InlineData(">")]
    [InlineData("- ")]
    [InlineData("1. ")]
    [InlineData("* ")]
    [InlineData("[")]
    [InlineData("![")]
    [InlineData("*a _b ")]
    [InlineData("~~a ")]
    [InlineData("[a](")]
    [InlineData("|a")]
    [InlineData("> - ")]
    public void Markdown_OutOfProportion_IsPlainTextWithANote(string unit)
    {
        var drawn = MarkdownText.Draw(string.Concat(Enumerable.Repeat(unit, 16_000 / unit.Length)) + "a");

        Assert.InRange(drawn.Html.Value.Length, 1, 60_000);
        Assert.True(drawn.Note is not null || unit == "|a", unit);
    }

    [Fact]
    public void Markdown_OfManyTableCells_IsPlainText()
    {
        var table = "|" + string.Concat(Enumerable.Repeat("a|", 200)) + "\n|" + string.Concat(Enumerable.Repeat("-|", 200)) + "\n" + string.Concat(Enumerable.Repeat("|a|\n", 3_000));

        var drawn = MarkdownText.Draw(table);

        Assert.InRange(drawn.Html.Value.Length, 1, 30_000);
        Assert.Contains("plain text", drawn.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_ThatIsLong_ShowsItsBeginningAndSaysSo()
    {
        var surface = Render<SurfaceMarkdown>(parameters => parameters.Add(p => p.Text, "# Title\n\n" + string.Concat(Enumerable.Repeat("Some words of a paragraph.\n\n", 5_000))));
        Assert.Equal("Title", surface.Find("h4").TextContent);
        Assert.InRange(surface.Markup.Length, 1, 40_000);

        surface.Find(".more-note button").Click();

        Assert.StartsWith("# Title", surface.Find("pre").TextContent, StringComparison.Ordinal);
    }
}
