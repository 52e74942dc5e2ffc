using Sync.Engine.Reads.History;

namespace Sync.Engine.Tests.Reads.History;

/// <summary>How texts are cut into the words that searches compare.</summary>
public sealed class TextTermsTests
{
    [Theory]
    [InlineData("Paint the fence", "paint the fence")]
    [InlineData("_tasks.t1 precondition_failed", "tasks t1 precondition failed")]
    [InlineData("Ünïcode PRÉCIS re\u0301sume\u0301", "unicode precis resume")]
    [InlineData("ＦＵＬＬ ﬁne", "ｆｕｌｌ ﬁne")]
    [InlineData("測試 ねこ", "測 試 ね こ")]
    [InlineData("ок, Жук; 한국어", "ок жук 한국어")]
    [InlineData("done 😀👍🏽!", "done 😀 👍")]
    [InlineData("5€ ≠ 7", "5 € ≠ 7")]
    [InlineData("\"*()^-:{}+", "")]
    [InlineData("\0\u0001\u200b", "")]
    public void Terms_OfAText_AreFoldedWords(string text, string expected) => Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), Of(text));

    [Fact]
    public void Terms_OfHalvesOfPairsAndLongWords_AreBounded()
    {
        Assert.Equal(["a", "b"], Of("a\ud83d b\ude00"));
        Assert.Equal([new string('x', TextTerms.MaxLength)], Of(new string('X', 100_000)));
        Assert.All(Of(string.Concat(Enumerable.Repeat("𐐀é", 100))), static term => Assert.True(term.Length <= TextTerms.MaxLength && !char.IsHighSurrogate(term[^1])));
    }

    [Theory]
    [InlineData("fence", "the fences", true)]
    [InlineData("ence", "the fences", false)]
    [InlineData("\"fence\"", "the fences", false)]
    [InlineData("\"paint the\"", "Paint: the fence", true)]
    [InlineData("\"the paint\"", "paint the fence", false)]
    [InlineData("a", "apple", false)]
    [InlineData("a", "an a", true)]
    [InlineData("t1.title", "t1 title:", true)]
    [InlineData("aab", "aa aab", true)]
    [InlineData("x.x.y", "x x x y", true)]
    [InlineData("測試", "この測試は", true)]
    [InlineData("é", "E", true)]
    public void Words_InAText_AreWholeOrBeginOne(string query, string text, bool matches) => Assert.Equal(matches, SearchWords.Parse(query).Value.Match(text));

    private static List<string> Of(string text)
    {
        var found = new List<string>();
        for (var terms = new TextTerms(text); terms.MoveNext();)
        {
            found.Add(terms.Current.ToString());
        }

        return found;
    }
}
