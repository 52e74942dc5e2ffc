using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using static Sync.Engine.Tests.EngineHost;

namespace Sync.Engine.Tests.Services.Users;

public sealed class RegistrationTests
{
    [Fact]
    public async Task Setup_RegistersTheAdministratorOnce()
    {
        await using var host = await StartAsync();
        var proof = host.Setup();
        Assert.Matches("^set_[A-Za-z0-9_-]{43}$", proof.Setup!);

        var ada = await host.SetUpAsync("ada");

        Assert.True(ada.IsAdmin);
        Assert.Null(host.Engine.Users.SetupSecret);
        Assert.Equal("invalid_parameter", (await host.RegisterAsync("eve", proof)).Error!.Code.Name);
        Assert.Equal("invalid_parameter", (await host.Engine.Users.RegisterAsync(host.Engine.Users.NewUserId(), "eve", proof, People.Passkey(), Cancel)).Error!.Code.Name);
        Assert.Null(await host.Engine.Users.FindByNameAsync("eve", Cancel));
        await host.AssertNowhereOnDiskAsync(proof.Setup!);
    }

    [Fact]
    public async Task Setup_IsAnotherAtEachStart_AndOverAfterTheFirstPasskey()
    {
        await using var host = await StartAsync();
        var first = host.Setup();
        await host.RestartAsync();

        Assert.NotEqual(first, host.Setup());
        Assert.Equal("invalid_parameter", (await host.RegisterAsync("ada", first)).Error!.Code.Name);
        var ada = await host.SetUpAsync();
        await host.RestartAsync();
        Assert.Null(host.Engine.Users.SetupSecret);
        Assert.Equal(ada, host.Engine.Users.Find(ada.Id));
        Assert.Equal(ada, await host.Engine.Users.FindByNameAsync("ADA", Cancel));
    }

    [Fact]
    public async Task Setup_ForAUserOfTheOperator_GivesThatUserThePasskey()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");

        var olga = await host.SetUpAsync("OLGA");

        Assert.Equal((host.Owner.UserId, "olga", true), (olga.Id, olga.Name, olga.IsAdmin));
        Assert.Equal(Role.Owner, (await host.Engine.Rooms.GetAsync(await host.SignInAsync(olga), "r", Cancel)).Value.Role);
        await host.RestartAsync();
        Assert.True(host.Engine.Users.Find(olga.Id)!.IsAdmin);
    }

    [Theory]
    [InlineData(RegistrationPolicy.Open)]
    [InlineData(RegistrationPolicy.Invite)]
    [InlineData(RegistrationPolicy.Closed)]
    public async Task BeforeSetup_NobodyElseRegisters(RegistrationPolicy policy)
    {
        await using var host = await StartAsync(registration: policy);
        await host.RoomAsync("r");
        var made = (await host.Engine.Invitations.CreateAsync(host.Owner, "r", Role.Observer, life: null, Cancel)).Value;

        Assert.Equal("registration_closed", (await host.RegisterAsync("eve", People.Nothing)).Error!.Code.Name);
        Assert.Equal("registration_closed", (await host.RegisterAsync("eve", new RegistrationProof(Setup: "", made.Secret))).Error!.Code.Name);
        Assert.Equal("invalid_parameter", (await host.RegisterAsync("eve", new RegistrationProof("set_wrong", made.Secret))).Error!.Code.Name);
        Assert.Equal("registration_closed", (await host.Engine.Users.RegisterAsync(host.Engine.Users.NewUserId(), "eve", People.Nothing, People.Passkey(), Cancel)).Error!.Code.Name);
        Assert.NotNull(host.Engine.Users.SetupSecret);
        Assert.Null(await host.Engine.Users.FindByNameAsync("eve", Cancel));
    }

    [Theory]
    [InlineData(RegistrationPolicy.Open, null, null)]
    [InlineData(RegistrationPolicy.Invite, "registration_closed", null)]
    [InlineData(RegistrationPolicy.Closed, "registration_closed", "registration_closed")]
    public async Task Policy_Decides(RegistrationPolicy policy, string? bare, string? invited)
    {
        await using var host = await StartAsync(registration: policy);
        var ada = await host.SetUpAsync();
        var made = (await host.Engine.Invitations.CreateForServerAsync(await host.SignInAsync(ada), life: null, Cancel)).Value;

        var ben = await host.RegisterAsync("ben", People.Nothing);
        var eve = await host.RegisterAsync("eve", new RegistrationProof(Setup: null, made.Secret));

        Assert.Equal(bare, ben.Error?.Code.Name);
        Assert.Equal(invited, eve.Error?.Code.Name);
        Assert.False(ben.Error is null && ben.Value.IsAdmin);
        Assert.Equal(policy == RegistrationPolicy.Invite, ben.Error?.Hint?.Contains("invitation", StringComparison.Ordinal) ?? false);
    }

    [Theory]
    [InlineData("inv_nonsense")]
    [InlineData("inv_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("x")]
    public async Task Invitation_Wrong_IsRefusedAlsoWhereRegistrationIsOpen(string invitation)
    {
        await using var host = await StartAsync(registration: RegistrationPolicy.Open);
        await host.SetUpAsync();

        Assert.Equal("invalid_parameter", (await host.RegisterAsync("eve", new RegistrationProof(Setup: null, invitation))).Error!.Code.Name);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("käthe")]
    [InlineData("ADA")]
    [InlineData("olga")]
    public async Task Name_BadOrTaken_IsRefused(string name)
    {
        await using var host = await StartAsync(registration: RegistrationPolicy.Open);
        await host.SetUpAsync("ada");
        var before = (await host.Engine.Access.ListUsersAsync(Cancel)).Count;

        Assert.Equal("invalid_parameter", (await host.RegisterAsync(name, People.Nothing)).Error!.Code.Name);
        Assert.Equal("invalid_parameter", (await host.Engine.Users.RegisterAsync(host.Engine.Users.NewUserId(), name, People.Nothing, People.Passkey(), Cancel)).Error!.Code.Name);

        Assert.Equal(before, (await host.Engine.Access.ListUsersAsync(Cancel)).Count);
    }

    [Fact]
    public async Task UserId_OfSomebodyElseOrOutOfShape_IsRefused()
    {
        await using var host = await StartAsync(registration: RegistrationPolicy.Open);
        var ada = await host.SetUpAsync();

        foreach (var id in (string[])[ada.Id, host.Owner.UserId!, "", "u_short", "u_00000000000000000000000G", "t_000000000000000000000000"])
        {
            Assert.Equal("invalid_parameter", (await host.Engine.Users.RegisterAsync(id, "eve", People.Nothing, People.Passkey(), Cancel)).Error!.Code.Name);
        }

        Assert.Single(await host.Engine.Users.PasskeysAsync(ada.Id, Cancel));
        Assert.Null(await host.Engine.Users.FindByNameAsync("eve", Cancel));
    }

    [Fact]
    public async Task Register_RefusedPasskey_LeavesNothing()
    {
        await using var host = await StartAsync();
        var key = People.Passkey();
        var ada = (await host.RegisterAsync("ada", host.Setup(), key)).Value;
        var made = (await host.Engine.Invitations.CreateForServerAsync(await host.SignInAsync(ada), life: null, Cancel)).Value;
        var proof = new RegistrationProof(Setup: null, made.Secret);

        Assert.Equal("invalid_parameter", (await host.RegisterAsync("ben", proof, key)).Error!.Code.Name);
        Assert.Equal("invalid_parameter", (await host.RegisterAsync("ben", proof, People.Passkey(id: new byte[15]))).Error!.Code.Name);

        Assert.Null(await host.Engine.Users.FindByNameAsync("ben", Cancel));
        Assert.Equal(made.Info, (await host.Engine.Invitations.FindAsync(made.Secret, Cancel)).Value);
        Assert.Null((await host.RegisterAsync("ben", proof)).Error);
    }

    [Fact]
    public async Task Register_TwoOfOneName_OneGetsIt()
    {
        await using var host = await StartAsync(registration: RegistrationPolicy.Open);
        await host.SetUpAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(index => Task.Run(() =>
            host.Engine.Users.RegisterAsync(host.Engine.Users.NewUserId(), index % 2 == 0 ? "ben" : "BEN", People.Nothing, People.Passkey(), Cancel), Cancel)));

        var winner = Assert.Single(outcomes, outcome => outcome.Error is null).Value;
        Assert.All(outcomes.Where(outcome => outcome.Error is not null), outcome => Assert.Equal("invalid_parameter", outcome.Error!.Code.Name));
        Assert.Equal(winner, await host.Engine.Users.FindByNameAsync("ben", Cancel));
        Assert.Single(await host.Engine.Users.PasskeysAsync(winner.Id, Cancel));
    }

    [Fact]
    public async Task Setup_UsedTwiceAtOnce_MakesOneAdministrator()
    {
        await using var host = await StartAsync(registration: RegistrationPolicy.Open);
        var proof = host.Setup();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(index => Task.Run(() => host.RegisterAsync($"a{index}", proof), Cancel)));

        Assert.True(Assert.Single(outcomes, outcome => outcome.Error is null).Value.IsAdmin);
        Assert.Equal(2, (await host.Engine.Access.ListUsersAsync(Cancel)).Count);
    }

    [Fact]
    public async Task Invitation_UsedTwiceAtOnce_LetsOneIn()
    {
        await using var host = await StartAsync();
        await host.SetUpAsync();
        await host.RoomAsync("r");
        var made = (await host.Engine.Invitations.CreateAsync(host.Owner, "r", Role.Collaborator, life: null, Cancel)).Value;
        var proof = new RegistrationProof(Setup: null, made.Secret);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(index => Task.Run(() => host.RegisterAsync($"p{index}", proof), Cancel)));

        var winner = Assert.Single(outcomes, outcome => outcome.Error is null).Value;
        Assert.False(winner.IsAdmin);
        var members = (await host.Engine.Rooms.GetAsync(host.Owner, "r", Cancel)).Value.Members;
        Assert.Equal([new RoomMember("olga", Role.Owner), new RoomMember(winner.Name, Role.Collaborator)], members);
        await host.RestartAsync();
        Assert.Equal(members, (await host.Engine.Rooms.GetAsync(host.Owner, "r", Cancel)).Value.Members);
        await host.AssertNowhereOnDiskAsync(made.Secret);
    }
}
