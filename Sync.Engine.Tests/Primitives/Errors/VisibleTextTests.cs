using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Primitives.Errors;

/// <summary>What a refusal quotes shows every character that was sent.</summary>
public sealed class VisibleTextTests
{
    [Theory]
    [InlineData("plain – ‘text’…", "plain – ‘text’…", "plain – ‘text’…")]
    [InlineData("שלום タスク 🚀 e\u0301", "שלום タスク 🚀 e\u0301", "שלום タスク 🚀 e\u0301")]
    [InlineData("al\u202eice", "al\\u{202E}ice", "al\\u{202E}ice")]
    [InlineData("a\u200bb\ufeff", "a\\u{200B}b\\u{FEFF}", "a\\u{200B}b\\u{FEFF}")]
    [InlineData("\U000e0041", "\\u{E0041}", "\\u{E0041}")]
    [InlineData("a\nb\tc\u0007", "a\nb\tc\\u{0007}", "a\\u{000A}b\\u{0009}c\\u{0007}")]
    public void Of_Text_WritesWhatCannotBeSeen(string text, string whole, string quoted)
    {
        Assert.Equal(whole, VisibleText.Of(text));
        Assert.Equal(quoted, VisibleText.Quoted(text));
    }

    [Fact]
    public void Error_ThatQuotes_ShowsItInEverySentence_AndKeepsTheValue()
    {
        const string sent = "al\u202eice\u200b\U000e0041";
        var error = new SyncError(ErrorCode.InvalidId, $"'{sent}' is not it.") { Hint = $"Not '{sent}'." }.With("sent", sent);
        var changed = error with { Message = $"Still not '{sent}'.", Hint = $"Nor '{sent}'." };

        foreach (var one in (SyncError[])[error, changed])
        {
            Assert.DoesNotContain(one.Message.EnumerateRunes(), VisibleText.IsHidden);
            Assert.DoesNotContain((one.Hint ?? "").EnumerateRunes(), VisibleText.IsHidden);
            using var stream = new MemoryStream();
            using (var writer = new Utf8JsonWriter(stream))
            {
                one.WriteTo(writer, PlainSteps.Instance);
            }

            var json = Encoding.UTF8.GetString(stream.ToArray());
            Assert.DoesNotContain(json.EnumerateRunes(), VisibleText.IsHidden);
            Assert.Equal(sent, JsonNode.Parse(json)!["sent"]!.GetValue<string>()); // It has just been written.
        }
    }
}
