using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Services.Tokens;

public sealed class TokenMintTests : TokenTestBase
{
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
        var minted = (await Host.MintAsync(Session, scope, room, agent)).Value;

        Assert.Equal(expected, minted.Info.Scope);
        Assert.Equal(expected, (await Host.CallerAsync(minted.Secret)).Token!.Scope.Text);
    }

    [Fact]
    public async Task Bound_AgentThatSomebodyElseJoinedAs_IsNotTheTokens()
    {
        await Host.UserAsync("pat", "rooms:a:write");
        await Host.GiveRoleAsync("a", "pat", Role.Participant);
        var bound = await Host.CallerAsync((await Host.MintAsync(await Host.SessionAsync("pat"), "rooms:a:agent:x")).Value.Secret);
        await Host.JoinAsync("a", "x", ""","state":{"plan":"secret"}""");

        var acting = await Host.RefusedAsync(bound, "a", "_send_message", """{"body":"as x"}""");
        var joining = await Host.Engine.Agents.JoinAsync(bound, "a", EngineHost.Json("""{"id":"x"}"""), Cancel);
        var context = await Host.ContextAsync(bound, "a");

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
        var error = (await Host.MintAsync(Session, scope, room, agent)).Error!;

        Assert.Equal((ErrorCode.InvalidParameter, field), (error.Code, error.Details!["field"]!.GetValue<string>()));
        Assert.False(string.IsNullOrEmpty(error.HintFor(PlainSteps.Instance)));
    }

    [Fact]
    public async Task Mint_BadScopeLabelOrLife_IsRefused()
    {
        Assert.Equal(ErrorCode.InvalidScope, (await Host.MintAsync(Session, "rooms:a:reads")).Error?.Code);
        Assert.Equal(ErrorCode.InvalidParameter, (await Host.MintAsync(Session, "rooms:a", expiresIn: TimeSpan.Zero)).Error?.Code);
        Assert.Equal(ErrorCode.InvalidParameter, (await Tokens.MintAsync(Session, new MintToken { Scope = "rooms:a", Label = new string('x', 201) }, Cancel)).Error?.Code);
    }

    [Fact]
    public async Task Mint_ByATokenThatEnds_DoesNotOutliveIt()
    {
        var parent = (await Host.MintAsync(Session, "rooms:a", expiresIn: TimeSpan.FromHours(1))).Value;
        var caller = await Host.CallerAsync(parent.Secret);
        Time.Advance(TimeSpan.FromMinutes(20));

        Assert.Equal(parent.Info.ExpiresAt, (await Host.MintAsync(caller, "rooms:a")).Value.Info.ExpiresAt);
        Assert.Equal(TimeSpan.FromMinutes(5), (await Host.MintAsync(caller, "rooms:a", expiresIn: TimeSpan.FromMinutes(5))).Value.ExpiresIn);
        Assert.Equal(ErrorCode.ScopeExceedsToken, (await Host.MintAsync(caller, "rooms:a", expiresIn: TimeSpan.FromMinutes(41))).Error!.Code);
        Assert.Equal(ErrorCode.ScopeExceedsToken, (await Host.MintAsync(caller, "rooms:a", withRefresh: true, expiresIn: TimeSpan.FromMinutes(5))).Error!.Code);

        var renewing = await Host.CallerAsync((await Host.MintAsync(Session, "rooms:a", withRefresh: true)).Value.Secret);
        Assert.Null((await Host.MintAsync(renewing, "rooms:a")).Value.Info.ExpiresAt);
    }

    [Fact]
    public async Task Mint_BeyondTheQuotaOfLiveOnes_IsRefused()
    {
        await Host.Engine.Database.ExecuteAsync(
            work => work.Execute(
                """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
                INSERT INTO tokens (id, hash, scope, user_id, created_ms, expires_ms) SELECT 't' || i, randomblob(32), 'rooms:a', $1, 0, $2 FROM n
                """,
                Session.UserId,
                Time.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds()),
            Cancel);

        Assert.Equal(ErrorCode.PayloadTooLarge, (await Host.MintAsync(Session, "rooms:a")).Error!.Code);

        Time.Advance(TimeSpan.FromHours(2));
        Assert.Null((await Host.MintAsync(Session, "rooms:a")).Error);
    }

    [Fact]
    public async Task Mint_Token_AnswersWithAllOfItsFields()
    {
        var minted = (await Tokens.MintAsync(Session, new MintToken { Scope = "rooms:a:agent:x", Label = "laptop", ExpiresIn = TimeSpan.FromMinutes(5) }, Cancel)).Value;

        Assert.StartsWith("tok_", minted.Secret, StringComparison.Ordinal);
        Assert.Null(minted.RefreshSecret);
        Assert.Equal(TimeSpan.FromMinutes(5), minted.ExpiresIn);
        Assert.Equal(("a", "x", "laptop"), (minted.Info.RoomId, minted.Info.AgentId, minted.Info.Label));
        Assert.Equal(Time.GetUtcNow() + TimeSpan.FromMinutes(5), minted.Info.ExpiresAt);
        Assert.False(minted.Info.Refreshable || minted.Info.Revoked);
    }

    [Theory]
    [InlineData(null, 3600)]
    [InlineData(60, 60)]
    public async Task Mint_WithRefresh_AccessLivesAsAskedOrAnHour(int? asked, int seconds)
    {
        var minted = (await Host.MintAsync(Session, "rooms:a", withRefresh: true, expiresIn: asked is { } s ? TimeSpan.FromSeconds(s) : null)).Value;

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
        var minted = (await Host.MintAsync(Session, held, withRefresh: true)).Value;
        var caller = await Host.CallerAsync(minted.Secret);
        List<SyncError?> errors = [(await Tokens.RefreshAsync(minted.RefreshSecret!, clientId: null, asked, Cancel)).Error];
        if (Scope.Parse(held).Value.OnlyReads)
        {
            Assert.Equal(ErrorCode.ReadOnlyToken, (await Host.MintAsync(caller, asked)).Error?.Code);
            Assert.Equal(ErrorCode.ReadOnlyToken, (await Tokens.ChangeAsync(caller, minted.Info.Id, asked, label: null, Cancel)).Error?.Code);
        }
        else
        {
            var child = (await Host.MintAsync(caller, held)).Value;
            errors.Add((await Host.MintAsync(caller, asked)).Error);
            errors.Add((await Tokens.ChangeAsync(caller, minted.Info.Id, asked, label: null, Cancel)).Error);
            errors.Add((await Tokens.ChangeAsync(caller, child.Info.Id, asked, label: null, Cancel)).Error);
        }

        foreach (var error in errors)
        {
            Assert.Equal(ErrorCode.ScopeExceedsToken, error?.Code);
            Assert.Equal((Scope.Parse(asked).Value.Text, Scope.Parse(held).Value.Text), (error!.Details!["asked"]!.GetValue<string>(), error.Details["held"]!.GetValue<string>()));
            Assert.Contains(Scope.Parse(held).Value.Text, error.Hint, StringComparison.Ordinal);
        }

        Assert.Equal(Scope.Parse(held).Value.Text, Host.Engine.IdentityCache.ScopeOf(caller).Text);
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
        var pia = await Host.MemberAsync("a", "pia", Role.Participant, "rooms:* create_rooms");
        await Host.Engine.Agents.JoinAsync(pia, "a", EngineHost.Json("""{"id":"hers"}"""), Cancel);
        await Host.Engine.Agents.JoinAsync(Host.Owner, "a", EngineHost.Json("""{"id":"olga-bot"}"""), Cancel);

        var error = (await Host.MintAsync(pia, asked)).Error;

        Assert.Equal(refusedFor is null ? null : ErrorCode.ScopeExceedsAccess, error?.Code);
        Assert.Equal(refusedFor, error?.Details!["room"]!.GetValue<string>());
        Assert.Equal(error?.Code, (await Host.MintAsync(await Host.SessionAsync("pia"), asked)).Error?.Code);
    }

    [Fact]
    public async Task Mint_RoomUnknownOrForeign_IsRefusedInTheSameWords()
    {
        var pia = await Host.UserAsync("pia", "rooms:*");

        var foreign = (await Host.MintAsync(pia, "rooms:b:read")).Error!;
        var unknown = (await Host.MintAsync(pia, "rooms:z:read")).Error!;

        Assert.Equal(foreign.Message.Replace("'b'", "'z'", StringComparison.Ordinal), unknown.Message);
        Assert.Equal(foreign.Hint, unknown.Hint);
    }

    [Fact]
    public async Task Mint_OwnerNamesAnyAgent_Observer_None()
    {
        await Host.JoinAsync("a", "stranger");
        var watcher = await Host.MemberAsync("a", "wim", Role.Observer, "rooms:*");

        Assert.Null((await Host.MintAsync(Host.Owner, "rooms:a:agent:stranger")).Error);
        Assert.Equal(ErrorCode.ScopeExceedsAccess, (await Host.MintAsync(watcher, "rooms:a:agent:new")).Error?.Code);
        Assert.Equal("rooms:a:read", (await Host.MintAsync(watcher, scope: null, room: "a")).Value.Info.Scope);
    }

    [Theory]
    [InlineData("create_rooms rooms:a:read", "rooms:a:read")]
    [InlineData("rooms:b:write rooms:a:view:x rooms:a:view:y", "rooms:a:view:x rooms:a:view:y")]
    [InlineData("rooms:a:agent:x", "rooms:a:agent:x")]
    [InlineData("rooms:*:write", "rooms:a:write")]
    public async Task Mint_RoomAlone_IsNarrowedToTheCaller(string held, string expected)
    {
        var caller = await Host.CallerAsync((await Host.MintAsync(Session, held)).Value.Secret);

        Assert.Equal(expected, (await Host.MintAsync(caller, scope: null, room: "a")).Value.Info.Scope);
        Assert.NotNull((await Host.MintAsync(caller, scope: null, room: "nowhere")).Error);
    }

    [Fact]
    public async Task Mint_ViewsWithoutARole_IsScopeExceedsAccess()
    {
        var pia = await Host.UserAsync("pia", "rooms:*");

        Assert.Equal(ErrorCode.ScopeExceedsAccess, (await Host.MintAsync(pia, "rooms:b:view:x")).Error?.Code);
    }
}
