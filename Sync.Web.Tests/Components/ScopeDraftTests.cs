using Sync.Engine.Primitives.Access;
using Sync.Web.Components.Manage;

namespace Sync.Web.Tests.Components;

/// <summary>The scope builder: what its controls add up to.</summary>
public sealed class ScopeDraftTests
{
    [Fact]
    public void Draft_Untouched_HasNoTextAndSaysWhy()
    {
        var draft = new ScopeDraft();

        Assert.Equal("", draft.Text);
        Assert.Equal("Pick at least one thing.", draft.Missing);
    }

    [Theory]
    [InlineData(true, AccessLevel.None, "create_rooms")]
    [InlineData(false, AccessLevel.Read, "rooms:*:read")]
    [InlineData(true, AccessLevel.Write, "create_rooms rooms:*:write")]
    [InlineData(true, AccessLevel.Admin, "create_rooms rooms:*")]
    public void Draft_WithoutSingleRooms_AddsUpToCanonicalText(bool creates, AccessLevel everywhere, string expected)
    {
        var draft = new ScopeDraft { CreatesRooms = creates, Everywhere = everywhere };

        Assert.Equal(expected, draft.Text);
        Assert.Null(draft.Missing);
    }

    [Theory]
    [InlineData(RoomChoice.Read, "rooms:lab:read")]
    [InlineData(RoomChoice.Write, "rooms:lab:write")]
    [InlineData(RoomChoice.Everything, "rooms:lab")]
    [InlineData(RoomChoice.Agent, "rooms:lab:agent:ada")]
    public void Room_EachChoice_HasItsGrant(RoomChoice choice, string expected)
    {
        var draft = new ScopeDraft();
        draft.Room("lab").Choice = choice;
        draft.Room("lab").Agent = " ada ";

        Assert.Equal(expected, draft.Text);
    }

    [Fact]
    public void Draft_OfSingleViews_KeepsThemAndLetsSomeGo()
    {
        var draft = ScopeDraft.Of("rooms:lab:view:a%20b rooms:lab:view:z rooms:other:read");
        Assert.Equal(RoomChoice.Views, draft.Room("lab").Choice);
        Assert.Equal("rooms:lab:view:a%20b rooms:lab:view:z rooms:other:read", draft.Text);

        draft.Room("lab").Hidden.Add("z");
        Assert.Equal("rooms:lab:view:a%20b rooms:other:read", draft.Text);
        draft.Room("lab").Hidden.Add("a b");
        Assert.Equal("rooms:other:read", draft.Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("two words")]
    [InlineData("ada rooms:*")]
    public void Room_WithoutAPossibleAgent_IsMissingOne(string agent)
    {
        var draft = new ScopeDraft { CreatesRooms = true };
        draft.Room("lab").Choice = RoomChoice.Agent;
        draft.Room("lab").Agent = agent;

        Assert.Equal("", draft.Text);
        Assert.StartsWith("Name the agent to act as in lab", draft.Missing, StringComparison.Ordinal);
    }

    [Fact]
    public void Room_BelowWhatHoldsEverywhere_IsLeftOut()
    {
        var draft = new ScopeDraft { Everywhere = AccessLevel.Write };
        draft.Room("lab").Choice = RoomChoice.Read;

        Assert.Equal("rooms:*:write", draft.Text);
    }

    [Theory]
    [InlineData("create_rooms")]
    [InlineData("rooms:*:read rooms:lab rooms:x:agent:ada")]
    [InlineData("rooms:a:read rooms:b:write rooms:c")]
    [InlineData("create_rooms rooms:*")]
    public void Draft_OfAScope_GivesThatScopeBack(string text) => Assert.Equal(text, ScopeDraft.Of(text).Text);

    [Fact]
    public void Draft_OfAScope_CanBeNarrowed()
    {
        var draft = ScopeDraft.Of("rooms:a rooms:b:write");

        draft.Room("a").Choice = RoomChoice.None;

        Assert.Equal("rooms:b:write", draft.Text);
    }
}
