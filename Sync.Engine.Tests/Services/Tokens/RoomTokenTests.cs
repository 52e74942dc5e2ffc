using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Rooms;
using Sync.Engine.Services.Tokens;

namespace Sync.Engine.Tests.Services.Tokens;

/// <summary>A room's own tokens: who sees and ends them, and what they end with.</summary>
public sealed class RoomTokenTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = EngineHost.Clock();
    private EngineHost _host = null!;
    private RoomCreated _room = null!;

    private static CancellationToken Cancel => EngineHost.Cancel;

    private RoomTokenService Door => _host.Engine.RoomTokens;

    public async ValueTask InitializeAsync()
    {
        _host = await EngineHost.StartAsync(_time);
        _room = await _host.RoomAsync("r");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task List_ByAnOwner_IsAll_ByAnAgent_ItsOwn()
    {
        var alice = await _host.JoinAsync("r", "alice");
        await _host.JoinAsync("r", "bob");
        var pat = await _host.MemberAsync("r", "pat", Role.Participant, "rooms:*");
        await _host.Engine.Agents.JoinAsync(pat, "r", EngineHost.Json("""{"id":"pats"}"""), Cancel);

        Assert.Equal(["Agent alice", "Agent bob", "Agent pats", "Room ", "View "], await ListAsync(_host.Owner));
        Assert.Equal(["Agent alice", "Agent bob", "Agent pats", "Room ", "View "], await ListAsync(await _host.CallerAsync(_room.RoomToken)));
        Assert.Equal(["Agent alice"], await ListAsync(alice));
        Assert.Equal(["Agent pats"], await ListAsync(pat));
        var tokens = (await Door.ListAsync(_host.Owner, "r", Cancel)).Value;
        Assert.Equal(("olga", _host.Owner.TokenId), Facts(tokens, RoomTokenKind.Room, agent: null));
        Assert.Equal(("pat", pat.TokenId), Facts(tokens, RoomTokenKind.Agent, "pats"));
        Assert.Equal((null, null), Facts(tokens, RoomTokenKind.Agent, "alice"));
    }

    [Theory]
    [InlineData("removed", null)]
    [InlineData("demoted", AccessLevel.Read)]
    public async Task AgentToken_ThatAnOwnerMadeForAnothersAgent_EndsWithEitherRole(string change, AccessLevel? left)
    {
        var otto = await _host.MemberAsync("r", "otto", Role.Owner, "rooms:*");
        var pat = await _host.MemberAsync("r", "pat", Role.Participant, "rooms:*");
        await _host.Engine.Agents.JoinAsync(pat, "r", EngineHost.Json("""{"id":"pats"}"""), Cancel);
        var made = (await Door.MintAsync(await _host.SessionAsync("otto"), "r", new MintRoomToken { Kind = RoomTokenKind.Agent, Agent = "pats" }, Cancel)).Value;
        Assert.Equal("otto", made.Info.MadeBy);
        var agent = await _host.CallerAsync(made.Secret);

        // One more that it makes itself lives on the same two roles.
        var child = await _host.CallerAsync((await Door.MintAsync(agent, "r", new MintRoomToken { Kind = RoomTokenKind.Agent, Agent = "pats" }, Cancel)).Value.Secret);
        var seq = (await _host.InvokeAsync(agent, "r", "_send_message", """{"body":"as pats"}"""))["seq"].Number();
        Assert.Equal("otto", EngineHost.Node((await _host.Engine.History.EventAsync(_host.Owner, "r", seq, Cancel)).Value)["by"].Text());
        await _host.RestartAsync();
        agent = await _host.CallerAsync(made.Secret);
        var waiting = _host.Engine.Waits.WaitAsync(agent, "r", "false", TimeSpan.FromMinutes(10), EngineHost.Shape(""), Cancel);
        await _host.ParkedAsync("r");

        Assert.Null(change == "removed"
            ? (await _host.Engine.Rooms.RemoveMemberAsync(_host.Owner, "r", "otto", Cancel)).Error
            : (await _host.Engine.Rooms.InviteAsync(_host.Owner, "r", "otto", Role.Observer, Cancel)).Error);

        Assert.NotNull((await _host.TryInvokeAsync(agent, "r", "_send_message", """{"body":"no"}""")).Error);
        Assert.NotNull((await _host.TryInvokeAsync(child, "r", "_send_message", """{"body":"no"}""")).Error);
        Assert.Equal(left is null, (await _host.Engine.Context.ReadAsync(agent, "r", EngineHost.Shape(""), Cancel)).Error is not null);
        if (left is null)
        {
            Assert.NotNull((await waiting).Error);
        }
        else
        {
            _time.Advance(TimeSpan.FromMinutes(11));
            Assert.Null((await waiting).Error);
        }

        Assert.Null((await _host.TryInvokeAsync(pat, "r", "_send_message", """{"body":"mine"}""", agent: "pats")).Error);
        Assert.NotNull(otto);
    }

    [Fact]
    public async Task AgentToken_OfAnOwnAgent_IsNobodyElses()
    {
        var pat = await _host.MemberAsync("r", "pat", Role.Participant, "rooms:*");
        await _host.Engine.Agents.JoinAsync(pat, "r", EngineHost.Json("""{"id":"pats"}"""), Cancel);
        var made = (await Door.MintAsync(pat, "r", new MintRoomToken { Kind = RoomTokenKind.Agent, Agent = "pats" }, Cancel)).Value;

        var seq = (await _host.InvokeAsync(await _host.CallerAsync(made.Secret), "r", "_send_message", """{"body":"as pats"}"""))["seq"].Number();

        Assert.Equal("pat", made.Info.MadeBy);
        Assert.Null(EngineHost.Node((await _host.Engine.History.EventAsync(_host.Owner, "r", seq, Cancel)).Value)["by"]);
    }

    [Fact]
    public async Task Revoke_EndsItAtOnce_AndAcrossARestart()
    {
        var alice = await _host.JoinAsync("r", "alice");
        var waiting = _host.Engine.Waits.WaitAsync(alice, "r", "false", TimeSpan.FromSeconds(20), EngineHost.Shape(""), Cancel);
        var room = await _host.LoadedAsync("r");
        await EngineHost.UntilAsync(() => room.Waits.Count == 1);

        foreach (var token in (await Door.ListAsync(_host.Owner, "r", Cancel)).Value)
        {
            Assert.True((await Door.RevokeAsync(_host.Owner, "r", token.Id, Cancel)).Value.Revoked);
        }

        Assert.NotNull((await waiting).Error);
        await _host.RestartAsync();
        Assert.Equal(ErrorCode.InvalidToken, (await _host.AuthenticateErrorAsync(_room.RoomToken))?.Code);
        Assert.Equal(ErrorCode.InvalidToken, (await _host.AuthenticateErrorAsync(_room.ViewToken))?.Code);
        Assert.All((await Door.ListAsync(_host.Owner, "r", Cancel)).Value, token => Assert.True(token.Revoked));
    }

    /// <summary>Who asks to revoke whose token.</summary>
    [Theory]
    [InlineData("alice", "alice", null)]
    [InlineData("bob", "alice", "token_not_found")]
    [InlineData("pat", "alice", "token_not_found")]
    [InlineData("pat", "room", "token_not_found")]
    [InlineData("alice", "view", "token_not_found")]
    [InlineData("owner", "alice", null)]
    [InlineData("owner", "view", null)]
    [InlineData("view", "alice", "read_only_token")]
    [InlineData("stranger", "view", "scope_denied")]
    [InlineData("anonymous", "view", "authentication_required")]
    [InlineData("elsewhere", "alice", "scope_denied")]
    public async Task Revoke_ByWhomever_IsAsFarAsTheyManage(string who, string whose, string? code)
    {
        var other = await _host.RoomAsync("other");
        var alice = await _host.JoinAsync("r", "alice");
        Caller caller = who switch
        {
            "alice" => alice,
            "bob" => await _host.JoinAsync("r", "bob"),
            "pat" => await _host.MemberAsync("r", "pat", Role.Participant, "rooms:*"),
            "owner" => _host.Owner,
            "view" => await _host.CallerAsync(_room.ViewToken),
            "stranger" => await _host.UserAsync("sam", "rooms:*"),
            "elsewhere" => await _host.CallerAsync(other.RoomToken),
            _ => Caller.Anonymous,
        };
        var id = (await Door.ListAsync(_host.Owner, "r", Cancel)).Value.Single(token => whose switch
        {
            "room" => token.Kind == RoomTokenKind.Room,
            "view" => token.Kind == RoomTokenKind.View,
            _ => token.Agent == whose,
        }).Id;

        Assert.Equal(code, (await Door.RevokeAsync(caller, "r", id, Cancel)).Error?.Code.Name);
        Assert.Equal(ErrorCode.TokenNotFound, (await Door.RevokeAsync(_host.Owner, "other", id, Cancel)).Error?.Code);
    }

    [Fact]
    public async Task Mint_ByWhomever_IsAsFarAsTheyMay()
    {
        var alice = await _host.JoinAsync("r", "alice");
        await _host.JoinAsync("r", "bob");
        var pat = await _host.MemberAsync("r", "pat", Role.Collaborator, "rooms:*");

        Assert.Equal("room_token_required", (await MintAsync(pat, RoomTokenKind.Room)).Error!.Code.Name);
        Assert.Equal("room_token_required", (await MintAsync(alice, RoomTokenKind.View)).Error!.Code.Name);
        Assert.Equal("identity_mismatch", (await MintAsync(alice, RoomTokenKind.Agent, "bob")).Error!.Code.Name);
        Assert.Equal("identity_mismatch", (await MintAsync(pat, RoomTokenKind.Agent, "bob")).Error!.Code.Name);
        Assert.Equal("agent_not_found", (await MintAsync(_host.Owner, RoomTokenKind.Agent, "nobody")).Error!.Code.Name);
        Assert.Equal("invalid_parameter", (await MintAsync(_host.Owner, RoomTokenKind.Agent)).Error!.Code.Name);
        Assert.Equal("invalid_parameter", (await MintAsync(_host.Owner, RoomTokenKind.Room, "bob")).Error!.Code.Name);
        Assert.Equal("alice", (await _host.ContextAsync(await _host.CallerAsync((await MintAsync(alice, RoomTokenKind.Agent, "alice")).Value.Secret), "r"))["self"].Text());
        Assert.Equal("bob", (await _host.ContextAsync(await _host.CallerAsync((await MintAsync(_host.Owner, RoomTokenKind.Agent, "bob")).Value.Secret), "r"))["self"].Text());
    }

    [Fact]
    public async Task Mint_ByAnOwnersTokenThatJoinedAsAnAgent_IsForEveryAgent()
    {
        await _host.JoinAsync("r", "ann");
        Assert.Null((await _host.Engine.Agents.JoinAsync(_host.Owner, "r", EngineHost.Json("""{"id":"scout"}"""), Cancel)).Error);
        var pat = await _host.MemberAsync("r", "pat", Role.Collaborator, "rooms:*");
        Assert.Null((await _host.Engine.Agents.JoinAsync(pat, "r", EngineHost.Json("""{"id":"pats"}"""), Cancel)).Error);
        var narrow = await _host.UserAsync("olga", "rooms:r:agent:scout");

        var made = (await MintAsync(_host.Owner, RoomTokenKind.Agent, "ann")).Value;
        Assert.Equal("ann", (await _host.ContextAsync(await _host.CallerAsync(made.Secret), "r"))["self"].Text());
        Assert.Contains((await Door.ListAsync(_host.Owner, "r", Cancel)).Value, token => token.Id == made.Info.Id);
        Assert.Null((await Door.RevokeAsync(_host.Owner, "r", made.Info.Id, Cancel)).Error);

        // A token of one agent, also an owner's, and who has less than full access, make none of others.
        Assert.Equal("identity_mismatch", (await MintAsync(narrow, RoomTokenKind.Agent, "ann")).Error!.Code.Name);
        Assert.Equal("identity_mismatch", (await MintAsync(pat, RoomTokenKind.Agent, "ann")).Error!.Code.Name);
        Assert.Null((await MintAsync(pat, RoomTokenKind.Agent, "pats")).Error);
    }

    [Fact]
    public async Task Replace_OfItself_LeavesTheNewOneAlive()
    {
        var alice = await _host.JoinAsync("r", "alice");

        var made = (await Door.MintAsync(alice, "r", new MintRoomToken { Kind = RoomTokenKind.Agent, Agent = "alice", Replaces = alice.TokenId }, Cancel)).Value;

        Assert.Null(made.Info.ParentId);
        Assert.Null(await _host.AuthenticateErrorAsync(made.Secret));
        Assert.Null(_host.Engine.IdentityCache.Current(alice));
        var room = await _host.CallerAsync(_room.RoomToken);
        var replaced = (await Door.MintAsync(room, "r", new MintRoomToken { Kind = RoomTokenKind.Room, Replaces = room.TokenId }, Cancel)).Value;
        Assert.Equal(AccessLevel.Admin, (await _host.Engine.Rooms.GetAsync(await _host.CallerAsync(replaced.Secret), "r", Cancel)).Value.Access);
        Assert.NotNull(await _host.AuthenticateErrorAsync(_room.RoomToken));
        Assert.Equal(ErrorCode.InvalidParameter, (await Door.MintAsync(_host.Owner, "r", new MintRoomToken { Kind = RoomTokenKind.View, Replaces = replaced.Info.Id }, Cancel)).Error?.Code);
    }

    [Fact]
    public async Task MadeByAToken_EndWithIt()
    {
        var session = await _host.SessionAsync("olga");
        var maker = (await _host.MintAsync(session, "rooms:* create_rooms", expiresIn: TimeSpan.FromHours(1))).Value;
        var caller = await _host.CallerAsync(maker.Secret);
        var created = (await _host.Engine.Rooms.CreateAsync(caller, new CreateRoom("made", null, null), Cancel)).Value;
        var joined = EngineHost.Node((await _host.Engine.Agents.JoinAsync(caller, "made", EngineHost.Json("""{"id":"bot"}"""), Cancel)).Value.Json)["token"]!.GetValue<string>();
        Assert.Equal(ErrorCode.ScopeExceedsToken, (await Door.MintAsync(caller, "made", new MintRoomToken { Kind = RoomTokenKind.View, ExpiresIn = TimeSpan.FromHours(2) }, Cancel)).Error?.Code);
        Assert.All((await Door.ListAsync(session, "made", Cancel)).Value, token => Assert.Equal((maker.Info.Id, maker.Info.ExpiresAt), (token.ParentId, token.ExpiresAt)));

        await _host.Engine.Tokens.RevokeAsync(session, maker.Info.Id, Cancel);

        foreach (var secret in (string[])[created.RoomToken, created.ViewToken, joined])
        {
            Assert.Equal(ErrorCode.InvalidToken, (await _host.AuthenticateErrorAsync(secret))?.Code);
        }
    }

    [Fact]
    public async Task MadeByAMember_EndWithTheirRole_AndStayEndedWhenTheyAreBack()
    {
        await _host.MemberAsync("r", "pat", Role.Owner, "rooms:*");
        var pat = await _host.SessionAsync("pat");
        var room = (await MintAsync(pat, RoomTokenKind.Room)).Value;
        var view = (await MintAsync(pat, RoomTokenKind.View)).Value;
        var other = (await MintAsync(_host.Owner, RoomTokenKind.View)).Value;
        var deputy = (await MintAsync(await _host.CallerAsync(room.Secret), RoomTokenKind.Room)).Value;

        await _host.GiveRoleAsync("r", "pat", Role.Observer);
        Assert.Equal(AccessLevel.Read, (await _host.Engine.Rooms.GetAsync(await _host.CallerAsync(room.Secret), "r", Cancel)).Value.Access);
        await _host.Engine.Rooms.RemoveMemberAsync(_host.Owner, "r", "pat", Cancel);
        await _host.GiveRoleAsync("r", "pat", Role.Owner);

        foreach (var secret in (string[])[room.Secret, view.Secret, deputy.Secret])
        {
            Assert.Equal(ErrorCode.InvalidToken, (await _host.AuthenticateErrorAsync(secret))?.Code);
        }

        Assert.Null(await _host.AuthenticateErrorAsync(other.Secret));
    }

    [Fact]
    public async Task Claim_ByWhoWasOwner_IsRefused()
    {
        await _host.MemberAsync("r", "pat", Role.Owner, "rooms:*");
        var room = (await MintAsync(await _host.SessionAsync("pat"), RoomTokenKind.Room)).Value;
        await _host.Engine.Rooms.RemoveMemberAsync(_host.Owner, "r", "pat", Cancel);

        foreach (var secret in (string[])[room.Secret, _room.RoomToken])
        {
            Assert.Equal("already_owned", (await _host.Engine.Rooms.ClaimAsync(await _host.UserAsync("pat", "rooms:*"), "r", secret, Cancel)).Error!.Code.Name);
        }
    }

    [Fact]
    public async Task Mint_OfManyOfAKind_KeepsTheTwentyLatest_AndEndsNothingElse()
    {
        var first = await _host.JoinAsync("r", "alice");
        var caller = first;
        for (var index = 0; index < 30; index++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            caller = await _host.CallerAsync((await MintAsync(caller, RoomTokenKind.Agent, "alice")).Value.Secret);
        }

        Assert.Null(_host.Engine.IdentityCache.Current(first));
        Assert.NotNull(_host.Engine.IdentityCache.Current(caller));
        Assert.Equal(20, (await Door.ListAsync(caller, "r", Cancel)).Value.Count);
    }

    [Fact]
    public async Task Deleted_Room_LeavesNoneToTheNextOfItsId()
    {
        var made = (await MintAsync(_host.Owner, RoomTokenKind.View)).Value;
        await _host.Engine.Rooms.DeleteAsync(_host.Owner, "r", Cancel);
        await _host.RoomAsync("r");

        Assert.Equal(ErrorCode.InvalidToken, (await _host.AuthenticateErrorAsync(made.Secret))?.Code);
        Assert.DoesNotContain((await Door.ListAsync(_host.Owner, "r", Cancel)).Value, token => token.Id == made.Info.Id);
    }

    private Task<Outcome<RoomTokenMade>> MintAsync(Caller caller, RoomTokenKind kind, string? agent = null) =>
        Door.MintAsync(caller, "r", new MintRoomToken { Kind = kind, Agent = agent }, Cancel);

    private async Task<IEnumerable<string>> ListAsync(Caller caller) => (await Door.ListAsync(caller, "r", Cancel)).Value.Select(token => $"{token.Kind} {token.Agent}").Order(StringComparer.Ordinal);

    private static (string? MadeBy, string? Parent) Facts(IReadOnlyList<RoomTokenInfo> tokens, RoomTokenKind kind, string? agent)
    {
        var token = tokens.Single(token => token.Kind == kind && token.Agent == agent);
        return (token.MadeBy, token.ParentId);
    }
}
