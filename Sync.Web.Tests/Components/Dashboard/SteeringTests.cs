using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using Sync.Engine;
using Sync.Web.Components.Dashboard.Actions;
using Sync.Web.Components.Dashboard.Messages;
using Sync.Web.Components.Palette;
using Sync.Web.Live;
using Sync.Web.Tests.Hosting;
using TestContext = Xunit.TestContext;

namespace Sync.Web.Tests.Components.Dashboard;

/// <summary>Acting from the page, on the real engine.</summary>
public sealed class SteeringTests : BunitContext
{
    private readonly SyncHost _host;

    public SteeringTests(SyncHost host)
    {
        _host = host;
        Services.AddSingleton(TimeProvider.System);
        Services.AddScoped<RoomInView>();
        Services.AddMudServices();
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    [Fact]
    public async Task Form_PreviewedThenInvoked_ShowsTheWritesAndThenDoesThem()
    {
        var (seat, picture, _) = await RoomAsync();
        var form = Form(seat, picture, "put");
        form.Find("input, textarea").Change("seven");

        form.Find("button[type=button]").Click();
        form.WaitForAssertion(() => Assert.Contains("nothing has been written", form.Find(".run-report").TextContent, StringComparison.Ordinal));
        Assert.Contains("seven", form.Find("ins").TextContent, StringComparison.Ordinal);
        Assert.Empty((await PictureAsync(seat)).Entries.Where(entry => entry.Key == "k"));

        form.Find("form").Submit();
        form.WaitForAssertion(() => Assert.Contains("Done.", form.Find(".run-report").TextContent, StringComparison.Ordinal));
        Assert.Equal("\"seven\"", (await PictureAsync(seat)).Entries.Single(entry => entry.Key == "k").Value);
    }

    [Fact]
    public async Task Form_RefusedByTheGuard_ShowsWhichPartFails()
    {
        var (seat, picture, _) = await RoomAsync();
        var form = Form(seat, picture, "locked");

        form.Find("form").Submit();

        form.WaitForAssertion(() => Assert.Contains("precondition_failed", form.Find(".refusal").TextContent, StringComparison.Ordinal));
        Assert.Contains("state._shared.open == true", form.Find(".why-parts .fails").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Form_OfAnActionThatShowsWhatIsPrivate_AsksFirst()
    {
        var (seat, _, room) = await RoomAsync();
        await room.RegisterAsync(new { id = "show", writes = new object[] { new { key = "shown", value = "state.self.diary", expr = true } } }, await room.JoinAsync("mallory"));
        await room.RegisterAsync(new { id = "keep", writes = new object[] { new { scope = "${self}", key = "diary", value = "kept" } } });
        (await room.InvokeAsync("keep", new { })).AssertOk();
        var form = Form(seat, await PictureAsync(seat), "show");

        form.Find("form").Submit();
        form.WaitForAssertion(() => Assert.Contains("keep private", form.Find(".refusal").TextContent, StringComparison.Ordinal));
        Assert.Contains("kept", form.Find(".refusal ins").TextContent, StringComparison.Ordinal);
        form.Find(".refusal .quiet-button").Click();
        Assert.Empty(form.FindAll(".refusal"));
        Assert.Empty((await PictureAsync(seat)).Entries.Where(entry => entry.Key == "shown"));

        form.Find("form").Submit();
        form.WaitForElement(".refusal .primary-button").Click();
        form.WaitForAssertion(() => Assert.Contains("Done.", form.Find(".run-report").TextContent, StringComparison.Ordinal));
        Assert.Equal("\"kept\"", (await PictureAsync(seat)).Entries.Single(entry => entry.Key == "shown").Value);
    }

    [Fact]
    public async Task Form_ForAReader_IsClosedAndSaysWhy()
    {
        var (seat, picture, _) = await RoomAsync(reader: true);
        var form = Form(seat, picture, "put");

        Assert.True(form.Find("button[type=submit]").HasAttribute("disabled"));
        Assert.Contains("only read", form.Find(".why-not").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Form_InThePast_IsClosedAndSaysWhy()
    {
        var (seat, picture, room) = await RoomAsync();
        (await room.InvokeAsync("put", new { v = "later" })).AssertOk();
        var past = (await seat.Engine.Live.AtAsync(seat.Caller, seat.Room, picture.Seq, TestContext.Current.CancellationToken)).Value;

        var form = Form(seat, past, "put");

        Assert.True(form.Find("button[type=submit]").HasAttribute("disabled"));
        Assert.Equal("Nothing can be done in the past.", form.Find(".why-not").TextContent);
    }

    [Fact]
    public async Task Form_SubmittedByAReaderAllTheSame_ChangesNothing()
    {
        var (seat, picture, _) = await RoomAsync(reader: true);
        var refused = await seat.InvokeAsync("put", System.Text.Json.JsonElement.Parse("""{"v":"x"}"""), preview: false, picture, TestContext.Current.CancellationToken);

        Assert.Equal("read_only_token", refused.Error?.Code.Name);
    }

    [Fact]
    public async Task Panel_Opened_ExplainsAndOffersTheForm()
    {
        var (seat, picture, _) = await RoomAsync();
        var panel = Panel(seat, picture);

        panel.FindAll(".action .key-button").Single(button => button.TextContent == "locked").Click();

        panel.WaitForAssertion(() => Assert.Contains("state._shared.open == true", panel.Find(".why .why-parts .fails").TextContent, StringComparison.Ordinal));
        Assert.Single(panel.FindAll("form.action-form"));
    }

    [Fact]
    public async Task Panel_AskedByThePalette_OpensTheAction()
    {
        var (seat, picture, _) = await RoomAsync();
        var panel = Panel(seat, picture);

        Services.GetRequiredService<RoomInView>().AskFor("put");

        panel.WaitForAssertion(() => Assert.Equal("Invoke put", panel.Find("form.action-form").GetAttribute("aria-label")));
    }

    [Fact]
    public async Task ActAs_OffersTheAgentsOfTheRoom_AndIsKept()
    {
        var (seat, picture, _) = await RoomAsync();
        var panel = Panel(seat, picture);

        panel.WaitForElement("select[aria-label='Act as']").Change("alice");

        Assert.Equal("alice", seat.ActAs);
        var form = Form(seat, picture, "put");
        form.Find("input, textarea").Change("as alice");
        form.Find("form").Submit();
        form.WaitForAssertion(() => Assert.Contains("alice", form.Find(".run-report").TextContent, StringComparison.Ordinal));
        Assert.Equal("alice", (await PictureAsync(seat)).Entries.Single(entry => entry.Key == "k").Writer);
    }

    [Fact]
    public async Task Editor_CheckedWithABrokenGuard_ShowsTheCaretAndRegistersNothing()
    {
        var (seat, picture, _) = await RoomAsync();
        var editor = Render<CascadingValue<RoomSeat>>(parameters => parameters.Add(p => p.Value, seat).AddChildContent<DefinitionEditor>(child => child.Add(p => p.Picture, picture)));
        editor.FindAll("input")[0].Change("fresh");
        editor.FindAll("textarea")[2].Change("""[{"key":"x","value":1}]""");
        editor.FindAll("textarea")[3].Change("state._shared.a +");

        editor.FindAll("button").Single(button => button.TextContent == "Check").Click();
        editor.WaitForAssertion(() => Assert.Contains("^", editor.Find(".caret").TextContent, StringComparison.Ordinal));

        editor.FindAll("textarea")[3].Change("true");
        editor.Find("form").Submit();
        editor.WaitForAssertion(() => Assert.Contains("Registered.", editor.Markup, StringComparison.Ordinal));
        Assert.Contains((await PictureAsync(seat)).Actions, action => action.Id == "fresh");
    }

    [Fact]
    public async Task Composer_Sends_AndKeepsKindAndRecipient()
    {
        var (seat, picture, _) = await RoomAsync();
        var composer = Render<CascadingValue<RoomSeat>>(parameters => parameters.Add(p => p.Value, seat).AddChildContent<MessageComposer>(child => child.Add(p => p.Picture, picture)));
        composer.Find("select[aria-label='Direct to']").Change("alice");
        composer.Find("textarea").Change("For you.");

        composer.Find("form").Submit();

        composer.WaitForAssertion(() => Assert.Equal("", composer.Find("textarea").GetAttribute("value") ?? ""));
        var message = (await PictureAsync(seat)).Messages.Single();
        Assert.Equal(("For you.", "alice"), (message.Body, message.To.Single()));
        Assert.Contains("alice", composer.Find(".composer-to").TextContent, StringComparison.Ordinal);
    }

    private async Task<(RoomSeat Seat, RoomPicture Picture, TestRoom Room)> RoomAsync(bool reader = false)
    {
        var room = await _host.RoomAsync();
        await room.JoinAsync("alice");
        await room.RegisterAsync(new { id = "put", @params = new { v = new { type = "string", required = true } }, writes = new[] { new { key = "k", value = "${params.v}" } } });
        await room.RegisterAsync(new { id = "locked", @if = "self != null && state._shared.open == true", writes = new[] { new { key = "z", value = 1 } } });
        var caller = (await _host.Engine.Access.AuthenticateAsync(reader ? room.ViewToken : await _host.MintAsync(room.OwnerName), TestContext.Current.CancellationToken)).Value;
        var seat = new RoomSeat(_host.Engine, caller, room.Id);
        return (seat, await PictureAsync(seat), room);
    }

    private static async Task<RoomPicture> PictureAsync(RoomSeat seat)
    {
        using var watch = (await seat.Engine.Live.WatchAsync(seat.Caller, seat.Room, TestContext.Current.CancellationToken)).Value;
        return watch.Current;
    }

    private IRenderedComponent<CascadingValue<RoomSeat>> Form(RoomSeat seat, RoomPicture picture, string action) => Render<CascadingValue<RoomSeat>>(parameters => parameters
        .Add(p => p.Value, seat)
        .AddChildContent<ActionForm>(child => child.Add(p => p.Picture, picture).Add(p => p.Action, picture.Actions.Single(candidate => candidate.Id == action))));

    private IRenderedComponent<CascadingValue<RoomSeat>> Panel(RoomSeat seat, RoomPicture picture) => Render<CascadingValue<RoomSeat>>(parameters => parameters
        .Add(p => p.Value, seat)
        .AddChildContent<ActionsPanel>(child => child.Add(p => p.Picture, picture)));
}
