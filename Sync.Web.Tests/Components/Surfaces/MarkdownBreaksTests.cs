using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Sync.Web.Components.Shared;
using Sync.Web.Components.Surfaces;

namespace Sync.Web.Tests.Components.Surfaces;

/// <summary>A browser stands still over texts in which no line may break: eight cards of one were a minute. What an agent writes as Markdown has places to break, and stays what it is.</summary>
public sealed class MarkdownBreaksTests
{
    [Theory]
    [InlineData("x", 5_000)]
    [InlineData("&", 5_000)]
    [InlineData("<", 1_000)]
    [InlineData("\U0001F600", 3_000)]
    [InlineData("x**y**", 500)]
    [InlineData("`code`x", 300)]
    [InlineData("****", 3_000)]
    public void Markdown_WithoutBlanks_MayBreakEverywhere(string part, int count)
    {
        var body = Read(string.Concat(Enumerable.Repeat(part, count)));

        Assert.All(RunsOf(body), static run => Assert.InRange(run, 0, 2 * LineBreaks.Run));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("&")]
    [InlineData("\U0001F600")]
    public void Markdown_WithPlacesToBreak_StaysTheText(string part)
    {
        var text = string.Concat(Enumerable.Repeat(part, 1_000));

        Assert.Equal(text, Read(text).TextContent.Trim());
    }

    [Fact]
    public void Addresses_OfLinks_AreNotBroken()
    {
        var address = "https://example.com/" + new string('a', 500) + "?b=%3E&c=d";

        Assert.Equal(address, Read($"[there]({address})").QuerySelector("a")?.GetAttribute("href"));
    }

    [Fact]
    public void Html_WithSignsInAttributes_IsBrokenInItsTextAlone()
    {
        var text = new string('x', LineBreaks.Run);

        Assert.Equal($"<a title=\"a>b'{text}{text}\" rel='c>d\"'>{text}<wbr>{text}<wbr></a>", LineBreaks.InHtml($"<a title=\"a>b'{text}{text}\" rel='c>d\"'>{text}{text}</a>"));
    }

    private static IElement Read(string markdown) => new HtmlParser().ParseDocument($"<body>{MarkdownText.Draw(markdown).Html.Value}</body>").Body!; // It has one.

    // Characters that stand together without a blank and without a place to break, whatever elements they are in.
    private static IEnumerable<int> RunsOf(IElement body)
    {
        var run = 0;
        foreach (var node in body.GetDescendants())
        {
            if (node is IElement { LocalName: "wbr" or "p" or "pre" or "br" })
            {
                yield return run;
                run = 0;
            }
            else if (node is IText text)
            {
                foreach (var letter in text.Data)
                {
                    run = char.IsWhiteSpace(letter) ? 0 : run + 1;
                }
            }
        }

        yield return run;
    }
}
