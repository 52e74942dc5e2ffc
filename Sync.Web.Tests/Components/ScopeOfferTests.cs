using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Web.Components.Account.Consent;

namespace Sync.Web.Tests.Components;

/// <summary>What a person can pick from when a program asks.</summary>
public sealed class ScopeOfferTests
{
    [Fact]
    public void Offer_OfEverything_PicksAllThatWasAsked()
    {
        var offer = new ScopeOffer(Grantable(["create_rooms", "rooms:*"], new GrantableRoom("lab", "The lab", AccessLevel.Write, null)), picked: null);

        Assert.True(offer.CreatesRooms);
        Assert.Equal(AccessLevel.Admin, offer.PickedEverywhere);
        var room = Assert.Single(offer.Rooms);
        Assert.Null(room.Picked);
        Assert.Equal(["rooms:lab:read", "rooms:lab:write"], room.Levels.Select(level => level.Text));
    }

    [Fact]
    public void Offer_OfSingleRooms_PicksTheirMost()
    {
        var offer = new ScopeOffer(Grantable(["rooms:a:write", "rooms:b:agent:ada"], new("a", null, AccessLevel.Write, null), new("b", null, AccessLevel.Write, "ada")), picked: null);

        Assert.Equal(AccessLevel.None, offer.Everywhere);
        Assert.Equal(["rooms:a:write", "rooms:b:agent:ada"], offer.Rooms.Select(room => room.Picked));
        Assert.Equal("rooms:b:agent:ada", Assert.Single(offer.Rooms[1].Levels).Text);
    }

    [Fact]
    public void Offer_ComingBack_KeepsWhatWasPicked()
    {
        var offer = new ScopeOffer(Grantable(["create_rooms", "rooms:*"], new GrantableRoom("lab", null, AccessLevel.Admin, null)), ["", "rooms:lab:read"]);

        Assert.False(offer.CreatesRooms);
        Assert.Equal(AccessLevel.None, offer.PickedEverywhere);
        Assert.Equal("rooms:lab:read", offer.Rooms[0].Picked);
    }

    [Fact]
    public void Offer_OfSingleViews_IsTakenAsAWholeOrNotAtAll()
    {
        var offer = new ScopeOffer(Grantable(["rooms:lab:view:x rooms:lab:view:y"], new GrantableRoom("lab", null, AccessLevel.Views, null) { Views = ["x", "y"] }), picked: null);

        Assert.Equal([new LevelOffer("rooms:lab:view:x rooms:lab:view:y", "See 2 surfaces")], offer.Rooms[0].Levels);
        Assert.Equal("rooms:lab:view:x rooms:lab:view:y", offer.Rooms[0].Picked);
        Assert.Equal(["See 2 surfaces of the room 'lab' and nothing else of it: 'x', 'y'"], GrantWords.Of("rooms:lab:view:y rooms:lab:view:x"));
    }

    [Fact]
    public void Offer_OfNothing_IsEmpty()
    {
        var offer = new ScopeOffer(new GrantableScope("rooms:x", [], ["rooms:x"], []), picked: null);

        Assert.True(offer.IsEmpty);
        Assert.Equal(["rooms:x"], offer.Withheld);
    }

    [Fact]
    public void Text_OfFields_LeavesEmptyOnesOut() => Assert.Equal("create_rooms rooms:lab:read", ScopeOffer.TextOf(["create_rooms", "", null, " rooms:lab:read "]));

    private static GrantableScope Grantable(string[] parts, params GrantableRoom[] rooms) =>
        new(string.Join(' ', parts), [.. parts.Select(part => new GrantablePart(part, part))], [], rooms);
}
