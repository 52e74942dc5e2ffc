using Bunit;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Components.Shared;

namespace Sync.Web.Tests.Components;

/// <summary>What the engine puts between backticks stands as code on pages.</summary>
public sealed class CodeSpansTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("Plain.", "Plain.")]
    [InlineData("Write `a == b`.", "Write |<a == b>|.")]
    [InlineData("`a` or `b`", "<a>| or |<b>")]
    [InlineData("One ` alone", "One ` alone")]
    [InlineData("`a` and ` alone", "<a>| and ` alone")]
    [InlineData("Empty `` stays", "Empty `` stays")]
    public void Sentence_IsCutAtItsBackticks(string sentence, string parts) =>
        Assert.Equal(parts, string.Join('|', CodeSpans.Of(sentence).Select(part => part.IsCode ? $"<{part.Text}>" : part.Text)));

    [Fact]
    public async Task Refusal_WithCode_ShowsNoBacktick()
    {
        await using var context = new BunitContext();

        var refusal = context.Render<Refusal>(parameters => parameters.Add(shown => shown.Error, new SyncError(ErrorCode.InvalidCel, "`x` is unknown.") { Hint = "Write `state._shared.x`." }));

        Assert.DoesNotContain("`", refusal.Markup, StringComparison.Ordinal);
        Assert.Equal(["x", "state._shared.x"], refusal.FindAll("code").Select(code => code.TextContent));
    }
}
