using CsCheck;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Tests.Identity.Scopes;

/// <summary>What holds of all scopes. A failure prints the texts and the seed; CsCheck_Seed repeats it.</summary>
public sealed class ScopePropertyTests
{
    private static readonly string[] s_rooms = ["a", "b", "a:view", "a:read", "a:view:x"];

    private static readonly string[] s_views = ["x", "y", "x:view:y", "read", "o p", "50%", "%41", "ä"];

    // One agent only: two of one room are no scope.
    private static readonly Gen<string> s_grant = Gen.Select(Gen.Int[0, 11], Gen.Int[0, s_rooms.Length - 1], Gen.Int[0, s_views.Length - 1]).Select((kind, room, view) => kind switch
    {
        0 => "create_rooms",
        1 => "rooms:*:read",
        2 => "rooms:*:write",
        3 => Scope.TextOf(s_rooms[room], AccessLevel.Read, agent: null),
        4 => Scope.TextOf(s_rooms[room], AccessLevel.Write, agent: null),
        5 => Scope.TextOf(s_rooms[room], AccessLevel.Admin, agent: null),
        6 => Scope.TextOf(s_rooms[room], AccessLevel.Write, "bob"),
        _ => Scope.TextOf(s_rooms[room], [s_views[view]]),
    });

    private static readonly Gen<string> s_scope = s_grant.Array[1, 6].Select(grants => string.Join(' ', grants));

    [Fact]
    public void Text_OfAnyScope_ParsesBackToTheSameScope() => s_scope.Sample(text =>
    {
        var scope = Scope.Parse(text).Value;
        var again = Scope.Parse(scope.Text).Value;

        Assert.Equal(scope.Text, again.Text);
        Assert.True(scope.Covers(again) && again.Covers(scope), text);
        foreach (var room in s_rooms)
        {
            Assert.Equal((scope.LevelFor(room), scope.AgentFor(room)), (again.LevelFor(room), again.AgentFor(room)));
            Assert.Equal(scope.ViewsFor(room), again.ViewsFor(room));
            Assert.Equal(scope.LevelFor(room) == AccessLevel.Views, scope.ViewsFor(room) is { Count: > 0 });
        }
    });

    [Fact]
    public void Covers_AnyTwo_NeverAddsAnything() => Gen.Select(s_scope, s_scope).Sample((one, two) =>
    {
        var (scope, other) = (Scope.Parse(one).Value, Scope.Parse(two).Value);
        if (!scope.Covers(other))
        {
            return;
        }

        Assert.True(scope.CanCreateRooms || !other.CanCreateRooms);
        foreach (var room in s_rooms.Append("elsewhere"))
        {
            Assert.True(scope.LevelFor(room) >= other.LevelFor(room), $"{one} / {two}");
            if (scope.ViewsFor(room) is { } shown)
            {
                Assert.Empty((other.ViewsFor(room) ?? []).Except(shown));
            }
        }
    });

    [Fact]
    public void Covers_Chained_Holds() => Gen.Select(s_scope, s_scope, s_scope).Sample((one, two, three) =>
    {
        var (a, b, c) = (Scope.Parse(one).Value, Scope.Parse(two).Value, Scope.Parse(three).Value);

        Assert.True(!a.Covers(b) || !b.Covers(c) || a.Covers(c), $"{one} / {two} / {three}");
    });

    [Fact]
    public void Covers_ViewsOfARoomThatIsRead_AlwaysAndNeverTheOtherWayRound() => Gen.Select(s_scope, Gen.Int[0, s_rooms.Length - 1], Gen.Int[0, s_views.Length - 1]).Sample((text, room, view) =>
    {
        var scope = Scope.Parse(text).Value;
        var shown = Scope.Parse(Scope.TextOf(s_rooms[room], [s_views[view]])).Value;
        var reads = scope.LevelFor(s_rooms[room]) >= AccessLevel.Read;

        // But for a token bound to an agent, which reads as that agent and not as nobody.
        Assert.True(!reads || scope.AgentFor(s_rooms[room]) is not null || scope.Covers(shown), text);
        Assert.False(shown.Covers(Scope.Of(s_rooms[room], AccessLevel.Read)));
    });
}
