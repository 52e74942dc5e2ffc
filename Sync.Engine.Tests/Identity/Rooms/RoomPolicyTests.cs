using System.Collections.Immutable;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Tests.Identity.Rooms;

public sealed class RoomPolicyTests
{
    private static readonly UserRecord s_user = new("u_1", "ann", DateTimeOffset.UnixEpoch);

    /// <summary>Every scope of the grammar against every role: min of both.</summary>
    public static TheoryData<string, Role?, AccessLevel, string?, bool> Table()
    {
        var table = new TheoryData<string, Role?, AccessLevel, string?, bool>();
        (string Scope, AccessLevel Level, string? Agent)[] scopes =
        [
            ("create_rooms", AccessLevel.None, null),
            ("rooms:other", AccessLevel.None, null),
            ("rooms:*", AccessLevel.Admin, null),
            ("rooms:*:write", AccessLevel.Write, null),
            ("rooms:*:read", AccessLevel.Read, null),
            ("rooms:room", AccessLevel.Admin, null),
            ("rooms:room:admin", AccessLevel.Admin, null),
            ("rooms:room:write", AccessLevel.Write, null),
            ("rooms:room:read", AccessLevel.Read, null),
            ("rooms:other:view:score", AccessLevel.None, null),
            ("rooms:room:view:score", AccessLevel.Views, null),
            ("rooms:room:agent:bob", AccessLevel.Write, "bob"),
        ];
        (Role? Role, AccessLevel Level)[] roles =
        [
            (null, AccessLevel.None),
            (Role.Observer, AccessLevel.Read),
            (Role.Participant, AccessLevel.Write),
            (Role.Collaborator, AccessLevel.Write),
            (Role.Owner, AccessLevel.Admin),
        ];
        foreach (var (scope, scopeLevel, agent) in scopes)
        {
            foreach (var (role, roleLevel) in roles)
            {
                // The enum is in order of what includes what.
                var level = (AccessLevel)Math.Min((int)scopeLevel, (int)roleLevel);
                var none = level == AccessLevel.None;
                table.Add(scope, role, level, none ? null : agent, level == AccessLevel.Admin);
            }
        }

        return table;
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void Of_UserToken_IsTheLesserOfScopeAndRole(string scope, Role? role, AccessLevel level, string? agent, bool seesAll)
    {
        var access = RoomPolicy.Of(Token(scope, s_user), Room(role));

        Assert.Equal(new RoomAccess(level, level == AccessLevel.None ? null : role, agent, seesAll) { Views = level == AccessLevel.Views ? ViewSet.Of(["score"]) : null }, access);
    }

    [Fact]
    public void Of_TokenOfViewsBoundByJoin_IsNobody()
    {
        var token = Token("rooms:room:view:score", s_user) with { Agents = ImmutableDictionary<string, AgentBinding>.Empty.Add("room", new AgentBinding("carol", 7)) };

        var access = RoomPolicy.Of(token, Room(Role.Owner));

        Assert.Equal((AccessLevel.Views, null, false), (access.Level, access.BoundAgent, access.SeesAllScopes));
    }

    [Theory]
    [InlineData("rooms:room:admin", AccessLevel.Admin, null, true)]
    [InlineData("rooms:room:read", AccessLevel.Read, null, false)]
    [InlineData("rooms:room:agent:bob", AccessLevel.Write, "bob", false)]
    [InlineData("rooms:other:admin", AccessLevel.None, null, false)]
    public void Of_LegacyToken_IsLimitedByItsScopeAlone(string scope, AccessLevel level, string? agent, bool seesAll)
    {
        var access = RoomPolicy.Of(Token(scope, user: null) with { RoomRow = 1 }, Room(role: null));

        Assert.Equal(new RoomAccess(level, null, agent, seesAll) { BoundSince = agent is null ? null : 0 }, access);
    }

    [Theory]
    [InlineData(null, "rooms:room:admin", AccessLevel.None)]
    [InlineData(Role.Observer, "rooms:room:admin", AccessLevel.Read)]
    [InlineData(Role.Participant, "rooms:room:admin", AccessLevel.Write)]
    [InlineData(Role.Owner, "rooms:room:admin", AccessLevel.Admin)]
    [InlineData(null, "rooms:room:read", AccessLevel.None)]
    [InlineData(Role.Observer, "rooms:room:read", AccessLevel.Read)]
    [InlineData(null, "rooms:room:agent:bob", AccessLevel.None)]
    [InlineData(Role.Observer, "rooms:room:agent:bob", AccessLevel.Read)]
    [InlineData(Role.Collaborator, "rooms:room:agent:bob", AccessLevel.Write)]
    public void Of_LegacyTokenWithAMaker_IsLimitedByTheirRole(Role? role, string scope, AccessLevel level) =>
        Assert.Equal(level, RoomPolicy.Of(Token(scope, user: null) with { RoomRow = 1, OnBehalfOf = s_user.Id }, Room(role)).Level);

    [Fact]
    public void Of_LinkMadeToShowPrivateScopes_SeesThem() =>
        Assert.True(RoomPolicy.Of(Token("rooms:room:read", user: null) with { RoomRow = 1, SeesPrivate = true }, Room(role: null)).SeesAllScopes);

    [Fact]
    public void Of_LegacyTokenOfADeletedRoom_IsNothingInItsSuccessor()
    {
        var access = RoomPolicy.Of(Token("rooms:room:admin", user: null) with { RoomRow = 1 }, Room(role: null) with { Row = 2 });

        Assert.Equal(default, access);
    }

    [Theory]
    [InlineData("rooms:room", Role.Owner, AccessLevel.Admin, true)]
    [InlineData("rooms:room:write", Role.Owner, AccessLevel.Write, false)]
    [InlineData("rooms:room", Role.Collaborator, AccessLevel.Write, false)]
    public void Of_TokenBoundByJoin_ActsAsThatAgent(string scope, Role role, AccessLevel level, bool seesAll)
    {
        var token = Token(scope, s_user) with { Agents = ImmutableDictionary<string, AgentBinding>.Empty.Add("room", new AgentBinding("carol", 7)).Add("other", new AgentBinding("dave", 7)) };

        Assert.Equal(new RoomAccess(level, role, "carol", seesAll) { BoundSince = 7 }, RoomPolicy.Of(token, Room(role)));
    }

    [Fact]
    public void Of_AgentInScopeAndAnotherJoined_TheScopeBinds()
    {
        var token = Token("rooms:room:agent:bob", s_user) with { Agents = ImmutableDictionary<string, AgentBinding>.Empty.Add("room", new AgentBinding("carol", 7)) };

        Assert.Equal("bob", RoomPolicy.Of(token, Room(Role.Owner)).BoundAgent);
    }

    private static TokenRecord Token(string scope, UserRecord? user) => new()
    {
        Id = "t_1",
        Hash = [],
        Scope = Scope.Parse(scope).Value,
        User = user,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    private static RoomRecord Room(Role? role) => new()
    {
        Row = 1,
        Id = "room",
        CreatedAt = DateTimeOffset.UnixEpoch,
        Join = JoinPolicy.Open,
        Members = role is { } held
            ? ImmutableDictionary<string, Member>.Empty.Add(s_user.Id, new Member(held)).Add("u_2", new Member(Role.Owner))
            : ImmutableDictionary<string, Member>.Empty.Add("u_2", new Member(Role.Owner)),
    };
}
