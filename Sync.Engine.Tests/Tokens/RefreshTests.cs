using Microsoft.Extensions.Time.Testing;

namespace Sync.Engine.Tests.Tokens;

public sealed class RefreshTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = EngineHost.Clock();
    private EngineHost _host = null!;
    private Caller _session = null!;

    private static CancellationToken Cancel => EngineHost.Cancel;

    public async ValueTask InitializeAsync()
    {
        _host = await EngineHost.StartAsync(_time);
        await _host.RoomAsync("a");
        _session = await _host.SessionAsync("olga");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Refresh_RenewsTheSameToken_AndTheSecretsBeforeAreDead()
    {
        var minted = await MintAsync();
        _time.Advance(TimeSpan.FromMinutes(30));

        var renewed = await RefreshAsync(minted.RefreshSecret!);

        Assert.Equal((minted.Info.Id, minted.Info.Scope, TimeSpan.FromHours(1)), (renewed.Info.Id, renewed.Info.Scope, renewed.ExpiresIn));
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromHours(1), renewed.Info.ExpiresAt);
        Assert.Equal(ErrorCode.InvalidToken, (await _host.AuthenticateErrorAsync(minted.Secret))?.Code);
        Assert.Equal(minted.Info.Id, (await _host.CallerAsync(renewed.Secret)).TokenId);
    }

    [Fact]
    public async Task Refresh_AfterARestart_Works_AndSoDoWhatItGaveAfterAnother()
    {
        var minted = await MintAsync();
        await _host.RestartAsync();
        var renewed = await RefreshAsync(minted.RefreshSecret!);
        await _host.RestartAsync();

        Assert.Null(await _host.AuthenticateErrorAsync(renewed.Secret));
        Assert.NotNull(await _host.AuthenticateErrorAsync(minted.Secret));
        Assert.Equal(minted.Info.Id, (await RefreshAsync(renewed.RefreshSecret!)).Info.Id);
    }

    [Fact]
    public async Task Refresh_LongExpiredAndForgotten_IsAdoptedAgain()
    {
        var minted = await MintAsync();
        _time.Advance(TimeSpan.FromDays(3));
        Assert.Equal(ErrorCode.InvalidToken, (await _host.AuthenticateErrorAsync(minted.Secret))?.Code);

        var renewed = await RefreshAsync(minted.RefreshSecret!);

        Assert.Null(await _host.AuthenticateErrorAsync(renewed.Secret));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(ErrorCode.InvalidToken, (await _host.AuthenticateErrorAsync(renewed.Secret))?.Code);
    }

    [Fact]
    public async Task Refresh_OldExpiryPasses_RenewedTokenAndWhatHangsOnItGoOn()
    {
        var minted = await MintAsync();
        var caller = await _host.CallerAsync(minted.Secret);
        var raised = 0;
        using var subscription = _host.Engine.AccessTable.Notices.Add(caller, room: null, _ => raised++);
        _time.Advance(TimeSpan.FromMinutes(59));
        var renewed = await RefreshAsync(minted.RefreshSecret!);

        _time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(0, raised);
        Assert.NotNull(_host.Engine.AccessTable.Current(caller));
        Assert.Null(await _host.AuthenticateErrorAsync(renewed.Secret));

        _time.Advance(TimeSpan.FromMinutes(31));
        Assert.Equal(1, raised);
        Assert.Null(_host.Engine.AccessTable.Current(caller));
    }

    [Fact]
    public async Task Refresh_Twice_RevokesTheToken()
    {
        var minted = await MintAsync();
        var renewed = await RefreshAsync(minted.RefreshSecret!);
        var raised = 0;
        using var subscription = _host.Engine.AccessTable.Notices.Add(await _host.CallerAsync(renewed.Secret), room: null, _ => raised++);

        Assert.Equal(ErrorCode.InvalidToken, (await TryRefreshAsync(minted.RefreshSecret!)).Error?.Code);

        Assert.Equal(1, raised);
        Assert.Equal(ErrorCode.InvalidToken, (await _host.AuthenticateErrorAsync(renewed.Secret))?.Code);
        Assert.Equal(ErrorCode.InvalidToken, (await TryRefreshAsync(renewed.RefreshSecret!)).Error?.Code);
        await _host.RestartAsync();
        Assert.Equal(ErrorCode.InvalidToken, (await _host.AuthenticateErrorAsync(renewed.Secret))?.Code);
    }

    [Fact]
    public async Task Refresh_ManyAtOnce_OneWinsAndTheRestIsReuse()
    {
        var minted = await MintAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => TryRefreshAsync(minted.RefreshSecret!), Cancel)));

        var won = Assert.Single(answers, answer => answer.Error is null).Value;
        Assert.All(answers.Where(answer => answer.Error is not null), answer => Assert.Equal(ErrorCode.InvalidToken, answer.Error!.Code));
        Assert.Equal(ErrorCode.InvalidToken, (await _host.AuthenticateErrorAsync(won.Secret))?.Code);
    }

    [Fact]
    public async Task Refresh_NarrowerScope_NarrowsForGood()
    {
        var minted = await MintAsync();
        var renewed = (await _host.Engine.Tokens.RefreshAsync(minted.RefreshSecret!, clientId: null, "rooms:a:read", Cancel)).Value;

        Assert.Equal("rooms:a:read", renewed.Info.Scope);
        await _host.RestartAsync();
        Assert.Equal("rooms:a:read", (await _host.CallerAsync(renewed.Secret)).Token!.Scope.Text);
        Assert.Equal("rooms:a:read", (await RefreshAsync(renewed.RefreshSecret!)).Info.Scope);
    }

    [Fact]
    public async Task Refresh_BadScope_LeavesTheRefreshTokenAsItWas()
    {
        var minted = await MintAsync();

        Assert.Equal(ErrorCode.InvalidScope, (await _host.Engine.Tokens.RefreshAsync(minted.RefreshSecret!, clientId: null, "rooms", Cancel)).Error?.Code);

        Assert.Null((await TryRefreshAsync(minted.RefreshSecret!)).Error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ref_")]
    [InlineData("ref_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("tok_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Refresh_Unknown_IsInvalidToken(string secret) =>
        Assert.Equal(ErrorCode.InvalidToken, (await TryRefreshAsync(secret)).Error?.Code);

    [Fact]
    public async Task Refresh_InALoop_KeepsAThousandUsedOnes()
    {
        var minted = (await _host.MintAsync(_session, "rooms:a", withRefresh: true)).Value;
        await _host.Engine.Database.ExecuteAsync(
            work => work.Execute(
                """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
                INSERT INTO refresh_tokens (hash, token_id, created_ms, expires_ms, used_ms) SELECT randomblob(32), $1, i, $2, i FROM n
                """,
                minted.Info.Id,
                _time.GetUtcNow().AddDays(30).ToUnixTimeMilliseconds()),
            Cancel);

        var renewed = (await _host.Engine.Tokens.RefreshAsync(minted.RefreshSecret!, clientId: null, scope: null, Cancel)).Value;

        Assert.Equal(1_001, await _host.Engine.Database.ReadAsync(reader => reader.First("SELECT count(*) FROM refresh_tokens", static row => row.GetInt64(0)), Cancel));
        Assert.NotNull((await _host.Engine.Tokens.RefreshAsync(minted.RefreshSecret!, clientId: null, scope: null, Cancel)).Error);
        Assert.NotNull(await _host.AuthenticateErrorAsync(renewed.Secret));
    }

    [Fact]
    public async Task Refresh_AfterThirtyDays_IsInvalidToken()
    {
        var minted = await MintAsync();
        _time.Advance(TimeSpan.FromDays(30));

        Assert.Equal(ErrorCode.InvalidToken, (await TryRefreshAsync(minted.RefreshSecret!)).Error?.Code);
    }

    [Fact]
    public async Task RefreshAndAccessSecrets_AreNotTakenForOneAnother()
    {
        var minted = await MintAsync();

        Assert.Equal(ErrorCode.InvalidToken, (await _host.AuthenticateErrorAsync(minted.RefreshSecret!))?.Code);
        Assert.Equal(ErrorCode.InvalidToken, (await TryRefreshAsync(minted.Secret)).Error?.Code);
    }

    [Fact]
    public async Task Refresh_ScopeChangedMeanwhile_IsAsItStandsNow()
    {
        var minted = await MintAsync();
        await _host.Engine.Tokens.ChangeAsync(_session, minted.Info.Id, "rooms:a:read", label: null, Cancel);

        Assert.Equal("rooms:a:read", (await RefreshAsync(minted.RefreshSecret!)).Info.Scope);
    }

    private async Task<IssuedToken> MintAsync() => (await _host.MintAsync(_session, "rooms:a:write", withRefresh: true)).Value;

    private Task<Outcome<IssuedToken>> TryRefreshAsync(string secret) => _host.Engine.Tokens.RefreshAsync(secret, clientId: null, scope: null, Cancel);

    private async Task<IssuedToken> RefreshAsync(string secret) => (await TryRefreshAsync(secret)).Value;
}
