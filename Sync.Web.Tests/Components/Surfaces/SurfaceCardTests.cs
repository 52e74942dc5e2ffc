using System.Collections.Immutable;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Layout.Palette;
using Sync.Web.Components.Surfaces;

namespace Sync.Web.Tests.Components.Surfaces;

/// <summary>Each surface as it is drawn.</summary>
public sealed class SurfaceCardTests : BunitContext
{
    private const string Hostile = "<img src=x onerror=alert(1)>";

    public SurfaceCardTests()
    {
        Services.AddSingleton(TimeProvider.System);
        Services.AddScoped<RoomInView>();
    }

    [Theory]
    [InlineData("9", """{"type":"metric","label":"Done","unit":"tasks","color":"green"}""", ".metric-success .metric-value", "9")]
    [InlineData("0.5", """{"type":"metric","format":"percent"}""", ".metric-value", "50%")]
    [InlineData("\"**bold**\"", """{"type":"markdown"}""", ".prose strong", "bold")]
    [InlineData("true", """{"type":"feed","kinds":["task"],"limit":1}""", ".feed .message p", "do it")]
    [InlineData("""{"a":1}""", """{"type":"view-table"}""", ".fields dd", "1")]
    [InlineData("""{"x":{"n":4}}""", """{"type":"view-table"}""", "table.data td:nth-child(2)", "4")]
    [InlineData("""[{"status":"done"}]""", """{"type":"array-table"}""", "table.data .tone-good", "done")]
    [InlineData("""[{"by":"ada","text":"wrote"}]""", """{"type":"array-table","layout":"event-log"}""", ".event-log .who", "ada")]
    [InlineData("""[{"name":"Ada"}]""", """{"type":"view-grid"}""", ".grid-cards b", "Ada")]
    [InlineData("true", """{"type":"action-bar","actions":["begin"]}""", ".action-buttons button", "Begin")]
    [InlineData("true", """{"type":"action-bar","actions":[{"action":"begin","label":"Go"}]}""", ".action-buttons button", "Go")]
    [InlineData("\"Which?\"", """{"type":"action-choice","action":"vote","param":"choice"}""", ".action-buttons button", "yes")]
    [InlineData("true", """{"type":"action-form","action":"vote"}""", ".action-form option:nth-child(2)", "yes")]
    [InlineData("true", """{"type":"action-form","action":"nothing"}""", ".empty code", "nothing")]
    [InlineData("true", """{"type":"watch","keys":["_shared.phase"]}""", ".watch-value", "\"draft\"")]
    [InlineData("""{"a":[1]}""", """{"type":"json"}""", "pre.json", "\"a\"")]
    [InlineData("[1,2]", """{"type":"chart"}""", ".line-chart figcaption", "now 2")]
    [InlineData("""[{"label":"ada","value":7}]""", """{"type":"chart","kind":"bar"}""", ".bars .num", "7")]
    [InlineData("true", """{"type":"section","views":["member"]}""", ".surfaces-inner .surface .metric-value", "77")]
    public void Surface_OfEachType_IsDrawn(string value, string render, string selector, string expected)
    {
        var card = Draw(RoomPageModels.View("v", value, render));

        Assert.Contains(expected, card.Find(selector).TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("metric")]
    [InlineData("markdown")]
    [InlineData("feed")]
    [InlineData("view-table")]
    [InlineData("array-table")]
    [InlineData("view-grid")]
    [InlineData("action-bar")]
    [InlineData("action-form")]
    [InlineData("action-choice")]
    [InlineData("watch")]
    [InlineData("section")]
    [InlineData("json")]
    [InlineData("chart")]
    public void Surface_OfEachType_TakesAnyValueAndHint(string type)
    {
        string[] values = ["null", "1", "-0.5", "\"\"", "[]", "{}", "[null,1,\"x\",{\"a\":[{}]},[[]]]", "{\"a\":null,\"b\":{\"c\":{}}}", $"\"{Hostile}\"", $"[{{\"{Hostile}\":\"{Hostile}\",\"status\":\"{Hostile}\"}}]"];
        string[] hints =
        [
            "", ",\"columns\":3,\"limit\":-1,\"max_rows\":1e9,\"kinds\":{},\"keys\":5,\"actions\":[1,null,{}],\"views\":\"v\",\"order\":\"x\",\"label\":7,\"unit\":[]",
            $",\"label\":\"{Hostile}\",\"unit\":\"{Hostile}\",\"color\":\"{Hostile}\",\"group\":\"{Hostile}\",\"keys\":[\"{Hostile}\"],\"actions\":[\"{Hostile}\"],\"action\":\"{Hostile}\",\"columns\":[{{\"key\":\"{Hostile}\",\"width\":\"{Hostile}\"}}],\"compose\":true,\"temporal\":true",
        ];
        foreach (var value in values)
        {
            foreach (var hint in hints)
            {
                var card = Draw(RoomPageModels.View("v", value, $$"""{"type":"{{type}}"{{hint}}}"""));
                Assert.Empty(card.FindAll("img, script"));
            }
        }
    }

    [Theory]
    [InlineData("metric")]
    [InlineData("array-table")]
    [InlineData("action-form")]
    public void Surface_OfABrokenView_SaysSoCalmly(string type)
    {
        var card = Draw(RoomPageModels.View("v", """{"_error":"no such key"}""", $$"""{"type":"{{type}}"}""", "no such key: 'phase'"));

        Assert.Contains("No value now.", card.Find(".surface-broken").TextContent, StringComparison.Ordinal);
        Assert.Contains("no such key: 'phase'", card.Find(".surface-broken small").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Actions_ThatCannotBeDoneNow_SayWhy()
    {
        var card = Draw(RoomPageModels.View("v", "true", """{"type":"action-bar","actions":["close","gone"]}"""));

        var buttons = card.FindAll(".action-buttons button");
        Assert.Equal(["true", "true"], buttons.Select(button => button.GetAttribute("aria-disabled")));
        Assert.Contains("state._shared.phase == \"open\"", buttons[0].GetAttribute("title"), StringComparison.Ordinal);
        buttons[0].Click();
        Assert.NotEmpty(card.Find(".why-not").TextContent);
    }

    [Fact]
    public void Board_HidesViewsThatAskNotToBeSeen_AndGroupsTheRest()
    {
        ImmutableArray<ViewModel> views = [RoomPageModels.View("a", "1", """{"label":"First","group":"G"}"""), RoomPageModels.View("b", "2", """{"enabled":false}"""), RoomPageModels.View("c", "3", null)];

        var board = Render<SurfaceBoard>(parameters => parameters.Add(p => p.Model, RoomPageModels.Of(views)));

        Assert.Equal("First", Assert.Single(board.FindAll("article")).GetAttribute("aria-label"));
        Assert.Equal("G", board.Find(".surface-group").TextContent);
    }

    [Fact]
    public void Board_WithTabsOfTheOlderEntry_SwitchesBetweenThem()
    {
        var model = RoomPageModels.Of([RoomPageModels.View("a", "1", "{}"), RoomPageModels.View("b", "2", "{}")]) with
        {
            Entries = [RoomPageModels.Entry("_shared", "_dashboard", """{"title":"T","tabs":[{"label":"One","surfaces":["a"]},{"label":"Two","surfaces":["b"]}]}""")],
        };
        var board = Render<SurfaceBoard>(parameters => parameters.Add(p => p.Model, model));
        Assert.Equal("a", Assert.Single(board.FindAll("article")).GetAttribute("data-view"));

        board.FindAll(".surface-tabs button")[1].Click();

        Assert.Equal("b", Assert.Single(board.FindAll("article")).GetAttribute("data-view"));
        Assert.Equal("T", board.Find("h2").TextContent);
    }

    [Fact]
    public void Card_WhoseValueChanges_IsMarkedFresh()
    {
        var model = RoomPageModels.Of();
        var card = Render<SurfaceCard>(parameters => parameters.Add(p => p.Model, model).Add(p => p.View, RoomPageModels.View("v", "1", "{}")));
        Assert.DoesNotContain("fresh", card.Find("article").ClassName, StringComparison.Ordinal);

        card.Render(parameters => parameters.Add(p => p.View, RoomPageModels.View("v", "2", "{}")));

        Assert.Contains("fresh", card.Find("article").ClassName, StringComparison.Ordinal);
        Assert.Equal("2", card.Find(".metric-value").TextContent);
    }

    private IRenderedComponent<SurfaceCard> Draw(ViewModel view) =>
        Render<SurfaceCard>(parameters => parameters.Add(p => p.Model, RoomPageModels.Of([view, RoomPageModels.View("member", "77", null)])).Add(p => p.View, view));
}
