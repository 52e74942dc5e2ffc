using System.Globalization;
using System.Text.Json;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Surfaces;

namespace Sync.Web.Tests.Components.Surfaces;

/// <summary>Tables: sorting, filtering, turning pages, and what their rows lead to.</summary>
public sealed class TableTests
{
    [Theory]
    [InlineData("[2,10,1]", "1 2 10", "10 2 1")]
    [InlineData("[\"task-10\",\"task-2\",\"Task-1\"]", "Task-1 task-2 task-10", "task-10 task-2 Task-1")]
    [InlineData("[\"b\",1,\"a\",0.5]", "0.5 1 a b", "b a 1 0.5")]
    [InlineData("[1e400,-1e400,0]", "-1e400 0 1e400", "1e400 0 -1e400")]
    [InlineData("[\"007\",\"7\",\"07\"]", "7 07 007", "007 07 7")]
    [InlineData("[true,false]", "no yes", "yes no")]
    [InlineData("[\"2026-03-02T10:00:00Z\",\"2026-03-01T23:00:00Z\"]", "2026-03-01T23:00:00Z 2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z 2026-03-01T23:00:00Z")]
    public void Table_Sorted_HasItsRowsInOrder(string values, string ascending, string descending)
    {
        var table = TableModel.Of(Json(values), Json("{}"));

        Assert.Equal(ascending, Words(table, new TableQuery(TableColumn.ValueColumn)));
        Assert.Equal(descending, Words(table, new TableQuery(TableColumn.ValueColumn, Descending: true)));
    }

    [Theory]
    [InlineData(false, "1 2 3  ")]
    [InlineData(true, "3 2 1  ")]
    public void Table_SortedByAColumnWithGaps_HasThemLast(bool descending, string expected)
    {
        var table = TableModel.Of(Json("""[{"n":2},{"n":null},{"n":1},{},{"n":3}]"""), Json("""{"columns":["n"]}"""));

        Assert.Equal(expected, Words(table, new TableQuery("n", descending)));
    }

    [Fact]
    public void Table_SortedByEqualValues_KeepsTheirOrder()
    {
        var table = TableModel.Of(Json("""[{"k":"x","n":1},{"k":"y","n":1},{"k":"z","n":0}]"""), Json("""{"columns":["k","n"]}"""));

        Assert.Equal("z x y", Words(table, new TableQuery("n")));
        Assert.Equal("x y z", Words(table, new TableQuery("n", Descending: true)));
    }

    [Theory]
    [InlineData("", 60)]
    [InlineData("  ", 60)]
    [InlineData("NAME-7", 1)]
    [InlineData("ame-1", 11)]
    [InlineData("nothing", 0)]
    public void Table_Filtered_HasTheRowsWithTheText(string text, int expected)
    {
        var table = TableModel.Of(Rows(60), Json("{}"));

        Assert.Equal(expected, table.Read(new TableQuery(Text: text)).Matched);
    }

    [Theory]
    [InlineData(0, 20, "1–20 of 45")]
    [InlineData(2, 5, "41–45 of 45")]
    [InlineData(99, 5, "41–45 of 45")]
    [InlineData(-3, 20, "1–20 of 45")]
    public void Table_Turned_ShowsThatPage(int page, int rows, string range)
    {
        var shown = TableModel.Of(Rows(45), Json("{}")).Read(new TableQuery(Page: page));

        Assert.Equal((rows, 3, range), (shown.Rows.Count, shown.Pages, shown.Range));
    }

    [Fact]
    public void Table_AllPages_HaveEveryRowOnce()
    {
        var table = TableModel.Of(Rows(1_234), Json("""{"max_rows":50}"""));

        var seen = Enumerable.Range(0, table.Read(new TableQuery()).Pages).SelectMany(page => table.Read(new TableQuery("n", Descending: true, Page: page)).Rows).Select(row => row.Cells[0].Text).ToList();

        Assert.Equal(1_234, seen.Count);
        Assert.Equal(1_234, seen.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal("name-1233", seen[0]);
    }

    [Fact]
    public void Table_LongerThanAPageLooksAt_SaysHowManyMore() => Assert.Equal((10_000, 5), (TableModel.Of(Rows(10_005), Json("{}")).Items.Count, TableModel.Of(Rows(10_005), Json("{}")).Beyond));

    [Fact]
    public void Table_WithManyColumns_HasShorterPagesAndCells()
    {
        var columns = Enumerable.Range(0, 30).Select(i => $"c{i.ToString(CultureInfo.InvariantCulture)}").ToList();
        var rows = Enumerable.Range(0, 500).Select(_ => columns.ToDictionary(name => name, _ => new string('x', 300), StringComparer.Ordinal));
        var shown = TableModel.Of(JsonSerializer.SerializeToElement(rows), JsonSerializer.SerializeToElement(new { columns, max_rows = 500 })).Read(new TableQuery());

        Assert.InRange(shown.Rows.Sum(row => row.Cells.Sum(cell => cell.Text.Length + (cell.Title?.Length ?? 0))), 1, 60_000);
        Assert.Equal(500, shown.Matched);
    }

    [Fact]
    public void Heading_PressedAgain_TurnsTheOrderAndThenLetsItGo()
    {
        var query = new TableQuery(Page: 3).SortedBy("n");
        Assert.Equal(("n", false, 0), (query.Sort, query.Descending, query.Page));
        query = query.SortedBy("n");
        Assert.Equal(("n", true), (query.Sort, query.Descending));
        query = query.SortedBy("n");
        Assert.Null(query.Sort);
        Assert.Equal(("m", false), (query.SortedBy("m").Sort, query.SortedBy("m").Descending));
    }

    [Theory]
    [InlineData("state._tasks.values()", """[{"id":"t1"}]""", "_tasks/t1")]
    [InlineData("state[\"_tasks\"]", """{"t1":{"n":1}}""", "_tasks/t1")]
    [InlineData("state._tasks.values()", """[{"id":"nothing"}]""", null)]
    [InlineData("state._shared.values()", """[{"id":"t1"}]""", null)]
    [InlineData("state._tasks.size() + state._both.size()", """[{"key":"both"}]""", null)]
    [InlineData("agents.map(a, a.id)", """[{"id":"t1"}]""", null)]
    [InlineData(null, """[{"id":"t1"}]""", null)]
    public void Row_AboutAnEntryOfTheViewsScopes_LeadsToIt(string? expression, string value, string? expected)
    {
        var view = RoomPageModels.View("v", value, "{}") with { Expression = expression };
        var model = RoomPageModels.Of([view]) with { Entries = [RoomPageModels.Entry("_tasks", "t1", "{}"), RoomPageModels.Entry("_tasks", "both", "1"), RoomPageModels.Entry("_both", "both", "2")] };

        var entry = EntryLinks.Of(view, model).For(TableModel.Of(Json(value), Json("{}")).Items[0]);

        Assert.Equal(expected, entry is null ? null : $"{entry.Scope}/{entry.Key}");
    }

    [Theory]
    [InlineData("""[{"at":"2026-03-01T10:00:00Z","text":"a"},{"at":"2026-03-01T12:00:00Z","text":"c"},{"at":"2026-03-01T11:00:00Z","text":"b"}]""", "{}", "c b a")]
    [InlineData("""["a","b","c"]""", "{}", "c b a")]
    [InlineData("""["c","b","a"]""", """{"newest":"first"}""", "c b a")]
    [InlineData("""["a","b","c"]""", """{"max_rows":2}""", "c b")]
    [InlineData("""[{"text":"x"},{"at":"2026-03-01T10:00:00Z","text":"a"}]""", "{}", "a x")]
    [InlineData("""[{"at":"2026-03-01T10:00:00Z","text":"a"},{"at":"2026-03-01T10:00:00Z","text":"b"}]""", "{}", "b a")]
    [InlineData("\"text\"", "{}", "")]
    public void EventLog_Whatever_IsNewestFirst(string value, string hint, string expected) =>
        Assert.Equal(expected, string.Join(' ', EventLogModel.Of(Json(value), Json(hint)).Lines.Select(line => line.Text)));

    private static string Words(TableModel table, TableQuery query) => string.Join(' ', table.Read(query).Rows.Select(row => row.Cells[0].Text));

    private static JsonElement Rows(int count) => JsonSerializer.SerializeToElement(Enumerable.Range(0, count).Select(i => new { name = $"name-{i.ToString(CultureInfo.InvariantCulture)}", n = i }));

    private static JsonElement Json(string json) => JsonElement.Parse(json);
}
