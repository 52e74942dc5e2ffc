using Sync.Engine.Identity.Grants;
using Sync.Engine.Identity.Users;
using Sync.Engine.Services.Grants;
using static Sync.Engine.Tests.EngineHost;

namespace Sync.Engine.Tests.Services.Users;

public sealed class RecoveryTests
{
    [Fact]
    public async Task Codes_AreTenOfEightyBits_AndNowhereOnDisk()
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();

        var codes = (await host.Engine.Users.NewRecoveryCodesAsync(await host.SignInAsync(ada), Cancel)).Value;

        Assert.Equal(10, codes.Distinct().Count());
        Assert.All(codes, code => Assert.Matches("^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$", code));
        Assert.Equal(10, await host.Engine.Users.RecoveryCodesLeftAsync(ada.Id, Cancel));
        await host.AssertNowhereOnDiskAsync([.. codes, .. codes.Select(code => code.Replace("-", "", StringComparison.Ordinal))]);
    }

    [Fact]
    public async Task Check_AnyWayOfTyping_UsesNothingUp()
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();
        var code = (await host.Engine.Users.NewRecoveryCodesAsync(await host.SignInAsync(ada), Cancel)).Value[3];
        await host.RestartAsync();

        foreach (var typed in (string[])[code, code.ToUpperInvariant(), code.Replace("-", "", StringComparison.Ordinal), $"  {code.Replace('-', ' ')}\n", code.Replace('0', 'O').Replace('1', 'l')])
        {
            Assert.Equal(ada, (await host.Engine.Users.CheckRecoveryAsync("Ada", typed, Cancel)).Value);
        }

        Assert.Equal(10, await host.Engine.Users.RecoveryCodesLeftAsync(ada.Id, Cancel));
    }

    [Fact]
    public async Task Check_WrongNameOrCode_IsTheSameRefusal()
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();
        var ben = await host.ArriveAsync(ada, "ben");
        var code = (await host.Engine.Users.NewRecoveryCodesAsync(await host.SignInAsync(ada), Cancel)).Value[0];
        var his = (await host.Engine.Users.NewRecoveryCodesAsync(await host.SignInAsync(ben), Cancel)).Value[0];
        (string Name, string Code)[] wrong =
        [
            ("ada", his), ("ada", "0000-0000-0000-0000"), ("ada", ""), ("ada", new string('a', 100_000)), ("ben", code), ("nobody", code), ("", code), ("olga", code), ("' OR 1=1 --", code),
        ];

        foreach (var (name, typed) in wrong)
        {
            var error = (await host.Engine.Users.CheckRecoveryAsync(name, typed, Cancel)).Error!;
            Assert.Equal(UserErrors.WrongRecovery, error);
            Assert.Equal(UserErrors.WrongRecovery, (await host.Engine.Users.RecoverAsync(name, typed, People.Passkey(), Cancel)).Error);
        }

        Assert.Equal(10, await host.Engine.Users.RecoveryCodesLeftAsync(ada.Id, Cancel));
        Assert.Single(await host.Engine.Users.PasskeysAsync(ada.Id, Cancel));
    }

    [Fact]
    public async Task Recover_VoidsWhatWasApprovedAndNotFetchedYet()
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();
        var code = (await host.Engine.Users.NewRecoveryCodesAsync(await host.SignInAsync(ada), Cancel)).Value[0];
        var thief = await host.SignInAsync(ada);
        var device = (await host.Engine.Grants.StartDeviceAsync(client: null, "create_rooms", Cancel)).Value;
        Assert.Null((await host.Engine.Grants.ApproveDeviceAsync(thief, device.UserCode, "create_rooms", Cancel)).Error);
        var consent = (await host.Engine.Grants.ConsentAsync(thief, new GrantClient("client_1", "Robot"), "create_rooms", "create_rooms", Cancel)).Value;

        Assert.Null((await host.Engine.Users.RecoverAsync("ada", code, People.Passkey("new"), Cancel)).Error);

        Assert.Equal(DeviceState.Invalid, (await host.Engine.Grants.PollDeviceAsync(device.DeviceCode, clientId: null, Cancel)).State);
        Assert.NotNull((await host.Engine.Grants.RedeemAsync(consent, "client_1", Cancel)).Error);
    }

    [Fact]
    public async Task NewCodes_KillTheOldOnes()
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();
        var old = (await host.Engine.Users.NewRecoveryCodesAsync(await host.SignInAsync(ada), Cancel)).Value;

        var fresh = (await host.Engine.Users.NewRecoveryCodesAsync(await host.SignInAsync(ada), Cancel)).Value;

        Assert.NotNull((await host.Engine.Users.CheckRecoveryAsync("ada", old[0], Cancel)).Error);
        Assert.Null((await host.Engine.Users.CheckRecoveryAsync("ada", fresh[0], Cancel)).Error);
        Assert.Equal(10, await host.Engine.Users.RecoveryCodesLeftAsync(ada.Id, Cancel));
    }

    [Fact]
    public async Task Recover_UsesTheCodeUp_AddsThePasskey_AndSignsOutEverywhere()
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();
        var ben = await host.ArriveAsync(ada, "ben");
        var (session, _) = await host.SignInAsync(ada.Id);
        var (his, _) = await host.SignInAsync(ben.Id);
        var token = await host.UserAsync("ada", "create_rooms");
        var code = (await host.Engine.Users.NewRecoveryCodesAsync(await host.SignInAsync(ada), Cancel)).Value[0];
        var key = People.Passkey("new phone");

        Assert.Equal(ada, (await host.Engine.Users.RecoverAsync("ADA", code, key, Cancel)).Value);

        Assert.Equal("invalid_token", host.Engine.Users.OfSession(session.Id).Error!.Code.Name);
        Assert.Null(host.Engine.Users.OfSession(his.Id).Error);
        Assert.True(host.Engine.IdentityCache.ScopeOf(token).CanCreateRooms);
        Assert.Equal(9, await host.Engine.Users.RecoveryCodesLeftAsync(ada.Id, Cancel));
        Assert.Equal(ada, await host.Engine.Users.FindByPasskeyAsync(key.CredentialId, Cancel));
        Assert.Equal(UserErrors.WrongRecovery, (await host.Engine.Users.RecoverAsync("ada", code, People.Passkey(), Cancel)).Error);
        await host.RestartAsync();
        Assert.Empty(await host.Engine.Users.SessionsAsync(ada.Id, Cancel));
        Assert.Equal(2, (await host.Engine.Users.PasskeysAsync(ada.Id, Cancel)).Count);
    }

    [Fact]
    public async Task Recover_RefusedPasskey_LeavesTheCodeAndTheSessions()
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();
        var taken = People.Passkey();
        await host.ArriveAsync(ada, "ben", taken);
        var (session, _) = await host.SignInAsync(ada.Id);
        var code = (await host.Engine.Users.NewRecoveryCodesAsync(await host.SignInAsync(ada), Cancel)).Value[0];

        Assert.Equal("invalid_parameter", (await host.Engine.Users.RecoverAsync("ada", code, taken, Cancel)).Error!.Code.Name);
        Assert.Equal("invalid_parameter", (await host.Engine.Users.RecoverAsync("ada", code, People.Passkey(id: new byte[3]), Cancel)).Error!.Code.Name);

        Assert.Null((await host.Engine.Users.CheckRecoveryAsync("ada", code, Cancel)).Error);
        Assert.Null(host.Engine.Users.OfSession(session.Id).Error);
    }

    [Fact]
    public async Task Recover_OneCodeTwiceAtOnce_WorksOnce()
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();
        var code = (await host.Engine.Users.NewRecoveryCodesAsync(await host.SignInAsync(ada), Cancel)).Value[0];

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => host.Engine.Users.RecoverAsync("ada", code, People.Passkey(), Cancel), Cancel)));

        Assert.Single(outcomes, outcome => outcome.Error is null);
        Assert.Equal(2, (await host.Engine.Users.PasskeysAsync(ada.Id, Cancel)).Count);
        Assert.Equal(9, await host.Engine.Users.RecoveryCodesLeftAsync(ada.Id, Cancel));
    }
}
