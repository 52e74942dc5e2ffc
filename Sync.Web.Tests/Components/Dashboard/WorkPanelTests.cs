using System.Collections.Immutable;
using System.Text.Json;
using Bunit;
using Sync.Engine.Identity;
using Sync.Engine.Model.Agents;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard.Approvals;
using Sync.Web.Components.Dashboard.Leases;
using Sync.Web.Components.Dashboard.Log;
using Sync.Web.Components.Dashboard.Packs;
using Sync.Web.Components.Dashboard.Pauses;

namespace Sync.Web.Tests.Components.Dashboard;

/// <summary>What is held, installed and paused, and what followed from what, on the room's page.</summary>
public sealed class WorkPanelTests
{
    private const string Hostile = "<img src=x onerror=alert(1)>";

    private static readonly DateTimeOffset s_then = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task Leases_OfARoom_NameHolderEndNotePathsAndWhoWaits()
    {
        await using var bench = await RoomBench.OpenAsync();
        var model = await bench.ModelAsync() with
        {
            LeaseCount = 3,
            Leases = [Lease("task:3", "ann", Hostile, s_then, ["src/**"]), Lease("other", "bob", null, null, [])],
            Agents = [new AgentModel("cleo", "Cleo", "agent", AgentStatus.Waiting, "leases[\"task:3\"] == null", s_then)],
        };

        var panel = bench.Show<LeasesPanel>(model);

        var text = panel.Markup;
        Assert.Contains("task:3", text, StringComparison.Ordinal);
        Assert.Contains("paths src/**", panel.FindAll("li")[0].TextContent, StringComparison.Ordinal);
        Assert.Contains("its clock stands still", text, StringComparison.Ordinal);
        Assert.Contains("in line cleo", panel.FindAll("li")[0].TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("cleo", panel.FindAll("li")[1].TextContent, StringComparison.Ordinal);
        Assert.Empty(panel.FindAll("img"));
    }

    [Fact]
    public async Task Leases_OfPaths_AreCalledByWhatTheyCover()
    {
        await using var bench = await RoomBench.OpenAsync();
        var leases = (ImmutableArray<LeaseModel>)[Lease("paths:5", "ann", null, s_then, ["src/a", "src/b"]), Lease("paths:9", "bob", null, s_then, ["1", "2", "3", "4"])];

        var lines = bench.Show<LeasesPanel>(await bench.ModelAsync() with { LeaseCount = 2, Leases = leases }).FindAll("li");

        Assert.Equal("src/a, src/b", lines[0].QuerySelector("b")!.TextContent); // Each line has one, as the next.
        Assert.Contains("paths:5", lines[0].TextContent, StringComparison.Ordinal);
        Assert.Equal("1, 2, 3 and 1 more", lines[1].QuerySelector("b")!.TextContent);
        Assert.NotNull(lines[1].QuerySelector(".lease-paths"));
        Assert.Null(lines[0].QuerySelector(".lease-paths"));
    }

    [Fact]
    public async Task Leases_ReleasedByAnOwner_EndAndReadersAreOfferedNothing()
    {
        await using var bench = await RoomBench.OpenAsync();
        await bench.InvokeAsync("_claim", """{"key":"task:3"}""");
        var model = await bench.ModelOnceAsync(static now => now.LeaseCount == 1);
        var dialogs = bench.ShowDialogs();
        var panel = bench.Show<LeasesPanel>(model);

        await panel.FindAll(".lease-tools button").Single(static button => button.TextContent == "Release task:3").ClickAsync(new());
        await dialogs.WaitForAssertionAsync(() => Assert.Contains("may take it then", dialogs.Markup, StringComparison.Ordinal));
        await dialogs.FindAll(".mud-dialog-actions button").Single(static button => button.TextContent.Trim() == "Release").ClickAsync(new());

        Assert.Empty((await bench.ModelOnceAsync(static now => now.LeaseCount == 0)).Leases);

        bench.Sit(await bench.ReaderAsync());
        Assert.Empty(bench.Show<LeasesPanel>(model with { Info = (await bench.ModelAsync()).Info, Self = null }).FindAll(".lease-tools button"));
    }

    [Fact]
    public async Task Packs_WhoeverMayAct_PutsOneInFromThePanel()
    {
        await using var bench = await RoomBench.OpenAsync();
        var panel = bench.Show<PacksPanel>(await bench.ModelAsync());

        await panel.FindAll("button").Single(static button => button.TextContent == "Add a pack").ClickAsync(new());
        await panel.FindAll("[role=dialog] button").Single(static button => button.TextContent.Trim() == "Put Task queue in").ClickAsync(new());

        var model = await bench.ModelOnceAsync(static now => !now.Packs.IsEmpty);
        Assert.Equal("task_queue", Assert.Single(model.Packs).Name);
        await panel.WaitForAssertionAsync(() => Assert.Empty(panel.FindAll("[role=dialog]")));

        // What is in is not offered first again.
        panel = bench.Show<PacksPanel>(model);
        await panel.FindAll("button").Single(static button => button.TextContent == "Add a pack").ClickAsync(new());
        Assert.DoesNotContain("Put Task queue in", panel.Markup, StringComparison.Ordinal);

        bench.Sit(await bench.ReaderAsync());
        Assert.DoesNotContain("Add a pack", bench.Show<PacksPanel>(await bench.ModelAsync()).Markup, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a \"quoted\" key")]
    [InlineData("back\\slash")]
    [InlineData("Prüfung <1> & 'more'")]
    public async Task Leases_WhateverTheirKey_NameWhoStandsInLine(string key)
    {
        await using var bench = await RoomBench.OpenAsync();
        await bench.InvokeAsync("_claim", JsonSerializer.Serialize(new { key }));
        using var body = JsonDocument.Parse("""{"id":"bob"}""");
        var joined = (await bench.Engine.Agents.JoinAsync(Caller.Anonymous, "r", body.RootElement, Cancel)).Value;
        var bob = (await bench.Engine.Access.AuthenticateAsync(JsonElement.Parse(joined.Json.Span).GetProperty("token").GetString()!, Cancel)).Value; // A join answers one.
        using var parameters = JsonDocument.Parse(JsonSerializer.Serialize(new { key }));
        var refused = (await bench.Engine.Actions.InvokeAsync(bob, "r", "_claim", new() { Params = parameters.RootElement }, Cancel)).Error!; // Somebody else holds it.
        var model = await bench.ModelOnceAsync(static now => now.LeaseCount == 1);

        var panel = bench.Show<LeasesPanel>(model with { Agents = [new AgentModel("bob", "bob", "agent", AgentStatus.Waiting, refused.Details!["condition"]!.GetValue<string>(), s_then)] }); // A refusal of that kind has one.

        Assert.Contains("in line bob", panel.Find("li").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Approval_LookedAt_SaysThatSomethingFailedOnlyOnceItHas()
    {
        await using var bench = await RoomBench.OpenAsync();
        await bench.InvokeAsync("_register_action", """{"id":"deploy","writes":[{"key":"live","value":1}],"approve":{"by":"owner"}}""");
        await bench.InvokeAsync("deploy", "{}");
        var panel = bench.Show<ApprovalsPanel>(await bench.ModelOnceAsync(static now => now.PendingApprovals > 0));

        await panel.WaitForAssertionAsync(() => Assert.NotEmpty(panel.FindAll(".approval button")));
        await panel.Find(".approval button").ClickAsync(new());
        await panel.WaitForAssertionAsync(() => Assert.Contains("_shared", panel.Find(".approval-open").TextContent, StringComparison.Ordinal));
        Assert.Empty(panel.FindAll(".refusal"));
    }

    [Fact]
    public async Task Pause_OfAnAction_IsResumedByAnOwnerAndShownToOthers()
    {
        await using var bench = await RoomBench.OpenAsync();
        using var what = JsonDocument.Parse($$"""{"what":"room","reason":"{{Hostile.Replace("\"", "", StringComparison.Ordinal)}}"}""");
        Assert.Null((await bench.Engine.Actions.InvokeAsync(bench.Owner, "r", "_pause", new() { Params = what.RootElement }, Cancel)).Error);
        var model = await bench.ModelOnceAsync(static now => !now.Pauses.IsEmpty);

        var notice = bench.Show<PauseNotice>(model);
        Assert.Contains("This room is paused.", notice.Markup, StringComparison.Ordinal);
        Assert.Empty(notice.FindAll("img"));
        await notice.Find("button").ClickAsync(new());
        await bench.ModelOnceAsync(static now => now.Pauses.IsEmpty);

        bench.Sit(await bench.ReaderAsync());
        Assert.Empty(bench.Show<PauseNotice>(await bench.ModelAsync() with { Pauses = model.Pauses }).FindAll("button"));
    }

    [Fact]
    public async Task Packs_OfARoom_AreListed()
    {
        await using var bench = await RoomBench.OpenAsync();

        var panel = bench.Show<PacksPanel>(await bench.ModelAsync() with { Packs = [new PackModel("task_queue", "1.0", "Tasks in a line.", "ann", s_then)] });

        Assert.Contains("task_queue", panel.Markup, StringComparison.Ordinal);
        Assert.Contains("1.0", panel.Markup, StringComparison.Ordinal);
        Assert.Contains("installed by ann, ", panel.Find("li").TextContent, StringComparison.Ordinal);
        Assert.Contains("No pack", bench.Show<PacksPanel>(await bench.ModelAsync()).Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_OfAnEventThatFollowed_OpensTheEarlierOne()
    {
        await using var bench = await RoomBench.OpenAsync();
        await bench.SetAsync("plan", "1");
        var first = (await bench.ModelAsync()).Seq;
        using var parameters = JsonDocument.Parse($$$"""{"params":{"k":"plan","v":2},"because":{"seq":{{{first}}}}}""");
        var request = Sync.Engine.Commands.Invocations.InvokeRequest.Parse(parameters.RootElement, idempotencyKey: null).Value;
        Assert.Null((await bench.Engine.Actions.InvokeAsync(bench.Owner, "r", "set", request, Cancel)).Error);

        var panel = bench.Show<LogPanel>(await bench.ModelOnceAsync(now => now.Seq > first));
        Assert.Contains($"← #{first}", panel.Find("a.event").TextContent, StringComparison.Ordinal);
        await panel.Find("a.event").ClickAsync(new());
        await panel.WaitForAssertionAsync(() => Assert.Contains("Because", panel.Find(".event-card").TextContent, StringComparison.Ordinal));
        await panel.Find(".event-link a").ClickAsync(new());

        Assert.Equal(first, bench.Navigation.Location.Event);
        panel.Render();
        await panel.WaitForAssertionAsync(() => Assert.Contains("What followed", panel.Find(".event-card").TextContent, StringComparison.Ordinal));
    }

    private static LeaseModel Lease(string key, string agent, string? note, DateTimeOffset? end, ImmutableArray<string> paths) => new()
    {
        Key = key,
        IsShared = false,
        IsOwn = false,
        Holders = [new LeaseHolderModel { Agent = agent, Fence = 3, TakenAt = s_then, ExpiresAt = end, Note = note, Paths = paths }],
    };
}
