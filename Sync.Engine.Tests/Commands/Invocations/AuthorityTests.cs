using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Tests.Commands.Invocations;

/// <summary>Who may write where, and who may redefine or delete what.</summary>
public sealed class AuthorityTests
{
    private const string Grant = """{"id":"put","params":{"scope":{"type":"string"},"key":{"type":"string","default":"k"},"v":{"type":"any","default":1}},"writes":[{"scope":"${params.scope}","key":"${params.key}","value":"${params.v}"}]}""";

    [Fact]
    public async Task Write_ToEachScope_IsAllowedByTheRegistrantsAuthorityAndTheInvokersWord()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        var carol = await host.JoinAsync("r", "carol");
        await host.Engine.Agents.UpdateAsync(alice, "r", "alice", EngineHost.Json("""{"grants":["carol"]}"""), EngineHost.Cancel);
        await host.RegisterAsync(host.Owner, "r", Grant);
        await host.RegisterAsync(carol, "r", Grant.Replace("\"put\"", "\"carols\"", StringComparison.Ordinal));
        await host.RegisterAsync(host.Owner, "r", Grant.Replace("\"put\"", "\"everywhere\",\"reach\":\"all\"", StringComparison.Ordinal));
        await host.RegisterAsync(alice, "r", """{"id":"knock","scope":"self","params":{"who":{"type":"string"}},"writes":[{"scope":"alice","key":"visitor","value":"${self}"}]}""");
        (string Action, string Scope, Caller Caller, string? Code)[] table =
        [
            ("put", "_shared", bob, null),
            ("put", "_anything", bob, null),
            ("put", "bob", bob, null),
            ("put", "self", bob, null),
            ("put", "alice", bob, "scope_denied"),
            ("put", "alice", carol, "scope_denied"),
            ("put", "bob", carol, "scope_denied"),
            ("put", "alice", host.Owner, "scope_denied"),
            ("put", "olga", host.Owner, null),
            ("put", "olga", bob, null),
            ("put", "nobody", bob, "scope_denied"),
            ("put", "_config", bob, "scope_denied"),
            ("put", "_config", host.Owner, null),
            ("put", "_help", host.Owner, "scope_denied"),
            ("put", "_messages", host.Owner, "scope_denied"),
            ("put", "_audit", host.Owner, "scope_denied"),
            ("put", "_agents", host.Owner, "scope_denied"),
            ("put", "_actions", host.Owner, "scope_denied"),
            ("put", "_views", host.Owner, "scope_denied"),
            ("put", "", bob, "invalid_id"),
            ("put", "a b", bob, "invalid_id"),
            ("carols", "alice", carol, null),
            ("carols", "alice", bob, null),
            ("carols", "alice", host.Owner, null),
            ("carols", "bob", host.Owner, "scope_denied"),
            ("carols", "_config", host.Owner, "scope_denied"),
            ("everywhere", "alice", bob, null),
            ("everywhere", "_config", bob, "scope_denied"),
            ("everywhere", "_messages", host.Owner, "scope_denied"),
        ];
        foreach (var (action, scope, caller, code) in table)
        {
            var error = (await host.TryInvokeAsync(caller, "r", action, $$"""{"scope":"{{scope}}"}""")).Error;
            Assert.True(code == error?.Code.Name, $"{action} {scope}: {error?.Code.Name} {error?.Message}");
        }

        await host.InvokeAsync(bob, "r", "knock");
        JsonAssert.Equal("\"bob\"", await host.StoredAsync("r", "alice", "visitor"));
    }

    [Fact]
    public async Task Grant_TakenBack_EndsTheAuthorityOfWhatWasRegisteredUnderIt()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var carol = await host.JoinAsync("r", "carol");
        await host.Engine.Agents.UpdateAsync(alice, "r", "alice", EngineHost.Json("""{"grants":["carol"]}"""), EngineHost.Cancel);
        await host.RegisterAsync(carol, "r", Grant);
        await host.RegisterAsync(carol, "r", """{"id":"note","scope":"alice","writes":[{"scope":"alice","key":"k","value":2}]}""");
        await host.ViewAsync(carol, "r", """{"id":"shown","scope":"alice","expr":"state.self.k"}""");
        await host.InvokeAsync(carol, "r", "put", """{"scope":"alice"}""");
        await host.InvokeAsync(carol, "r", "note");
        JsonAssert.Equal("2", (await host.ContextAsync(carol, "r"))["views"]!["shown"]!["value"]);
        await host.Engine.Agents.UpdateAsync(alice, "r", "alice", EngineHost.Json("""{"grants":[]}"""), EngineHost.Cancel);

        Assert.Equal("scope_denied", (await host.RefusedAsync(carol, "r", "put", """{"scope":"alice"}""")).Code.Name);
        Assert.Equal("scope_denied", (await host.RefusedAsync(carol, "r", "note")).Code.Name);
        Assert.NotNull((await host.ContextAsync(carol, "r"))["views"]!["shown"]!["value"]!["_error"]);
    }

    [Fact]
    public async Task Self_InTemplates_IsTheInvokingAgent()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(alice, "r", """{"id":"note","writes":[{"scope":"self","key":"a","value":1},{"scope":"${self}","key":"b","value":2}]}""");

        await host.InvokeAsync(bob, "r", "note");

        JsonAssert.Equal("""{"a":1,"b":2}""", (await host.ContextAsync(bob, "r"))["state"]!["self"]);
        JsonAssert.Equal("{}", (await host.ContextAsync(alice, "r"))["state"]!["self"]);
    }

    [Fact]
    public async Task Self_ForATokenThatIsNobody_IsRefused()
    {
        await using var host = await EngineHost.StartAsync();
        var created = await host.RoomAsync("r");
        await host.JoinAsync("r", "alice");
        var room = await host.CallerAsync(created.RoomToken);
        await host.RegisterAsync(room, "r", """{"id":"note","writes":[{"key":"${self}.note","value":1}]}""");

        Assert.Equal("identity_mismatch", (await host.RefusedAsync(room, "r", "note")).Code.Name);
        Assert.Equal("alice.note", (await host.InvokeAsync(room, "r", "note", agent: "alice"))["writes"]![0]!["key"].Text());
        Assert.Equal("agent_not_found", (await host.RefusedAsync(room, "r", "note", agent: "alcie")).Code.Name);
    }

    /// <summary>Owners change everything, collaborators what is of scope _shared, participants and agents what they registered.</summary>
    [Fact]
    public async Task Redefine_ByRole_FollowsTheTable()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        var collaborator = await MemberAsync(host, "cora", Role.Collaborator);
        var participant = await MemberAsync(host, "pat", Role.Participant);
        var observer = await MemberAsync(host, "otto", Role.Observer);
        (string Name, Caller Caller, string? SharedCode, string? PrivateCode)[] table =
        [
            ("registrant", alice, null, null),
            ("another agent", bob, "owned", "owned"),
            ("participant", participant, "owned", "owned"),
            ("collaborator", collaborator, null, "owned"),
            ("owner", host.Owner, null, null),
            ("observer", observer, "read_only_token", "read_only_token"),
        ];
        foreach (var (name, caller, sharedCode, privateCode) in table)
        {
            foreach (var (scope, code) in ((string, string?)[])[("_shared", sharedCode), ("alice", privateCode)])
            {
                foreach (var what in (string[])["action", "view"])
                {
                    var definition = what == "action" ? $$"""{"id":"x","scope":"{{scope}}","writes":[]}""" : $$"""{"id":"x","scope":"{{scope}}","expr":"1"}""";
                    await host.InvokeAsync(alice, "r", $"_register_{what}", definition);
                    var expected = code == "owned" ? $"{what}_owned" : code;
                    var redefinition = what == "action" ? """{"id":"x","writes":[]}""" : """{"id":"x","expr":"1"}""";

                    var redefined = (await host.TryInvokeAsync(caller, "r", $"_register_{what}", redefinition)).Error?.Code.Name;
                    Assert.True(expected == redefined, $"{name} redefines {what} of {scope}: {redefined}");
                    await host.InvokeAsync(host.Owner, "r", $"_delete_{what}", """{"id":"x"}""");
                    await host.InvokeAsync(alice, "r", $"_register_{what}", definition);
                    var deleted = (await host.TryInvokeAsync(caller, "r", $"_delete_{what}", """{"id":"x"}""")).Error?.Code.Name;
                    Assert.True(expected == deleted, $"{name} deletes {what} of {scope}: {deleted}");
                    await host.TryInvokeAsync(host.Owner, "r", $"_delete_{what}", """{"id":"x"}""");
                }
            }
        }
    }

    [Fact]
    public async Task Register_ForAnothersScope_IsRefused()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");

        Assert.Equal("scope_denied", (await host.RefusedAsync(bob, "r", "_register_action", """{"id":"x","scope":"alice","writes":[]}""")).Code.Name);
        Assert.Equal("scope_denied", (await host.RefusedAsync(bob, "r", "_register_view", """{"id":"x","scope":"alice","expr":"1"}""")).Code.Name);
        Assert.Equal("scope_denied", (await host.RefusedAsync(bob, "r", "_register_view", """{"id":"x","scope":"_messages","expr":"1"}""")).Code.Name);
    }

    [Fact]
    public async Task TheAgentWhoseScopeItIs_MayChangeWhatTheOwnerRegisteredForIt()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.RegisterAsync(host.Owner, "r", """{"id":"x","scope":"alice","writes":[]}""");

        await host.InvokeAsync(alice, "r", "_delete_action", """{"id":"x"}""");

        Assert.Empty((await host.LoadedAsync("r")).Published.Actions);
    }

    private static async Task<Caller> MemberAsync(EngineHost host, string name, Role role)
    {
        var caller = await host.UserAsync(name, "rooms:*");
        await host.GiveRoleAsync("r", name, role);
        return caller;
    }
}
