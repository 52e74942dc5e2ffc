using Sync.Engine.Identity.Scopes;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Identity.Scopes;

public sealed class ScopeTests
{
    [Theory]
    [InlineData("create_rooms", "create_rooms")]
    [InlineData("rooms:*", "rooms:*")]
    [InlineData("rooms:*:read", "rooms:*:read")]
    [InlineData("rooms:*:write", "rooms:*:write")]
    [InlineData("rooms:*:admin", "rooms:*")]
    [InlineData("rooms:a", "rooms:a")]
    [InlineData("rooms:a:admin", "rooms:a")]
    [InlineData("rooms:a:read", "rooms:a:read")]
    [InlineData("rooms:a:write", "rooms:a:write")]
    [InlineData("rooms:a:agent:bob", "rooms:a:agent:bob")]
    [InlineData("rooms:* create_rooms", "create_rooms rooms:*")]
    [InlineData("  rooms:b \t rooms:a\n", "rooms:a rooms:b")]
    [InlineData("rooms:a:read rooms:a:write", "rooms:a:write")]
    [InlineData("rooms:a rooms:a:read", "rooms:a")]
    [InlineData("rooms:* rooms:a:read", "rooms:*")]
    [InlineData("rooms:*:write rooms:a:read rooms:b", "rooms:*:write rooms:b")]
    [InlineData("rooms:*:read rooms:*:write", "rooms:*:write")]
    [InlineData("rooms:a:agent:bob rooms:a:write", "rooms:a:agent:bob")]
    [InlineData("rooms:a:agent:bob rooms:a", "rooms:a")]
    [InlineData("rooms:*:write rooms:a:agent:bob", "rooms:*:write rooms:a:agent:bob")]
    [InlineData("rooms:* rooms:a:agent:bob", "rooms:*")]
    [InlineData("rooms:team:alpha", "rooms:team:alpha")]
    [InlineData("rooms:team:alpha:read", "rooms:team:alpha:read")]
    [InlineData("rooms:a.b_c-d:agent:x:y.z", "rooms:a.b_c-d:agent:x:y.z")]
    [InlineData("rooms:a:view:score", "rooms:a:view:score")]
    [InlineData("rooms:a:view:z rooms:a:view:b rooms:a:view:z", "rooms:a:view:b rooms:a:view:z")]
    [InlineData("rooms:a:view:b rooms:a:read", "rooms:a:read")]
    [InlineData("rooms:*:read rooms:a:view:b", "rooms:*:read")]
    [InlineData("rooms:a:view:b rooms:a:agent:bob", "rooms:a:agent:bob")]
    [InlineData("create_rooms rooms:b:read rooms:a:view:b", "create_rooms rooms:a:view:b rooms:b:read")]
    [InlineData("rooms:a:view:x:y:read", "rooms:a:view:x:y:read")]
    [InlineData("rooms:a:view:x:agent:y", "rooms:a:view:x:agent:y")]
    [InlineData("rooms:a:agent:x:view:y", "rooms:a:agent:x:view:y")]
    [InlineData("rooms:a:view:open%20tasks", "rooms:a:view:open%20tasks")]
    [InlineData("rooms:a:view:gr%C3%B6%c3%9fe", "rooms:a:view:gr%C3%B6%C3%9Fe")]
    [InlineData("rooms:a:view:größe", "rooms:a:view:gr%C3%B6%C3%9Fe")]
    [InlineData("rooms:a:view:%73core", "rooms:a:view:score")]
    [InlineData("rooms:a:view:100%25", "rooms:a:view:100%25")]
    public void Parse_ValidText_IsCanonical(string text, string canonical)
    {
        var scope = Scope.Parse(text).Value;

        Assert.Equal(canonical, scope.Text);
        Assert.Equal(canonical, Scope.Parse(scope.Text).Value.Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("room:a", "rooms:*")]
    [InlineData("create_room", "create_rooms")]
    [InlineData("rooms", "rooms:*")]
    [InlineData("rooms:")]
    [InlineData("rooms::read")]
    [InlineData("rooms:*:wirte", "rooms:*:write")]
    [InlineData("rooms:*:agent:bob")]
    [InlineData("rooms:a:wirte", "rooms:a:write")]
    [InlineData("rooms:a:Read", "rooms:a:read")]
    [InlineData("rooms:a:writes", "rooms:a:write")]
    [InlineData("rooms:a:readonly", "rooms:a:read")]
    [InlineData("rooms:a:agent", "rooms:a:agent:AGENT")]
    [InlineData("rooms:a:agent:")]
    [InlineData("rooms:a:agent:_x")]
    [InlineData("rooms:a:agent:b/c")]
    [InlineData("rooms:a/b")]
    [InlineData("rooms:ä")]
    [InlineData("rooms:a%20b")]
    [InlineData("rooms:a,rooms:b")]
    [InlineData("rooms:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("rooms:a:agent:x rooms:a:agent:y")]
    [InlineData("rooms:a nonsense")]
    [InlineData("rooms:a:view", "rooms:a:view:VIEW")]
    [InlineData("rooms:a:views", "rooms:a:view:VIEW")]
    [InlineData("rooms:a:view:")]
    [InlineData("rooms::view:x")]
    [InlineData("rooms:*:view:x")]
    [InlineData("rooms:a:view:100%")]
    [InlineData("rooms:a:view:%4")]
    [InlineData("rooms:a:view:%ff")]
    [InlineData("rooms:a:view:%0a")]
    [InlineData("rooms:a/b:view:x")]
    public void Parse_InvalidText_SaysWhatIsMeant(string text, string? didYouMean = null)
    {
        var error = Scope.Parse(text).Error;

        Assert.NotNull(error);
        Assert.Equal(ErrorCode.InvalidScope, error.Code);
        Assert.NotNull(error.Hint);
        Assert.Equal(Scope.Grammar, error.Details?["grammar"]?.GetValue<string>());
        Assert.Equal(didYouMean, error.Details?["did_you_mean"]?.GetValue<string>());
    }

    [Fact]
    public void Parse_Huge_IsRefused() => Assert.Equal(ErrorCode.InvalidScope, Scope.Parse(new string('a', 1_000_000)).Error?.Code);

    [Theory]
    [InlineData("a", AccessLevel.Read, null)]
    [InlineData("a:read", AccessLevel.Admin, null)]
    [InlineData("a:read", AccessLevel.Read, null)]
    [InlineData("a:write:admin", AccessLevel.Write, null)]
    [InlineData("a:agent", AccessLevel.Admin, null)]
    [InlineData("a:agent", AccessLevel.Write, "b")]
    [InlineData("a:agent:b", AccessLevel.Read, null)]
    [InlineData("a:agent:b", AccessLevel.Write, "c:agent:d")]
    [InlineData("a:wirte", AccessLevel.Admin, null)]
    [InlineData(":", AccessLevel.Admin, null)]
    [InlineData("a:", AccessLevel.Write, null)]
    [InlineData(":read", AccessLevel.Admin, null)]
    [InlineData("create_rooms", AccessLevel.Admin, null)]
    [InlineData("a", AccessLevel.Write, "read")]
    public void TextOf_AnyRoomAndAgent_ParsesBackToTheSameGrant(string room, AccessLevel level, string? agent)
    {
        var scope = Scope.Parse(Scope.TextOf(room, level, agent)).Value;

        Assert.Equal([room], scope.Rooms);
        Assert.Equal(level, scope.LevelFor(room));
        Assert.Equal(agent, scope.AgentFor(room));
        Assert.Equal(scope.Text, Scope.Parse(scope.Text).Value.Text);
    }

    [Theory]
    [InlineData("a", "score")]
    [InlineData("a", "open tasks")]
    [InlineData("a", "100% größe / 🙂")]
    [InlineData("a", "%41")]
    [InlineData("a", "x:view:y")]
    [InlineData("a", "read")]
    [InlineData("a:view", "x")]
    [InlineData("a:view:b", "x")]
    [InlineData("a:agent:b", "x:view:y")]
    [InlineData(":", ":")]
    public void TextOf_AnyRoomAndView_ParsesBackToTheSameGrant(string room, string view)
    {
        var scope = Scope.Parse(Scope.TextOf(room, [view, "second"])).Value;

        Assert.Equal([room], scope.Rooms);
        Assert.Equal(AccessLevel.Views, scope.LevelFor(room));
        Assert.Equal(new[] { view, "second" }.Order(StringComparer.Ordinal), scope.ViewsFor(room));
        Assert.Equal(scope.Text, Scope.Parse(scope.Text).Value.Text);
        Assert.True(scope.OnlyShows);
    }

    [Fact]
    public void TextOf_NoView_IsNothing() => Assert.Equal("", Scope.TextOf("a", []));

    [Theory]
    [InlineData("rooms:*", "a", AccessLevel.Admin, null)]
    [InlineData("rooms:*:read", "a", AccessLevel.Read, null)]
    [InlineData("rooms:*:read rooms:a:write", "a", AccessLevel.Write, null)]
    [InlineData("rooms:*:read rooms:a:write", "b", AccessLevel.Read, null)]
    [InlineData("rooms:a", "A", AccessLevel.None, null)]
    [InlineData("rooms:a", "b", AccessLevel.None, null)]
    [InlineData("create_rooms", "a", AccessLevel.None, null)]
    [InlineData("rooms:a:agent:bob", "a", AccessLevel.Write, "bob")]
    [InlineData("rooms:a:agent:bob", "b", AccessLevel.None, null)]
    [InlineData("rooms:*:read rooms:a:agent:bob", "a", AccessLevel.Write, "bob")]
    [InlineData("rooms:a rooms:b:read rooms:c:write rooms:d:agent:x", "c", AccessLevel.Write, null)]
    public void LevelFor_Room_IsTheMostTheScopeSays(string text, string room, AccessLevel level, string? agent)
    {
        var scope = Scope.Parse(text).Value;

        Assert.Equal(level, scope.LevelFor(room));
        Assert.Equal(agent, scope.AgentFor(room));
    }

    [Theory]
    [InlineData("rooms:*", "rooms:a:read", true)]
    [InlineData("rooms:*", "rooms:a:agent:bob", true)]
    [InlineData("rooms:*", "rooms:*:write rooms:a", true)]
    [InlineData("rooms:*", "create_rooms", false)]
    [InlineData("create_rooms rooms:*", "create_rooms rooms:*:read", true)]
    [InlineData("rooms:*:write", "rooms:a:write", true)]
    [InlineData("rooms:*:write", "rooms:a", false)]
    [InlineData("rooms:*:write", "rooms:*", false)]
    [InlineData("rooms:*:read", "rooms:a:read", true)]
    [InlineData("rooms:*:read", "rooms:a:write", false)]
    [InlineData("rooms:a", "rooms:a:agent:bob", true)]
    [InlineData("rooms:a", "rooms:b:read", false)]
    [InlineData("rooms:a", "rooms:*:read", false)]
    [InlineData("rooms:a:write", "rooms:a:read", true)]
    [InlineData("rooms:a:write", "rooms:a:agent:bob", false)]
    [InlineData("rooms:a:agent:bob", "rooms:a:agent:bob", true)]
    [InlineData("rooms:a:agent:bob", "rooms:a:agent:ann", false)]
    [InlineData("rooms:a:agent:bob", "rooms:a:write", false)]
    [InlineData("rooms:a:agent:bob", "rooms:a:read", false)]
    [InlineData("rooms:*:write rooms:a:agent:bob", "rooms:*:write", false)]
    [InlineData("rooms:*:write rooms:a:agent:bob", "rooms:b:write", true)]
    [InlineData("rooms:*:write rooms:a", "rooms:*:write", true)]
    [InlineData("rooms:a:view:x rooms:a:view:y", "rooms:a:view:x", true)]
    [InlineData("rooms:a:view:x", "rooms:a:view:x rooms:a:view:y", false)]
    [InlineData("rooms:a:view:x", "rooms:b:view:x", false)]
    [InlineData("rooms:a:view:x", "rooms:a:read", false)]
    [InlineData("rooms:a:read", "rooms:a:view:x", true)]
    [InlineData("rooms:a:write", "rooms:a:view:x", true)]
    [InlineData("rooms:a", "rooms:a:view:x", true)]
    [InlineData("rooms:*:read", "rooms:a:view:x rooms:b:view:y", true)]
    [InlineData("rooms:a:agent:bob", "rooms:a:view:x", false)]
    [InlineData("create_rooms", "rooms:a:view:x", false)]
    public void Covers_OtherScope_OnlyWhenNothingIsAdded(string scope, string other, bool covers) =>
        Assert.Equal(covers, Scope.Parse(scope).Value.Covers(Scope.Parse(other).Value));

    [Fact]
    public void WithRoom_AddsFullAccessToThatRoomOnly()
    {
        var scope = Scope.Parse("create_rooms rooms:a:read").Value.WithRoom("b:read");

        Assert.Equal("create_rooms rooms:a:read rooms:b%3Aread", scope.Text);
        Assert.Equal(AccessLevel.Admin, scope.LevelFor("b:read"));
        Assert.Equal(AccessLevel.None, scope.LevelFor("b"));
        Assert.Equal(AccessLevel.Read, scope.LevelFor("a"));
    }

    [Fact]
    public void WithRoom_AThousandTimes_StillParses()
    {
        var scope = Scope.Parse("create_rooms").Value;
        for (var room = 0; room < 1_000; room++)
        {
            scope = scope.WithRoom($"{new string('r', 50)}-{room}");
        }

        Assert.Equal(scope.Text, ScopeParser.ParseStored(scope.Text).Value.Text);
    }
}
