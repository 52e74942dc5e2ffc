using Sync.Engine.Identity;
using Sync.Engine.Identity.Users;
using static Sync.Engine.Tests.EngineHost;

namespace Sync.Engine.Tests.Services.Users;

/// <summary>Who may change how somebody signs in, and for how long a passkey that was shown lets them.</summary>
public sealed class ConfirmationTests
{
    [Fact]
    public async Task OwnAccount_WithoutASession_IsOutOfReach()
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();
        var key = (await host.Engine.Users.PasskeysAsync(ada.Id, Cancel))[0].CredentialId;
        var ended = await host.SignInAsync(ada);
        await host.Engine.Users.EndSessionsAsync(ada.Id, exceptSessionId: null, Cancel);

        foreach (var caller in new[] { Caller.Anonymous, Caller.System("test"), await host.UserAsync("ada", "rooms:* create_rooms"), ended })
        {
            Assert.Equal("authentication_required", host.Engine.Users.ConfirmationRefusal(caller)?.Code.Name);
            Assert.Equal("authentication_required", host.Engine.Users.Confirm(caller, ada.Id).Error?.Code.Name);
            Assert.Equal("authentication_required", (await host.Engine.Users.AddPasskeyAsync(caller, People.Passkey(), Cancel)).Error?.Code.Name);
            Assert.Equal("authentication_required", (await host.Engine.Users.RenamePasskeyAsync(caller, key, "mine", Cancel)).Error?.Code.Name);
            Assert.Equal("authentication_required", (await host.Engine.Users.RemovePasskeyAsync(caller, key, Cancel)).Error?.Code.Name);
            Assert.Equal("authentication_required", (await host.Engine.Users.NewRecoveryCodesAsync(caller, Cancel)).Error?.Code.Name);
        }

        Assert.Equal("laptop", Assert.Single(await host.Engine.Users.PasskeysAsync(ada.Id, Cancel)).Name);
    }

    [Fact]
    public async Task OwnAccount_LongAfterSignIn_AsksForThePasskeyOnceMore()
    {
        var clock = Clock();
        await using var host = await StartAsync(clock);
        var ada = await host.SetUpAsync();
        var here = await host.SignInAsync(ada);
        clock.Advance(TimeSpan.FromMinutes(10));
        var elsewhere = await host.SignInAsync(ada);

        await AssertAskedAsync(host, ada, here);
        Assert.Null(host.Engine.Users.ConfirmationRefusal(elsewhere));

        Assert.Null(host.Engine.Users.Confirm(here, ada.Id).Error);
        Assert.Null((await host.Engine.Users.AddPasskeyAsync(here, People.Passkey("phone"), Cancel)).Error);
        Assert.Equal(10, (await host.Engine.Users.NewRecoveryCodesAsync(here, Cancel)).Value.Count);

        clock.Advance(TimeSpan.FromMinutes(10));
        await AssertAskedAsync(host, ada, here);
    }

    [Fact]
    public async Task OwnAccount_AfterARestart_AsksForThePasskeyOnceMore()
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();
        var (session, _) = await host.SignInAsync(ada.Id);

        await host.RestartAsync();

        await AssertAskedAsync(host, ada, host.Engine.Users.OfSession(session.Id).Value);
    }

    [Fact]
    public async Task Confirm_WithSomebodyElsesPasskey_IsRefused()
    {
        var clock = Clock();
        await using var host = await StartAsync(clock);
        var ada = await host.SetUpAsync();
        var ben = await host.ArriveAsync(ada, "ben");
        var here = await host.SignInAsync(ada);
        clock.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal("invalid_parameter", host.Engine.Users.Confirm(here, ben.Id).Error?.Code.Name);
        await AssertAskedAsync(host, ada, here);
    }

    private static async Task AssertAskedAsync(EngineHost host, UserInfo user, Caller caller)
    {
        var before = await host.Engine.Users.PasskeysAsync(user.Id, Cancel);
        var left = await host.Engine.Users.RecoveryCodesLeftAsync(user.Id, Cancel);

        Assert.Equal("confirmation_required", host.Engine.Users.ConfirmationRefusal(caller)?.Code.Name);
        Assert.Equal("confirmation_required", (await host.Engine.Users.AddPasskeyAsync(caller, People.Passkey(), Cancel)).Error?.Code.Name);
        Assert.Equal("confirmation_required", (await host.Engine.Users.RemovePasskeyAsync(caller, before[0].CredentialId, Cancel)).Error?.Code.Name);
        Assert.Equal("confirmation_required", (await host.Engine.Users.NewRecoveryCodesAsync(caller, Cancel)).Error?.Code.Name);

        // A name lets nobody in.
        Assert.Null((await host.Engine.Users.RenamePasskeyAsync(caller, before[0].CredentialId, before[0].Name, Cancel)).Error);
        Assert.Equal(before.Count, (await host.Engine.Users.PasskeysAsync(user.Id, Cancel)).Count);
        Assert.Equal(left, await host.Engine.Users.RecoveryCodesLeftAsync(user.Id, Cancel));
    }
}
