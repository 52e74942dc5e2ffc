using System.Globalization;
using System.Text.Json;
using AngleSharp.Dom;
using Bunit;
using Sync.Engine.Services.Packs;
using Sync.Web.Components.Connect;
using Sync.Web.Components.Dashboard;
using Sync.Web.Components.Pages;
using Sync.Web.Tests.Components.Dashboard;

namespace Sync.Web.Tests.Components.Connect;

/// <summary>What a pack is said to bring is what it brings, and an empty room offers it to who may put it in.</summary>
public sealed class TemplateTests
{
    public static TheoryData<string> Names => [.. PackService.BuiltIn];

    [Theory]
    [MemberData(nameof(Names))]
    public void Outline_OfAPack_IsItsDocuments(string name)
    {
        var document = JsonElement.Parse(PackService.Document(name)!); // It is built in.
        var outline = Template.Find(name)!.Pack; // As above.

        Assert.Equal(document.GetProperty("description").GetString(), outline.Description);
        Assert.Equal(document.GetProperty("version").GetString(), outline.Version);
        Assert.Equal(document.GetProperty("actions").EnumerateArray().Select(Id), outline.Actions.Select(static action => action.Id));
        Assert.Equal(document.GetProperty("views").EnumerateArray().Select(Id), outline.Views.Select(static view => view.Id));
        Assert.Equal(document.GetProperty("actions").EnumerateArray().Where(static action => action.TryGetProperty("approve", out _)).Select(Id), outline.Actions.Where(static action => action.Asks).Select(static action => action.Id));
        Assert.Equal(document.GetProperty("views").EnumerateArray().Where(static view => view.TryGetProperty("render", out _)).Select(Id), outline.Views.Where(static view => view.Surface is not null).Select(static view => view.Id));
        Assert.Equal(document.GetProperty("help").EnumerateObject().Select(static help => help.Name), outline.Help);
        Assert.Contains($"{outline.Actions.Length} actions", Template.Find(name)!.Sum, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preview_WhereListAndPreviewAreOneColumn_StandsBelowWhatIsChosen()
    {
        await using var context = new BunitContext();
        foreach (var chosen in (Template?[])[null, .. Template.All])
        {
            var shown = context.Render<TemplateGallery>(parameters => parameters.Add(gallery => gallery.Legend, "Begin with").Add(gallery => gallery.WithEmpty, true).Add(gallery => gallery.Chosen, chosen));

            var ordered = shown.FindAll(".template, .template-preview").OrderBy(static part => int.Parse(part.GetAttribute("style")!["order: ".Length..], CultureInfo.InvariantCulture)).ToList(); // Each has one.
            var preview = ordered.FindIndex(static part => part.ClassName == "template-preview");
            Assert.Equal(chosen?.Pack.Name ?? "", ordered[preview - 1].QuerySelector("input")!.GetAttribute("value")); // A choice is an input.
            Assert.Equal(["", .. Template.All.Select(static template => template.Pack.Name)], ordered.Where(static part => part.ClassName == "template").Select(static part => part.QuerySelector("input")!.GetAttribute("value")));
        }
    }

    [Fact]
    public void Template_OfNoPack_IsNone() => Assert.Null(Template.Find("no such"));

    [Fact]
    public async Task EmptyRoom_GivenAPack_IsNotEmptyAnyMore()
    {
        await using var bench = await EmptyAsync();
        var panel = bench.Show<EmptyRoom>(await bench.ModelAsync());
        Assert.True(RoomStart.IsEmpty(await bench.ModelAsync()));

        await panel.Find("input[value=vote]").ChangeAsync(new() { Value = "vote" });
        Assert.Contains("open_ballot", panel.Find(".template-preview").TextContent, StringComparison.Ordinal);
        await panel.FindAll("button").Single(button => button.TextContent.Trim() == "Put Vote in").ClickAsync();

        var model = await bench.ModelOnceAsync(model => !model.Packs.IsEmpty);
        Assert.Equal("vote", Assert.Single(model.Packs).Name);
        Assert.False(RoomStart.IsEmpty(model));
    }

    [Fact]
    public async Task EmptyRoom_BeforeAReader_OffersNothingToDo()
    {
        await using var bench = await EmptyAsync();
        bench.Sit(await bench.ReaderAsync());

        var panel = bench.Show<EmptyRoom>(await bench.ModelAsync());

        Assert.Contains("Nothing is here yet", panel.Markup, StringComparison.Ordinal);
        Assert.Empty(panel.FindAll("button"));
        Assert.Empty(panel.FindAll("input"));
        Assert.DoesNotContain(panel.FindAll("a"), link => link.GetAttribute("href")!.Contains("connect", StringComparison.Ordinal)); // Links have addresses.
    }

    [Fact]
    public void Room_WithAnythingInIt_IsNotEmpty()
    {
        var empty = DesignRoom.Model with { Actions = [], Views = [], Entries = [], Packs = [] };

        Assert.True(RoomStart.IsEmpty(empty));
        Assert.False(RoomStart.IsEmpty(empty with { IsPast = true }));
        Assert.False(RoomStart.IsEmpty(empty with { Shows = ["score"] }));
        Assert.False(RoomStart.IsEmpty(empty with { Actions = DesignRoom.Model.Actions }));
        Assert.False(RoomStart.IsEmpty(empty with { Views = DesignRoom.Model.Views }));
        Assert.False(RoomStart.IsEmpty(empty with { Entries = DesignRoom.Model.Entries }));
        Assert.True(RoomStart.IsEmpty(empty with { Entries = [DesignRoom.Model.Entries[0] with { Scope = "ada" }] }));
    }

    private static string? Id(JsonElement definition) => definition.GetProperty("id").GetString();

    private static async Task<RoomBench> EmptyAsync()
    {
        var bench = await RoomBench.OpenAsync();
        await bench.InvokeAsync("_delete_action", """{"id":"set"}""");
        return bench;
    }
}
