using Bunit;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Model.Agents;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Shared;

namespace Sync.Web.Tests.Components.Dashboard;

/// <summary>The whole page over a room in which everything is as large and as odd as anybody ever got it, and over parts that fail.</summary>
public sealed class HostileBoardTests
{
    // The overview holds all panels; each other address one of them.
    private const int MaxPerPage = 2_500_000;

    private static readonly string s_million = new('x', 1_000_000);
    private static readonly DateTimeOffset s_then = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("")]
    [InlineData("?panel=surfaces")]
    [InlineData("?panel=agents")]
    [InlineData("?panel=actions")]
    [InlineData("?panel=state")]
    [InlineData("?panel=views")]
    [InlineData("?panel=messages")]
    [InlineData("?panel=log")]
    [InlineData("?panel=console")]
    [InlineData("?panel=vocabulary")]
    [InlineData("?panel=members")]
    public async Task Board_OverAHostileRoom_ShowsEveryPartAndStaysBounded(string query)
    {
        await using var bench = await RoomBench.OpenAsync();

        var board = bench.ShowBoard(Hostile(), query);

        Assert.Empty(board.FindAll(".part-failed"));
        Assert.NotEmpty(board.FindAll("section"));
        Assert.Empty(board.FindAll("script, img"));
        Assert.InRange(board.Markup.Length, 1, MaxPerPage);
    }

    [Fact]
    public async Task Board_WithAPanelThatFails_KeepsTheOthersAndTriesAgain()
    {
        await using var bench = await RoomBench.OpenAsync();
        var model = RoomPageModels.Of([RoomPageModels.View("v", "1", "{}")]);

        // No panel expects a page model without its array.
        var board = bench.ShowBoard(model with { Messages = default });

        Assert.Equal("Messages", Assert.Single(board.FindAll(".part-failed")).GetAttribute("aria-label"));
        Assert.NotEmpty(board.FindAll("#state, #log, #agents"));
        board.Render(parameters => parameters.Add(p => p.Model, model));
        Assert.Empty(board.FindAll(".part-failed"));
        Assert.NotNull(board.Find("#messages"));
    }

    [Fact]
    public async Task Board_WithASurfaceThatFails_KeepsTheOtherSurfaces()
    {
        await using var bench = await RoomBench.OpenAsync();
        var model = RoomPageModels.Of([RoomPageModels.View("talk", "1", """{"type":"feed"}"""), RoomPageModels.View("count", "7", """{"type":"metric"}""")]);

        var board = bench.ShowBoard(model with { Messages = default }, "?panel=surfaces");

        Assert.Equal("talk", Assert.Single(board.FindAll(".part-failed")).GetAttribute("aria-label"));
        Assert.Equal("7", board.Find(".metric-value").TextContent);
        board.Render(parameters => parameters.Add(p => p.Model, model));
        Assert.Empty(board.FindAll(".part-failed"));
    }

    // What cannot be tested by drawing it: that nobody adds a surface or a panel to a board outside a boundary.
    [Fact]
    public async Task Board_EverySurfaceAndPanel_StandsInABoundary()
    {
        await using var bench = await RoomBench.OpenAsync();
        foreach (var query in new[] { "", "?panel=surfaces", "?panel=agents", "?panel=actions", "?panel=state", "?panel=views", "?panel=messages", "?panel=log", "?panel=console", "?panel=vocabulary", "?panel=members" })
        {
            var board = bench.ShowBoard(RoomPageModels.Of([RoomPageModels.View("a", "1", "{}"), RoomPageModels.View("b", "1", """{"type":"section","views":["c"]}"""), RoomPageModels.View("c", "1", null)]), query);
            var boundaries = board.FindComponents<PartBoundary>();

            foreach (var part in board.FindComponents<Sync.Web.Components.Surfaces.SurfaceCard>().Select(card => (IComponent)card.Instance)
                .Concat(board.FindComponents<Sync.Web.Components.Surfaces.SurfaceBoard>().Select(found => (IComponent)found.Instance))
                .Concat(board.FindComponents<Panel>().Select(panel => (IComponent)panel.Instance)))
            {
                Assert.True(boundaries.Any(boundary => Contains(boundary, part)), $"{query}: {part.GetType().Name} stands in no boundary");
            }
        }

        static bool Contains(IRenderedComponent<PartBoundary> boundary, IComponent part) => part switch
        {
            Panel => boundary.FindComponents<Panel>().Any(found => found.Instance == part),
            Sync.Web.Components.Surfaces.SurfaceBoard => boundary.FindComponents<Sync.Web.Components.Surfaces.SurfaceBoard>().Any(found => found.Instance == part),
            _ => boundary.FindComponents<Sync.Web.Components.Surfaces.SurfaceCard>().Any(found => found.Instance == part),
        };
    }

    private static RoomPageModel Hostile() => RoomPageModels.Of(
        [.. Enumerable.Range(0, 400).Select(i => RoomPageModels.View($"view{i:000}", i % 3 == 0 ? $"\"{s_million}\"" : i % 3 == 1 ? "[\"\\ud800\"]" : string.Concat(Enumerable.Repeat("[", 3_000)), i % 2 == 0 ? "{}" : null, i % 5 == 0 ? s_million : null) with { Expression = s_million, Description = s_million })]) with
    {
        Agents = [.. Enumerable.Range(0, 3_000).Select(i => new AgentModel($"agent{i}", i == 0 ? "" : $"Agent {i}", "\u202eworker", AgentStatus.Waiting, i < 300 ? s_million : null, i % 2 == 0 ? DateTimeOffset.MaxValue : DateTimeOffset.MinValue))],
        Entries =
        [
            .. Enumerable.Range(0, 2_000).Select(i => RoomPageModels.Entry(i % 2 == 0 ? "_shared" : $"_scope{i}", $"key{i}", i < 20 ? $"\"{s_million}\"" : "{\"a\":")),
            RoomPageModels.Entry("_shared", "purpose", $"\"\\ud800{s_million}\""), RoomPageModels.Entry("_shared", "_dashboard", "[[["),
        ],
        Messages = [.. Enumerable.Range(1, 500).Select(i => RoomPageModels.Message(i, "\u202e", s_million, [.. Enumerable.Range(0, 1_000).Select(n => $"agent{n}")]))],
        MessageCount = 500,
        Actions =
        [
            .. Enumerable.Range(0, 1_000).Select(i => new ActionModel($"action{i}", i % 2 == 0 ? "_shared" : "ada", i < 100 ? s_million : "", false, i % 2 == 0 ? "precondition_failed" : "\ud800", long.MaxValue, i % 2 == 0 ? $"{{\"if\":\"{(i < 100 ? s_million : "a")}\"}}" : "{")),
        ],
        Activity = [.. Enumerable.Range(1, 100).Select(i => new EventModel(i, s_then, "\u202einvoke", i % 2 == 0 ? null : "ada", s_million[..256], i % 3 == 0, s_million[..2_000], int.MaxValue, $"{{\"v\":\"{s_million}\"}}"))],
    };
}
