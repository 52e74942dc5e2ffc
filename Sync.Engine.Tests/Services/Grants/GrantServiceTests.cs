using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Grants;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Grants;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Services.Grants;

public sealed class GrantServiceTests : IAsyncLifetime
{
    private static readonly GrantClient s_client = new("client_1", "Robot");

    private readonly FakeTimeProvider _time = EngineHost.Clock();
    private EngineHost _host = null!;
    private Caller _session = null!;

    private static CancellationToken Cancel => EngineHost.Cancel;

    private GrantService Grants => _host.Engine.Grants;

    public async ValueTask InitializeAsync()
    {
        _host = await EngineHost.StartAsync(_time);
        await _host.RoomAsync("a");
        _session = await _host.SessionAsync("olga");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Device_ApprovedFlow_GivesATokenOnce()
    {
        var started = await StartAsync("rooms:a:write create_rooms");
        Assert.Equal((TimeSpan.FromMinutes(15), TimeSpan.FromSeconds(5)), (started.ExpiresIn, started.Interval));
        Assert.Matches("^dev_[A-Za-z0-9_-]{43}$", started.DeviceCode);
        Assert.Matches("^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$", started.UserCode);
        Assert.Equal(DeviceState.Pending, (await PollAsync(started)).State);

        var approved = (await Grants.ApproveDeviceAsync(_session, started.UserCode, "rooms:a:read", Cancel)).Value;
        Assert.Equal((started.UserCode, s_client, "create_rooms rooms:a:write"), (approved.UserCode, approved.Client, approved.Requested));

        var answer = await PollAsync(started);
        var token = answer.Token!;
        Assert.Equal((DeviceState.Approved, "rooms:a:read", "Robot", "client_1"), (answer.State, token.Info.Scope, token.Info.Label, token.Info.ClientId));
        Assert.Equal((TimeSpan.FromHours(1), true), (token.ExpiresIn, token.Info.Refreshable));
        Assert.Equal("olga", (await _host.CallerAsync(token.Secret)).UserName);
        Assert.Null((await _host.Engine.Tokens.RefreshAsync(token.RefreshSecret!, "client_1", scope: null, Cancel)).Error);

        Assert.Equal(new DeviceAnswer(DeviceState.Invalid, null), await PollAsync(started));
    }

    [Fact]
    public async Task Device_ApprovedFlow_SurvivesARestart()
    {
        var started = await StartAsync("rooms:a");
        await _host.RestartAsync();
        await Grants.ApproveDeviceAsync(await _host.SessionAsync("olga"), started.UserCode, "rooms:a", Cancel);
        await _host.RestartAsync();

        var answer = await PollAsync(started);

        await _host.RestartAsync();
        Assert.Null(await _host.AuthenticateErrorAsync(answer.Token!.Secret));
    }

    [Fact]
    public async Task Device_ManyPollsAtOnce_OneGetsTheToken()
    {
        var started = await StartAsync("rooms:a");
        await Grants.ApproveDeviceAsync(_session, started.UserCode, "rooms:a", Cancel);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => PollAsync(started), Cancel)));

        Assert.Single(answers, answer => answer.Token is not null);
        Assert.Equal(7, answers.Count(answer => answer.State == DeviceState.Invalid));
    }

    [Fact]
    public async Task Device_PolledTooEarly_IsSlowedDownFiveSecondsMoreEachTime()
    {
        var started = await StartAsync("rooms:a");
        Assert.Equal(DeviceState.Pending, (await PollAsync(started)).State);
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(DeviceState.SlowDown, (await PollAsync(started)).State);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(DeviceState.SlowDown, (await PollAsync(started)).State);
        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(DeviceState.Pending, (await PollAsync(started)).State);
        _time.Advance(TimeSpan.FromSeconds(14));
        Assert.Equal(DeviceState.SlowDown, (await PollAsync(started)).State);
    }

    [Fact]
    public async Task Device_Denied_IsDenied_AndCannotBeApprovedAnyMore()
    {
        var started = await StartAsync("rooms:a");

        Assert.Null((await Grants.DenyDeviceAsync(_session, started.UserCode, Cancel)).Error);

        Assert.Equal(DeviceState.Denied, (await PollAsync(started)).State);
        Assert.Equal(ErrorCode.NotFound, (await Grants.ApproveDeviceAsync(_session, started.UserCode, "rooms:a", Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.NotFound, (await Grants.DenyDeviceAsync(_session, started.UserCode, Cancel)).Error?.Code);
    }

    [Fact]
    public async Task Device_AfterAQuarterOfAnHour_IsExpired()
    {
        var started = await StartAsync("rooms:a");
        _time.Advance(TimeSpan.FromMinutes(15));

        Assert.Equal(DeviceState.Expired, (await PollAsync(started)).State);
        Assert.Equal(ErrorCode.NotFound, (await Grants.FindDeviceAsync(started.UserCode, Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.NotFound, (await Grants.ApproveDeviceAsync(_session, started.UserCode, "rooms:a", Cancel)).Error?.Code);
    }

    [Fact]
    public async Task Device_ApprovedInTheLastMoment_CanStillBeFetched()
    {
        var started = await StartAsync("rooms:a");
        _time.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromSeconds(1));
        await Grants.ApproveDeviceAsync(_session, started.UserCode, "rooms:a", Cancel);
        _time.Advance(TimeSpan.FromSeconds(30));

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
        await Grants.ApproveDeviceAsync(_session, started.UserCode, "rooms:a", Cancel);

        Assert.Equal(ErrorCode.InvalidToken, (await _host.AuthenticateErrorAsync(started.DeviceCode))?.Code);
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
        await Grants.ApproveDeviceAsync(_session, started.UserCode, "rooms:a", Cancel);

        var token = (await PollAsync(started)).Token!;

        Assert.Equal(("Device sign-in", null), (token.Info.Label, token.Info.ClientId));
    }

    [Fact]
    public async Task Device_ApproveMoreThanAskedOrHeld_IsRefused()
    {
        await _host.MemberAsync("a", "pia", Role.Observer, "rooms:*");
        var pia = await _host.SessionAsync("pia");
        var started = await StartAsync("rooms:a:write");

        Assert.Equal(ErrorCode.ScopeExceedsToken, (await Grants.ApproveDeviceAsync(_session, started.UserCode, "rooms:a", Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.ScopeExceedsToken, (await Grants.ApproveDeviceAsync(_session, started.UserCode, "rooms:a:read create_rooms", Cancel)).Error?.Code);
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
        await _host.Engine.Database.ExecuteAsync(
            session =>
            {
                var now = _time.GetUtcNow();
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

        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Null((await Grants.StartDeviceAsync(s_client, "rooms:*", Cancel)).Error);
    }

    [Fact]
    public async Task Consent_Redeemed_GivesATokenOfTheClient()
    {
        var grant = await ConsentAsync("rooms:*", "rooms:a:write");

        var token = (await Grants.RedeemAsync(grant, "client_1", Cancel)).Value;

        Assert.Equal(("rooms:a:write", "Robot", "client_1", true), (token.Info.Scope, token.Info.Label, token.Info.ClientId, token.Info.Refreshable));
        Assert.Equal("olga", (await _host.CallerAsync(token.Secret)).UserName);
        Assert.Equal(ErrorCode.InvalidToken, (await _host.Engine.Tokens.RefreshAsync(token.RefreshSecret!, "client_2", scope: null, Cancel)).Error?.Code);
        Assert.Null((await _host.Engine.Tokens.RefreshAsync(token.RefreshSecret!, "client_1", scope: null, Cancel)).Error);
    }

    [Fact]
    public async Task Consent_RedeemedTwice_RevokesTheTokenOfTheFirst()
    {
        var grant = await ConsentAsync("rooms:*", "rooms:a:write");
        var token = (await Grants.RedeemAsync(grant, "client_1", Cancel)).Value;
        Assert.Equal(ErrorCode.InvalidToken, (await Grants.RedeemAsync(grant, "client_2", Cancel)).Error?.Code);
        Assert.Null(await _host.AuthenticateErrorAsync(token.Secret));

        Assert.Equal(ErrorCode.InvalidToken, (await Grants.RedeemAsync(grant, "client_1", Cancel)).Error?.Code);

        Assert.Equal(ErrorCode.InvalidToken, (await _host.AuthenticateErrorAsync(token.Secret))?.Code);
        Assert.Equal(ErrorCode.InvalidToken, (await _host.Engine.Tokens.RefreshAsync(token.RefreshSecret!, null, null, Cancel)).Error?.Code);
    }

    [Fact]
    public async Task Consent_RedeemedAgainMinutesLater_StillRevokesTheToken()
    {
        var grant = await ConsentAsync("rooms:*", "rooms:a:write");
        var token = (await Grants.RedeemAsync(grant, "client_1", Cancel)).Value;
        _time.Advance(TimeSpan.FromMinutes(9));
        await _host.RestartAsync();

        Assert.Equal(ErrorCode.InvalidToken, (await Grants.RedeemAsync(grant, "client_1", Cancel)).Error?.Code);

        Assert.Equal(ErrorCode.InvalidToken, (await _host.AuthenticateErrorAsync(token.Secret))?.Code);
    }

    [Fact]
    public async Task Consent_AnotherClientsExpiredOrUnknown_IsInvalidToken()
    {
        var grant = await ConsentAsync("rooms:*", "rooms:a");
        Assert.Equal(ErrorCode.InvalidToken, (await Grants.RedeemAsync(grant, "client_2", Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.InvalidToken, (await Grants.RedeemAsync("g_nothing", "client_1", Cancel)).Error?.Code);

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(ErrorCode.InvalidToken, (await Grants.RedeemAsync(grant, "client_1", Cancel)).Error?.Code);
    }

    [Fact]
    public async Task Consent_MoreThanAskedOrHeld_IsRefused()
    {
        await _host.MemberAsync("a", "pia", Role.Participant, "rooms:*");
        var pia = await _host.SessionAsync("pia");

        Assert.Equal(ErrorCode.ScopeExceedsToken, (await Grants.ConsentAsync(pia, s_client, "rooms:a:read", "rooms:a:write", Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.ScopeExceedsAccess, (await Grants.ConsentAsync(pia, s_client, asked: null, "rooms:a", Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.InvalidScope, (await Grants.ConsentAsync(pia, s_client, asked: null, "", Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.InvalidScope, (await Grants.ConsentAsync(pia, s_client, "rooms", "rooms:a", Cancel)).Error?.Code);
        Assert.Null((await Grants.ConsentAsync(pia, s_client, asked: null, "rooms:*", Cancel)).Error);
    }

    [Fact]
    public async Task Decisions_WithoutASession_AreRefused()
    {
        var room = await _host.RoomAsync("c");
        var started = await StartAsync("rooms:a");

        foreach (var caller in new[] { Caller.Anonymous, _host.Owner, await _host.CallerAsync(room.RoomToken), Caller.System("demo") })
        {
            Assert.Equal(ErrorCode.AuthenticationRequired, (await Grants.ApproveDeviceAsync(caller, started.UserCode, "rooms:a", Cancel)).Error?.Code);
            Assert.Equal(ErrorCode.AuthenticationRequired, (await Grants.DenyDeviceAsync(caller, started.UserCode, Cancel)).Error?.Code);
            Assert.Equal(ErrorCode.AuthenticationRequired, (await Grants.ConsentAsync(caller, s_client, asked: null, "rooms:a", Cancel)).Error?.Code);
        }

        await _host.Engine.IdentityCache.Tokens.RevokeAsync(_session.TokenId!, Cancel);
        Assert.Equal(ErrorCode.AuthenticationRequired, (await Grants.ApproveDeviceAsync(_session, started.UserCode, "rooms:a", Cancel)).Error?.Code);
        Assert.Equal(DeviceState.Pending, (await PollAsync(started)).State);
    }

    [Fact]
    public async Task RevokeSecret_OfAnotherClient_IsPassedOver()
    {
        var token = (await Grants.RedeemAsync(await ConsentAsync("rooms:*", "rooms:a"), "client_1", Cancel)).Value;

        await _host.Engine.Tokens.RevokeSecretAsync(token.RefreshSecret!, "client_2", Cancel);
        Assert.Null(await _host.AuthenticateErrorAsync(token.Secret));

        await _host.Engine.Tokens.RevokeSecretAsync(token.RefreshSecret!, "client_1", Cancel);
        Assert.NotNull(await _host.AuthenticateErrorAsync(token.Secret));
    }

    [Fact]
    public async Task Pruning_RemovesWhatHasLongBeenDead()
    {
        var revoked = (await _host.MintAsync(_session, "rooms:a")).Value.Info.Id;
        var expired = (await _host.MintAsync(_session, "rooms:a", expiresIn: TimeSpan.FromMinutes(1))).Value.Info.Id;
        var renewed = (await _host.MintAsync(_session, "rooms:a", withRefresh: true)).Value;
        await _host.Engine.Tokens.RevokeAsync(_session, revoked, Cancel);
        await StartAsync("rooms:a");

        _time.Advance(TimeSpan.FromDays(29));
        renewed = (await _host.Engine.Tokens.RefreshAsync(renewed.RefreshSecret!, null, null, Cancel)).Value;
        Assert.NotNull(await _host.Engine.IdentityCache.Tokens.FindListedTokenAsync(revoked, Cancel));

        _time.Advance(TimeSpan.FromDays(2));
        await EngineHost.UntilAsync(() => Count($"tokens WHERE id IN ('{revoked}', '{expired}')") == 0 && Count("grants") == 0);
        Assert.Equal(1, Count("refresh_tokens"));
        Assert.Null((await _host.Engine.Tokens.RefreshAsync(renewed.RefreshSecret!, null, null, Cancel)).Error);
        Assert.Null(await _host.AuthenticateErrorAsync((await _host.MintAsync(_session, "rooms:a")).Value.Secret));
    }

    // Reads complete synchronously.
    private long Count(string rows) =>
        _host.Engine.Database.ReadAsync(reader => reader.First($"SELECT count(*) FROM {rows}", static row => row.GetInt64(0)), Cancel).GetAwaiter().GetResult();

    private Task<DeviceStarted> StartAsync(string? scope) => StartAsync(scope, s_client);

    private async Task<DeviceStarted> StartAsync(string? scope, GrantClient? client) => (await Grants.StartDeviceAsync(client, scope, Cancel)).Value;

    private Task<DeviceAnswer> PollAsync(DeviceStarted started) => Grants.PollDeviceAsync(started.DeviceCode, clientId: null, Cancel);

    private async Task<string> ConsentAsync(string asked, string chosen) => (await Grants.ConsentAsync(_session, s_client, asked, chosen, Cancel)).Value;
}
