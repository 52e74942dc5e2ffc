using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard;
using Sync.Web.Components.Layout.Palette;
using Sync.Web.Components.Surfaces;

namespace Sync.Web.Tests.Components.Surfaces;

/// <summary>Tables and charts as their reader works with them.</summary>
public sealed class SurfaceTableTests : BunitContext
{
    private static readonly string s_rows = $"[{string.Join(',', Enumerable.Range(1, 45).Select(i => $$"""{"id":"t{{i}}","n":{{100 - i}}}"""))}]";

    public SurfaceTableTests()
    {
        Services.AddSingleton(TimeProvider.System);
        Services.AddScoped<RoomInView>();
    }

    [Fact]
    public void Table_HeadingsAndPagerPressed_SortAndTurn()
    {
        var card = Draw(RoomPageModels.View("v", s_rows, """{"type":"array-table"}"""));
        Assert.Equal("t1", First(card));

        card.FindAll("th button")[1].Click();
        Assert.Equal("t45", First(card));
        Assert.Equal("ascending", card.FindAll("th")[1].GetAttribute("aria-sort"));
        card.Find("[aria-label='Next page']").Click();
        Assert.Equal("t25", First(card));
        Assert.Contains("21–40 of 45", card.Find(".pager").TextContent, StringComparison.Ordinal);
        card.FindAll("th button")[1].Click();
        Assert.Equal("t1", First(card));
    }

    [Fact]
    public void Table_Filtered_SaysHowManyOfAll()
    {
        var card = Draw(RoomPageModels.View("v", s_rows, """{"type":"array-table"}"""));

        card.Find("input[type=search]").Input("t4");

        Assert.Contains("7 of 45 rows", card.Find(".table-tools").TextContent, StringComparison.Ordinal);
        card.Find("input[type=search]").Input("nothing");
        Assert.Empty(card.FindAll("tbody tr"));
        card.Find(".empty button").Click();
        Assert.Equal(20, card.FindAll("tbody tr").Count);
    }

    [Fact]
    public void Table_WhoseValueChanges_KeepsItsOrder()
    {
        var card = Draw(RoomPageModels.View("v", s_rows, """{"type":"array-table"}"""));
        card.FindAll("th button")[1].Click();

        card.Render(parameters => parameters.Add(p => p.View, RoomPageModels.View("v", """[{"id":"b","n":2},{"id":"a","n":1}]""", """{"type":"array-table"}""")));

        Assert.Equal("a", First(card));
    }

    [Fact]
    public void Row_AboutAnEntry_OpensItInTheState()
    {
        var places = new List<PageLocation>();
        var navigation = new PageNavigation(new PageLocation("surfaces"), (location, _) => places.Add(location));
        var view = RoomPageModels.View("v", """[{"id":"t1"}]""", """{"type":"array-table"}""") with { Expression = "state._tasks.values()" };
        var model = RoomPageModels.Of([view]) with { Entries = [RoomPageModels.Entry("_tasks", "t1", "{}")] };
        var card = Render<Microsoft.AspNetCore.Components.CascadingValue<PageNavigation>>(parameters => parameters.Add(p => p.Value, navigation).AddChildContent<SurfaceCard>(child => child.Add(p => p.Model, model).Add(p => p.View, view)));

        card.Find("tbody a").Click();

        Assert.Equal(("state", "_tasks/t1"), (places[^1].Panel, places[^1].Key));
    }

    [Fact]
    public void Surface_Broken_LeadsToItsView()
    {
        var places = new List<PageLocation>();
        var navigation = new PageNavigation(new PageLocation("surfaces"), (location, _) => places.Add(location));
        var view = RoomPageModels.View("v", "null", """{"type":"metric"}""", "no such key");
        var card = Render<Microsoft.AspNetCore.Components.CascadingValue<PageNavigation>>(parameters => parameters.Add(p => p.Value, navigation).AddChildContent<SurfaceCard>(child => child.Add(p => p.Model, RoomPageModels.Of([view])).Add(p => p.View, view)));

        Assert.Equal("broken", card.Find(".surface-head .tag").TextContent);
        card.Find(".surface-way a").Click();

        Assert.Equal(("views", "v"), (places[^1].Panel, places[^1].View));
    }

    [Fact]
    public void Board_WhereSomethingIsEnlarged_SaysSoInTheAddress()
    {
        var places = new List<PageLocation>();
        var navigation = new PageNavigation(new PageLocation("surfaces"), (location, _) => places.Add(location));
        var opened = "";
        var view = RoomPageModels.View("v", "[1,2,3]", """{"type":"chart"}""");
        var card = Render<Microsoft.AspNetCore.Components.CascadingValue<PageNavigation>>(parameters => parameters.Add(p => p.Value, navigation)
            .AddChildContent<Microsoft.AspNetCore.Components.CascadingValue<SurfaceEnlarging>>(inner => inner.Add(p => p.Value, new SurfaceEnlarging(id => opened = id)).AddChildContent<SurfaceCard>(child => child.Add(p => p.Model, RoomPageModels.Of([view])).Add(p => p.View, view))));

        card.Find(".enlarge").Click();

        Assert.Equal("v", opened);
    }

    [Fact]
    public void Chart_Drawn_IsASliderOverItsPoints()
    {
        var plot = Draw(RoomPageModels.View("v", """[{"at":"2026-03-01T12:00:00Z","value":1},{"at":"2026-03-01T13:00:00Z","value":4}]""", """{"type":"chart","label":"Load","unit":"ms"}""")).Find(".chart-plot");

        Assert.Equal(("slider", "2", "now 4 ms"), (plot.GetAttribute("role"), plot.GetAttribute("aria-valuemax"), plot.GetAttribute("aria-valuetext")));
        Assert.Contains("Load: 2 points, lowest 1 ms, highest 4 ms", plot.GetAttribute("aria-label"), StringComparison.Ordinal);
    }

    private static string First(IRenderedComponent<SurfaceCard> card) => card.Find("tbody td").TextContent;

    private IRenderedComponent<SurfaceCard> Draw(ViewModel view) => Render<SurfaceCard>(parameters => parameters.Add(p => p.Model, RoomPageModels.Of([view])).Add(p => p.View, view));
}
