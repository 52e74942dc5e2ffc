using System.Text.Json;
using Sync.Web.Components.Surfaces;

namespace Sync.Web.Tests.Components.Surfaces;

/// <summary>What a view with a render hint is read as.</summary>
public sealed class SurfaceTests
{
    [Theory]
    [InlineData("3", "Metric")]
    [InlineData("true", "Metric")]
    [InlineData("null", "Metric")]
    [InlineData("\"short\"", "Metric")]
    [InlineData("\"two\\nlines\"", "Markdown")]
    [InlineData("[1,2,3]", "Chart")]
    [InlineData("[1]", "ArrayTable")]
    [InlineData("[]", "ArrayTable")]
    [InlineData("[\"a\",\"b\"]", "ArrayTable")]
    [InlineData("[{\"a\":1}]", "ArrayTable")]
    [InlineData("[{\"a\":1},[2]]", "Json")]
    [InlineData("{\"a\":1,\"b\":\"x\"}", "ViewTable")]
    [InlineData("{\"a\":{\"n\":1},\"b\":{\"n\":2}}", "ViewTable")]
    [InlineData("{\"a\":[1],\"b\":2}", "Json")]
    public void Type_Missing_IsInferredFromTheShape(string value, string expected)
    {
        foreach (var render in (string[])["{}", """{"type":"hologram"}""", """{"type":7}"""])
        {
            Assert.Equal(expected, Surface.Read(RoomPageModels.View("v", value, render))!.Kind.ToString());
        }
    }

    [Theory]
    [InlineData("metric", "Metric")]
    [InlineData("markdown", "Markdown")]
    [InlineData("feed", "Feed")]
    [InlineData("view-table", "ViewTable")]
    [InlineData("array-table", "ArrayTable")]
    [InlineData("view-grid", "ViewGrid")]
    [InlineData("action-bar", "ActionBar")]
    [InlineData("action-form", "ActionForm")]
    [InlineData("action-choice", "ActionChoice")]
    [InlineData("watch", "Watch")]
    [InlineData("section", "Section")]
    [InlineData("json", "Json")]
    [InlineData("chart", "Chart")]
    public void Type_Named_Holds(string type, string expected) =>
        Assert.Equal(expected, Surface.Read(RoomPageModels.View("v", "1", $$"""{"type":"{{type}}"}"""))!.Kind.ToString());

    [Theory]
    [InlineData("""{"actions":["vote"]}""", "ActionBar")]
    [InlineData("""{"action":"vote"}""", "ActionForm")]
    [InlineData("""{"action":"vote","param":"choice"}""", "ActionChoice")]
    [InlineData("""{"keys":["a"]}""", "Watch")]
    [InlineData("""{"views":["a"]}""", "Section")]
    public void Type_Missing_IsInferredFromWhatTheHintNames(string render, string expected) =>
        Assert.Equal(expected, Surface.Read(RoomPageModels.View("v", "true", render))!.Kind.ToString());

    [Theory]
    [InlineData(null)]
    [InlineData("3")]
    [InlineData("""{"type":"metric","enabled":false}""")]
    public void View_ThatDoesNotAsk_IsNoSurface(string? render) => Assert.Null(Surface.Read(RoomPageModels.View("v", "1", render)));

    [Fact]
    public void Layout_Orders_GroupsWhereTheirFirstStands()
    {
        var model = RoomPageModels.Of(
        [
            RoomPageModels.View("c", "1", """{"order":3,"group":"one"}"""),
            RoomPageModels.View("b", "1", """{"order":2,"group":"two"}"""),
            RoomPageModels.View("a", "1", """{"order":1,"group":"one"}"""),
            RoomPageModels.View("z", "1", "{}"),
            RoomPageModels.View("inner", "1", """{"order":0}"""),
            RoomPageModels.View("s", "true", """{"type":"section","views":["inner","s"],"order":9}"""),
            RoomPageModels.View("plain", "1", null),
        ]);

        Assert.Equal(["a", "c", "b", "s", "z"], SurfaceLayout.Of(model).Surfaces.Select(surface => surface.View.Id));
    }

    [Fact]
    public void Dashboard_TheOlderEntry_IsHonoured()
    {
        var model = RoomPageModels.Of([RoomPageModels.View("score", "3", null), RoomPageModels.View("own", "1", "{}")]) with
        {
            Entries =
            [
                RoomPageModels.Entry("_shared", "phase", "\"draft\""),
                RoomPageModels.Entry("_shared", "_dashboard", """
                    {"title":"Tower","subtitle":"One game","default_tab":"Play",
                     "tabs":["state",{"label":"Watch","surfaces":["score"]},{"label":"Play","surfaces":["act"]}],
                     "surfaces":["score",{"id":"phase","type":"metric","key":"_shared.phase","label":"Phase"},{"id":"act","type":"action-bar","actions":["vote"]},
                                 {"id":"gone","view":"nothing"},{"enabled":false,"value":1},7]}
                    """),
            ],
        };

        var layout = SurfaceLayout.Of(model);

        Assert.Equal(("Tower", "One game", "Play"), (layout.Config.Title, layout.Config.Subtitle, layout.Config.DefaultTab));
        Assert.Equal(["score", "phase", "act", "gone", "own"], layout.Surfaces.Select(surface => surface.View.Id).OrderBy(id => Array.IndexOf(["score", "phase", "act", "gone", "own"], id)));
        Assert.Equal("\"draft\"", layout.Surfaces.Single(surface => surface.View.Id == "phase").View.Value);
        Assert.NotNull(layout.Surfaces.Single(surface => surface.View.Id == "gone").View.Error);
        Assert.Equal(["act"], layout.On("Play").Select(surface => surface.View.Id));
        Assert.DoesNotContain("act", layout.On("Watch").Select(surface => surface.View.Id));
    }

    [Theory]
    [InlineData("3")]
    [InlineData("\"text\"")]
    [InlineData("{\"surfaces\":3,\"tabs\":{}}")]
    public void Dashboard_ThatIsNone_ChangesNothing(string value)
    {
        var model = RoomPageModels.Of([RoomPageModels.View("a", "1", "{}")]) with { Entries = [RoomPageModels.Entry("_shared", "_dashboard", value)] };

        Assert.Equal(["a"], SurfaceLayout.Of(model).Surfaces.Select(surface => surface.View.Id));
    }

    [Fact]
    public void Table_ColumnsOfTheHint_HaveLabelsWidthsAndCuts()
    {
        var table = TableModel.Of(Json("""[{"a":"long text here","owner":{"name":"Ada"},"n":1},{"a":null}]"""), Json("""
            {"columns":[{"key":"a","label":"A","truncate":4,"width":80},{"key":"owner.name","width":"20%"},{"key":"n","width":"1px;background:url(x)"}],"max_rows":1}
            """));

        Assert.Equal(["A", "Owner.name", "N"], table.Columns.Select(column => column.Label));
        Assert.Equal(["80px", "20%", null], table.Columns.Select(column => column.Width));
        Assert.Equal("long…", table.Read(new TableQuery()).Rows[0].Cells[0].Text);
        Assert.Equal("Ada", table.Read(new TableQuery()).Rows[0].Cells[1].Text);
        Assert.Equal((1, 2, 2), (table.Read(new TableQuery()).Rows.Count, table.Read(new TableQuery()).Pages, table.Items.Count));
    }

    [Fact]
    public void Table_OfOtherShapes_FindsItsColumns()
    {
        Assert.Equal(["Key", "N"], TableModel.Of(Json("""{"x":{"n":1}}"""), Json("{}")).Columns.Select(column => column.Label));
        Assert.Equal(["Value"], TableModel.Of(Json("""["a","b"]"""), Json("{}")).Columns.Select(column => column.Label));
        Assert.Empty(TableModel.Of(Json("null"), Json("{}")).Items);
        Assert.Equal("x", TableModel.Of(Json("\"x\""), Json("{}")).Read(new TableQuery()).Rows.Single().Cells.Single().Text);
    }

    [Fact]
    public void EventLog_ShowsWhenWhoAndWhat()
    {
        var log = EventLogModel.Of(Json("""[{"at":"2026-03-01T12:00:00Z","by":"ada","status":"done","title":"Wrote it"},"plain"]"""), Json("{}"));

        Assert.Equal(("ada", "done", "Wrote it"), (log.Lines[0].Who, log.Lines[0].Status, log.Lines[0].Text));
        Assert.NotNull(log.Lines[0].At);
        Assert.Equal("plain", log.Lines[1].Text);
    }

    [Theory]
    [InlineData("""[{"name":"Ada","status":"active","role":"worker"}]""", "Ada", "active", 1)]
    [InlineData("""{"k":{"n":1,"m":null}}""", "k", null, 1)]
    [InlineData("""["x"]""", "x", null, 0)]
    [InlineData("""{"k":5}""", "k", null, 1)]
    public void Grid_OfEachShape_HasCards(string value, string title, string? status, int fields)
    {
        var card = GridModel.Of(Json(value), Json("{}")).Cards.Single();

        Assert.Equal((title, status, fields), (card.Title, card.Status, card.Fields.Count));
    }

    [Theory]
    [InlineData("[1,2,null,\"x\"]", "1:1 2:2")]
    [InlineData("""[{"label":"a","value":1},{"name":"b","count":2},{"label":"c"}]""", "a:1 b:2")]
    [InlineData("""{"x":1,"y":"no"}""", "x:1")]
    [InlineData("\"text\"", "")]
    public void Chart_OfEachShape_HasItsPoints(string value, string expected) =>
        Assert.Equal(expected, string.Join(' ', ChartModel.Of(Json(value)).Points.Select(point => $"{point.Label}:{point.Value}")));

    [Fact]
    public void Table_WithNumbers_KnowsTheirColumns()
    {
        var table = TableModel.Of(Json("""[{"n":1,"mixed":2,"owner":{"age":7},"word":"a"},{"n":null,"mixed":"x","owner":{"age":8},"word":"b"}]"""), Json("""{"columns":["n","mixed","owner.age","word","none"]}"""));

        Assert.Equal([true, false, true, false, false], table.Columns.Select(column => column.IsNumber));
    }

    [Fact]
    public void Spark_GrownForever_StaysBoundedAndOrdered()
    {
        var spark = SparkModel.Empty;
        var begin = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
        for (var i = 0; i < 5_000; i++)
        {
            spark = spark.With(new SparkPoint(i, begin.AddSeconds(i), i % 7));
        }

        Assert.InRange(spark.Points.Length, 100, 300);
        Assert.Equal(4_999, spark.Points[^1].Seq);
        Assert.Same(spark, spark.With(new SparkPoint(12, begin, 99)));
        Assert.True(spark.UpTo(1_000).Points[^1].Seq <= 1_000);
        Assert.StartsWith("M0 ", spark.Path(begin.AddSeconds(5_000)), StringComparison.Ordinal);
        Assert.Equal("", SparkModel.Empty.Path(begin));
    }

    [Fact]
    public void Watch_Paths_FindTheirEntries()
    {
        var rows = WatchModel.Of(["phase", "_shared.score", "state._votes.ada", "_votes.*", "nothing"], RoomPageModels.Of());

        Assert.Equal(["phase", "_shared.score", "_votes.ada", "nothing"], rows.Select(row => row.Path));
        Assert.Null(rows[^1].Entry);
        Assert.All(rows.Take(3), row => Assert.NotNull(row.Entry));
    }

    [Theory]
    [InlineData("0.421", "percent", null, "42.1%")]
    [InlineData("90", "duration", null, "1m 30s")]
    [InlineData("1500", "duration", "ms", "1.5 s")]
    [InlineData("12.5", "currency", "EUR", "€12.50")]
    [InlineData("1234567", null, null, "1,234,567")]
    [InlineData("true", null, null, "yes")]
    [InlineData("null", null, null, "–")]
    public void Metric_Formats(string value, string? format, string? unit, string expected) => Assert.Equal(expected, MetricText.Of(Json(value), format, unit));

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("[x](javascript:alert(1))")]
    [InlineData("![x](https://evil.example/pixel.png)")]
    [InlineData("<iframe src=\"https://evil.example\"></iframe>")]
    [InlineData("<a href=\"#\" onclick=\"alert(1)\">x</a>")]
    [InlineData("```mermaid\n</code></pre><script>alert(1)</script>\n```")]
    [InlineData("<sync-diagram onload=alert(1)>")]
    public void Markdown_Hostile_CanDoNothing(string text)
    {
        var html = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(MarkdownText.Draw(text).Html.Value);

        Assert.Empty(html.QuerySelectorAll("script, iframe, img, object, embed, style, form"));
        Assert.All(html.All, element => Assert.DoesNotContain(element.Attributes, attribute => attribute.Name.StartsWith("on", StringComparison.Ordinal)));
        Assert.All(html.QuerySelectorAll("a"), link => Assert.DoesNotContain("javascript", link.GetAttribute("href") ?? "", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Markdown_GitHubFlavour_IsDrawn()
    {
        Assert.Contains("<h4>Watch</h4>", MarkdownText.Draw("# Watch").Html.Value, StringComparison.Ordinal);
        Assert.Contains("<h6>Deep</h6>", MarkdownText.Draw("###### Deep").Html.Value, StringComparison.Ordinal);
        var html = MarkdownText.Draw("| a |\n|---|\n| b |\n\n- [x] done\n\n~~gone~~ https://example.com\n\n```mermaid\ngraph LR\n  A-->B\n```").Html.Value;

        Assert.Contains("<table>", html, StringComparison.Ordinal);
        Assert.Contains("<del>gone</del>", html, StringComparison.Ordinal);
        Assert.Contains("type=\"checkbox\"", html, StringComparison.Ordinal);
        Assert.Contains("rel=\"noopener noreferrer nofollow\"", html, StringComparison.Ordinal);
        Assert.Contains("<sync-diagram><pre><code>graph LR\n  A--&gt;B", html, StringComparison.Ordinal);
    }

    private static JsonElement Json(string json) => JsonElement.Parse(json);
}
