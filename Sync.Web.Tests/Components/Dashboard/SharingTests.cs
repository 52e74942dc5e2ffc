using Bunit;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Web.Components.Dashboard;
using Sync.Web.Components.Dashboard.Members;
using Sync.Web.Components.Dashboard.Sharing;

namespace Sync.Web.Tests.Components.Dashboard;

/// <summary>Share links that show single surfaces: the form that makes them, and the page that they open.</summary>
public sealed class SharingTests
{
    private const string Secret = "for us alone";

    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task Form_SurfacesTicked_MakesALinkThatShowsTheseAlone()
    {
        await using var bench = await RoomAsync();
        var panel = bench.Show<MembersPanel>(await bench.ModelAsync());

        Assert.True(Radio(panel, "Only these surfaces").HasAttribute("checked"));
        Assert.True(Submit(panel).HasAttribute("disabled"));
        await Box(panel, "Score").ChangeAsync(new ChangeEventArgs { Value = true });
        await Box(panel, "Talk").ChangeAsync(new ChangeEventArgs { Value = true });
        await panel.Find(".share-form .mud-input-control input").InputAsync("Client");
        await panel.Find(".share-form").SubmitAsync();

        await panel.WaitForAssertionAsync(() => Assert.NotEmpty(panel.FindAll("#share-link")));
        var link = panel.Find("#share-link").TextContent;
        var reader = (await bench.Engine.Access.AuthenticateAsync(link[(link.IndexOf('=') + 1)..], Cancel)).Value;
        using var watch = (await bench.Engine.Live.WatchAsync(reader, "r", Cancel)).Value;
        Assert.Equal(["score", "talk"], watch.Current.Shows);
        var line = panel.Find(".share-row").TextContent;
        Assert.Contains("Client", line, StringComparison.Ordinal);
        Assert.Contains("2 surfaces: Score, Talk", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Form_Groups_StandUnderTheirHeadings()
    {
        await using var bench = await RoomAsync();
        var panel = bench.Show<MembersPanel>(await bench.ModelAsync());

        var groups = panel.FindAll(".share-form .pick-surfaces").Select(group => (group.QuerySelector("legend")!.TextContent, string.Join(' ', group.QuerySelectorAll(".pick > span").Select(label => label.FirstChild!.TextContent.Trim())))); // Every group has a heading, every choice a label.
        Assert.Equal([("Figures", "Score"), ("Surfaces", "Levers Parts inner Talk Watched")], groups.OrderBy(group => group.TextContent));
    }

    [Fact]
    public async Task Form_WithATokenOfTheRoom_SaysThatALinkNeedsAPerson()
    {
        await using var bench = await RoomAsync();
        bench.Sit(Caller.System("room"));

        var panel = bench.Show<MembersPanel>(await bench.ModelAsync());

        Assert.Empty(panel.FindAll(".share-form"));
        Assert.Contains("which has no user", panel.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Draft_SectionTicked_TicksWhatItGathers()
    {
        ShareChoice[] choices =
        [
            new("section", "Section", null, ["inner", "deeper", "section"], null), new("inner", "Inner", null, [], null), new("deeper", "Deeper", null, ["section", "leaf"], null),
            new("leaf", "Leaf", null, [], null), new("other", "Other", null, [], null),
        ];
        var draft = new ShareDraft { OnlySurfaces = true };
        Assert.Null(draft.Request("r", choices));

        draft.Tick(choices[0], on: true, choices);
        Assert.Equal("rooms:r:view:deeper rooms:r:view:inner rooms:r:view:leaf rooms:r:view:section", draft.Request("r", choices)!.Scope);

        draft.Tick(choices[1], on: false, choices);
        Assert.False(draft.Has("inner"));
        draft.Tick(choices[0], on: false, choices);
        Assert.Null(draft.Request("r", choices));
    }

    [Fact]
    public void Draft_AsItIs_AsksForTheLeastAndForSevenDays()
    {
        ShareChoice one = new("score", "Score", null, [], null), other = new("queue", "Queue", null, [], null);
        Assert.Null(new ShareDraft().Request("r", [one, other]));

        // A room that has one surface leaves nothing to choose.
        var draft = new ShareDraft();
        draft.TickOnly([one]);
        Assert.Equal(new MintToken { Scope = "rooms:r:view:score", Label = "Share link", ExpiresIn = TimeSpan.FromDays(7) }, draft.Request("r", [one]));
        draft = new ShareDraft();
        draft.TickOnly([one, other]);
        Assert.Null(draft.Request("r", [one, other]));
    }

    [Fact]
    public void Draft_OfEverything_AsksForReading()
    {
        Assert.Equal(new MintToken { Scope = "rooms:a:read:read", Label = "Share link" }, new ShareDraft { OnlySurfaces = false, Hours = 0 }.Request("a:read", []));
        Assert.Equal(
            new MintToken { Scope = "rooms:r:read", Label = "Share link: Board", ExpiresIn = TimeSpan.FromDays(1) },
            new ShareDraft { OnlySurfaces = false, Name = " Board ", Hours = 24 }.Request("r", []));
    }

    [Fact]
    public async Task Page_OfALink_DrawsWhatItShowsAndNothingElse()
    {
        await using var bench = await RoomAsync();
        bench.Sit(await SharedAsync(bench, "score", "parts", "inner", "talk", "watched", "levers", "plain"));

        var page = bench.Show<SharedBoard>(await bench.ModelAsync());

        Assert.Equal("7", page.Find("[data-view=score] .metric-value").TextContent);
        Assert.Equal(["inner"], page.FindAll("[data-view=parts] .surfaces-inner > [data-view]").Select(inner => inner.GetAttribute("data-view")));
        Assert.Contains("Its messages are not part", page.Find("[data-view=talk]").TextContent, StringComparison.Ordinal);
        Assert.Contains("Its entries are not part", page.Find("[data-view=watched]").TextContent, StringComparison.Ordinal);
        Assert.Contains("Nothing can be done", page.Find("[data-view=levers]").TextContent, StringComparison.Ordinal);
        Assert.NotEmpty(page.FindAll("[data-view=plain]"));
        Assert.Empty(page.FindAll("button, input, [data-view=hidden]"));
        Assert.DoesNotContain(Secret, page.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("Our board", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_OfALinkToWhatIsGone_SaysSo()
    {
        await using var bench = await RoomAsync();
        bench.Sit(await SharedAsync(bench, "nowhere"));

        Assert.Contains("Nothing that this link shows", bench.Show<SharedBoard>(await bench.ModelAsync()).Find(".empty").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Header_OfALink_SaysSharedViewAndNothingOfWhoIsThere()
    {
        await using var bench = await RoomAsync();
        bench.Sit(await SharedAsync(bench, "score"));
        await using var context = new BunitContext();
        var state = new PageState(PageStatus.Live, await bench.ModelAsync(), bench.Viewer, IsAudience: false, Refusal: null);

        var header = context.Render<RoomHeader>(parameters => parameters.Add(h => h.RoomId, "r").Add(h => h.Frame, state));

        Assert.Equal("Accessshared view", header.Find(".room-facts").TextContent.Trim());
    }

    private static AngleSharp.Dom.IElement Radio(IRenderedComponent<MembersPanel> panel, string words) => Input(panel, "radio", words);

    private static AngleSharp.Dom.IElement Box(IRenderedComponent<MembersPanel> panel, string words) => Input(panel, "checkbox", words);

    private static AngleSharp.Dom.IElement Submit(IRenderedComponent<MembersPanel> panel) => panel.Find(".share-form button[type=submit]");

    private static AngleSharp.Dom.IElement Input(IRenderedComponent<MembersPanel> panel, string type, string words) =>
        panel.FindAll(".share-form .pick").Single(label => label.TextContent.Trim().StartsWith(words, StringComparison.Ordinal)).QuerySelector($"input[type={type}]")!; // Every choice has one.

    private static async Task<Caller> SharedAsync(RoomBench bench, params string[] views)
    {
        var minted = (await bench.Engine.Tokens.MintAsync(bench.Owner, new MintToken { Scope = Scope.TextOf("r", views) }, Cancel)).Value;
        return (await bench.Engine.Access.AuthenticateAsync(minted.Secret, Cancel)).Value;
    }

    private static async Task<RoomBench> RoomAsync()
    {
        var bench = await RoomBench.OpenAsync();
        await bench.SetAsync("score", "7");
        await bench.SetAsync("note", $"\"{Secret}\"");
        await bench.SetAsync("_dashboard", """{"title":"Our board","surfaces":[]}""");
        await bench.InvokeAsync("_send_message", $$"""{"body":"{{Secret}}"}""");
        foreach (var view in (string[])
        [
            """{"id":"score","expr":"state._shared.score","render":{"type":"metric","label":"Score","group":"Figures","temporal":true,"order":1}}""",
            """{"id":"hidden","expr":"state._shared.note"}""",
            """{"id":"plain","expr":"[1,2,3]"}""",
            """{"id":"levers","expr":"true","render":{"type":"action-bar","label":"Levers","actions":["set"],"order":2}}""",
            """{"id":"parts","expr":"true","render":{"type":"section","label":"Parts","views":["inner","hidden_inner"],"order":3}}""",
            """{"id":"inner","expr":"1"}""",
            """{"id":"talk","expr":"true","render":{"type":"feed","label":"Talk","order":4}}""",
            """{"id":"watched","expr":"true","render":{"type":"watch","label":"Watched","keys":["_shared.note"],"order":5}}""",
        ])
        {
            await bench.InvokeAsync("_register_view", view);
        }

        return bench;
    }
}
