using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Grants;

namespace Sync.Engine.Tests.Services.Tokens;

public sealed class RefreshTests : TokenTestBase
{
    [Fact]
    public async Task Refresh_RenewsTheSameToken_AndTheSecretsBeforeAreDead()
    {
        var minted = await MintAsync();
        Time.Advance(TimeSpan.FromMinutes(30));

        var renewed = await RefreshAsync(minted.RefreshSecret!);

        Assert.Equal((minted.Info.Id, minted.Info.Scope, TimeSpan.FromHours(1)), (renewed.Info.Id, renewed.Info.Scope, renewed.ExpiresIn));
        Assert.Equal(Time.GetUtcNow() + TimeSpan.FromHours(1), renewed.Info.ExpiresAt);
        Assert.Equal(ErrorCode.InvalidToken, (await Host.AuthenticateErrorAsync(minted.Secret))?.Code);
        Assert.Equal(minted.Info.Id, (await Host.CallerAsync(renewed.Secret)).TokenId);
    }

    [Fact]
    public async Task Refresh_AfterARestart_Works_AndSoDoWhatItGaveAfterAnother()
    {
        var minted = await MintAsync();
        await Host.RestartAsync();
        var renewed = await RefreshAsync(minted.RefreshSecret!);
        await Host.RestartAsync();

        Assert.Null(await Host.AuthenticateErrorAsync(renewed.Secret));
        Assert.NotNull(await Host.AuthenticateErrorAsync(minted.Secret));
        Assert.Equal(minted.Info.Id, (await RefreshAsync(renewed.RefreshSecret!)).Info.Id);
    }

    [Fact]
    public async Task Refresh_LongExpiredAndForgotten_IsAdoptedAgain()
    {
        var minted = await MintAsync();
        Time.Advance(TimeSpan.FromDays(3));
        Assert.Equal(ErrorCode.InvalidToken, (await Host.AuthenticateErrorAsync(minted.Secret))?.Code);

        var renewed = await RefreshAsync(minted.RefreshSecret!);

        Assert.Null(await Host.AuthenticateErrorAsync(renewed.Secret));
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(ErrorCode.InvalidToken, (await Host.AuthenticateErrorAsync(renewed.Secret))?.Code);
    }

    [Fact]
    public async Task Refresh_OldExpiryPasses_RenewedTokenAndWhatHangsOnItGoOn()
    {
        var minted = await MintAsync();
        var caller = await Host.CallerAsync(minted.Secret);
        var raised = 0;
        using var subscription = Host.Engine.IdentityCache.Notices.Add(caller, room: null, _ => raised++);
        Time.Advance(TimeSpan.FromMinutes(59));
        var renewed = await RefreshAsync(minted.RefreshSecret!);

        Time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(0, raised);
        Assert.NotNull(Host.Engine.IdentityCache.Current(caller));
        Assert.Null(await Host.AuthenticateErrorAsync(renewed.Secret));

        Time.Advance(TimeSpan.FromMinutes(31));
        Assert.Equal(1, raised);
        Assert.Null(Host.Engine.IdentityCache.Current(caller));
    }

    /// <summary>How long after the first use the same refresh token comes again, whether its successor was used by then, and what becomes of it.</summary>
    public static TheoryData<int, bool, bool, bool> Reuses => new()
    {
        // seconds, successor used, restarted in between, same pair
        { 0, false, false, true },
        { 29, false, false, true },
        { 29, false, true, true },
        { 30, false, false, true },
        { 31, false, false, false },
        { 3_000, false, false, false },
        { 5, true, false, false },
        { 5, true, true, false },
    };

    [Theory]
    [MemberData(nameof(Reuses))]
    public async Task Refresh_WithTheSameAgain_GivesTheSamePairForAWhile_AndRevokesTheTokenAfter(int seconds, bool successorUsed, bool restarted, bool same)
    {
        var minted = await MintAsync();
        var child = (await Host.MintAsync(await Host.CallerAsync(minted.Secret), "rooms:a:write")).Value;
        var renewed = await RefreshAsync(minted.RefreshSecret!);
        var newest = successorUsed ? await RefreshAsync(renewed.RefreshSecret!) : renewed;
        if (restarted)
        {
            await Host.RestartAsync();
        }

        Time.Advance(TimeSpan.FromSeconds(seconds));
        var again = await TryRefreshAsync(minted.RefreshSecret!);

        if (same)
        {
            Assert.Equal((renewed.Secret, renewed.RefreshSecret, renewed.Info.Id, renewed.Info.ExpiresAt), (again.Value.Secret, again.Value.RefreshSecret, again.Value.Info.Id, again.Value.Info.ExpiresAt));
            Assert.Equal(renewed.ExpiresIn - TimeSpan.FromSeconds(seconds), again.Value.ExpiresIn);
            Assert.Null(await Host.AuthenticateErrorAsync(renewed.Secret));
            Assert.NotEqual(renewed.RefreshSecret, (await RefreshAsync(renewed.RefreshSecret!)).RefreshSecret);
        }
        else
        {
            Assert.Equal(ErrorCode.InvalidToken, again.Error?.Code);
            Assert.Equal(ErrorCode.InvalidToken, (await Host.AuthenticateErrorAsync(newest.Secret))?.Code);
            Assert.Equal(ErrorCode.InvalidToken, (await Host.AuthenticateErrorAsync(child.Secret))?.Code);
            Assert.Equal(ErrorCode.InvalidToken, (await TryRefreshAsync(newest.RefreshSecret!)).Error?.Code);
            await Host.RestartAsync();
            Assert.Equal(ErrorCode.InvalidToken, (await Host.AuthenticateErrorAsync(newest.Secret))?.Code);
            Assert.Equal(ErrorCode.InvalidToken, (await Host.AuthenticateErrorAsync(child.Secret))?.Code);
        }
    }

    [Fact]
    public async Task Refresh_ReusedLate_NotifiesTheDependentsOfTheToken()
    {
        var minted = await MintAsync();
        var renewed = await RefreshAsync(minted.RefreshSecret!);
        var raised = 0;
        using var subscription = Host.Engine.IdentityCache.Notices.Add(await Host.CallerAsync(renewed.Secret), room: null, _ => raised++);
        await RefreshAsync(minted.RefreshSecret!);
        Assert.Equal(0, raised);

        Time.Advance(TimeSpan.FromMinutes(1));
        await TryRefreshAsync(minted.RefreshSecret!);

        Assert.Equal(1, raised);
    }

    [Fact]
    public async Task Refresh_ManyAtOnce_AllGetTheSamePair()
    {
        var minted = await MintAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => RefreshAsync(minted.RefreshSecret!), Cancel)));

        Assert.Single(answers.Select(answer => (answer.Secret, answer.RefreshSecret, answer.Info.ExpiresAt)).Distinct());
        Assert.Null(await Host.AuthenticateErrorAsync(answers[0].Secret));
        Assert.NotNull(await Host.AuthenticateErrorAsync(minted.Secret));
    }

    [Fact]
    public async Task Refresh_WithTheSameAgain_ByAnotherClient_GetsNothing()
    {
        var started = (await Host.Engine.Grants.StartDeviceAsync(new GrantClient("first", "First"), scope: null, Cancel)).Value;
        await Host.Engine.Grants.ApproveDeviceAsync(Session, started.UserCode, "rooms:a", Cancel);
        var issued = (await Host.Engine.Grants.PollDeviceAsync(started.DeviceCode, "first", Cancel)).Token!;
        var renewed = (await Host.Engine.Tokens.RefreshAsync(issued.RefreshSecret!, "first", scope: null, Cancel)).Value;

        Assert.Equal(ErrorCode.InvalidToken, (await Host.Engine.Tokens.RefreshAsync(issued.RefreshSecret!, "second", scope: null, Cancel)).Error?.Code);
        Assert.NotNull(await Host.AuthenticateErrorAsync(renewed.Secret));
    }

    /// <summary>The scope of the first time, the scope that the same refresh token comes with again, and whether it gets the pair.</summary>
    public static TheoryData<string?, string?, bool> ScopesAgain => new()
    {
        { null, null, true },
        { null, "rooms:a:write", true },
        { null, "rooms:a:read", false },
        { null, "rooms:a", false },
        { "rooms:a:read", null, true },
        { "rooms:a:read", "rooms:a:read", true },
        { "rooms:a:read", "rooms:a:write", false },
    };

    /// <summary>What the first session was given stays as it was given, whatever the second asks for (RFC 6749 §6).</summary>
    [Theory]
    [MemberData(nameof(ScopesAgain))]
    public async Task Refresh_WithTheSameAgain_AndAnotherScope_ChangesNothing(string? first, string? second, bool same)
    {
        var minted = (await Host.MintAsync(Session, "rooms:a:write", withRefresh: true)).Value;
        var renewed = (await Host.Engine.Tokens.RefreshAsync(minted.RefreshSecret!, clientId: null, first, Cancel)).Value;
        var raised = 0;
        using var subscription = Host.Engine.IdentityCache.Notices.Add(await Host.CallerAsync(renewed.Secret), room: null, _ => raised++);

        var again = await Host.Engine.Tokens.RefreshAsync(minted.RefreshSecret!, clientId: null, second, Cancel);

        Assert.Equal(same ? null : ErrorCode.ScopeExceedsToken, again.Error?.Code);
        Assert.Equal(same ? renewed.Secret : null, again.Error is null ? again.Value.Secret : null);
        Assert.Equal(0, raised);
        Assert.Equal(renewed.Info.Scope, (await Host.CallerAsync(renewed.Secret)).Token!.Scope.Text);
        await Host.RestartAsync();
        Assert.Equal(renewed.Info.Scope, (await Host.CallerAsync(renewed.Secret)).Token!.Scope.Text);

        // As the hint says: without a scope, and then the next one narrows.
        var pair = await RefreshAsync(minted.RefreshSecret!);
        Assert.Equal("rooms:a:read", (await Host.Engine.Tokens.RefreshAsync(pair.RefreshSecret!, clientId: null, "rooms:a:read", Cancel)).Value.Info.Scope);
    }

    [Fact]
    public async Task Refresh_WithoutTheKeyOfTheServer_IsReuse()
    {
        var minted = await MintAsync();
        var renewed = await RefreshAsync(minted.RefreshSecret!);
        File.Delete(Path.Combine(Host.Directory, "keys", "refresh.key"));
        await Host.RestartAsync();

        Assert.Equal(ErrorCode.InvalidToken, (await TryRefreshAsync(minted.RefreshSecret!)).Error?.Code);
        Assert.Equal(ErrorCode.InvalidToken, (await Host.AuthenticateErrorAsync(renewed.Secret))?.Code);
    }

    [Fact]
    public async Task Key_OfTheServer_IsItsOwnersToRead()
    {
        await RefreshAsync((await MintAsync()).RefreshSecret!);

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Host.Directory, "keys", "refresh.key")));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(Host.Directory, "keys")));
        }
    }

    [Fact]
    public async Task Refresh_NarrowerScope_NarrowsForGood()
    {
        var minted = await MintAsync();
        var renewed = (await Host.Engine.Tokens.RefreshAsync(minted.RefreshSecret!, clientId: null, "rooms:a:read", Cancel)).Value;

        Assert.Equal("rooms:a:read", renewed.Info.Scope);
        await Host.RestartAsync();
        Assert.Equal("rooms:a:read", (await Host.CallerAsync(renewed.Secret)).Token!.Scope.Text);
        Assert.Equal("rooms:a:read", (await RefreshAsync(renewed.RefreshSecret!)).Info.Scope);
    }

    [Fact]
    public async Task Refresh_BadScope_LeavesTheRefreshTokenAsItWas()
    {
        var minted = await MintAsync();

        Assert.Equal(ErrorCode.InvalidScope, (await Host.Engine.Tokens.RefreshAsync(minted.RefreshSecret!, clientId: null, "rooms", Cancel)).Error?.Code);

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
        var minted = (await Host.MintAsync(Session, "rooms:a", withRefresh: true)).Value;
        await Host.Engine.Database.ExecuteAsync(
            work => work.Execute(
                """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
                INSERT INTO refresh_tokens (hash, token_id, created_ms, expires_ms, used_ms) SELECT randomblob(32), $1, i, $2, i FROM n
                """,
                minted.Info.Id,
                Time.GetUtcNow().AddDays(30).ToUnixTimeMilliseconds()),
            Cancel);

        var renewed = (await Host.Engine.Tokens.RefreshAsync(minted.RefreshSecret!, clientId: null, scope: null, Cancel)).Value;

        Assert.Equal(1_001, await Host.Engine.Database.ReadAsync(reader => reader.First("SELECT count(*) FROM refresh_tokens", static row => row.GetInt64(0)), Cancel));
        Time.Advance(TimeSpan.FromMinutes(1));
        Assert.NotNull((await Host.Engine.Tokens.RefreshAsync(minted.RefreshSecret!, clientId: null, scope: null, Cancel)).Error);
        Assert.NotNull(await Host.AuthenticateErrorAsync(renewed.Secret));
    }

    [Fact]
    public async Task Refresh_AfterThirtyDays_IsInvalidToken()
    {
        var minted = await MintAsync();
        Time.Advance(TimeSpan.FromDays(30));

        Assert.Equal(ErrorCode.InvalidToken, (await TryRefreshAsync(minted.RefreshSecret!)).Error?.Code);
    }

    [Fact]
    public async Task RefreshAndAccessSecrets_AreNotTakenForOneAnother()
    {
        var minted = await MintAsync();

        Assert.Equal(ErrorCode.InvalidToken, (await Host.AuthenticateErrorAsync(minted.RefreshSecret!))?.Code);
        Assert.Equal(ErrorCode.InvalidToken, (await TryRefreshAsync(minted.Secret)).Error?.Code);
    }

    [Fact]
    public async Task Refresh_ScopeChangedMeanwhile_IsAsItStandsNow()
    {
        var minted = await MintAsync();
        await Host.Engine.Tokens.ChangeAsync(Session, minted.Info.Id, "rooms:a:read", label: null, Cancel);

        Assert.Equal("rooms:a:read", (await RefreshAsync(minted.RefreshSecret!)).Info.Scope);
    }

    private async Task<IssuedToken> MintAsync() => (await Host.MintAsync(Session, "rooms:a:write", withRefresh: true)).Value;

    private Task<Outcome<IssuedToken>> TryRefreshAsync(string secret) => Host.Engine.Tokens.RefreshAsync(secret, clientId: null, scope: null, Cancel);

    private async Task<IssuedToken> RefreshAsync(string secret) => (await TryRefreshAsync(secret)).Value;
}
