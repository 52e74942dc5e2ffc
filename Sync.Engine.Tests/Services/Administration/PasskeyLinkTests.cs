using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Tests.Services.Users;
using static Sync.Engine.Tests.EngineHost;

namespace Sync.Engine.Tests.Services.Administration;

/// <summary>Links with which somebody who is locked out makes a new passkey.</summary>
public sealed class PasskeyLinkTests
{
    [Fact]
    public async Task Link_Used_LetsItsUserInOnceAndSignsEverybodyElseOut()
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();
        var ben = await host.ArriveAsync(ada, "ben");
        var (session, _) = await host.SignInAsync(ben.Id);
        var made = (await host.Engine.Administration.MakePasskeyLinkAsync(await host.SignInAsync(ada), "Ben", Cancel)).Value;

        // To look uses nothing up.
        Assert.Equal("ben", (await host.Engine.Users.CheckPasskeyLinkAsync(made.Secret, Cancel)).Value.Name);
        Assert.Equal(ben.Id, (await host.Engine.Users.RecoverByLinkAsync(made.Secret, People.Passkey("new"), Cancel)).Value.Id);

        Assert.Equal(["laptop", "new"], (await host.Engine.Users.PasskeysAsync(ben.Id, Cancel)).Select(passkey => passkey.Name).Order());
        Assert.Equal("invalid_token", host.Engine.Users.OfSession(session.Id).Error?.Code.Name);
        await AssertGoneAsync(host, made.Secret);
        await host.AssertNowhereOnDiskAsync(made.Secret, made.Secret["key_".Length..]);
    }

    [Fact]
    public async Task Link_OfADayAgoReplacedOrTakenBack_IsGone()
    {
        var clock = Clock();
        await using var host = await StartAsync(clock);
        var ada = await host.SetUpAsync();
        await host.ArriveAsync(ada, "ben");
        var admin = await host.SignInAsync(ada);

        var replaced = (await host.Engine.Administration.MakePasskeyLinkAsync(admin, "ben", Cancel)).Value;
        var old = (await host.Engine.Administration.MakePasskeyLinkAsync(admin, "ben", Cancel)).Value;
        await AssertGoneAsync(host, replaced.Secret);
        clock.Advance(TimeSpan.FromHours(24));
        await AssertGoneAsync(host, old.Secret);

        var back = (await host.Engine.Administration.MakePasskeyLinkAsync(await host.SignInAsync(ada), "ben", Cancel)).Value;
        Assert.Null((await host.Engine.Administration.EndPasskeyLinkAsync(admin, "ben", Cancel)).Error);
        await AssertGoneAsync(host, back.Secret);
        Assert.Equal("not_found", (await host.Engine.Administration.EndPasskeyLinkAsync(admin, "ben", Cancel)).Error?.Code.Name);
        Assert.Equal("user_not_found", (await host.Engine.Administration.MakePasskeyLinkAsync(await host.SignInAsync(ada), "nobody", Cancel)).Error?.Code.Name);
    }

    [Fact]
    public async Task Link_ByAnAdministratorWhoShowedNoPasskeyLately_AsksForIt()
    {
        var clock = Clock();
        await using var host = await StartAsync(clock);
        var ada = await host.SetUpAsync();
        var admin = await host.SignInAsync(ada);
        clock.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal("confirmation_required", (await host.Engine.Administration.MakePasskeyLinkAsync(admin, "ada", Cancel)).Error?.Code.Name);
        Assert.Null(host.Engine.Users.Confirm(admin, ada.Id).Error);
        Assert.Null((await host.Engine.Administration.MakePasskeyLinkAsync(admin, "ada", Cancel)).Error);
    }

    [Fact]
    public async Task Link_ThatIsOpen_IsSeenAndTakenBackByWhomItIsFor()
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();
        var ben = await host.SignInAsync(await host.ArriveAsync(ada, "ben"));
        Assert.Null((await host.Engine.Users.PasskeyLinkAsync(ben, Cancel)).Value);
        var made = (await host.Engine.Administration.MakePasskeyLinkAsync(await host.SignInAsync(ada), "ben", Cancel)).Value;

        Assert.Equal(("ben", "ada"), (await host.Engine.Users.PasskeyLinkAsync(ben, Cancel)).Value is { } link ? (link.UserName, link.MadeBy) : default);
        Assert.Null((await host.Engine.Users.EndPasskeyLinkAsync(ben, Cancel)).Error);

        await AssertGoneAsync(host, made.Secret);
        Assert.Equal("not_found", (await host.Engine.Users.EndPasskeyLinkAsync(ben, Cancel)).Error?.Code.Name);
        var token = await host.UserAsync("ben", "rooms:*");
        Assert.Equal("authentication_required", (await host.Engine.Users.PasskeyLinkAsync(token, Cancel)).Error?.Code.Name);
        Assert.Equal("authentication_required", (await host.Engine.Users.EndPasskeyLinkAsync(token, Cancel)).Error?.Code.Name);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("key_")]
    [InlineData("key_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("inv_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Link_ThatIsNone_IsGone(string? secret)
    {
        await using var host = await StartAsync();
        await host.SetUpAsync();

        await AssertGoneAsync(host, secret);
    }

    [Fact]
    public async Task Link_OnTheMachine_WorksInTheRunningServerAndWaitsForSetUp()
    {
        await using var host = await StartAsync();
        await using var machine = (await Sync.Engine.Services.Maintenance.Maintenance.OpenAsync(
            host.Directory, create: false, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, Cancel)).Value;
        Assert.Equal("registration_closed", (await machine.MakePasskeyLinkAsync("olga", Cancel)).Error?.Code.Name);
        var ada = await host.SetUpAsync();

        var made = (await machine.MakePasskeyLinkAsync("olga", Cancel)).Value;

        Assert.Equal("olga", (await host.Engine.Users.RecoverByLinkAsync(made.Secret, People.Passkey("first"), Cancel)).Value.Name);
        Assert.Equal("user_not_found", (await machine.MakePasskeyLinkAsync("nobody", Cancel)).Error?.Code.Name);
        Assert.Null((await host.Engine.Users.PasskeyLinkAsync(await host.SignInAsync(ada), Cancel)).Value);
    }

    [Fact]
    public async Task SetUp_UnderAnyName_OwnsWhatTokensOfTheMachineHaveMade()
    {
        await using var host = await StartAsync();
        var room = await host.RoomAsync("kept");
        Assert.Empty(await host.Engine.Users.RoomsToAdoptAsync("set_wrong", Cancel));
        Assert.Equal([room.Info.Id], await host.Engine.Users.RoomsToAdoptAsync(host.Engine.Users.SetupSecret, Cancel));

        var ada = await host.SignInAsync((await host.RegisterAsync("ada", host.Setup() with { AdoptsRooms = true })).Value);

        var members = (await host.Engine.Rooms.GetAsync(ada, room.Info.Id, Cancel)).Value.Members;
        Assert.Equal([("ada", Sync.Engine.Primitives.Access.Role.Owner), ("olga", Sync.Engine.Primitives.Access.Role.Owner)], members.Select(member => (member.User, member.Role)).Order());
        await host.RestartAsync();
        Assert.Equal(2, (await host.Engine.Rooms.GetAsync(host.Owner, room.Info.Id, Cancel)).Value.Members.Count);
    }

    [Fact]
    public async Task SetUp_ThatAsksForNoRooms_GetsNone()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("kept");

        var ada = await host.SetUpAsync();

        Assert.Equal("scope_denied", (await host.Engine.Rooms.GetAsync(await host.SignInAsync(ada), "kept", Cancel)).Error?.Code.Name);
        var invitation = (await host.Engine.Invitations.CreateForServerAsync(await host.SignInAsync(ada), life: null, Cancel)).Value;
        var ben = await host.RegisterAsync("ben", new RegistrationProof(Setup: null, invitation.Secret) { AdoptsRooms = true });
        Assert.Equal("scope_denied", (await host.Engine.Rooms.GetAsync(await host.SignInAsync(ben.Value), "kept", Cancel)).Error?.Code.Name);
    }

    private static async Task AssertGoneAsync(EngineHost host, string? secret)
    {
        Assert.Equal(UserErrors.PasskeyLinkGone, (await host.Engine.Users.CheckPasskeyLinkAsync(secret, Cancel)).Error);
        Assert.Equal(UserErrors.PasskeyLinkGone, (await host.Engine.Users.RecoverByLinkAsync(secret, People.Passkey(), Cancel)).Error);
    }
}
