using System.Text.Json;
using System.Text.Json.Nodes;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard;
using Sync.Web.Components.Dashboard.Actions;
using Sync.Web.Components.Dashboard.Views;
using Sync.Web.Components.Layout.Palette;
using Sync.Web.Tests.Hosting;
using TestContext = Xunit.TestContext;

namespace Sync.Web.Tests.Components.Dashboard;

/// <summary>Actions and views registered, changed and deleted from the page, on the real engine.</summary>
public sealed class DefinitionTests : BunitContext
{
    private const string RichAction = """
        {
          "id": "rich", "scope": "_shared", "description": "Does much.\nAnd more. ",
          "params": {
            "s": {"type": "string", "required": true, "min_length": 1, "max_length": 20, "pattern": "^[a-z]+$", "description": "a word"},
            "n": {"type": "number", "default": 1.50, "minimum": 0, "maximum": 1e3},
            "i": {"type": "integer", "enum": [1, 2, 3]},
            "b": {"type": "boolean", "default": false},
            "l": {"type": "array", "items": {"type": "string"}, "default": []},
            "o": {"type": "object", "default": {"a": null}},
            "x": {"type": "any"},
            "p": {"type": "string", "secret": true},
            "u": {}
          },
          "if": "params.s != 'no' &&\n  state._shared.phase != \"closed\"", "enabled": " state._shared.off != true", "result": "state._shared.count",
          "writes": [
            {"scope": "self", "key": "seen", "value": "${now}"},
            {"key": "sum", "value": "int(params.n) + 1", "expr": true, "if_version": ""},
            {"scope": "_o", "key": "${params.s}", "merge": {"by": "${self}", "gone": null}},
            {"key": "count", "increment": true},
            {"key": "list", "append": true, "value": {"v": "${params.x}"}},
            {"scope": "_rows", "append": true, "value": "${params.s}"},
            {"key": "old", "delete": true},
            {"key": "task", "path": "owner.name", "value": "${self}", "timer": {"ms": 60000, "effect": "delete"}, "enabled": "state._shared.count > 0"}
          ],
          "timer": {"ticks": 5, "tick_on": "_shared.count", "effect": "delete"},
          "on_invoke": {"timer": {"ms": 5000, "effect": "enable"}}
        }
        """;

    private const string RichView = """
        {
          "id": "rich", "expr": " size(state._shared) +\n  1 ", "scope": "_shared", "description": "How much there is. ", "enabled": "state._shared.off != true",
          "render": {"type": "metric", "label": "Size", "order": 1.0, "group": "G", "unit": "", "temporal": true, "format": null},
          "timer": {"ms": 600000, "effect": "delete"}
        }
        """;

    private readonly SyncHost _host;

    public DefinitionTests(SyncHost host)
    {
        _host = host;
        Services.AddSingleton(TimeProvider.System);
        Services.AddScoped<RoomInView>();
        Services.AddMudServices();
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Editor_OfAnAction_SavedUntouched_KeepsEveryField()
    {
        var (viewer, _) = await RoomAsync();
        await InvokeAsync(viewer, "_register_action", RichAction);
        var before = (await ModelAsync(viewer)).Actions.Single();
        var editor = Editor(viewer, await ModelAsync(viewer), child => child.Add(p => p.Action, before));

        editor.Find("form").Submit();
        editor.WaitForAssertion(() => Assert.Contains("Registered.", editor.Markup, StringComparison.Ordinal));

        var after = (await ModelAsync(viewer)).Actions.Single();
        AssertSame(before.Definition, after.Definition);
        AssertHolds(RichAction, after.Definition);
    }

    [Fact]
    public async Task Editor_OfAView_SavedUntouched_KeepsEveryField()
    {
        var (viewer, _) = await RoomAsync();
        await InvokeAsync(viewer, "_register_view", RichView);
        var before = (await ModelAsync(viewer)).Views.Single();
        var editor = Editor(viewer, await ModelAsync(viewer), child => child.Add(p => p.View, before));

        editor.Find("form").Submit();
        editor.WaitForAssertion(() => Assert.Contains("Registered.", editor.Markup, StringComparison.Ordinal));

        var after = (await ModelAsync(viewer)).Views.Single();
        AssertSame(before.Definition!, after.Definition!); // A registered view has one.
        AssertHolds(RichView, after.Definition!);
    }

    [Theory]
    [InlineData("params.n > 1", "It can be read.")]
    [InlineData("params.n > ", "ends too early")]
    [InlineData("params.absent > 1", "There is no parameter 'absent'")]
    public async Task Editor_OfAnAction_SaysOfItsConditionAsItIsTypedWhetherItCanBeRead(string condition, string expected)
    {
        var (viewer, _) = await RoomAsync();
        var editor = Editor(viewer, await ModelAsync(viewer), static _ => { });
        editor.Find("textarea[id$='-params']").Change("""{"n":{"type":"number"}}""");

        editor.Find("textarea[id$='-if']").Input(condition);

        editor.WaitForAssertion(() => Assert.Contains(expected, editor.Find("div.param:has(textarea[id$='-if'])").TextContent, StringComparison.Ordinal), TimeSpan.FromMinutes(1));
        Assert.Empty((await ModelAsync(viewer)).Actions);
    }

    [Fact]
    public async Task Editor_WithOneFieldChanged_KeepsTheOthers()
    {
        var (viewer, _) = await RoomAsync();
        await InvokeAsync(viewer, "_register_view", RichView);
        var before = (await ModelAsync(viewer)).Views.Single();
        var editor = Editor(viewer, await ModelAsync(viewer), child => child.Add(p => p.View, before));

        await Labelled(editor, "Expression").InputAsync("41 + 1");
        editor.Find("form").Submit();
        editor.WaitForAssertion(() => Assert.Contains("Registered.", editor.Markup, StringComparison.Ordinal));

        var after = (await ModelAsync(viewer)).Views.Single();
        Assert.Equal("42", after.Value);
        var expected = (JsonObject)JsonNode.Parse(before.Definition!)!; // A registered view has one.
        expected["expr"] = "41 + 1";
        AssertSame(expected.ToJsonString(), after.Definition!);
    }

    [Fact]
    public async Task Editor_OfAnAgentsView_SavedByTheOwner_LeavesItTheAgents()
    {
        var (viewer, room) = await RoomAsync();
        var alice = await room.JoinAsync("alice");
        (await room.InvokeAsync("_register_view", new { id = "mood", scope = "self", expr = "state[\"alice\"] == null" }, alice)).AssertOk();
        var model = await ModelAsync(viewer);
        var editor = Editor(viewer, model, child => child.Add(p => p.View, model.Views.Single()));
        Assert.Contains("alice", editor.Find(".form-actions").TextContent, StringComparison.Ordinal);

        editor.Find("form").Submit();
        editor.WaitForAssertion(() => Assert.Contains("Registered.", editor.Markup, StringComparison.Ordinal));

        Assert.Equal("alice", (await ModelAsync(viewer)).Views.Single().Scope);
    }

    [Fact]
    public async Task Editor_OfAView_ShowsItsValueWhileItIsWritten()
    {
        var (viewer, _) = await RoomAsync();
        await InvokeAsync(viewer, "_register_view", """{"id": "one", "expr": "1"}""");
        var model = await ModelAsync(viewer);
        var editor = Editor(viewer, model, child => child.Add(p => p.NewView, true));

        await Labelled(editor, "Expression").InputAsync("[views.one, 40 + 2]");
        Assert.Equal("[1,42]", editor.Find(".view-preview .json").TextContent.Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal));

        await Labelled(editor, "Expression").InputAsync("1 +* 2");
        Assert.Equal("1 +* 2\n   ^", editor.Find(".caret").TextContent.TrimEnd());
        Assert.Empty(editor.FindAll(".view-preview"));
        Assert.Equal(model.Seq, (await ModelAsync(viewer)).Seq);
    }

    [Fact]
    public async Task Editor_OfAView_WithAWrongExpression_SavesNothing()
    {
        var (viewer, _) = await RoomAsync();
        var editor = Editor(viewer, await ModelAsync(viewer), child => child.Add(p => p.NewView, true));
        await Labelled(editor, "Id").ChangeAsync("wrong");
        await Labelled(editor, "Expression").InputAsync("state._shared.filter(k k)");

        editor.Find("form").Submit();

        editor.WaitForAssertion(() => Assert.Contains("^", editor.Find(".caret").TextContent, StringComparison.Ordinal));
        Assert.Empty((await ModelAsync(viewer)).Views);
    }

    [Fact]
    public async Task Panel_Deleting_AsksOnceAndDeletes()
    {
        var (viewer, _) = await RoomAsync();
        await InvokeAsync(viewer, "_register_view", RichView);
        var panel = Panel(viewer, await ModelAsync(viewer));
        panel.Find(".view .key-button").Click();

        await panel.FindAll("button").Single(button => button.TextContent.Trim() == "Delete").ClickAsync(new());
        Assert.NotEmpty((await ModelAsync(viewer)).Views);
        await panel.FindAll(".confirm button").Single(button => button.TextContent.Trim() == "Delete").ClickAsync(new());

        Assert.Empty(panel.FindAll(".refusal"));
        Assert.Empty((await ModelAsync(viewer)).Views);
    }

    [Fact]
    public async Task Panel_OffersChangingOnlyToWhoMay()
    {
        var (owner, room) = await RoomAsync();
        var alice = await room.JoinAsync("alice");
        (await room.InvokeAsync("_register_view", new { id = "alices", scope = "self", expr = "1" }, alice)).AssertOk();
        (await room.InvokeAsync("_register_view", new { id = "shared", expr = "1" }, alice)).AssertOk();
        var participant = await ViewerAsync(room, "participant");
        await InvokeAsync(participant, "_register_view", """{"id": "own", "expr": "1"}""");
        var collaborator = await ViewerAsync(room, "collaborator");
        var stranger = await ViewerAsync(room, "participant");
        var observer = await ViewerAsync(room, "observer");

        Assert.Equal(["alices", "own", "shared"], await ChangeableAsync(owner));
        Assert.Equal(["own", "shared"], await ChangeableAsync(collaborator));
        Assert.Equal(["own"], await ChangeableAsync(participant));
        Assert.Empty(await ChangeableAsync(stranger));
        Assert.Empty(await ChangeableAsync(observer));
        Assert.DoesNotContain(Panel(observer, await ModelAsync(observer)).FindAll("button"), button => button.TextContent.StartsWith("New", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Panel_OfAViewThatIsNotShown_HasItForWhoMayBringItBack()
    {
        var (owner, room) = await RoomAsync();
        await InvokeAsync(owner, "_register_view", """{"id": "later", "expr": "1", "enabled": "state._shared.open == true", "render": {"type": "metric"}}""");
        var observer = await ViewerAsync(room, "observer");
        Assert.Empty(Panel(observer, await ModelAsync(observer)).FindAll(".view"));

        var panel = Panel(owner, await ModelAsync(owner));
        panel.Find(".view .key-button").Click();
        Assert.Contains("state._shared.open == true", panel.Find(".view-detail").TextContent, StringComparison.Ordinal);
        panel.FindAll("button").Single(button => button.TextContent == "Edit").Click();
        var shown = panel.FindAll("label").Single(label => label.TextContent == "Shown when").GetAttribute("for");
        await panel.Find($"#{shown}").ChangeAsync("");
        panel.Find("form").Submit();
        panel.WaitForAssertion(() => Assert.Contains("Registered.", panel.Markup, StringComparison.Ordinal));

        Assert.Equal("1", (await ModelAsync(owner)).Views.Single().Value);
    }

    [Fact]
    public async Task Panel_InThePast_OffersNothing()
    {
        var (viewer, _) = await RoomAsync();
        await InvokeAsync(viewer, "_register_view", RichView);
        var seq = (await ModelAsync(viewer)).Seq;
        await InvokeAsync(viewer, "_send_message", """{"body": "later"}""");
        var past = (await viewer.Engine.Live.AtAsync(viewer.Caller, viewer.Room, seq, Cancel)).Value;

        var panel = Panel(viewer, past);
        panel.Find(".view .key-button").Click();

        Assert.DoesNotContain(panel.FindAll("button"), button => button.TextContent.Trim() is "Edit" or "Delete" || button.TextContent.StartsWith("New", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Panel_RefusedAllTheSame_SaysSo()
    {
        var (owner, room) = await RoomAsync();
        await InvokeAsync(owner, "_register_view", RichView);
        var participant = await ViewerAsync(room, "participant");

        // The page model from before, when the person had a higher role.
        var panel = Panel(participant, await ModelAsync(owner));
        panel.Find(".view .key-button").Click();
        panel.FindAll("button").Single(button => button.TextContent.Trim() == "Delete").Click();
        panel.FindAll(".confirm button").Single(button => button.TextContent.Trim() == "Delete").Click();

        panel.WaitForAssertion(() => Assert.Contains("view_owned", panel.Find(".refusal").TextContent, StringComparison.Ordinal));
        Assert.NotEmpty((await ModelAsync(owner)).Views);
    }

    [Fact]
    public async Task Panel_ActingAsAnother_OffersWhatThatOneMay()
    {
        var (_, room) = await RoomAsync();
        var user = SyncHost.NewName("member");
        await _host.MintAsync(user);
        Assert.Equal(200, (await room.Owner.PostAsync(room.Path + "/invite", new { username = user, role = "participant" })).Status);
        var client = _host.Client(await _host.MintAsync(user));
        Assert.Equal(201, (await client.PostAsync(room.Path + "/agents", new { id = "second" })).Status);
        var viewer = await ViewerOfAsync(room, user);
        viewer.ActAs = "second";
        await InvokeAsync(viewer, "_register_view", """{"id": "seconds", "expr": "1"}""");
        viewer.ActAs = null;

        var panel = Panel(viewer, await ModelAsync(viewer));
        panel.Find(".view .key-button").Click();
        Assert.Empty(panel.FindAll(".definition-tools"));

        await panel.WaitForElement("select[aria-label='Act as']").ChangeAsync("second");
        panel.WaitForAssertion(() => Assert.Single(panel.FindAll(".definition-tools")));
    }

    private static void AssertSame(string expected, string actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), $"{expected}\nis not\n{actual}");

    // Every field that was given is there as it was given; who registered it is added.
    private static void AssertHolds(string given, string definition)
    {
        var stored = (JsonObject)JsonNode.Parse(definition)!; // A definition is an object.
        stored.Remove("registered_by");
        stored.Remove("registered_level");
        stored.Remove("registered_user");
        AssertSame(given, stored.ToJsonString());
    }

    private static AngleSharp.Dom.IElement Labelled(IRenderedComponent<CascadingValue<RoomViewer>> editor, string label)
    {
        var id = editor.FindAll("label").Single(candidate => candidate.TextContent == label).GetAttribute("for");
        return editor.Find($"#{id}");
    }

    private static async Task InvokeAsync(RoomViewer viewer, string action, string parameters) =>
        Assert.Null((await viewer.Engine.Actions.InvokeAsync(viewer.Caller, viewer.Room, action, new InvokeRequest { Params = JsonElement.Parse(parameters), Agent = viewer.ActAs }, Cancel)).Error);

    private static async Task<RoomPageModel> ModelAsync(RoomViewer viewer)
    {
        using var watch = (await viewer.Engine.Live.WatchAsync(viewer.Caller, viewer.Room, Cancel)).Value;
        return watch.Current;
    }

    private async Task<IEnumerable<string>> ChangeableAsync(RoomViewer viewer)
    {
        var panel = Panel(viewer, await ModelAsync(viewer));
        var changeable = new List<string>();
        foreach (var view in new[] { "alices", "own", "shared" })
        {
            panel.FindAll(".view .key-button").Single(button => button.TextContent == view).Click();
            if (panel.FindAll(".view-detail button").Any(button => button.TextContent == "Edit"))
            {
                changeable.Add(view);
            }
        }

        return changeable;
    }

    private async Task<(RoomViewer Viewer, TestRoom Room)> RoomAsync()
    {
        var room = await _host.RoomAsync();
        return (await ViewerOfAsync(room, room.OwnerName), room);
    }

    private async Task<RoomViewer> ViewerAsync(TestRoom room, string role)
    {
        var user = SyncHost.NewName("member");
        await _host.MintAsync(user);
        Assert.Equal(200, (await room.Owner.PostAsync(room.Path + "/invite", new { username = user, role })).Status);
        return await ViewerOfAsync(room, user);
    }

    private async Task<RoomViewer> ViewerOfAsync(TestRoom room, string user) =>
        new(_host.Engine, (await _host.Engine.Access.AuthenticateAsync(await _host.MintAsync(user), Cancel)).Value, room.Id);

    private IRenderedComponent<CascadingValue<RoomViewer>> Editor(RoomViewer viewer, RoomPageModel model, Action<ComponentParameterCollectionBuilder<DefinitionEditor>> of) =>
        Render<CascadingValue<RoomViewer>>(parameters => parameters.Add(p => p.Value, viewer).AddChildContent<DefinitionEditor>(child => of(child.Add(p => p.Model, model))));

    private IRenderedComponent<CascadingValue<RoomViewer>> Panel(RoomViewer viewer, RoomPageModel model) => Render<CascadingValue<RoomViewer>>(parameters => parameters
        .Add(p => p.Value, viewer)
        .AddChildContent<ViewsPanel>(child => child.Add(p => p.Model, model)));
}
