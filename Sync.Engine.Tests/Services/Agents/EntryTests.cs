using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Embodiments;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Services.Agents;

/// <summary>Whom a room lets in, over both doors: generated from the rule, for every scope, policy and role.</summary>
public sealed class EntryTests
{
    private static CancellationToken Cancel => EngineHost.Cancel;

    /// <summary>Scopes with what they are for this room: writing there, no room in particular, or neither.</summary>
    public static TheoryData<string, string, string> Doors { get; } = Cases();

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Entry_OfEveryRoleUnderEveryPolicy_IsAsTheRuleSays(string scope, string reach, string door)
    {
        await using var host = await EngineHost.StartAsync();
        var number = 0;
        foreach (var policy in new[] { JoinPolicy.Open, JoinPolicy.Members })
        {
            foreach (Role? role in new Role?[] { null, Role.Observer, Role.Participant, Role.Owner })
            {
                var (room, name) = ($"r{++number}", $"user{number}");
                await host.RoomAsync(room, policy);
                var user = await host.UserAsync(name, scope.Replace("ROOM", room, StringComparison.Ordinal));
                if (role is { } given)
                {
                    await host.GiveRoleAsync(room, name, given);
                }

                var isUsers = reach == "writes" || (policy == JoinPolicy.Open && reach == "roomless");
                var mayAct = isUsers && (role is null ? policy == JoinPolicy.Open : role > Role.Observer);
                var asNobody = door == "join" && policy == JoinPolicy.Open && !isUsers && reach != "shows";
                var label = $"{door} with {scope} into a room for {policy} as {role?.ToString() ?? "nobody"}";

                var error = await EnterAsync(host, door, user, room);

                Assert.True((mayAct || asNobody) == error is null, $"{label}: {error?.Message ?? "let in"}");
                var record = (await host.LoadedAsync(room)).Record;
                Role? after = record.Members.TryGetValue(user.UserId!, out var member) ? member.Role : null; // A user's token.
                Assert.True((mayAct ? role ?? Role.Participant : role) == after, $"{label}: {after}");
                if (mayAct)
                {
                    // The same token goes on from here.
                    Assert.Equal("bot", (await host.ContextAsync(user, room))["self"]!.GetValue<string>());
                    Assert.Equal("bot", (await host.InvokeAsync(user, room, "_send_message", """{"body":"hi"}"""))["agent"]!.GetValue<string>());
                    Assert.True((await host.WaitAsync(user, room, "true"))["triggered"]!.GetValue<bool>());
                }
                else
                {
                    Assert.True(host.Engine.IdentityCache.Current(user)!.Admitted.IsEmpty, label);
                }
            }
        }
    }

    [Fact]
    public async Task Token_LetIntoARoom_KeepsItsScopeAndIsLeftOutWhenItIsSaidAnew()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RoomAsync("s");
        var nina = await host.UserAsync("nina", "create_rooms");
        foreach (var room in new[] { "r", "s" })
        {
            Assert.Null(await EnterAsync(host, "join", nina, room));
        }

        // A room of its own does not take the others away, and neither does a restart.
        Assert.Null((await host.Engine.Rooms.CreateAsync(nina, new Sync.Engine.Services.Rooms.CreateRoom("own", Name: null, Join: null), Cancel)).Error);
        Assert.Equal("create_rooms rooms:own", host.Engine.IdentityCache.ScopeOf(nina).Text);
        Assert.Equal(["own", "r", "s"], host.Engine.Rooms.Page(nina, after: null, 10).Value.Rooms.Select(room => room.Id).Order());
        await host.RestartAsync();
        Assert.Equal("bot", (await host.InvokeAsync(nina, "r", "_send_message", """{"body":"hi"}"""))["agent"]!.GetValue<string>());

        // Write access as an agent of the user's, and no more.
        Assert.Equal(AccessLevel.Write, host.Engine.IdentityCache.Of(nina, (await host.LoadedAsync("r")).Record).Level);

        var person = await host.SessionAsync("nina");
        Assert.Null((await host.Engine.Tokens.ChangeAsync(person, nina.TokenId!, "create_rooms", label: null, Cancel)).Error); // A token has an id.
        Assert.Equal(ErrorCode.ScopeDenied, host.Engine.Rooms.Refusal(nina, "r", AccessLevel.Read)?.Code);
        Assert.Null(await EnterAsync(host, "join", nina, "r"));
    }

    [Fact]
    public async Task Token_LetIntoARoom_IsNotLetIntoTheOneThatIsMadeUnderItsId()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var nina = await host.UserAsync("nina", "create_rooms");
        Assert.Null(await EnterAsync(host, "join", nina, "r"));

        Assert.Null((await host.Engine.Rooms.DeleteAsync(host.Owner, "r", Cancel)).Error);
        await host.RoomAsync("r", JoinPolicy.Members);
        await host.GiveRoleAsync("r", "nina", Role.Participant);

        Assert.Equal(ErrorCode.ScopeDenied, host.Engine.Rooms.Refusal(nina, "r", AccessLevel.Read)?.Code);
        await host.RestartAsync();
        Assert.Equal(ErrorCode.ScopeDenied, host.Engine.Rooms.Refusal(nina, "r", AccessLevel.Read)?.Code);
    }

    [Fact]
    public async Task Refusal_OfARoom_NamesTheCauseAndItsRemedy()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("open");
        await host.RoomAsync("closed", JoinPolicy.Members);
        var nina = await host.UserAsync("nina", "rooms:*");
        await host.GiveRoleAsync("closed", "nina", Role.Observer);
        var narrow = await host.UserAsync("nina", "rooms:elsewhere");
        var stan = await host.UserAsync("stan", "rooms:*");
        var stansNarrow = await host.UserAsync("stan", "rooms:elsewhere");
        var readOnly = await host.UserAsync("olga", "rooms:*:read");

        Assert.Equal([NextStep.Invite("closed", "stan").ToString()], Steps(stan, "closed"));
        Assert.Equal([NextStep.Embody("open").ToString()], Steps(stan, "open"));
        Assert.Equal([NextStep.WidenToken(stansNarrow.TokenId!, "open", AccessLevel.Write).ToString(), NextStep.Embody("open").ToString()], Steps(stansNarrow, "open")); // Tokens have ids.
        Assert.Equal([NextStep.WidenToken(narrow.TokenId!, "closed", AccessLevel.Read).ToString()], Steps(narrow, "closed"));
        Assert.Equal([NextStep.Invite("closed", "nina").ToString()], Steps(nina, "closed"));
        Assert.Equal([NextStep.WidenToken(readOnly.TokenId!, "closed", AccessLevel.Write).ToString()], Steps(readOnly, "closed"));

        string[] Steps(Caller caller, string room) => [.. host.Engine.Rooms.Refusal(caller, room, AccessLevel.Write)!.Next.Select(step => step.ToString())]; // Each is refused.
    }

    [Fact]
    public async Task Person_OnAPage_IsLetInAndRefusedByTheSameRule()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("open");
        await host.RoomAsync("closed", JoinPolicy.Members);
        await host.RoomAsync("watched", JoinPolicy.Members);
        await host.UserAsync("nina", "rooms:*");
        await host.GiveRoleAsync("watched", "nina", Role.Observer);
        var nina = await host.SessionAsync("nina");

        // What a page asks: may it show the room, may the person act, as whom.
        foreach (var (room, code, step) in new[]
        {
            ("open", ErrorCode.ScopeDenied, NextStep.Embody("open")),
            ("closed", ErrorCode.ScopeDenied, NextStep.Invite("closed", "nina")),
            ("watched", ErrorCode.ReadOnlyToken, NextStep.Invite("watched", "nina")),
        })
        {
            Assert.Equal(room == "watched" ? null : code, (await host.Engine.Live.WatchAsync(nina, room, Cancel)).Error?.Code);
            var refused = await host.RefusedAsync(nina, room, "_send_message", """{"body":"hi"}""");
            Assert.Equal((code, step.ToString()), (refused.Code, Assert.Single(refused.Next).ToString()));
            Assert.Empty((await host.Engine.Agents.ActableAsync(nina, room, Cancel)) is var actable && actable.Error is null ? actable.Value : []);
            Assert.Equal(room == "open" ? null : code, (await host.Engine.Agents.JoinAsync(nina, room, EngineHost.Json("""{"id":"nina"}"""), Cancel)).Error?.Code);
        }

        Assert.Null((await host.Engine.Live.WatchAsync(nina, "open", Cancel)).Error);
        Assert.Equal("nina", (await host.InvokeAsync(nina, "open", "_send_message", """{"body":"hi"}"""))["agent"]!.GetValue<string>());
        Assert.Equal(["nina"], (await host.Engine.Agents.ActableAsync(nina, "open", Cancel)).Value);
        Assert.Equal(Role.Participant, (await host.LoadedAsync("open")).Record.Members[nina.UserId!].Role); // A session has a user.
    }

    internal static async Task<SyncError?> EnterAsync(EngineHost host, string door, Caller user, string room, string agent = "bot")
    {
        if (door == "join")
        {
            return (await host.Engine.Agents.JoinAsync(user, room, EngineHost.Json($$"""{"id":"{{agent}}"}"""), Cancel)).Error;
        }

        var session = host.Engine.Embodiments.Open(user, "probe");
        var embodied = (await host.Engine.Embodiments.EmbodyAsync(user.In(session), room, new EmbodyRequest { Agent = agent }, Cancel)).Error;
        if (embodied is null)
        {
            // A session's agent is its own; outside of it the token acts as that agent once it is bound by a join.
            await host.InvokeAsync(user.In(session), room, "_send_message", """{"body":"hi"}""");
            Assert.Null((await host.Engine.Agents.JoinAsync(user, room, EngineHost.Json($$"""{"id":"{{agent}}"}"""), Cancel)).Error);
        }

        return embodied;
    }

    private static TheoryData<string, string, string> Cases()
    {
        var cases = new TheoryData<string, string, string>();
        foreach (var (scope, reach) in new[]
        {
            ("rooms:*", "writes"), ("rooms:*:write", "writes"), ("rooms:ROOM", "writes"), ("rooms:ROOM:write", "writes"), ("rooms:ROOM:agent:bot", "writes"), ("create_rooms rooms:*", "writes"),
            ("create_rooms", "roomless"),
            ("rooms:*:read", "reads"), ("create_rooms rooms:*:read", "reads"), ("rooms:ROOM:read", "reads"), ("rooms:other", "elsewhere"), ("create_rooms rooms:other", "elsewhere"),
            ("rooms:other:agent:bot", "elsewhere"),
        })
        {
            cases.Add(scope, reach, "join");
            cases.Add(scope, reach, "embody");
        }

        return cases;
    }
}
