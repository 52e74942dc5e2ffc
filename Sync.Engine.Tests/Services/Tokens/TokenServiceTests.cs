using System.Text;
using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Rooms;
using Sync.Engine.Services.Tokens;

namespace Sync.Engine.Tests.Services.Tokens;

public sealed class TokenServiceTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = EngineHost.Clock();
    private EngineHost _host = null!;
    private Caller _session = null!;

    private static CancellationToken Cancel => EngineHost.Cancel;

    private TokenService Tokens => _host.Engine.Tokens;

    public async ValueTask InitializeAsync()
    {
        _host = await EngineHost.StartAsync(_time);
        await _host.RoomAsync("a");
        await _host.RoomAsync("b");
        _session = await _host.SessionAsync("olga");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("rooms:a:read", null, null, "rooms:a:read")]
    [InlineData("rooms:a:read", "a", null, "rooms:a:read")]
    [InlineData("rooms:*:write", "a", null, "rooms:a:write")]
    [InlineData("rooms:*", "a", "x", "rooms:a:agent:x")]
    [InlineData("rooms:a", null, "x", "rooms:a:agent:x")]
    [InlineData("create_rooms rooms:a:write", null, "x", "create_rooms rooms:a:agent:x")]
    [InlineData("rooms:*:read rooms:a:write", null, "x", "rooms:*:read rooms:a:agent:x")]
    [InlineData(null, "a", "x", "rooms:a:agent:x")]
    [InlineData(null, "a", null, "rooms:a")]
    [InlineData(" ", "a", null, "rooms:a")]
    [InlineData("rooms:a:view:x rooms:a:view:y", "a", null, "rooms:a:view:x rooms:a:view:y")]
    [InlineData("rooms:b:view:x rooms:a:write", null, null, "rooms:a:write rooms:b:view:x")]
    public async Task Mint_ScopeRoomAndAgent_MakeTheScope(string? scope, string? room, string? agent, string expected)
    {
        var minted = (await _host.MintAsync(_session, scope, room, agent)).Value;

        Assert.Equal(expected, minted.Info.Scope);
        Assert.Equal(expected, (await _host.CallerAsync(minted.Secret)).Token!.Scope.Text);
    }

    [Fact]
    public async Task Bound_AgentThatSomebodyElseJoinedAs_IsNotTheTokens()
    {
        await _host.UserAsync("pat", "rooms:a:write");
        await _host.GiveRoleAsync("a", "pat", Role.Participant);
        var bound = await _host.CallerAsync((await _host.MintAsync(await _host.SessionAsync("pat"), "rooms:a:agent:x")).Value.Secret);
        await _host.JoinAsync("a", "x", ""","state":{"plan":"secret"}""");

        var acting = await _host.RefusedAsync(bound, "a", "_send_message", """{"body":"as x"}""");
        var joining = await _host.Engine.Agents.JoinAsync(bound, "a", EngineHost.Json("""{"id":"x"}"""), Cancel);
        var context = await _host.ContextAsync(bound, "a");

        Assert.Equal(ErrorCode.IdentityMismatch, acting.Code);
        Assert.Equal(ErrorCode.AgentExists, joining.Error!.Code);
        Assert.DoesNotContain("secret", context.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, null, "scope")]
    [InlineData(null, null, "x", "agent_id")]
    [InlineData("rooms:*", null, "x", "agent_id")]
    [InlineData("rooms:a rooms:b", null, "x", "agent_id")]
    [InlineData("rooms:a:read", null, "x", "agent_id")]
    [InlineData("rooms:a:agent:y", null, "x", "agent_id")]
    [InlineData("rooms:a", null, "_x", "agent_id")]
    [InlineData("rooms:b", "a", null, "room_id")]
    [InlineData("create_rooms rooms:a", "a", null, "room_id")]
    [InlineData("rooms:a", "a/b", null, "room_id")]
    public async Task Mint_Contradiction_IsInvalidParameterWithAHint(string? scope, string? room, string? agent, string field)
    {
        var error = (await _host.MintAsync(_session, scope, room, agent)).Error!;

        Assert.Equal((ErrorCode.InvalidParameter, field), (error.Code, error.Details!["field"]!.GetValue<string>()));
        Assert.False(string.IsNullOrEmpty(error.HintFor(PlainSteps.Instance)));
    }

    [Fact]
    public async Task Mint_BadScopeLabelOrLife_IsRefused()
    {
        Assert.Equal(ErrorCode.InvalidScope, (await _host.MintAsync(_session, "rooms:a:reads")).Error?.Code);
        Assert.Equal(ErrorCode.InvalidParameter, (await _host.MintAsync(_session, "rooms:a", expiresIn: TimeSpan.Zero)).Error?.Code);
        Assert.Equal(ErrorCode.InvalidParameter, (await Tokens.MintAsync(_session, new MintToken { Scope = "rooms:a", Label = new string('x', 201) }, Cancel)).Error?.Code);
    }

    [Fact]
    public async Task Mint_ByATokenThatEnds_DoesNotOutliveIt()
    {
        var parent = (await _host.MintAsync(_session, "rooms:a", expiresIn: TimeSpan.FromHours(1))).Value;
        var caller = await _host.CallerAsync(parent.Secret);
        _time.Advance(TimeSpan.FromMinutes(20));

        Assert.Equal(parent.Info.ExpiresAt, (await _host.MintAsync(caller, "rooms:a")).Value.Info.ExpiresAt);
        Assert.Equal(TimeSpan.FromMinutes(5), (await _host.MintAsync(caller, "rooms:a", expiresIn: TimeSpan.FromMinutes(5))).Value.ExpiresIn);
        Assert.Equal(ErrorCode.ScopeExceedsToken, (await _host.MintAsync(caller, "rooms:a", expiresIn: TimeSpan.FromMinutes(41))).Error!.Code);
        Assert.Equal(ErrorCode.ScopeExceedsToken, (await _host.MintAsync(caller, "rooms:a", withRefresh: true, expiresIn: TimeSpan.FromMinutes(5))).Error!.Code);

        var renewing = await _host.CallerAsync((await _host.MintAsync(_session, "rooms:a", withRefresh: true)).Value.Secret);
        Assert.Null((await _host.MintAsync(renewing, "rooms:a")).Value.Info.ExpiresAt);
    }

    [Fact]
    public async Task Mint_BeyondTheQuotaOfLiveOnes_IsRefused()
    {
        await _host.Engine.Database.ExecuteAsync(
            work => work.Execute(
                """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
                INSERT INTO tokens (id, hash, scope, user_id, created_ms, expires_ms) SELECT 't' || i, randomblob(32), 'rooms:a', $1, 0, $2 FROM n
                """,
                _session.UserId,
                _time.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds()),
            Cancel);

        Assert.Equal(ErrorCode.PayloadTooLarge, (await _host.MintAsync(_session, "rooms:a")).Error!.Code);

        _time.Advance(TimeSpan.FromHours(2));
        Assert.Null((await _host.MintAsync(_session, "rooms:a")).Error);
    }

    [Fact]
    public async Task Mint_Token_TellsAllOfIt()
    {
        var minted = (await Tokens.MintAsync(_session, new MintToken { Scope = "rooms:a:agent:x", Label = "laptop", ExpiresIn = TimeSpan.FromMinutes(5) }, Cancel)).Value;

        Assert.StartsWith("tok_", minted.Secret, StringComparison.Ordinal);
        Assert.Null(minted.RefreshSecret);
        Assert.Equal(TimeSpan.FromMinutes(5), minted.ExpiresIn);
        Assert.Equal(("a", "x", "laptop"), (minted.Info.RoomId, minted.Info.AgentId, minted.Info.Label));
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromMinutes(5), minted.Info.ExpiresAt);
        Assert.False(minted.Info.Refreshable || minted.Info.Revoked);
    }

    [Theory]
    [InlineData(null, 3600)]
    [InlineData(60, 60)]
    public async Task Mint_WithRefresh_AccessLivesAsAskedOrAnHour(int? asked, int seconds)
    {
        var minted = (await _host.MintAsync(_session, "rooms:a", withRefresh: true, expiresIn: asked is { } s ? TimeSpan.FromSeconds(s) : null)).Value;

        Assert.StartsWith("ref_", minted.RefreshSecret, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(seconds), minted.ExpiresIn);
        Assert.True(minted.Info.Refreshable);
    }

    /// <summary>Callers by their scope, and what each must not hand on, by whatever way.</summary>
    public static TheoryData<string, string> Widenings => new()
    {
        { "rooms:a:read", "rooms:a:write" },
        { "rooms:a:read", "rooms:a" },
        { "rooms:a:read", "rooms:b:read" },
        { "rooms:a:read", "rooms:*:read" },
        { "rooms:a:read", "create_rooms rooms:a:read" },
        { "rooms:a:write", "rooms:a:agent:x" },
        { "rooms:a:agent:x", "rooms:a:agent:y" },
        { "rooms:a:agent:x", "rooms:a:write" },
        { "rooms:a:agent:x", "rooms:a:read" },
        { "rooms:a:agent:x", "rooms:a" },
        { "rooms:*:write", "rooms:a" },
        { "rooms:*:read rooms:a", "rooms:b:write" },
        { "rooms:*", "rooms:* create_rooms" },
        { "create_rooms", "rooms:a:read" },
        { "rooms:b:read rooms:a:view:x", "rooms:a:read" },
        { "rooms:b:read rooms:a:view:x", "rooms:a:view:y" },
        { "rooms:b:read rooms:a:view:x", "rooms:a:view:x rooms:a:view:y" },
        { "rooms:a:agent:x", "rooms:a:view:x" },
    };

    [Theory]
    [MemberData(nameof(Widenings))]
    public async Task Widening_ByAnyWay_IsScopeExceedsToken(string held, string asked)
    {
        var minted = (await _host.MintAsync(_session, held, withRefresh: true)).Value;
        var caller = await _host.CallerAsync(minted.Secret);
        List<SyncError?> errors = [(await Tokens.RefreshAsync(minted.RefreshSecret!, clientId: null, asked, Cancel)).Error];
        if (Scope.Parse(held).Value.OnlyReads)
        {
            Assert.Equal(ErrorCode.ReadOnlyToken, (await _host.MintAsync(caller, asked)).Error?.Code);
            Assert.Equal(ErrorCode.ReadOnlyToken, (await Tokens.ChangeAsync(caller, minted.Info.Id, asked, label: null, Cancel)).Error?.Code);
        }
        else
        {
            var child = (await _host.MintAsync(caller, held)).Value;
            errors.Add((await _host.MintAsync(caller, asked)).Error);
            errors.Add((await Tokens.ChangeAsync(caller, minted.Info.Id, asked, label: null, Cancel)).Error);
            errors.Add((await Tokens.ChangeAsync(caller, child.Info.Id, asked, label: null, Cancel)).Error);
        }

        foreach (var error in errors)
        {
            Assert.Equal(ErrorCode.ScopeExceedsToken, error?.Code);
            Assert.Equal((Scope.Parse(asked).Value.Text, Scope.Parse(held).Value.Text), (error!.Details!["asked"]!.GetValue<string>(), error.Details["held"]!.GetValue<string>()));
            Assert.Contains(Scope.Parse(held).Value.Text, error.Hint, StringComparison.Ordinal);
        }

        Assert.Equal(Scope.Parse(held).Value.Text, _host.Engine.IdentityCache.ScopeOf(caller).Text);
        Assert.Null((await Tokens.RefreshAsync(minted.RefreshSecret!, clientId: null, scope: null, Cancel)).Error);
    }

    [Theory]
    [InlineData("rooms:a:write", null)]
    [InlineData("rooms:a:agent:new", null)]
    [InlineData("rooms:a:agent:hers", null)]
    [InlineData("rooms:* create_rooms", null)]
    [InlineData("rooms:a", "a")]
    [InlineData("rooms:a:agent:olga-bot", "a")]
    [InlineData("rooms:b:read", "b")]
    [InlineData("rooms:nowhere:read", "nowhere")]
    public async Task Mint_BeyondTheRole_IsScopeExceedsAccess(string asked, string? refusedFor)
    {
        var pia = await _host.MemberAsync("a", "pia", Role.Participant, "rooms:* create_rooms");
        await _host.Engine.Agents.JoinAsync(pia, "a", EngineHost.Json("""{"id":"hers"}"""), Cancel);
        await _host.Engine.Agents.JoinAsync(_host.Owner, "a", EngineHost.Json("""{"id":"olga-bot"}"""), Cancel);

        var error = (await _host.MintAsync(pia, asked)).Error;

        Assert.Equal(refusedFor is null ? null : ErrorCode.ScopeExceedsAccess, error?.Code);
        Assert.Equal(refusedFor, error?.Details!["room"]!.GetValue<string>());
        Assert.Equal(error?.Code, (await _host.MintAsync(await _host.SessionAsync("pia"), asked)).Error?.Code);
    }

    [Fact]
    public async Task Mint_RoomUnknownOrForeign_IsRefusedInTheSameWords()
    {
        var pia = await _host.UserAsync("pia", "rooms:*");

        var foreign = (await _host.MintAsync(pia, "rooms:b:read")).Error!;
        var unknown = (await _host.MintAsync(pia, "rooms:z:read")).Error!;

        Assert.Equal(foreign.Message.Replace("'b'", "'z'", StringComparison.Ordinal), unknown.Message);
        Assert.Equal(foreign.Hint, unknown.Hint);
    }

    [Fact]
    public async Task Mint_OwnerNamesAnyAgent_Observer_None()
    {
        await _host.JoinAsync("a", "stranger");
        var watcher = await _host.MemberAsync("a", "wim", Role.Observer, "rooms:*");

        Assert.Null((await _host.MintAsync(_host.Owner, "rooms:a:agent:stranger")).Error);
        Assert.Equal(ErrorCode.ScopeExceedsAccess, (await _host.MintAsync(watcher, "rooms:a:agent:new")).Error?.Code);
        Assert.Equal("rooms:a:read", (await _host.MintAsync(watcher, scope: null, room: "a")).Value.Info.Scope);
    }

    [Theory]
    [InlineData("create_rooms rooms:a:read", "rooms:a:read")]
    [InlineData("rooms:b:write rooms:a:view:x rooms:a:view:y", "rooms:a:view:x rooms:a:view:y")]
    [InlineData("rooms:a:agent:x", "rooms:a:agent:x")]
    [InlineData("rooms:*:write", "rooms:a:write")]
    public async Task Mint_RoomAlone_IsNarrowedToTheCaller(string held, string expected)
    {
        var caller = await _host.CallerAsync((await _host.MintAsync(_session, held)).Value.Secret);

        Assert.Equal(expected, (await _host.MintAsync(caller, scope: null, room: "a")).Value.Info.Scope);
        Assert.NotNull((await _host.MintAsync(caller, scope: null, room: "nowhere")).Error);
    }

    [Fact]
    public async Task List_ShowsWhatTheCallerManages_NewestFirst_NeverSessions()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        var wide = (await _host.MintAsync(_session, "rooms:* create_rooms")).Value;
        _time.Advance(TimeSpan.FromSeconds(1));
        var narrow = (await _host.MintAsync(_session, "rooms:a:write")).Value;
        _time.Advance(TimeSpan.FromSeconds(1));
        var child = (await _host.MintAsync(await _host.CallerAsync(narrow.Secret), "rooms:a:read")).Value;
        _time.Advance(TimeSpan.FromSeconds(1));
        var sibling = (await _host.MintAsync(_session, "rooms:a:read")).Value;
        var foreign = await _host.UserAsync("pia", "rooms:a:read");
        List<string> all = [sibling.Info.Id, child.Info.Id, narrow.Info.Id, wide.Info.Id];

        var bySession = (await Tokens.ListAsync(_session, Cancel)).Value;
        var byWide = (await Tokens.ListAsync(await _host.CallerAsync(wide.Secret), Cancel)).Value.Select(token => token.Id).ToList();
        var byNarrow = (await Tokens.ListAsync(await _host.CallerAsync(narrow.Secret), Cancel)).Value.Select(token => token.Id);

        Assert.Equal([child.Info.Id, narrow.Info.Id], byNarrow);
        Assert.Equal(all, byWide[..4]);
        Assert.Equal(all, bySession.Select(token => token.Id).ToList()[..4]);
        Assert.Equal(narrow.Info.Id, bySession.Single(token => token.Id == child.Info.Id).ParentId);
        Assert.Null(bySession.Single(token => token.Id == narrow.Info.Id).ParentId);
        Assert.DoesNotContain(bySession, token => token.Id == _session.TokenId || token.Id == foreign.TokenId);
    }

    [Fact]
    public async Task List_DeadTokens_StayThirtyDays()
    {
        var revoked = (await _host.MintAsync(_session, "rooms:a")).Value.Info.Id;
        var expired = (await _host.MintAsync(_session, "rooms:a", expiresIn: TimeSpan.FromSeconds(1))).Value.Info.Id;
        var refreshable = (await _host.MintAsync(_session, "rooms:a", withRefresh: true, expiresIn: TimeSpan.FromSeconds(1))).Value.Info.Id;
        await Tokens.RevokeAsync(_session, revoked, Cancel);
        _time.Advance(TimeSpan.FromDays(29));

        var before = (await Tokens.ListAsync(_session, Cancel)).Value;
        Assert.True(before.Single(token => token.Id == revoked).Revoked);
        Assert.True(before.Single(token => token.Id == refreshable).Refreshable);
        Assert.Contains(before, token => token.Id == expired);

        _time.Advance(TimeSpan.FromDays(2));
        var after = (await Tokens.ListAsync(_session, Cancel)).Value.Select(token => token.Id).ToList();
        Assert.DoesNotContain(revoked, after);
        Assert.DoesNotContain(expired, after);
        Assert.DoesNotContain(refreshable, after);
    }

    [Fact]
    public async Task Change_Scope_HoldsForACallerAlreadyIn()
    {
        var minted = (await _host.MintAsync(_session, "rooms:a")).Value;
        var caller = await _host.CallerAsync(minted.Secret);

        var changed = (await Tokens.ChangeAsync(caller, minted.Info.Id, "rooms:a:write", "less", Cancel)).Value;

        Assert.Equal(("rooms:a", "rooms:a:write", "less"), (changed.PreviousScope, changed.Info.Scope, changed.Info.Label));
        Assert.Equal(AccessLevel.Write, (await _host.Engine.Rooms.GetAsync(caller, "a", Cancel)).Value.Access);
        Assert.Equal(ErrorCode.ScopeExceedsToken, (await Tokens.ChangeAsync(caller, minted.Info.Id, "rooms:a", label: null, Cancel)).Error?.Code);
        Assert.Equal("rooms:a", (await Tokens.ChangeAsync(_session, minted.Info.Id, "rooms:a", label: null, Cancel)).Value.Info.Scope);
    }

    [Fact]
    public async Task Change_OfItselfWhileItIsNarrowed_DoesNotBringTheScopeBack()
    {
        var wide = await _host.CallerAsync((await _host.MintAsync(_session, "rooms:*")).Value.Secret);
        using var writing = new ManualResetEventSlim();
        var holding = _host.Engine.Database.ExecuteAsync(
            _ =>
            {
                writing.Wait(Cancel);
                return true;
            },
            Cancel);

        // The narrowing has its turn and waits for the disk; the other one comes while the old scope still stands.
        var narrowing = Tokens.ChangeAsync(_session, wide.TokenId!, "rooms:a:write", label: null, Cancel);
        await EngineHost.UntilAsync(() => _host.Engine.IdentityCache.IsChanging);
        var widening = Tokens.ChangeAsync(wide, wide.TokenId!, "rooms:*", label: null, Cancel);
        writing.Set();
        await holding;

        Assert.Null((await narrowing).Error);
        Assert.Equal(ErrorCode.ScopeExceedsToken, (await widening).Error!.Code);
        Assert.Equal("rooms:a:write", _host.Engine.IdentityCache.ScopeOf(wide).Text);
    }

    [Fact]
    public async Task Change_BeyondTheRole_IsScopeExceedsAccess()
    {
        var pia = await _host.MemberAsync("a", "pia", Role.Observer, "rooms:*");

        Assert.Equal(ErrorCode.ScopeExceedsAccess, (await Tokens.ChangeAsync(pia, pia.TokenId!, "rooms:a:write", label: null, Cancel)).Error?.Code);
        Assert.Null((await Tokens.ChangeAsync(pia, pia.TokenId!, scope: null, "mine", Cancel)).Error);
    }

    [Fact]
    public async Task Change_Scope_LeavesTheAgentOfAJoin()
    {
        var minted = (await _host.MintAsync(_session, "rooms:a:write")).Value;
        var caller = await _host.CallerAsync(minted.Secret);
        await _host.Engine.Agents.JoinAsync(caller, "a", EngineHost.Json("""{"id":"bot"}"""), Cancel);

        await Tokens.ChangeAsync(_session, minted.Info.Id, "rooms:a:write rooms:b:write", label: null, Cancel);

        Assert.Equal("bot", _host.Engine.IdentityCache.Current(caller)!.Agents["a"].Agent);
    }

    [Fact]
    public async Task ChangeAndRevoke_UnknownForeignOrSession_AreTokenNotFoundAlike()
    {
        var pia = await _host.UserAsync("pia", "rooms:* create_rooms");

        foreach (var id in new[] { "t_nothing", _host.Owner.TokenId!, _session.TokenId!, "" })
        {
            Assert.Equal(ErrorCode.TokenNotFound, (await Tokens.ChangeAsync(pia, id, scope: null, "x", Cancel)).Error?.Code);
            Assert.Equal(ErrorCode.TokenNotFound, (await Tokens.RevokeAsync(pia, id, Cancel)).Error?.Code);
        }

        Assert.Equal(ErrorCode.TokenNotFound, (await Tokens.RevokeAsync(_session, _session.TokenId!, Cancel)).Error?.Code);
    }

    [Fact]
    public async Task Revoke_Token_KillsItAndItsRefresh_AgainChangesNothing()
    {
        var minted = (await _host.MintAsync(_session, "rooms:a", withRefresh: true)).Value;

        Assert.True((await Tokens.RevokeAsync(_session, minted.Info.Id, Cancel)).Value.Revoked);
        Assert.True((await Tokens.RevokeAsync(_session, minted.Info.Id, Cancel)).Value.Revoked);

        Assert.Equal(ErrorCode.InvalidToken, (await _host.AuthenticateErrorAsync(minted.Secret))?.Code);
        Assert.Equal(ErrorCode.InvalidToken, (await Tokens.RefreshAsync(minted.RefreshSecret!, null, null, Cancel)).Error?.Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RevokeSecret_EitherSecret_KillsBoth(bool byRefresh)
    {
        var minted = (await _host.MintAsync(_session, "rooms:a", withRefresh: true)).Value;

        await Tokens.RevokeSecretAsync(byRefresh ? minted.RefreshSecret! : minted.Secret, clientId: null, Cancel);

        Assert.Equal(ErrorCode.InvalidToken, (await _host.AuthenticateErrorAsync(minted.Secret))?.Code);
        Assert.Equal(ErrorCode.InvalidToken, (await Tokens.RefreshAsync(minted.RefreshSecret!, null, null, Cancel)).Error?.Code);
    }

    [Fact]
    public async Task RevokeSecret_UnknownMalformedOrARoomsOwn_IsPassedOver()
    {
        var room = await _host.RoomAsync("c");

        await Tokens.RevokeSecretAsync("ref_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", clientId: null, Cancel);
        await Tokens.RevokeSecretAsync("nonsense", clientId: null, Cancel);
        await Tokens.RevokeSecretAsync(room.RoomToken, clientId: null, Cancel);

        Assert.Null(await _host.AuthenticateErrorAsync(room.RoomToken));
    }

    [Fact]
    public async Task Revoke_EndsAParkedWait()
    {
        var minted = (await _host.MintAsync(_session, "rooms:a:read")).Value;
        var waiting = _host.Engine.Waits.WaitAsync(await _host.CallerAsync(minted.Secret), "a", "false", TimeSpan.FromSeconds(20), EngineHost.Shape(""), Cancel);
        var room = await _host.LoadedAsync("a");
        await EngineHost.UntilAsync(() => room.Waits.Count == 1);

        await Tokens.RevokeAsync(_session, minted.Info.Id, Cancel);

        Assert.NotNull((await waiting).Error);
    }

    [Fact]
    public async Task CreateRoom_AppendsToTheCreatingTokenOnly()
    {
        var creator = (await _host.MintAsync(_session, "create_rooms")).Value;
        var other = (await _host.MintAsync(_session, "create_rooms")).Value;
        var caller = await _host.CallerAsync(creator.Secret);

        await _host.Engine.Rooms.CreateAsync(caller, new CreateRoom("mine", Name: null, JoinPolicy.Open), Cancel);

        Assert.Equal("create_rooms rooms:mine", _host.Engine.IdentityCache.ScopeOf(caller).Text);
        Assert.Equal("create_rooms", (await _host.CallerAsync(other.Secret)).Token!.Scope.Text);
        Assert.Equal(ErrorCode.ScopeExceedsToken, (await _host.MintAsync(await _host.CallerAsync(other.Secret), "rooms:mine")).Error?.Code);
    }

    [Fact]
    public async Task Elevate_AddsTheRoomOnceMore_OnlyAsFarAsTheRole()
    {
        var pia = await _host.MemberAsync("a", "pia", Role.Participant, "rooms:b:read");
        var session = await _host.SessionAsync("pia");

        var shown = (await Tokens.ElevationAsync(session, pia.TokenId!, "a", AccessLevel.Write, Cancel)).Value;
        Assert.Equal(("rooms:a:write", "rooms:a:write rooms:b:read", false), (shown.Adds, shown.ScopeAfter, shown.AlreadyHeld));
        Assert.Equal("rooms:b:read", _host.Engine.IdentityCache.ScopeOf(pia).Text);

        Assert.Equal("rooms:a:write rooms:b:read", (await Tokens.ElevateAsync(session, pia.TokenId!, "a", AccessLevel.Write, Cancel)).Value.Token.Scope);
        Assert.Equal(AccessLevel.Write, (await _host.Engine.Rooms.GetAsync(pia, "a", Cancel)).Value.Access);
        Assert.True((await Tokens.ElevationAsync(session, pia.TokenId!, "a", AccessLevel.Read, Cancel)).Value.AlreadyHeld);
        foreach (var (room, level) in new[] { ("a", AccessLevel.Admin), ("b", AccessLevel.Read), ("nowhere", AccessLevel.Read), ("a/b", AccessLevel.Read) })
        {
            Assert.Equal(ErrorCode.ScopeExceedsAccess, (await Tokens.ElevateAsync(session, pia.TokenId!, room, level, Cancel)).Error?.Code);
        }
    }

    [Theory]
    [InlineData(AccessLevel.Read, "rooms:a:agent:x")]
    [InlineData(AccessLevel.Write, "rooms:a:agent:x")]
    [InlineData(AccessLevel.Admin, "rooms:a")]
    public async Task Elevate_TokenBoundToAnAgent_StaysBoundBelowFullAccess(AccessLevel level, string expected)
    {
        var bound = (await _host.MintAsync(_session, "rooms:a:agent:x")).Value;

        Assert.Equal(expected, (await Tokens.ElevateAsync(_session, bound.Info.Id, "a", level, Cancel)).Value.ScopeAfter);
    }

    [Fact]
    public async Task Elevate_ByAnotherUserOrAToken_IsRefused()
    {
        var minted = (await _host.MintAsync(_session, "rooms:b:read")).Value;
        var other = await _host.SessionAsync("pia");

        Assert.Equal(ErrorCode.TokenNotFound, (await Tokens.ElevateAsync(other, minted.Info.Id, "a", AccessLevel.Read, Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.TokenNotFound, (await Tokens.ElevateAsync(_session, _session.TokenId!, "a", AccessLevel.Read, Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.AuthenticationRequired, (await Tokens.ElevateAsync(_host.Owner, minted.Info.Id, "a", AccessLevel.Read, Cancel)).Error?.Code);
        await Tokens.RevokeAsync(_session, minted.Info.Id, Cancel);
        Assert.Equal(ErrorCode.TokenNotFound, (await Tokens.ElevateAsync(_session, minted.Info.Id, "a", AccessLevel.Read, Cancel)).Error?.Code);
    }

    [Fact]
    public async Task EveryCall_AnonymousOrWithoutUserOrDead_IsRefused()
    {
        var room = await _host.RoomAsync("c");
        var legacy = await _host.CallerAsync(room.RoomToken);
        var minted = (await _host.MintAsync(_session, "rooms:*")).Value;
        var dead = await _host.CallerAsync(minted.Secret);
        await Tokens.RevokeAsync(_session, minted.Info.Id, Cancel);

        foreach (var (caller, code) in new[]
        {
            (Caller.Anonymous, ErrorCode.AuthenticationRequired),
            (legacy, ErrorCode.IdentityMismatch),
            (await _host.CallerAsync(room.ViewToken), ErrorCode.IdentityMismatch),
            (await _host.JoinAsync("c", "bob"), ErrorCode.IdentityMismatch),
            (Caller.System("demo"), ErrorCode.IdentityMismatch),
            (dead, ErrorCode.InvalidToken),
        })
        {
            Assert.Equal(code, (await _host.MintAsync(caller, "rooms:c:read")).Error?.Code);
            Assert.Equal(code, (await Tokens.ListAsync(caller, Cancel)).Error?.Code);
            Assert.Equal(code, (await Tokens.ChangeAsync(caller, _host.Owner.TokenId!, scope: null, "x", Cancel)).Error?.Code);
            Assert.Equal(code, (await Tokens.RevokeAsync(caller, _host.Owner.TokenId!, Cancel)).Error?.Code);
            Assert.Equal(ErrorCode.AuthenticationRequired, (await Tokens.ElevationAsync(caller, _host.Owner.TokenId!, "a", AccessLevel.Read, Cancel)).Error?.Code);
            Assert.Equal(ErrorCode.AuthenticationRequired, (await Tokens.ElevateAsync(caller, _host.Owner.TokenId!, "a", AccessLevel.Read, Cancel)).Error?.Code);
            Assert.Equal(ErrorCode.AuthenticationRequired, Tokens.Grantable(caller, asked: null).Error?.Code);
        }
    }

    [Fact]
    public async Task Grantable_NarrowsToTheRoles_AndSaysSoInWords()
    {
        await _host.MemberAsync("a", "pia", Role.Participant, "rooms:*");
        var session = await _host.SessionAsync("pia");

        var all = Tokens.Grantable(session, asked: " ").Value;
        Assert.Equal("create_rooms rooms:*", all.Requested);
        Assert.Equal(["create_rooms", "rooms:*"], all.Parts.Select(part => part.Text));
        Assert.Equal([new GrantableRoom("a", null, AccessLevel.Write, Agent: null)], all.Rooms);

        var some = Tokens.Grantable(session, "rooms:a rooms:b:read rooms:*:read").Value;
        Assert.Equal(
            [new GrantablePart("rooms:*:read", "Read every room you have a role in"), new GrantablePart("rooms:a:write", "Read and write in the room 'a'")],
            some.Parts);

        var agent = Tokens.Grantable(session, "rooms:a:agent:x rooms:b:agent:x rooms:c:write").Value;
        Assert.Equal([new GrantablePart("rooms:a:agent:x", "Act as agent 'x' in the room 'a'")], agent.Parts);
        Assert.Equal(["rooms:b:agent:x", "rooms:c:write"], agent.Withheld);
        Assert.Equal(ErrorCode.InvalidScope, Tokens.Grantable(session, "rooms").Error?.Code);
    }

    [Fact]
    public async Task Grantable_SingleViews_AreSaidSoInWordsAndOfferedAsAsked()
    {
        await _host.MemberAsync("a", "pia", Role.Observer, "rooms:*");
        var session = await _host.SessionAsync("pia");

        var shown = Tokens.Grantable(session, "rooms:a:view:x rooms:a:view:y rooms:b:view:x").Value;

        Assert.Equal([new GrantablePart("rooms:a:view:x rooms:a:view:y", "See 2 surfaces of the room 'a' and nothing else of it: 'x', 'y'")], shown.Parts);
        Assert.Equal(["rooms:b:view:x"], shown.Withheld);
        var room = Assert.Single(shown.Rooms);
        Assert.Equal(AccessLevel.Views, room.Level);
        Assert.Equal(["x", "y"], room.Views);
    }

    [Fact]
    public async Task Token_ThatOnlyShows_NeitherMintsNorManages()
    {
        var minted = (await _host.MintAsync(_session, "rooms:a:view:x rooms:a:view:y", withRefresh: true)).Value;
        var other = (await _host.MintAsync(_session, "rooms:a:view:x")).Value;
        var caller = await _host.CallerAsync(minted.Secret);

        foreach (var error in new[]
        {
            (await _host.MintAsync(caller, "rooms:a:view:x")).Error,
            (await Tokens.ListAsync(caller, Cancel)).Error,
            (await Tokens.ChangeAsync(caller, minted.Info.Id, "rooms:a:view:x", label: null, Cancel)).Error,
            (await Tokens.RevokeAsync(caller, other.Info.Id, Cancel)).Error,
        })
        {
            Assert.Equal(ErrorCode.ScopeDenied, error?.Code);
        }

        // Its holder may still narrow it when it is renewed, and never widen it.
        Assert.Equal(ErrorCode.ScopeExceedsToken, (await Tokens.RefreshAsync(minted.RefreshSecret!, clientId: null, "rooms:a:read", Cancel)).Error?.Code);
        var renewed = (await Tokens.RefreshAsync(minted.RefreshSecret!, clientId: null, "rooms:a:view:y", Cancel)).Value;
        Assert.Equal("rooms:a:view:y", renewed.Info.Scope);
        Assert.Equal(ErrorCode.ScopeExceedsToken, (await Tokens.RefreshAsync(renewed.RefreshSecret!, clientId: null, "rooms:a:view:x", Cancel)).Error?.Code);
    }

    [Fact]
    public async Task Mint_ViewsWithoutARole_IsScopeExceedsAccess()
    {
        var pia = await _host.UserAsync("pia", "rooms:*");

        Assert.Equal(ErrorCode.ScopeExceedsAccess, (await _host.MintAsync(pia, "rooms:b:view:x")).Error?.Code);
    }

    [Fact]
    public async Task Secrets_AreNowhereInTheFiles()
    {
        var minted = (await _host.MintAsync(_session, "rooms:a", withRefresh: true)).Value;
        var refreshed = (await Tokens.RefreshAsync(minted.RefreshSecret!, null, null, Cancel)).Value;
        var device = (await _host.Engine.Grants.StartDeviceAsync(client: null, scope: null, Cancel)).Value;

        foreach (var file in Directory.GetFiles(_host.Directory, "*.db*"))
        {
            using var bytes = new MemoryStream();
            await using (var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
            {
                await stream.CopyToAsync(bytes, Cancel);
            }

            Assert.True(bytes.Length > 0 || !file.EndsWith(".db", StringComparison.Ordinal));
            foreach (var secret in new[] { minted.Secret, minted.RefreshSecret!, refreshed.Secret, refreshed.RefreshSecret!, device.DeviceCode })
            {
                Assert.True(bytes.ToArray().AsSpan().IndexOf(Encoding.ASCII.GetBytes(secret[4..])) < 0, file);
            }
        }
    }
}
