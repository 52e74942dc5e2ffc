using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Sync.Web.Components.Dashboard;
using Sync.Web.Components.Shared;

namespace Sync.Web.Tests.Components;

/// <summary>What panels share: the side panel, an event's number, the count beside a heading.</summary>
public sealed class SidePanelTests : BunitContext
{
    [Fact]
    public void SidePanel_HasItsHeadingAsNameAndCloses()
    {
        var closed = 0;
        var side = Render<SidePanel>(parameters => parameters
            .Add(p => p.Title, "New view").Add(p => p.Close, () => closed++).AddChildContent("<input id=\"first\">"));

        var dialog = side.Find("[role=dialog]");
        Assert.Equal("New view", side.Find($"#{dialog.GetAttribute("aria-labelledby")}").TextContent);
        side.Find("[data-close]").Click();

        Assert.Equal(1, closed);
        Assert.NotNull(side.Find(".side-body #first"));
    }

    [Fact]
    public void EventLink_OnARoomsPage_OpensTheEventBesideWhatIsThere()
    {
        var navigation = new PageNavigation(new PageLocation("state", Key: "_shared/a"), (_, _) => { });
        var link = Render<CascadingValue<PageNavigation>>(parameters => parameters.Add(p => p.Value, navigation).AddChildContent<EventLink>(child => child.Add(p => p.Seq, 12).Add(p => p.Room, "r")));

        Assert.Equal("rooms/r/dashboard?panel=log&event=12", link.Find("a").GetAttribute("href"));
        link.Find("a").Click();

        Assert.Equal(new PageLocation("log", 12, "_shared/a"), navigation.Location);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(7, "rooms/a%20b/dashboard?panel=log&event=7")]
    public void EventLink_OnAnotherPage_IsALinkAndOfNoEventIsNone(long seq, string? expected)
    {
        var link = Render<EventLink>(parameters => parameters.Add(p => p.Seq, seq).Add(p => p.Room, "a b"));

        Assert.Equal($"#{seq}", link.Find(".event-number").TextContent);
        Assert.Equal(expected, link.Find(".event-number").GetAttribute("href"));
    }

    [Theory]
    [InlineData(3L, 22L, "3 of 22")]
    [InlineData(22L, 22L, "22")]
    [InlineData(22L, null, "22")]
    [InlineData(0L, 1200L, "0 of 1,200")]
    public void Panel_Filtered_CountsWhatIsShownOfAll(long count, long? all, string expected)
    {
        var panel = Render<Panel>(parameters => parameters.Add(p => p.Id, "x").Add(p => p.Title, "X").Add(p => p.Count, count).Add(p => p.Of, all));

        Assert.Equal(expected, panel.Find(".count").TextContent);
    }
}
