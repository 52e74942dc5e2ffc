using System.Text.Json.Nodes;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Agents;
using Sync.Engine.Services.Embodiments;

namespace Sync.Engine.Tests.Commands.Agents;

/// <summary>Whose a join is, and whose an id.</summary>
public sealed class IdentityTests
{
    private static CancellationToken Cancel => EngineHost.Cancel;

    // scope · join policy · role before → whether the join is the user's; null where it is refused.
    public static TheoryData<string, JoinPolicy, Role?, bool?> Joins { get; } = new()
    {
        { "rooms:*", JoinPolicy.Open, null, true },
        { "rooms:*:write", JoinPolicy.Open, null, true },
        { "rooms:r:write", JoinPolicy.Open, null, true },
        { "rooms:r", JoinPolicy.Open, null, true },
        { "create_rooms", JoinPolicy.Open, null, true },
        { "rooms:r:agent:bot", JoinPolicy.Open, null, true },
        { "rooms:*:read", JoinPolicy.Open, null, false },
        { "rooms:*:read create_rooms", JoinPolicy.Open, null, false },
        { "rooms:r:read", JoinPolicy.Open, null, false },
        { "rooms:other", JoinPolicy.Open, null, false },
        { "create_rooms rooms:other:read", JoinPolicy.Open, null, false },
        { "rooms:other:agent:bot", JoinPolicy.Open, null, false },
        { "rooms:*", JoinPolicy.Open, Role.Participant, true },
        { "rooms:r:read", JoinPolicy.Open, Role.Owner, false },
        { "rooms:*", JoinPolicy.Open, Role.Observer, null },
        { "rooms:*", JoinPolicy.Members, Role.Participant, true },
        { "rooms:*", JoinPolicy.Members, null, null },
        { "rooms:r:read", JoinPolicy.Members, Role.Owner, null },
        { "create_rooms", JoinPolicy.Members, null, null },
    };

    [Theory]
    [MemberData(nameof(Joins))]
    public async Task Join_WithATokenOfAUser_IsTheirsAsFarAsTheTokenIsForThisRoom(string scope, JoinPolicy join, Role? role, bool? theirs)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r", join);
        var nina = await host.UserAsync("nina", scope);
        if (role is { } given)
        {
            Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", "nina", given, Cancel)).Error);
        }

        var joined = await JoinAsync(host, nina, "bot");

        Assert.Equal(theirs is null, joined.Error is not null);
        if (theirs is null)
        {
            return;
        }

        var room = await host.LoadedAsync("r");
        Assert.Equal(theirs.Value ? nina.UserId : null, room.Published.Agents["bot"].User);
        Assert.Equal(role ?? (theirs.Value ? Role.Participant : null), RoleOf(room, nina));
        Assert.Equal(theirs.Value, host.Engine.IdentityCache.Current(nina)!.Agents.ContainsKey("r"));

        // As nobody there is no re-join and no name of one's own either.
        Assert.Equal(theirs.Value ? null : ErrorCode.AgentExists, (await JoinAsync(host, nina, "bot")).Error?.Code);
        if (!scope.Contains("agent", StringComparison.Ordinal))
        {
            Assert.Equal(theirs.Value ? null : ErrorCode.AgentExists, (await JoinAsync(host, nina, "nina")).Error?.Code);
        }
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("Alice")]
    [InlineData("ALICE")]
    [InlineData("a1ice")]
    [InlineData("aIice")]
    [InlineData("-alice-")]
    [InlineData("alice.")]
    [InlineData("alice:claude")]
    [InlineData("a1ice:claude")]
    public async Task Join_UnderAUsersNameOrWhatLooksLikeIt_IsRefusedAsTakenForEverybodyElse(string id)
    {
        await using var host = await EngineHost.StartAsync();
        var created = await host.RoomAsync("r");
        await host.RoomAsync("closed", JoinPolicy.Members);
        var alice = await host.UserAsync("alice", "rooms:*");
        var mallory = await host.UserAsync("mallory", "rooms:*");
        Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "closed", "mallory", Role.Collaborator, Cancel)).Error);
        var bound = await host.UserAsync("mallory", "rooms:r:agent:" + id.Replace(":", "%3A", StringComparison.Ordinal));
        var roomToken = await host.CallerAsync(created.RoomToken);
        await host.JoinAsync("r", "taken");
        var expected = Shape((await JoinAsync(host, Caller.Anonymous, "taken")).Error!, "taken");

        foreach (var (caller, room) in new[] { (Caller.Anonymous, "r"), (mallory, "r"), (mallory, "closed"), (host.Owner, "r"), (host.Owner, "closed"), (roomToken, "r"), (bound, "r"), (Caller.System("demo"), "r") })
        {
            var refused = (await JoinAsync(host, caller, id, room)).Error;
            Assert.Equal(expected, Shape(refused!, id));
        }

        Assert.Null((await JoinAsync(host, alice, id)).Error);

        static string Shape(SyncError error, string id)
        {
            var text = $"{error.Code} {error.Message} {error.HintFor(PlainSteps.Instance)} {error.Details}";
            return text.Replace(id, "ID", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Join_UnderAnIdThatDiffersByCase_IsRefused()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.JoinAsync("r", "builder");

        Assert.Equal(ErrorCode.AgentExists, (await JoinAsync(host, Caller.Anonymous, "Builder")).Error?.Code);
        Assert.Equal(ErrorCode.AgentExists, (await JoinAsync(host, host.Owner, "BUILDER")).Error?.Code);
        Assert.Null((await JoinAsync(host, Caller.Anonymous, "builder-2")).Error);
    }

    [Theory]
    [InlineData("room")]
    [InlineData("Room")]
    [InlineData("r00m")]
    [InlineData("self")]
    [InlineData("se1f")]
    [InlineData("owner")]
    [InlineData("person")]
    [InlineData("system")]
    public async Task Join_UnderAWordThatMeansSomethingElse_IsRefusedAlsoForOwners(string id)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        Assert.Equal(ErrorCode.InvalidId, (await JoinAsync(host, Caller.Anonymous, id)).Error?.Code);
        Assert.Equal(ErrorCode.InvalidId, (await JoinAsync(host, host.Owner, id)).Error?.Code);
    }

    [Fact]
    public async Task FirstAct_OfAUserWhoseNameAgentsAlreadyUse_IsUnderANumberAndStaysThere()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var squatter = await host.JoinAsync("r", "alice", ""","state":{"mine":1}""");
        var alice = await host.UserAsync("alice", "rooms:*");
        Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", "alice", Role.Owner, Cancel)).Error);

        var first = await host.InvokeAsync(alice, "r", "_send_message", """{"body":"hi"}""");
        await host.RegisterAsync(alice, "r", """{"id":"keep","params":{"v":"any"},"writes":[{"scope":"self","key":"secret","value":"${params.v}"}]}""");
        await host.InvokeAsync(alice, "r", "keep", """{"v":"hers"}""");

        Assert.Equal("alice-2", first["agent"]!.GetValue<string>());
        Assert.Equal("alice-2", (await host.ContextAsync(alice, "r"))["self"]!.GetValue<string>());
        Assert.Equal("hers", (await host.StoredAsync("r", "alice-2", "secret"))!.GetValue<string>());
        Assert.Equal("alice", (await host.ContextAsync(squatter, "r"))["self"]!.GetValue<string>());
        Assert.DoesNotContain("hers", (await host.ContextAsync(squatter, "r")).ToJsonString(), StringComparison.Ordinal);

        // Gone, the squatter leaves the name; she stays who she is.
        Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", "alice", free: false, Cancel)).Error);
        Assert.Equal("alice-2", (await host.InvokeAsync(alice, "r", "_send_message", """{"body":"hi"}"""))["agent"]!.GetValue<string>());
    }

    [Fact]
    public async Task FirstAct_OfAUserCalledRoom_IsUnderANumber()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var room = await host.UserAsync("room", "rooms:*");
        var underscore = await host.UserAsync("_bob", "rooms:*");
        Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", "room", Role.Participant, Cancel)).Error);
        Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", "_bob", Role.Participant, Cancel)).Error);

        Assert.Equal("room-2", (await host.InvokeAsync(room, "r", "_send_message", """{"body":"hi"}"""))["agent"]!.GetValue<string>());
        Assert.Equal("bob", (await host.InvokeAsync(underscore, "r", "_send_message", """{"body":"hi"}"""))["agent"]!.GetValue<string>());
    }

    [Fact]
    public async Task Embody_WhereTheProposedIdIsSomebodyElses_GivesANumberAndFindsItAgain()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.JoinAsync("r", "nina:probe");
        var nina = await host.UserAsync("nina", "rooms:*");
        Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", "nina", Role.Participant, Cancel)).Error);
        var session = nina.In(host.Engine.Embodiments.Open(nina, "probe"));

        var first = (await host.Engine.Embodiments.EmbodyAsync(session, "r", new EmbodyRequest(), Cancel)).Value;
        await host.InvokeAsync(session, "r", "_send_message", """{"body":"hi"}""");
        await host.Engine.Embodiments.DisembodyAsync(session, "r", Cancel);
        var again = (await host.Engine.Embodiments.EmbodyAsync(session, "r", new EmbodyRequest(), Cancel)).Value;
        var named = (await host.Engine.Embodiments.EmbodyAsync(session, "r", new EmbodyRequest { Agent = "nina:probe" }, Cancel)).Error;

        Assert.Equal("nina:probe-2", first.Agent);
        Assert.Equal((first.Agent, false), (again.Agent, again.Created));
        Assert.Equal(ErrorCode.AgentExists, named?.Code);
    }

    [Theory]
    [InlineData("olga", "olga")]
    [InlineData("o1ga", "olga")]
    public async Task Embody_UnderAUsersName_IsRefusedToOthers(string id, string user)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var nina = await host.UserAsync("nina", "rooms:*");
        Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", "nina", Role.Participant, Cancel)).Error);
        var session = nina.In(host.Engine.Embodiments.Open(nina, "probe"));

        Assert.Equal(ErrorCode.AgentExists, (await host.Engine.Embodiments.EmbodyAsync(session, "r", new EmbodyRequest { Agent = id }, Cancel)).Error?.Code);
        var byName = (await host.Engine.Embodiments.EmbodyAsync(session, "r", new EmbodyRequest { Name = user }, Cancel)).Value;
        Assert.Equal("olga-2", byName.Agent);
    }

    [Fact]
    public async Task WhatAnOwnerKeepsBeforeActing_IsNotForWhoJoinsUnderTheName()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","reach":"all","params":{"s":"string","v":"any"},"writes":[{"scope":"${params.s}","key":"k","value":"${params.v}"}]}""");
        await host.InvokeAsync(host.Owner, "r", "put", """{"s":"planned","v":"for the planned agent"}""");
        var nina = await host.UserAsync("nina", "rooms:*");
        Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", "nina", Role.Participant, Cancel)).Error);
        var bound = await host.UserAsync("nina", "rooms:r:agent:planned");

        Assert.Equal(ErrorCode.AgentExists, (await JoinAsync(host, Caller.Anonymous, "planned")).Error?.Code);
        Assert.Equal(ErrorCode.AgentExists, (await JoinAsync(host, nina, "planned")).Error?.Code);
        Assert.Equal(ErrorCode.AgentExists, (await JoinAsync(host, bound, "planned")).Error?.Code);
        Assert.DoesNotContain("for the planned", (await host.ContextAsync(bound, "r")).ToJsonString(), StringComparison.Ordinal);
        Assert.Null((await JoinAsync(host, host.Owner, "planned")).Error);
    }

    [Fact]
    public async Task Join_WithATokenThatActsAsAnother_SaysSo()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var nina = await host.UserAsync("nina", "rooms:*");

        var first = Node((await JoinAsync(host, nina, "one")).Value);
        var second = Node((await JoinAsync(host, nina, "two")).Value);
        var again = Node((await JoinAsync(host, nina, "two")).Value);

        Assert.False(first.ContainsKey("warnings"));
        Assert.Equal(("token_acted_as_another", "one"), (second["warnings"]![0]!["code"]!.GetValue<string>(), second["warnings"]![0]!["agent"]!.GetValue<string>()));
        Assert.False(again.ContainsKey("warnings"));
        Assert.Equal("two", (await host.ContextAsync(nina, "r"))["self"]!.GetValue<string>());
    }

    [Fact]
    public async Task Join_OfAUserWithoutARole_EndsWithTheRoleItGave()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var nina = await host.UserAsync("nina", "rooms:*");
        var own = await host.CallerAsync(Node((await JoinAsync(host, nina, "bot")).Value)["token"]!.GetValue<string>());
        await host.InvokeAsync(own, "r", "_send_message", """{"body":"hi"}""");

        // A token that an agent gets for itself carries its user's limit on.
        var renewed = await host.CallerAsync(Node((await JoinAsync(host, own, "bot")).Value)["token"]!.GetValue<string>());
        Assert.Null((await host.Engine.Rooms.RemoveMemberAsync(host.Owner, "r", "nina", Cancel)).Error);

        Assert.All(new[] { nina, own, renewed }, caller => Assert.NotNull(host.Engine.Rooms.Refusal(caller, "r", AccessLevel.Read)));
    }

    [Fact]
    public async Task Join_InASessionLeftToOneRole_MakesNoAgentOfAnother()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var session = host.Owner.In(host.Engine.Embodiments.Open(host.Owner, "probe"));
        Assert.Null((await JoinAsync(host, session, "lead", extra: ""","role":"lead" """)).Error);
        Assert.Null((await host.Engine.Embodiments.RestrictAsync(session, "r", "worker", Cancel)).Error);

        Assert.Equal(ErrorCode.ScopeDenied, (await JoinAsync(host, session, "x", extra: ""","role":"lead" """)).Error?.Code);
        Assert.Equal(ErrorCode.ScopeDenied, (await JoinAsync(host, session, "lead")).Error?.Code);
        Assert.Equal(ErrorCode.ScopeDenied, (await JoinAsync(host, session, "lead", extra: ""","role":"worker" """)).Error?.Code);
        Assert.Null((await JoinAsync(host, session, "w")).Error);
        Assert.Equal("worker", (await host.LoadedAsync("r")).Published.Agents["w"].Role);
    }

    // A model of taken ids beside the engine: random joins and removals by three users, nobody and an owner.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Ids_OverRandomJoinsAndRemovals_AgreeWithAModel(int seed)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var random = new Random(seed);
        string[] users = ["ann", "ben", "nobody", "olga"];
        var callers = new Dictionary<string, Caller> { ["ann"] = await host.UserAsync("ann", "rooms:*"), ["ben"] = await host.UserAsync("ben", "rooms:*"), ["nobody"] = Caller.Anonymous, ["olga"] = host.Owner };
        string[] ids = ["ann", "Ann", "ben", "olga", "0lga", "x", "X", "y", "ann:c", "room", "ann-2"];
        var live = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var removed = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var step = 0; step < 120; step++)
        {
            var (who, id) = (users[random.Next(users.Length)], ids[random.Next(ids.Length)]);
            if (random.Next(3) == 0)
            {
                var holder = live.FirstOrDefault(agent => agent.Key == id);
                var may = holder.Key == id && who != "nobody" && (who == "olga" || holder.Value == who) && IsMember(who);
                var outcome = await host.Engine.Agents.RemoveAsync(callers[who], "r", id, free: false, Cancel);
                Assert.True(may == outcome.Error is null, $"step {step}: {who} removes {id}: {outcome.Error?.Message}");
                if (may)
                {
                    removed[id] = holder.Value;
                    live.Remove(id);
                }

                continue;
            }

            var joined = await JoinAsync(host, callers[who], id);
            Assert.True(MayJoin(who, id) == joined.Error is null, $"step {step}: {who} joins {id}: {joined.Error?.Message}");
            if (joined.Error is null)
            {
                live.TryAdd(id, who);
                removed.Remove(id);
            }
        }

        Assert.Equal(live.Keys.Order(StringComparer.Ordinal), (await host.LoadedAsync("r")).Published.Agents.Keys.Order(StringComparer.Ordinal));

        bool IsMember(string who) => who == "olga" || host.Engine.Rooms.Refusal(callers[who], "r", AccessLevel.Write) is null;

        bool MayJoin(string who, string id)
        {
            var key = live.Keys.FirstOrDefault(known => known.Equals(id, StringComparison.OrdinalIgnoreCase));
            if (key is not null)
            {
                return key == id && who != "nobody" && (who == "olga" || live[key] == who);
            }

            if (id == "room" || (id is "olga" or "0lga" && who != "olga") || (id is "ann" or "Ann" or "ann:c" && who != "ann") || (id == "ben" && who != "ben"))
            {
                return false;
            }

            return who == "olga" || !removed.TryGetValue(id, out var before) || (before == who && who != "nobody");
        }
    }

    [Theory]
    [InlineData("alice", "Alice", true)]
    [InlineData("alice", "a1ice", true)]
    [InlineData("alice", "aliсe", false)]
    [InlineData("bob", "b0b", true)]
    [InlineData("bob-1", "bob.l", true)]
    [InlineData("modern", "modem", true)]
    [InlineData("woody", "vvoody", true)]
    [InlineData("a--b", "a_b", true)]
    [InlineData("ab", "a-b", false)]
    [InlineData("alice", "alice-2", false)]
    public void Fold_OfTwoNames_IsTheSameWhereTheyLookAlike(string one, string other, bool alike) =>
        Assert.Equal(alike, Confusables.Fold(one) == Confusables.Fold(other));

    private static Role? RoleOf(Sync.Engine.Runtime.RoomReplica room, Caller caller) => room.Record.Members.TryGetValue(caller.UserId!, out var member) ? member.Role : null;

    private static JsonObject Node(AgentJoined joined) => EngineHost.Node(joined.Json);

    private static Task<Outcome<AgentJoined>> JoinAsync(EngineHost host, Caller caller, string id, string room = "r", string extra = "") =>
        host.Engine.Agents.JoinAsync(caller, room, EngineHost.Json($$"""{"id":"{{id}}"{{extra}}}"""), Cancel);
}
