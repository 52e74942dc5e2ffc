using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Components.Dashboard;
using Sync.Web.Components.Dashboard.Actions;
using Sync.Web.Components.Dashboard.Console;
using Sync.Web.Components.Dashboard.Digest;
using Sync.Web.Components.Dashboard.Log;
using Sync.Web.Components.Dashboard.Members;
using Sync.Web.Components.Dashboard.State;
using Sync.Web.Components.Dashboard.Views;
using Sync.Web.Components.Dashboard.Vocabulary;

namespace Sync.Web.Tests.Components.Dashboard;

/// <summary>The room's panels over page models of the real engine.</summary>
public sealed class PanelTests
{
    private const string Hostile = "<script>alert('x')</script><img src=x onerror=alert(1)>";

    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task Log_AnEventOpened_ShowsTheWriteBeforeAndAfter()
    {
        await using var bench = await RoomBench.OpenAsync();
        await bench.SetAsync("plan", """{"step":1,"by":"ada"}""");
        await bench.SetAsync("plan", """{"step":2,"by":"ada"}""");
        var model = await bench.ModelAsync();

        var panel = bench.Show<LogPanel>(model);
        await panel.Find("a.event:has(.seq)").ClickAsync(new());

        await panel.WaitForAssertionAsync(() => Assert.Contains("\"step\": 1", panel.Find(".diff-removed").TextContent, StringComparison.Ordinal));
        Assert.Contains("\"step\": 2", panel.Find(".diff-added").TextContent, StringComparison.Ordinal);
        Assert.Equal(model.Seq, bench.Navigation.Location.Event);
    }

    [Fact]
    public async Task Log_ARefusalOpened_SaysCodeAndMessage()
    {
        await using var bench = await RoomBench.OpenAsync();
        await bench.InvokeAsync("set", """{"k":"a"}""");
        await bench.InvokeAsync("_register_action", """{"id":"shut","if":"false","writes":[{"key":"a","value":1}]}""");
        await bench.InvokeAsync("shut", "{}");

        // Refusals are folded, and enter the log a little later.
        var model = await bench.ModelOnceAsync(now => now.Activity.Any(e => !e.Ok));
        bench.Navigation = new PageNavigation(new PageLocation(Event: model.Activity.First(e => !e.Ok).Seq), (_, _) => { });

        var panel = bench.Show<LogPanel>(model);

        await panel.WaitForAssertionAsync(() => Assert.Contains("precondition_failed", panel.Find(".event-refusal").TextContent, StringComparison.Ordinal));
        Assert.Contains("did not hold", panel.Find(".event-refusal").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_BeyondThePicture_ReadsBackToTheFirstEvent()
    {
        await using var bench = await RoomBench.OpenAsync();
        for (var i = 0; i < 150; i++)
        {
            await bench.SetAsync("n", $"{i}");
        }

        var panel = bench.Show<LogPanel>(await bench.ModelAsync());
        await panel.Find(".older button").ClickAsync(new());

        await panel.WaitForAssertionAsync(() => Assert.Empty(panel.FindAll(".older button")));
    }

    [Fact]
    public async Task Log_SearchedForARareWord_FindsItFarBackAndSaysHowFarItLooked()
    {
        await using var bench = await RoomBench.OpenAsync();
        await bench.SetAsync("rare", "\"needle\"");
        await FillAsync(bench, 1_300);
        var panel = bench.Show<LogPanel>(await bench.ModelAsync());
        await panel.FindAll("button").Single(button => button.TextContent == "Filter").ClickAsync(new());

        await panel.Find("input[type=search]").InputAsync("needle");

        await panel.WaitForAssertionAsync(() => Assert.Equal("Searched back to the first event: 1 found.", panel.Find(".log-progress").TextContent));
        Assert.Single(panel.FindAll(".event"));
    }

    [Fact]
    public async Task Log_FilterChangedWhileItIsSearched_GoesOnWithTheNewOneOnly()
    {
        await using var bench = await RoomBench.OpenAsync();
        await bench.SetAsync("rare", "\"needle\"");
        await FillAsync(bench, 1_300);
        var panel = bench.Show<LogPanel>(await bench.ModelAsync());
        await panel.FindAll("button").Single(button => button.TextContent == "Filter").ClickAsync(new());

        var first = panel.Find("input[type=search]").InputAsync("needle");
        await panel.Find("input[type=search]").InputAsync("nothing-like-that");
        await first;

        await panel.WaitForAssertionAsync(() => Assert.Equal("Searched back to the first event: nothing found.", panel.Find(".log-progress").TextContent));
        Assert.Empty(panel.FindAll(".event"));
        Assert.Equal("nothing-like-that", panel.Find("input[type=search]").GetAttribute("value"));
    }

    [Fact]
    public async Task State_AKeyOpened_ShowsEachRevisionAndWhatChanged()
    {
        await using var bench = await RoomBench.OpenAsync();
        await bench.SetAsync("phase", "\"plan\"");
        await bench.SetAsync("phase", "\"build\"");
        var then = (await bench.ModelAsync()).Seq;
        await bench.SetAsync("phase", "\"done\"");
        bench.Navigation = new PageNavigation(new PageLocation(Key: "_shared/phase"), (_, _) => { });

        var panel = bench.Show<StatePanel>(await bench.ModelAsync());
        await panel.WaitForAssertionAsync(() => Assert.Equal(3, panel.FindAll(".key-history li").Count));
        Assert.Contains("\"build\"", panel.Find(".key-history .diff-removed").TextContent, StringComparison.Ordinal);

        panel.Render(parameters => parameters.Add(p => p.Model, bench.PastAsync(then).GetAwaiter().GetResult()));
        await panel.WaitForAssertionAsync(() => Assert.Equal(2, panel.FindAll(".key-history li").Count));
        Assert.Contains("\"build\"", panel.Find(".entry-detail > .json").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Console_AnExpression_ShowsValueTypeAndReadsAndFollowsTheRoom()
    {
        await using var bench = await RoomBench.OpenAsync();
        await bench.SetAsync("n", "20");
        var panel = bench.Show<ConsolePanel>(await bench.ModelAsync());

        await panel.Find("textarea").InputAsync("state._shared.n + 1");
        await panel.Find("textarea").KeyDownAsync(new KeyboardEventArgs { Key = "Enter", CtrlKey = true });
        await panel.WaitForAssertionAsync(() => Assert.Equal("21", panel.Find(".console-value .json").TextContent));
        Assert.Equal("int", panel.Find(".console-value .tag").TextContent);
        Assert.Equal("state._shared.n", panel.Find(".console-facts .chip").TextContent);

        await bench.SetAsync("n", "41");
        var now = await bench.ModelAsync();
        panel.Render(parameters => parameters.Add(p => p.Model, now));
        await panel.WaitForAssertionAsync(() => Assert.Equal("42", panel.Find(".console-value .json").TextContent), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Console_ABrokenExpression_ShowsTheCaretUnderItsPlace()
    {
        await using var bench = await RoomBench.OpenAsync();
        var panel = bench.Show<ConsolePanel>(await bench.ModelAsync());

        await panel.Find("textarea").InputAsync("1 +* 2");
        await panel.Find("form").SubmitAsync();

        await panel.WaitForAssertionAsync(() => Assert.Equal("1 +* 2\n   ^", panel.Find(".caret").TextContent.TrimEnd()));
        Assert.Contains("invalid_cel", panel.Find(".console-error").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Members_OfAnOwner_ShareALinkThatOnlyReadsAndRevokeIt()
    {
        await using var bench = await RoomBench.OpenAsync();
        var panel = bench.Show<MembersPanel>(await bench.ModelAsync());

        await panel.FindAll(".share-form input[type=radio]")[1].ChangeAsync(new ChangeEventArgs { Value = "on" });
        await panel.Find(".share-form").SubmitAsync();
        await panel.WaitForAssertionAsync(() => Assert.NotEmpty(panel.FindAll("#share-link")));
        var link = panel.Find("#share-link").TextContent;
        Assert.StartsWith(RoomBench.PublicUrl + "/rooms/r/dashboard#token=tok_", link, StringComparison.Ordinal);
        var reader = (await bench.Engine.Access.AuthenticateAsync(link[(link.IndexOf('=') + 1)..], Cancel)).Value;
        Assert.Null((await bench.Engine.Live.WatchAsync(reader, "r", Cancel)).Error);
        Assert.Equal(ErrorCode.ReadOnlyToken, (await bench.Engine.Actions.InvokeAsync(reader, "r", "set", new InvokeRequest { Params = default }, Cancel)).Error?.Code);

        await panel.Find("button[aria-label^='Revoke the share link']").ClickAsync(new());
        await panel.FindAll(".confirm button").Single(button => button.TextContent == "Revoke").ClickAsync(new());
        await panel.WaitForAssertionAsync(() => Assert.Empty(panel.FindAll("#share-link")));
        Assert.NotNull((await bench.Engine.Live.WatchAsync(reader, "r", Cancel)).Error);
    }

    [Fact]
    public async Task Actions_WhoseGuardDependsOnParameters_SaySoBelowTheLineOfTheirName()
    {
        await using var bench = await RoomBench.OpenAsync();
        await bench.InvokeAsync("_register_action", """{"id":"claim","params":{"task":{"type":"string"},"of":{"type":"string"}},"if":"params.task != params.of","writes":[{"key":"k","value":1}]}""");
        var panel = bench.Show<ActionsPanel>(await bench.ModelAsync());

        Assert.Equal(["available", "available"], panel.FindAll(".availability").Select(static line => line.TextContent));
        var note = Assert.Single(panel.FindAll(".depends")).TextContent;
        Assert.Contains("params.task", note, StringComparison.Ordinal);
        Assert.Contains("params.of", note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Editors_OfActionsAndViews_LeaveTheButtonThatOpenedThemWhereItIs()
    {
        await using var bench = await RoomBench.OpenAsync();
        await bench.InvokeAsync("_register_view", """{"id":"all","expr":"state._shared"}""");
        var model = await bench.ModelOnceAsync(static now => now.Views.Any(static view => view.Id == "all"));
        foreach (var panel in new IRenderedComponent<Microsoft.AspNetCore.Components.IComponent>[] { bench.Show<ActionsPanel>(model), bench.Show<ViewsPanel>(model) })
        {
            await panel.FindAll("button[data-row]").First(static row => row.TextContent is "set" or "all").ClickAsync(new());
            await panel.FindAll("button").Single(static button => button.TextContent == "Edit").ClickAsync(new());

            Assert.Single(panel.FindAll("sync-side"));
            Assert.Single(panel.FindAll("button"), static button => button.TextContent == "Edit");
        }
    }

    [Fact]
    public async Task Members_OfAnOwner_ShowTheRoomsOwnTokensAndRevokeThem()
    {
        await using var bench = await RoomBench.OpenAsync();
        var panel = bench.Show<MembersPanel>(await bench.ModelAsync());
        await panel.WaitForAssertionAsync(() => Assert.NotEmpty(panel.FindAll("button[aria-label^='Revoke the token']")));
        var shown = panel.FindAll("button[aria-label^='Revoke the token']").Count;

        await panel.Find("button[aria-label^='Revoke the token']").ClickAsync(new());
        await panel.FindAll(".confirm button").Single(button => button.TextContent == "Revoke").ClickAsync(new());

        await panel.WaitForAssertionAsync(() => Assert.Equal(shown - 1, panel.FindAll("button[aria-label^='Revoke the token']").Count));
        Assert.Contains((await bench.Engine.RoomTokens.ListAsync(Caller.System("test"), "r", Cancel)).Value, token => token.Revoked);
    }

    [Fact]
    public async Task Members_OfAReader_OffersNothingToManage()
    {
        await using var bench = await RoomBench.OpenAsync();
        bench.Sit(await bench.ReaderAsync());

        var panel = bench.Show<MembersPanel>(await bench.ModelAsync());

        Assert.Empty(panel.FindAll("button, select, input"));
    }

    [Fact]
    public async Task Members_InThePast_OffersNothingToManage()
    {
        await using var bench = await RoomBench.OpenAsync();

        var panel = bench.Show<MembersPanel>(await bench.PastAsync(1));

        Assert.Empty(panel.FindAll("button, select, input"));
    }

    [Fact]
    public async Task Members_Deletion_WaitsForTheRoomsIdTyped()
    {
        await using var bench = await RoomBench.OpenAsync();
        var panel = bench.Show<MembersPanel>(await bench.ModelAsync());
        Assert.True(panel.Find(".danger button").HasAttribute("disabled"));

        await panel.Find(".danger form").SubmitAsync();
        Assert.Null((await bench.Engine.Rooms.GetAsync(bench.Owner, "r", Cancel)).Error);

        await panel.Find(".danger input").InputAsync("r");
        Assert.False(panel.Find(".danger button").HasAttribute("disabled"));
        await panel.Find(".danger form").SubmitAsync();
        Assert.Equal(ErrorCode.RoomNotFound, (await bench.Engine.Rooms.GetAsync(bench.Owner, "r", Cancel)).Error?.Code);
    }

    [Fact]
    public async Task Board_WithAMomentInTheAddress_TurnsEveryPanelBackAndForward()
    {
        await using var bench = await RoomBench.OpenAsync();
        await bench.SetAsync("a", "1");
        var then = (await bench.ModelAsync()).Seq;
        await bench.SetAsync("b", "2");

        var board = bench.ShowBoard(await bench.ModelAsync(), $"?at={then}&panel=members");
        await board.WaitForAssertionAsync(() => Assert.Contains($"#{then}", board.Find(".past-banner").TextContent, StringComparison.Ordinal));
        await board.WaitForAssertionAsync(() => Assert.Empty(board.FindAll(".danger")));

        await board.Find("button.time-live").ClickAsync(new());
        Assert.Empty(board.FindAll(".past-banner"));
        Assert.NotEmpty(board.FindAll(".danger"));
    }

    [Fact]
    public async Task Board_WithTheOlderDashboardOnly_ShowsItsSurfacesAndNoDigest()
    {
        await using var bench = await RoomBench.OpenAsync();
        await bench.SetAsync("score", "3");
        var digest = bench.ShowBoard(await bench.ModelAsync(), "?panel=surfaces");
        Assert.NotEmpty(digest.FindAll(".empty"));

        await bench.SetAsync("_dashboard", """{"surfaces":[{"key":"_shared.score","label":"Score"}]}""");
        var board = bench.ShowBoard(await bench.ModelAsync(), "?panel=surfaces");

        Assert.Contains("Score", board.Find("#surfaces").TextContent, StringComparison.Ordinal);
        Assert.Empty(board.FindAll(".empty"));
    }

    [Fact]
    public async Task Board_WhoseReaderMaySeeLess_ForgetsWhatItFetchedForMore()
    {
        await using var bench = await RoomBench.OpenAsync();
        await bench.SetAsync("a", "1");
        var full = await bench.ModelAsync();
        bench.Sit(await bench.ReaderAsync());
        var board = bench.ShowBoard(full, "?panel=console");
        var before = board.FindComponent<ConsolePanel>().Instance;

        var less = await bench.ModelAsync();
        Assert.True(less.MaySeeLessThan(full));
        board.Render(parameters => parameters.Add(b => b.Model, less));

        Assert.NotSame(before, board.FindComponent<ConsolePanel>().Instance);
    }

    [Fact]
    public async Task Panels_OfHostileNamesAndValues_ShowThemAsText()
    {
        await using var bench = await RoomBench.OpenAsync();
        await bench.SetAsync(Hostile, System.Text.Json.JsonSerializer.Serialize(Hostile));
        await bench.SetAsync("purpose", System.Text.Json.JsonSerializer.Serialize(Hostile));
        var id = System.Text.Json.JsonSerializer.Serialize(Hostile);
        await bench.InvokeAsync("_register_view", $$"""{"id":{{id}},"description":{{id}},"expr":"state._shared.purpose"}""");
        await bench.InvokeAsync("_register_action", $$"""{"id":{{id}},"description":{{id}},"writes":[{"key":{{id}},"value":1}]}""");
        bench.Navigation = new PageNavigation(new PageLocation(Event: 3, Key: "_shared/" + Hostile), (_, _) => { });
        var model = await bench.ModelAsync();

        foreach (var nodes in (IEnumerable<AngleSharp.Dom.INodeList>)
        [
            bench.Show<LogPanel>(model).Nodes, bench.Show<StatePanel>(model).Nodes, bench.Show<ViewsPanel>(model).Nodes, bench.Show<VocabularyPanel>(model).Nodes,
            bench.Show<DigestPanel>(model).Nodes, bench.Show<ConsolePanel>(model).Nodes,
        ])
        {
            Assert.Empty(nodes.OfType<AngleSharp.Dom.IElement>().SelectMany(element => element.QuerySelectorAll("script, img, [onerror]")));
        }

        Assert.Contains("&lt;script&gt;", bench.Show<DigestPanel>(model).Markup, StringComparison.Ordinal);
    }

    private static async Task FillAsync(RoomBench bench, int count)
    {
        // Never more at once than one agent may have waiting.
        foreach (var batch in Enumerable.Range(0, count).Chunk(100))
        {
            await Task.WhenAll(batch.Select(i => bench.SetAsync("n", $"{i}")));
        }
    }
}
