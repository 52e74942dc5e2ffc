using Sync.Engine.Identity;
using Sync.Engine.Identity.Grants;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Grants;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Services.Grants;

public sealed class GrantServiceTests : TokenTestBase
{
    private static readonly GrantClient s_client = new("client_1", "Robot");

    private GrantService Grants => Host.Engine.Grants;

    [Fact]
    public async Task Device_ApprovedFlow_GivesATokenOnce()
    {
        var started = await StartAsync("rooms:a:write create_rooms");
        Assert.Equal((TimeSpan.FromMinutes(15), TimeSpan.FromSeconds(5)), (started.ExpiresIn, started.Interval));
        Assert.Matches("^dev_[A-Za-z0-9_-]{43}$", started.DeviceCode);
        Assert.Matches("^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$", started.UserCode);
        Assert.Equal(DeviceState.Pending, (await PollAsync(started)).State);

        var approved = (await Grants.ApproveDeviceAsync(Session, started.UserCode, "rooms:a:read", Cancel)).Value;
        Assert.Equal((started.UserCode, s_client, "create_rooms rooms:a:write"), (approved.UserCode, approved.Client, approved.Requested));

        var answer = await PollAsync(started);
        var token = answer.Token!;
        Assert.Equal((DeviceState.Approved, "rooms:a:read", "Robot", "client_1"), (answer.State, token.Info.Scope, token.Info.Label, token.Info.ClientId));
        Assert.Equal((TimeSpan.FromHours(1), true), (token.ExpiresIn, token.Info.Refreshable));
        Assert.Equal("olga", (await Host.CallerAsync(token.Secret)).UserName);
        Assert.Null((await Host.Engine.Tokens.RefreshAsync(token.RefreshSecret!, "client_1", scope: null, Cancel)).Error);

        Assert.Equal(new DeviceAnswer(DeviceState.Invalid, null), await PollAsync(started));
    }

    [Fact]
    public async Task Device_ApprovedFlow_SurvivesARestart()
    {
        var started = await StartAsync("rooms:a");
        await Host.RestartAsync();
        await Grants.ApproveDeviceAsync(await Host.SessionAsync("olga"), started.UserCode, "rooms:a", Cancel);
        await Host.RestartAsync();

        var answer = await PollAsync(started);

        await Host.RestartAsync();
        Assert.Null(await Host.AuthenticateErrorAsync(answer.Token!.Secret));
    }

    [Fact]
    public async Task Device_ManyPollsAtOnce_OneGetsTheToken()
    {
        var started = await StartAsync("rooms:a");
        await Grants.ApproveDeviceAsync(Session, started.UserCode, "rooms:a", Cancel);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => PollAsync(started), Cancel)));

        Assert.Single(answers, answer => answer.Token is not null);
        Assert.Equal(7, answers.Count(answer => answer.State == DeviceState.Invalid));
    }

    [Fact]
    public async Task Device_PolledTooEarly_IsSlowedDownFiveSecondsMoreEachTime()
    {
        var started = await StartAsync("rooms:a");
        Assert.Equal(DeviceState.Pending, (await PollAsync(started)).State);
        Time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(DeviceState.SlowDown, (await PollAsync(started)).State);
        Time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(DeviceState.SlowDown, (await PollAsync(started)).State);
        Time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(DeviceState.Pending, (await PollAsync(started)).State);
        Time.Advance(TimeSpan.FromSeconds(14));
        Assert.Equal(DeviceState.SlowDown, (await PollAsync(started)).State);
    }

    [Fact]
    public async Task Device_Denied_IsDenied_AndCannotBeApprovedAnyMore()
    {
        var started = await StartAsync("rooms:a");

        Assert.Null((await Grants.DenyDeviceAsync(Session, started.UserCode, Cancel)).Error);

        Assert.Equal(DeviceState.Denied, (await PollAsync(started)).State);
        Assert.Equal(ErrorCode.NotFound, (await Grants.ApproveDeviceAsync(Session, started.UserCode, "rooms:a", Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.NotFound, (await Grants.DenyDeviceAsync(Session, started.UserCode, Cancel)).Error?.Code);
    }

    [Fact]
    public async Task Device_AfterAQuarterOfAnHour_IsExpired()
    {
        var started = await StartAsync("rooms:a");
        Time.Advance(TimeSpan.FromMinutes(15));

        Assert.Equal(DeviceState.Expired, (await PollAsync(started)).State);
        Assert.Equal(ErrorCode.NotFound, (await Grants.FindDeviceAsync(started.UserCode, Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.NotFound, (await Grants.ApproveDeviceAsync(Session, started.UserCode, "rooms:a", Cancel)).Error?.Code);
    }

    [Fact]
    public async Task Device_ApprovedInTheLastMoment_CanStillBeFetched()
    {
        var started = await StartAsync("rooms:a");
        Time.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromSeconds(1));
        await Grants.ApproveDeviceAsync(Session, started.UserCode, "rooms:a", Cancel);
        Time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(DeviceState.Approved, (await PollAsync(started)).State);
    }

    [Theory]
    [InlineData("dev_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("tok_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("")]
    public async Task Device_UnknownCode_IsInvalid(string code) =>
        Assert.Equal(DeviceState.Invalid, (await Grants.PollDeviceAsync(code, clientId: null, Cancel)).State);

    [Fact]
    public async Task Device_CodeIsNoBearer_AndAnotherClientGetsNothing()
    {
        var started = await StartAsync("rooms:a");
        await Grants.ApproveDeviceAsync(Session, started.UserCode, "rooms:a", Cancel);

        Assert.Equal(ErrorCode.InvalidToken, (await Host.AuthenticateErrorAsync(started.DeviceCode))?.Code);
        Assert.Equal(DeviceState.Invalid, (await Grants.PollDeviceAsync(started.DeviceCode, "client_2", Cancel)).State);
        Assert.Equal(DeviceState.Approved, (await Grants.PollDeviceAsync(started.DeviceCode, clientId: null, Cancel)).State);
    }

    [Fact]
    public async Task Device_Find_HeedsNeitherCaseNorHyphensNorSpaces()
    {
        var started = await StartAsync(scope: null, client: null);
        var letters = started.UserCode.Replace("-", "", StringComparison.Ordinal);

        foreach (var typed in new[] { started.UserCode, letters, letters.ToLowerInvariant(), string.Join(' ', letters.ToCharArray()) })
        {
            var found = (await Grants.FindDeviceAsync(typed, Cancel)).Value;
            Assert.Equal((started.UserCode, null, "create_rooms rooms:*"), (found.UserCode, found.Client, found.Requested));
        }

        foreach (var typed in new[] { "", "BCDF", letters + "B", "AEIO-UAEI", letters[..7] + "1", new string('B', 10_000) })
        {
            Assert.Equal(ErrorCode.NotFound, (await Grants.FindDeviceAsync(typed, Cancel)).Error?.Code);
        }
    }

    [Fact]
    public async Task Device_WithoutClient_TokenIsNamedForTheSignIn()
    {
        var started = await StartAsync("rooms:a", client: null);
        await Grants.ApproveDeviceAsync(Session, started.UserCode, "rooms:a", Cancel);

        var token = (await PollAsync(started)).Token!;

        Assert.Equal(("Device sign-in", null), (token.Info.Label, token.Info.ClientId));
    }

    [Fact]
    public async Task Device_ApproveMoreThanAskedOrHeld_IsRefused()
    {
        await Host.MemberAsync("a", "pia", Role.Observer, "rooms:*");
        var pia = await Host.SessionAsync("pia");
        var started = await StartAsync("rooms:a:write");

        Assert.Equal(ErrorCode.ScopeExceedsToken, (await Grants.ApproveDeviceAsync(Session, started.UserCode, "rooms:a", Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.ScopeExceedsToken, (await Grants.ApproveDeviceAsync(Session, started.UserCode, "rooms:a:read create_rooms", Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.ScopeExceedsAccess, (await Grants.ApproveDeviceAsync(pia, started.UserCode, "rooms:a:write", Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.InvalidScope, (await Grants.ApproveDeviceAsync(pia, started.UserCode, "", Cancel)).Error?.Code);
        Assert.Null((await Grants.ApproveDeviceAsync(pia, started.UserCode, "rooms:a:read", Cancel)).Error);
    }

    [Fact]
    public async Task Device_BadStart_IsRefused()
    {
        Assert.Equal(ErrorCode.InvalidScope, (await Grants.StartDeviceAsync(s_client, "rooms", Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.InvalidScope, (await Grants.StartDeviceAsync(s_client, new string(' ', 5_000), Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.InvalidParameter, (await Grants.StartDeviceAsync(new GrantClient(new string('x', 2_001), "x"), "rooms:*", Cancel)).Error?.Code);
    }

    [Fact]
    public async Task Device_TooManyPending_IsRateLimitedUntilTheyExpire()
    {
        await Host.Engine.Database.ExecuteAsync(
            session =>
            {
                var now = Time.GetUtcNow();
                return session.Execute(
                    """
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
                    INSERT INTO grants (id, asked, state, created_ms, expires_ms) SELECT 'g' || i, 'rooms:*', 'Pending', $1, $2 FROM n
                    """,
                    now.ToUnixTimeMilliseconds(),
                    now.AddMinutes(10).ToUnixTimeMilliseconds());
            },
            Cancel);

        var error = (await Grants.StartDeviceAsync(s_client, "rooms:*", Cancel)).Error!;
        Assert.Equal(ErrorCode.RateLimited, error.Code);
        Assert.NotNull(error.RetryAfter);

        Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Null((await Grants.StartDeviceAsync(s_client, "rooms:*", Cancel)).Error);
    }

    [Fact]
    public async Task Consent_Redeemed_GivesATokenOfTheClient()
    {
        var grant = await ConsentAsync("rooms:*", "rooms:a:write");

        var token = (await Grants.RedeemAsync(grant, "client_1", Cancel)).Value;

        Assert.Equal(("rooms:a:write", "Robot", "client_1", true), (token.Info.Scope, token.Info.Label, token.Info.ClientId, token.Info.Refreshable));
        Assert.Equal("olga", (await Host.CallerAsync(token.Secret)).UserName);
        Assert.Equal(ErrorCode.InvalidToken, (await Host.Engine.Tokens.RefreshAsync(token.RefreshSecret!, "client_2", scope: null, Cancel)).Error?.Code);
        Assert.Null((await Host.Engine.Tokens.RefreshAsync(token.RefreshSecret!, "client_1", scope: null, Cancel)).Error);
    }

    [Fact]
    public async Task Consent_RedeemedTwice_RevokesTheTokenOfTheFirst()
    {
        var grant = await ConsentAsync("rooms:*", "rooms:a:write");
        var token = (await Grants.RedeemAsync(grant, "client_1", Cancel)).Value;
        Assert.Equal(ErrorCode.InvalidToken, (await Grants.RedeemAsync(grant, "client_2", Cancel)).Error?.Code);
        Assert.Null(await Host.AuthenticateErrorAsync(token.Secret));

        Assert.Equal(ErrorCode.InvalidToken, (await Grants.RedeemAsync(grant, "client_1", Cancel)).Error?.Code);

        Assert.Equal(ErrorCode.InvalidToken, (await Host.AuthenticateErrorAsync(token.Secret))?.Code);
        Assert.Equal(ErrorCode.InvalidToken, (await Host.Engine.Tokens.RefreshAsync(token.RefreshSecret!, null, null, Cancel)).Error?.Code);
    }

    [Fact]
    public async Task Consent_RedeemedAgainMinutesLater_StillRevokesTheToken()
    {
        var grant = await ConsentAsync("rooms:*", "rooms:a:write");
        var token = (await Grants.RedeemAsync(grant, "client_1", Cancel)).Value;
        Time.Advance(TimeSpan.FromMinutes(9));
        await Host.RestartAsync();

        Assert.Equal(ErrorCode.InvalidToken, (await Grants.RedeemAsync(grant, "client_1", Cancel)).Error?.Code);

        Assert.Equal(ErrorCode.InvalidToken, (await Host.AuthenticateErrorAsync(token.Secret))?.Code);
    }

    [Fact]
    public async Task Consent_AnotherClientsExpiredOrUnknown_IsInvalidToken()
    {
        var grant = await ConsentAsync("rooms:*", "rooms:a");
        Assert.Equal(ErrorCode.InvalidToken, (await Grants.RedeemAsync(grant, "client_2", Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.InvalidToken, (await Grants.RedeemAsync("g_nothing", "client_1", Cancel)).Error?.Code);

        Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(ErrorCode.InvalidToken, (await Grants.RedeemAsync(grant, "client_1", Cancel)).Error?.Code);
    }

    [Fact]
    public async Task Consent_MoreThanAskedOrHeld_IsRefused()
    {
        await Host.MemberAsync("a", "pia", Role.Participant, "rooms:*");
        var pia = await Host.SessionAsync("pia");

        Assert.Equal(ErrorCode.ScopeExceedsToken, (await Grants.ConsentAsync(pia, s_client, "rooms:a:read", "rooms:a:write", Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.ScopeExceedsAccess, (await Grants.ConsentAsync(pia, s_client, asked: null, "rooms:a", Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.InvalidScope, (await Grants.ConsentAsync(pia, s_client, asked: null, "", Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.InvalidScope, (await Grants.ConsentAsync(pia, s_client, "rooms", "rooms:a", Cancel)).Error?.Code);
        Assert.Null((await Grants.ConsentAsync(pia, s_client, asked: null, "rooms:*", Cancel)).Error);
    }

    [Fact]
    public async Task Decisions_WithoutASession_AreRefused()
    {
        var room = await Host.RoomAsync("c");
        var started = await StartAsync("rooms:a");

        foreach (var caller in new[] { Caller.Anonymous, Host.Owner, await Host.CallerAsync(room.RoomToken), Caller.System("demo") })
        {
            Assert.Equal(ErrorCode.AuthenticationRequired, (await Grants.ApproveDeviceAsync(caller, started.UserCode, "rooms:a", Cancel)).Error?.Code);
            Assert.Equal(ErrorCode.AuthenticationRequired, (await Grants.DenyDeviceAsync(caller, started.UserCode, Cancel)).Error?.Code);
            Assert.Equal(ErrorCode.AuthenticationRequired, (await Grants.ConsentAsync(caller, s_client, asked: null, "rooms:a", Cancel)).Error?.Code);
        }

        await Host.Engine.IdentityCache.Tokens.RevokeAsync(Session.TokenId!, Cancel);
        Assert.Equal(ErrorCode.AuthenticationRequired, (await Grants.ApproveDeviceAsync(Session, started.UserCode, "rooms:a", Cancel)).Error?.Code);
        Assert.Equal(DeviceState.Pending, (await PollAsync(started)).State);
    }

    [Fact]
    public async Task RevokeSecret_OfAnotherClient_IsPassedOver()
    {
        var token = (await Grants.RedeemAsync(await ConsentAsync("rooms:*", "rooms:a"), "client_1", Cancel)).Value;

        await Host.Engine.Tokens.RevokeSecretAsync(token.RefreshSecret!, "client_2", Cancel);
        Assert.Null(await Host.AuthenticateErrorAsync(token.Secret));

        await Host.Engine.Tokens.RevokeSecretAsync(token.RefreshSecret!, "client_1", Cancel);
        Assert.NotNull(await Host.AuthenticateErrorAsync(token.Secret));
    }

    [Fact]
    public async Task Pruning_RemovesWhatHasLongBeenDead()
    {
        var revoked = (await Host.MintAsync(Session, "rooms:a")).Value.Info.Id;
        var expired = (await Host.MintAsync(Session, "rooms:a", expiresIn: TimeSpan.FromMinutes(1))).Value.Info.Id;
        var renewed = (await Host.MintAsync(Session, "rooms:a", withRefresh: true)).Value;
        await Host.Engine.Tokens.RevokeAsync(Session, revoked, Cancel);
        await StartAsync("rooms:a");

        Time.Advance(TimeSpan.FromDays(29));
        renewed = (await Host.Engine.Tokens.RefreshAsync(renewed.RefreshSecret!, null, null, Cancel)).Value;
        Assert.NotNull(await Host.Engine.IdentityCache.Tokens.FindListedTokenAsync(revoked, Cancel));

        Time.Advance(TimeSpan.FromDays(2));
        await EngineHost.UntilAsync(() => Count($"tokens WHERE id IN ('{revoked}', '{expired}')") == 0 && Count("grants") == 0);
        Assert.Equal(1, Count("refresh_tokens"));
        Assert.Null((await Host.Engine.Tokens.RefreshAsync(renewed.RefreshSecret!, null, null, Cancel)).Error);
        Assert.Null(await Host.AuthenticateErrorAsync((await Host.MintAsync(Session, "rooms:a")).Value.Secret));
    }

    // Reads complete synchronously.
    private long Count(string rows) =>
        Host.Engine.Database.ReadAsync(reader => reader.First($"SELECT count(*) FROM {rows}", static row => row.GetInt64(0)), Cancel).GetAwaiter().GetResult();

    private Task<DeviceStarted> StartAsync(string? scope) => StartAsync(scope, s_client);

    private async Task<DeviceStarted> StartAsync(string? scope, GrantClient? client) => (await Grants.StartDeviceAsync(client, scope, Cancel)).Value;

    private Task<DeviceAnswer> PollAsync(DeviceStarted started) => Grants.PollDeviceAsync(started.DeviceCode, clientId: null, Cancel);

    private async Task<string> ConsentAsync(string asked, string chosen) => (await Grants.ConsentAsync(Session, s_client, asked, chosen, Cancel)).Value;
}
