using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Sync.Engine.Reads.Inbox;
using Sync.Web.Components.Inbox;

namespace Sync.Web.Tests.Components.Inbox;

/// <summary>The parts of the inbox as they are drawn.</summary>
public sealed class InboxPartTests
{
    private static readonly InboxItem s_broken = new()
    {
        Key = "r/attention/broken_view/count",
        Kind = InboxKind.Attention,
        Attention = "broken_view",
        View = "count",
        Room = "r",
        At = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
        Title = "The view count is broken",
        Text = "No such overload: null.size(); it is `string.size()`.",
    };

    [Fact]
    public async Task Attention_WhoseTextHasCode_ShowsItAsCode()
    {
        await using var context = new BunitContext();

        var shown = context.Render<AttentionItem>(parameters => parameters.Add(part => part.Item, s_broken));

        Assert.Equal("string.size()", shown.Find(".inbox-why code").TextContent);
        Assert.DoesNotContain('`', shown.Find(".inbox-why").TextContent);
    }

    /// <summary>The keys script presses what has a <c>data-key</c>: an item of the list is none.</summary>
    [Fact]
    public async Task Row_IsNotWhatAKeyPresses()
    {
        await using var context = new BunitContext();
        context.Services.AddSingleton(TimeProvider.System);

        var shown = context.Render<InboxRow>(parameters => parameters.Add(row => row.Item, s_broken).Add(row => row.Href, "inbox"));

        Assert.Empty(shown.FindAll("[data-key]"));
        Assert.Equal(s_broken.Key, shown.Find(".inbox-row").GetAttribute("data-item"));
    }
}
