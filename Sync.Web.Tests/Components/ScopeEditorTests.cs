using AngleSharp.Dom;
using Bunit;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Rooms;
using Sync.Web.Components.Manage;

namespace Sync.Web.Tests.Components;

/// <summary>The controls of the scope builder.</summary>
public sealed class ScopeEditorTests : BunitContext
{
    [Fact]
    public void Editor_WithChoices_ShowsTheTextTheyAddUpTo()
    {
        var draft = new ScopeDraft();
        var editor = Editor(draft, Room("lab", AccessLevel.Admin), Room("desk", AccessLevel.Write));
        Assert.Contains("Pick at least one thing.", editor.Markup, StringComparison.Ordinal);

        editor.Find("input[type=checkbox]").Change(true);
        RoomSelect(editor, "lab").Change(nameof(RoomChoice.Read));

        Assert.Equal("create_rooms rooms:lab:read", editor.Find("[data-testid=scope-text]").TextContent);
    }

    [Fact]
    public void Editor_ForOneAgent_AsksWhichOne()
    {
        var draft = new ScopeDraft();
        var editor = Editor(draft, Room("lab", AccessLevel.Write));

        RoomSelect(editor, "lab").Change(nameof(RoomChoice.Agent));
        Assert.Contains("Name the agent to act as in lab", editor.Markup, StringComparison.Ordinal);
        editor.Find("input[aria-label='Agent to act as in lab']").Input("ada");

        Assert.Equal("rooms:lab:agent:ada", editor.Find("[data-testid=scope-text]").TextContent);
    }

    [Theory]
    [InlineData(AccessLevel.Read, "None Read")]
    [InlineData(AccessLevel.Write, "None Read Write Agent")]
    [InlineData(AccessLevel.Admin, "None Read Write Agent Everything")]
    public void Editor_OfARoom_OffersWhatTheRoleReaches(AccessLevel max, string expected)
    {
        var editor = Editor(new ScopeDraft(), Room("lab", max));

        Assert.Equal(expected, string.Join(' ', RoomSelect(editor, "lab").QuerySelectorAll("option").Select(option => option.GetAttribute("value"))));
    }

    [Fact]
    public void Editor_OfAScopeWithARoomOneHasLeft_StillShowsIt()
    {
        var editor = Editor(ScopeDraft.Of("rooms:gone:write"), Room("lab", AccessLevel.Admin));

        Assert.Equal(nameof(RoomChoice.Write), RoomSelect(editor, "gone").GetAttribute("value"));
    }

    [Fact]
    public void Editor_OfALinkToSurfaces_NarrowsItToSome()
    {
        var editor = Editor(ScopeDraft.Of("rooms:lab:view:x rooms:lab:view:y"), Room("lab", AccessLevel.Admin));
        Assert.Equal(nameof(RoomChoice.Views), RoomSelect(editor, "lab").GetAttribute("value"));

        editor.FindAll(".pick").Single(box => box.TextContent.Trim() == "y").QuerySelector("input")!.Change(false); // A choice has a box.

        Assert.Equal("rooms:lab:view:x", editor.Find("[data-testid=scope-text]").TextContent);
    }

    /// <summary>Of very many rooms the first are drawn; the others are found by their names, and what is chosen stays in sight.</summary>
    [Fact]
    public void Editor_OfVeryManyRooms_DrawsSomeAndFindsTheOthers()
    {
        var editor = Editor(ScopeDraft.Of("rooms:room-901:read"), [.. Enumerable.Range(0, 1_000).Select(i => Room($"room-{i}", AccessLevel.Admin))]);
        Assert.Equal(101, editor.FindAll(".pick-room").Count);
        Assert.Equal(nameof(RoomChoice.Read), RoomSelect(editor, "room-901").GetAttribute("value"));

        editor.Find("button").Click();
        Assert.Equal(201, editor.FindAll(".pick-room").Count);
        editor.Find("input[aria-label='Filter rooms']").Input("room-77");
        Assert.Equal(11, editor.FindAll(".pick-room").Count);
        RoomSelect(editor, "room-777").Change(nameof(RoomChoice.Write));

        Assert.Equal("rooms:room-777:write rooms:room-901:read", editor.Find("[data-testid=scope-text]").TextContent);
    }

    private static RoomInfo Room(string id, AccessLevel access) =>
        new() { Id = id, CreatedAt = DateTimeOffset.UnixEpoch, Join = JoinPolicy.Open, Access = access, Members = [] };

    private static IElement RoomSelect(IRenderedComponent<ScopeEditor> editor, string room) =>
        editor.FindAll(".pick-room").Single(line => line.QuerySelector(".pick-name")!.TextContent.Trim() == room).QuerySelector("select")!; // Every line has both.

    private IRenderedComponent<ScopeEditor> Editor(ScopeDraft draft, params RoomInfo[] rooms) =>
        Render<ScopeEditor>(parameters => parameters.Add(editor => editor.Draft, draft).Add(editor => editor.Rooms, new RoomFinder(
            (text, limit) => rooms.Where(room => room.Id.Contains(text, StringComparison.Ordinal)).ToList() is var found ? new RoomMatches([.. found.Take(limit)], found.Count > limit) : throw new InvalidOperationException(),
            id => Array.Find(rooms, room => room.Id == id))));
}
