using System.Text.Json;
using AngleSharp.Dom;
using Bunit;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Web.Components.Dashboard;
using Sync.Web.Components.Dashboard.Agents;

namespace Sync.Web.Tests.Components.Dashboard.Agents;

/// <summary>The list of agents and the page of one, over the real engine.</summary>
public sealed class AgentPageTests
{
    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_OfTheOverview_LinksEachAgentToItsPage()
    {
        await using var bench = await RoomBench.OpenAsync();
        await JoinAsync(bench, "helper");

        var panel = bench.Show<AgentsPanel>(await bench.ModelAsync());
        await panel.Find(".agent a.agent-link[href*='agent=helper']").ClickAsync(new());

        Assert.Equal(new PageLocation("agents") { Agent = "helper" }, bench.Navigation.Location);
    }

    [Fact]
    public async Task Fleet_Filtered_CountsAndShowsWhatWasAskedFor()
    {
        await using var bench = await RoomBench.OpenAsync();
        foreach (var id in new[] { "helper-10", "helper-9", "other" })
        {
            await JoinAsync(bench, id);
        }

        bench.Navigation = new PageNavigation(new PageLocation("agents"), (_, _) => { });
        var panel = bench.Show<AgentsPanel>(await bench.ModelAsync());
        Assert.Equal(["helper-9", "helper-10", "olga", "other"], panel.FindAll(".fleet-row .agent-name b").Select(static name => name.TextContent));

        await panel.Find("input[aria-label='Find agents']").InputAsync(new() { Value = "helper" });
        Assert.Equal("2 of 4", panel.Find(".panel-head .count").TextContent);
        Assert.Equal("helper", bench.Navigation.Location.Filter(AgentFilters.Text));

        await panel.Find("input[aria-label='Find agents']").InputAsync(new() { Value = "nobody" });
        Assert.Contains("No agent is like that now", panel.Markup, StringComparison.Ordinal);
        await panel.Find(".empty button").ClickAsync(new());
        Assert.Equal(4, panel.FindAll(".fleet-row").Count);
    }

    [Fact]
    public async Task Page_OfAnAgent_SaysWhatItDidAndWhyItWasRefused()
    {
        await using var bench = await RoomBench.OpenAsync();
        await bench.InvokeAsync("_register_action", """{"id":"never","if":"1 > 2","writes":[{"key":"x","value":1}]}""");
        var helper = await JoinAsync(bench, "helper");
        await InvokeAsync(bench, helper, "set", """{"k":"plan","v":"ready"}""");
        await InvokeAsync(bench, helper, "never", "{}");
        await InvokeAsync(bench, helper, "_claim", """{"key":"task:7"}""");
        await InvokeAsync(bench, helper, "_send_message", """{"body":"hello there"}""");

        var page = Open(bench, await bench.ModelAsync(), "helper");

        await page.WaitForAssertionAsync(() => Assert.Contains("precondition_failed", Part(page, "Was refused"), StringComparison.Ordinal));
        Assert.Contains("The condition of action 'never' did not hold.", Part(page, "Was refused"), StringComparison.Ordinal);
        Assert.Contains("set", Part(page, "Did"), StringComparison.Ordinal);
        Assert.Contains("plan", Part(page, "Wrote"), StringComparison.Ordinal);
        Assert.Contains("task:7", Part(page, "Holds"), StringComparison.Ordinal);
        Assert.Contains("hello there", Part(page, "Said"), StringComparison.Ordinal);
        Assert.Equal(["Pause", "Hand over", "Release", "Remove"], page.FindAll(".agent-tools button").Select(static button => button.TextContent.Trim()));
    }

    [Fact]
    public async Task Page_TurnedBack_ShowsTheAgentOfThenAndOffersNothing()
    {
        await using var bench = await RoomBench.OpenAsync();
        var before = (await bench.ModelAsync()).Seq;
        var helper = await JoinAsync(bench, "helper");
        await InvokeAsync(bench, helper, "set", """{"k":"plan","v":1}""");
        var then = (await bench.ModelAsync()).Seq;
        await InvokeAsync(bench, helper, "set", """{"k":"later","v":1}""");

        var page = Open(bench, await bench.PastAsync(then), "helper");
        await page.WaitForAssertionAsync(() => Assert.Contains("set", Part(page, "Did"), StringComparison.Ordinal));
        Assert.Contains("plan", Part(page, "Wrote"), StringComparison.Ordinal);
        Assert.DoesNotContain("later", page.Markup, StringComparison.Ordinal);
        Assert.Empty(page.FindAll(".agent-tools button"));

        Assert.Contains("There was no such agent then.", Open(bench, await bench.PastAsync(before), "helper").Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_ToAReader_OffersNothingAndNamesNoOwner()
    {
        await using var bench = await RoomBench.OpenAsync();
        await JoinAsync(bench, "helper");
        bench.Sit(await bench.ReaderAsync());

        var page = Open(bench, await bench.ModelAsync(), "helper");

        Assert.Empty(page.FindAll(".agent-tools button"));
        Assert.DoesNotContain("Owner", page.Find(".agent-facts").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("Tokens", page.Find(".agent-facts").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agent_PausedResumedAndRemovedByAnOwner_Is()
    {
        await using var bench = await RoomBench.OpenAsync();
        await JoinAsync(bench, "helper");
        var dialogs = bench.ShowDialogs();
        var page = Open(bench, await bench.ModelAsync(), "helper");

        await PressAsync(page, "Pause");
        await dialogs.Find(".mud-dialog input").InputAsync(new() { Value = "too eager" });
        await PressAsync(dialogs, "Pause");
        var paused = await bench.ModelOnceAsync(static now => !now.Pauses.IsEmpty);
        Assert.Equal("too eager", paused.Pauses[0].Reason);

        page = Open(bench, paused, "helper");
        Assert.Contains("paused", page.Find(".agent-head").TextContent, StringComparison.Ordinal);
        await PressAsync(page, "Resume");
        var resumed = await bench.ModelOnceAsync(static now => now.Pauses.IsEmpty);

        page = Open(bench, resumed, "helper");
        await PressAsync(page, "Remove");
        await PressAsync(dialogs, "Remove");
        Assert.DoesNotContain("helper", (await bench.ModelOnceAsync(static now => now.Agents.All(static agent => agent.Id != "helper"))).Agents.Select(static agent => agent.Id));
        Assert.Null(bench.Navigation.Location.Agent);
    }

    // Found and pressed in one turn of the renderer: a page that renders in between gives its buttons other handlers.
    private static Task PressAsync<T>(IRenderedComponent<T> component, string text)
        where T : Microsoft.AspNetCore.Components.IComponent => component.InvokeAsync(() => Button(component, text).ClickAsync(new()));

    private static IRenderedComponent<AgentsPanel> Open(RoomBench bench, Sync.Engine.Reads.Pages.RoomPageModel model, string agent)
    {
        bench.Navigation = new PageNavigation(new PageLocation("agents") { Agent = agent }, (_, _) => { });
        return bench.Show<AgentsPanel>(model);
    }

    private static string Part(IRenderedComponent<AgentsPanel> page, string title) => page.Find($"section[aria-label='{title}']").TextContent;

    private static IElement Button<T>(IRenderedComponent<T> component, string text)
        where T : Microsoft.AspNetCore.Components.IComponent => component.FindAll("button").Single(button => button.TextContent.Trim() == text);

    private static async Task<Caller> JoinAsync(RoomBench bench, string id)
    {
        using var body = JsonDocument.Parse($$"""{"id":"{{id}}"}""");
        var joined = (await bench.Engine.Agents.JoinAsync(Caller.Anonymous, "r", body.RootElement, Cancel)).Value;
        return (await bench.Engine.Access.AuthenticateAsync(joined.Token!, Cancel)).Value; // It has just joined.
    }

    private static async Task InvokeAsync(RoomBench bench, Caller caller, string action, string parameters)
    {
        using var document = JsonDocument.Parse(parameters);
        await bench.Engine.Actions.InvokeAsync(caller, "r", action, new InvokeRequest { Params = document.RootElement.Clone() }, Cancel);
    }
}
