using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard;
using Sync.Web.Components.Dashboard.Actions;
using Sync.Web.Components.Dashboard.Messages;
using Sync.Web.Components.Layout.Palette;
using Sync.Web.Tests.Hosting;
using TestContext = Xunit.TestContext;

namespace Sync.Web.Tests.Components.Dashboard;

/// <summary>Acting from the page, on the real engine.</summary>
public sealed class RoomActionsTests : BunitContext
{
    private readonly SyncHost _host;

    public RoomActionsTests(SyncHost host)
    {
        _host = host;
        Services.AddSingleton(TimeProvider.System);
        Services.AddScoped<RoomInView>();
        Services.AddMudServices();
        JSInterop.Mode = JSRuntimeMode.Loose;
        Render<MudPopoverProvider>();
    }

    [Fact]
    public async Task Form_PreviewedThenInvoked_ShowsTheWritesAndThenDoesThem()
    {
        var (viewer, model, _) = await RoomAsync();
        var form = Form(viewer, model, "put");
        form.Find("input, textarea").Change("seven");

        form.Find("button[type=button]").Click();
        form.WaitForAssertion(() => Assert.Contains("nothing has been written", form.Find(".run-report").TextContent, StringComparison.Ordinal));
        Assert.Contains("seven", form.Find("ins").TextContent, StringComparison.Ordinal);
        Assert.Empty((await ModelAsync(viewer)).Entries.Where(entry => entry.Key == "k"));

        form.Find("form").Submit();
        form.WaitForAssertion(() => Assert.Contains("Done.", form.Find(".run-report").TextContent, StringComparison.Ordinal));
        Assert.Equal("\"seven\"", (await ModelAsync(viewer)).Entries.Single(entry => entry.Key == "k").Value);
    }

    [Fact]
    public async Task Form_RefusedByTheGuard_ShowsWhichPartFails()
    {
        var (viewer, model, _) = await RoomAsync();
        var form = Form(viewer, model, "locked");

        form.Find("form").Submit();

        form.WaitForAssertion(() => Assert.Contains("precondition_failed", form.Find(".refusal").TextContent, StringComparison.Ordinal));
        Assert.Contains("state._shared.open == true", form.Find(".why-parts .fails").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Form_OfAnActionThatShowsWhatIsPrivate_AsksFirst()
    {
        var (viewer, _, room) = await RoomAsync();
        await room.RegisterAsync(new { id = "show", writes = new object[] { new { key = "shown", value = "state.self.diary", expr = true } } }, await room.JoinAsync("mallory"));
        await room.RegisterAsync(new { id = "keep", writes = new object[] { new { scope = "${self}", key = "diary", value = "kept" } } });
        (await room.InvokeAsync("keep", new { })).AssertOk();
        var form = Form(viewer, await ModelAsync(viewer), "show");

        form.Find("form").Submit();
        form.WaitForAssertion(() => Assert.Contains("keep private", form.Find(".refusal").TextContent, StringComparison.Ordinal));
        Assert.Contains("kept", form.Find(".refusal ins").TextContent, StringComparison.Ordinal);
        form.Find(".refusal .quiet-button").Click();
        Assert.Empty(form.FindAll(".refusal"));
        Assert.Empty((await ModelAsync(viewer)).Entries.Where(entry => entry.Key == "shown"));

        form.Find("form").Submit();
        form.WaitForElement(".refusal .primary-button").Click();
        form.WaitForAssertion(() => Assert.Contains("Done.", form.Find(".run-report").TextContent, StringComparison.Ordinal));
        Assert.Equal("\"kept\"", (await ModelAsync(viewer)).Entries.Single(entry => entry.Key == "shown").Value);
    }

    [Fact]
    public async Task Form_ForAReader_IsClosedAndSaysWhy()
    {
        var (viewer, model, _) = await RoomAsync(reader: true);
        var form = Form(viewer, model, "put");

        Assert.True(form.Find("button[type=submit]").HasAttribute("disabled"));
        Assert.Contains("only read", form.Find(".why-not").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Form_InThePast_IsClosedAndSaysWhy()
    {
        var (viewer, model, room) = await RoomAsync();
        (await room.InvokeAsync("put", new { v = "later" })).AssertOk();
        var past = (await viewer.Engine.Live.AtAsync(viewer.Caller, viewer.Room, model.Seq, TestContext.Current.CancellationToken)).Value;

        var form = Form(viewer, past, "put");

        Assert.True(form.Find("button[type=submit]").HasAttribute("disabled"));
        Assert.Equal("Nothing can be done in the past.", form.Find(".why-not").TextContent);
    }

    [Fact]
    public async Task Form_SubmittedByAReaderAllTheSame_ChangesNothing()
    {
        var (viewer, model, _) = await RoomAsync(reader: true);
        var refused = await viewer.InvokeAsync("put", System.Text.Json.JsonElement.Parse("""{"v":"x"}"""), preview: false, model, TestContext.Current.CancellationToken);

        Assert.Equal("read_only_token", refused.Error?.Code.Name);
    }

    [Fact]
    public async Task Panel_Opened_ExplainsAndOffersTheForm()
    {
        var (viewer, model, _) = await RoomAsync();
        var panel = Panel(viewer, model);

        panel.FindAll(".action .key-button").Single(button => button.TextContent == "locked").Click();

        panel.WaitForAssertion(() => Assert.Contains("state._shared.open == true", panel.Find(".why .why-parts .fails").TextContent, StringComparison.Ordinal));
        Assert.Single(panel.FindAll("form.action-form"));
    }

    [Fact]
    public async Task Panel_OfAPlaceThatNamesAnAction_OpensItAndAnotherByItself()
    {
        var (viewer, model, _) = await RoomAsync();
        var navigation = new PageNavigation(new PageLocation { Action = "put" }.WithFilter("actions.text", "locked"), (_, _) => { });
        var panel = Render<CascadingValue<PageNavigation>>(parameters => parameters.Add(p => p.Value, navigation)
            .AddChildContent<CascadingValue<RoomViewer>>(child => child.Add(p => p.Value, viewer).AddChildContent<ActionsPanel>(inner => inner.Add(p => p.Model, model))));

        Assert.Equal("Invoke put", panel.WaitForElement("form.action-form").GetAttribute("aria-label"));
        panel.FindAll(".action .key-button").Single(button => button.TextContent == "locked").Click();

        Assert.Equal("locked", navigation.Location.Action);
        panel.WaitForAssertion(() => Assert.Equal("Invoke locked", panel.Find("form.action-form").GetAttribute("aria-label")));
    }

    [Fact]
    public async Task ActAs_OffersTheAgentsOfTheRoom_AndIsKept()
    {
        var (viewer, model, _) = await RoomAsync();
        var panel = Panel(viewer, model);

        panel.WaitForElement("select[aria-label='Act as']").Change("alice");

        Assert.Equal("alice", viewer.ActAs);
        var form = Form(viewer, model, "put");
        form.Find("input, textarea").Change("as alice");
        form.Find("form").Submit();
        form.WaitForAssertion(() => Assert.Contains("alice", form.Find(".run-report").TextContent, StringComparison.Ordinal));
        Assert.Equal("alice", (await ModelAsync(viewer)).Entries.Single(entry => entry.Key == "k").Writer);
    }

    [Fact]
    public async Task Editor_CheckedWithABrokenGuard_ShowsTheCaretAndRegistersNothing()
    {
        var (viewer, model, _) = await RoomAsync();
        var editor = Render<CascadingValue<RoomViewer>>(parameters => parameters.Add(p => p.Value, viewer).AddChildContent<DefinitionEditor>(child => child.Add(p => p.Model, model)));
        editor.FindAll("input")[0].Change("fresh");
        editor.FindAll("textarea")[2].Change("""[{"key":"x","value":1}]""");
        editor.FindAll("textarea")[3].Input("state._shared.a +");

        editor.FindAll("button").Single(button => button.TextContent == "Check").Click();
        editor.WaitForAssertion(() => Assert.Contains("^", editor.Find(".caret").TextContent, StringComparison.Ordinal));

        editor.FindAll("textarea")[3].Input("true");
        editor.Find("form").Submit();
        editor.WaitForAssertion(() => Assert.Contains("Registered.", editor.Markup, StringComparison.Ordinal));
        Assert.Contains((await ModelAsync(viewer)).Actions, action => action.Id == "fresh");
    }

    [Fact]
    public async Task Composer_Sends_AndKeepsKindAndRecipient()
    {
        var (viewer, model, _) = await RoomAsync();
        var composer = Render<CascadingValue<RoomViewer>>(parameters => parameters.Add(p => p.Value, viewer).AddChildContent<MessageComposer>(child => child.Add(p => p.Model, model)));
        var direct = composer.FindComponent<MudAutocomplete<string>>();
        await composer.InvokeAsync(() => direct.Instance.ValueChanged.InvokeAsync("alice"));
        composer.Find("textarea").Change("For you.");

        composer.Find("form").Submit();

        composer.WaitForAssertion(() => Assert.Equal("", composer.Find("textarea").GetAttribute("value") ?? ""));
        var message = (await ModelAsync(viewer)).Messages.Single();
        Assert.Equal(("For you.", "alice"), (message.Body, message.To.Single()));
        Assert.Contains("alice", composer.Find(".composer-to").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Composer_AnsweringAMessage_QuotesItAndNamesItAndThenAnswersNothing()
    {
        var (viewer, _, _) = await RoomAsync();
        Assert.Null((await viewer.InvokeAsync("_send_message", System.Text.Json.JsonElement.Parse("""{"body":"Shall I?","kind":"question"}"""), preview: false, await ModelAsync(viewer), TestContext.Current.CancellationToken)).Error);
        var model = await ModelAsync(viewer);
        var panel = Render<CascadingValue<RoomViewer>>(parameters => parameters.Add(p => p.Value, viewer).AddChildContent<MessagesPanel>(child => child.Add(p => p.Model, model)));

        panel.Find("button[aria-label^='Reply to message 1']").Click();
        panel.WaitForAssertion(() => Assert.Contains("Shall I?", panel.Find(".composer-answers").TextContent, StringComparison.Ordinal));
        panel.Find(".composer textarea").Change("Do.");
        panel.Find("form.composer").Submit();

        panel.WaitForAssertion(() => Assert.Empty(panel.FindAll(".composer-answers")));
        Assert.Equal(("Do.", 1L), ((await ModelAsync(viewer)).Messages[^1].Body, (await ModelAsync(viewer)).Messages[^1].ReplyTo));
    }

    private async Task<(RoomViewer Viewer, RoomPageModel Model, TestRoom Room)> RoomAsync(bool reader = false)
    {
        var room = await _host.RoomAsync();
        await room.JoinAsync("alice");
        await room.RegisterAsync(new { id = "put", @params = new { v = new { type = "string", required = true } }, writes = new[] { new { key = "k", value = "${params.v}" } } });
        await room.RegisterAsync(new { id = "locked", @if = "self != null && state._shared.open == true", writes = new[] { new { key = "z", value = 1 } } });
        var caller = (await _host.Engine.Access.AuthenticateAsync(reader ? room.ViewToken : await _host.MintAsync(room.OwnerName), TestContext.Current.CancellationToken)).Value;
        var viewer = new RoomViewer(_host.Engine, caller, room.Id);
        return (viewer, await ModelAsync(viewer), room);
    }

    private static async Task<RoomPageModel> ModelAsync(RoomViewer viewer)
    {
        using var watch = (await viewer.Engine.Live.WatchAsync(viewer.Caller, viewer.Room, TestContext.Current.CancellationToken)).Value;
        return watch.Current;
    }

    private IRenderedComponent<CascadingValue<RoomViewer>> Form(RoomViewer viewer, RoomPageModel model, string action) => Render<CascadingValue<RoomViewer>>(parameters => parameters
        .Add(p => p.Value, viewer)
        .AddChildContent<ActionForm>(child => child.Add(p => p.Model, model).Add(p => p.Action, model.Actions.Single(candidate => candidate.Id == action))));

    private IRenderedComponent<CascadingValue<RoomViewer>> Panel(RoomViewer viewer, RoomPageModel model) => Render<CascadingValue<RoomViewer>>(parameters => parameters
        .Add(p => p.Value, viewer)
        .AddChildContent<ActionsPanel>(child => child.Add(p => p.Model, model)));
}
