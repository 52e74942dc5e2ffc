using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Rooms;
using Sync.Engine.Tests.Services.Users;
using static Sync.Engine.Tests.EngineHost;

namespace Sync.Engine.Tests.Services.Invitations;

public sealed class InvitationTests
{
    private static readonly Func<EngineHost, Caller, string?, Task<SyncError?>>[] s_serverOperations =
    [
        async (host, caller, _) => (await host.Engine.Invitations.CreateForServerAsync(caller, life: null, Cancel)).Error,
        async (host, caller, _) => (await host.Engine.Invitations.ListAsync(caller, room: null, Cancel)).Error,
        async (host, caller, id) => (await host.Engine.Invitations.RevokeAsync(caller, id!, Cancel)).Error,
    ];

    [Fact]
    public async Task Create_AnswersALinkOnce_AndListsWithoutSecret()
    {
        var clock = Clock();
        await using var host = await StartAsync(clock);
        await host.RoomAsync("r");
        await host.Engine.Rooms.PatchAsync(host.Owner, "r", new RoomPatch("Kitchen", null), Cancel);

        var made = (await host.Engine.Invitations.CreateAsync(host.Owner, "r", Role.Participant, life: null, Cancel)).Value;
        await host.RestartAsync();

        Assert.Matches("^inv_[A-Za-z0-9_-]{43}$", made.Secret);
        Assert.Equal(("r", "Kitchen", Role.Participant, "olga", clock.GetUtcNow(), clock.GetUtcNow().AddDays(7)), (made.Info.Room, made.Info.RoomName, made.Info.Role!.Value, made.Info.InvitedBy, made.Info.CreatedAt, made.Info.ExpiresAt));
        Assert.Equal([made.Info], (await host.Engine.Invitations.ListAsync(host.Owner, "r", Cancel)).Value);
        Assert.Equal(made.Info, (await host.Engine.Invitations.FindAsync(made.Secret, Cancel)).Value);
        await host.AssertNowhereOnDiskAsync(made.Secret);
        Assert.Equal("invalid_token", (await host.Engine.Access.AuthenticateAsync(made.Secret, Cancel)).Error!.Code.Name);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(90.01)]
    public async Task Create_LifeOutOfBounds_IsRefused(double days)
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");

        Assert.Equal("invalid_parameter", (await host.Engine.Invitations.CreateAsync(host.Owner, "r", Role.Observer, TimeSpan.FromDays(days), Cancel)).Error!.Code.Name);
        Assert.Equal("invalid_parameter", (await host.Engine.Invitations.CreateAsync(host.Owner, "r", (Role)9, life: null, Cancel)).Error!.Code.Name);
        Assert.Empty((await host.Engine.Invitations.ListAsync(host.Owner, "r", Cancel)).Value);
    }

    [Fact]
    public async Task Create_WithARoomToken_NeedsAUser()
    {
        await using var host = await StartAsync();
        var room = await host.CallerAsync((await host.RoomAsync("r")).RoomToken);

        Assert.Equal("identity_mismatch", (await host.Engine.Invitations.CreateAsync(room, "r", Role.Observer, life: null, Cancel)).Error!.Code.Name);
        Assert.Equal("identity_mismatch", (await host.Engine.Invitations.ListAsync(room, "r", Cancel)).Error!.Code.Name);
    }

    [Fact]
    public async Task Server_IsForASessionOfAnAdministrator()
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();
        var admin = await host.SignInAsync(ada);
        var made = (await host.Engine.Invitations.CreateForServerAsync(admin, TimeSpan.FromDays(90), Cancel)).Value;
        (Caller Caller, string Code)[] denied =
        [
            (Caller.Anonymous, "authentication_required"),
            (await host.UserAsync("ada", "rooms:* create_rooms"), "not_owner"),
            (await host.SignInAsync(await host.ArriveAsync(ada, "ben")), "not_owner"),
            (Caller.System("demo"), "not_owner"),
        ];

        foreach (var (caller, code) in denied)
        {
            foreach (var operation in s_serverOperations)
            {
                Assert.Equal(code, (await operation(host, caller, made.Info.Id))?.Code.Name);
            }
        }

        Assert.Equal([made.Info], (await host.Engine.Invitations.ListAsync(admin, room: null, Cancel)).Value);
        Assert.Null(made.Info.Role);
        Assert.Equal(made.Info, (await host.Engine.Invitations.RevokeAsync(admin, made.Info.Id, Cancel)).Value);
        Assert.Equal("not_found", (await host.Engine.Invitations.FindAsync(made.Secret, Cancel)).Error!.Code.Name);
        Assert.Equal("not_found", (await host.Engine.Invitations.RevokeAsync(admin, made.Info.Id, Cancel)).Error!.Code.Name);
    }

    [Fact]
    public async Task Revoke_ByOthers_RevealsNothingToStrangers()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        var made = (await host.Engine.Invitations.CreateAsync(host.Owner, "r", Role.Observer, life: null, Cancel)).Value;
        var pat = await host.UserAsync("pat", "rooms:*");
        await host.GiveRoleAsync("r", "pat", Role.Participant);

        Assert.Equal("authentication_required", (await host.Engine.Invitations.RevokeAsync(Caller.Anonymous, made.Info.Id, Cancel)).Error!.Code.Name);
        Assert.Equal("not_found", (await host.Engine.Invitations.RevokeAsync(await host.UserAsync("stan", "rooms:*"), made.Info.Id, Cancel)).Error!.Code.Name);
        Assert.Equal("not_owner", (await host.Engine.Invitations.RevokeAsync(pat, made.Info.Id, Cancel)).Error!.Code.Name);
        Assert.Null((await host.Engine.Invitations.FindAsync(made.Secret, Cancel)).Error);

        Assert.Null((await host.Engine.Invitations.RevokeAsync(host.Owner, made.Info.Id, Cancel)).Error);
        Assert.Equal("not_found", (await host.Engine.Invitations.FindAsync(made.Secret, Cancel)).Error!.Code.Name);
    }

    [Fact]
    public async Task Find_Expired_IsNotFound_AndForgottenAtTheNextStart()
    {
        var clock = Clock();
        await using var host = await StartAsync(clock);
        await host.RoomAsync("r");
        var made = (await host.Engine.Invitations.CreateAsync(host.Owner, "r", Role.Observer, TimeSpan.FromHours(1), Cancel)).Value;

        clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal("not_found", (await host.Engine.Invitations.FindAsync(made.Secret, Cancel)).Error!.Code.Name);
        Assert.Empty((await host.Engine.Invitations.ListAsync(host.Owner, "r", Cancel)).Value);
        await host.RestartAsync();
        Assert.Equal(0, await CountAsync(host));
    }

    [Fact]
    public async Task Find_MakerNoLongerOwner_IsNotFound()
    {
        await using var host = await StartAsync();
        await host.SetUpAsync();
        await host.RoomAsync("r");
        var carl = await host.UserAsync("carl", "rooms:*");
        await host.GiveRoleAsync("r", "carl", Role.Owner);
        var made = (await host.Engine.Invitations.CreateAsync(carl, "r", Role.Owner, life: null, Cancel)).Value;

        await host.GiveRoleAsync("r", "carl", Role.Collaborator);

        Assert.Equal("not_found", (await host.Engine.Invitations.FindAsync(made.Secret, Cancel)).Error!.Code.Name);
        Assert.Equal("invalid_parameter", (await host.RegisterAsync("eve", new RegistrationProof(Setup: null, made.Secret))).Error!.Code.Name);
        Assert.Equal("not_found", (await host.Engine.Invitations.AcceptAsync(await SessionAsync(host, "carl"), made.Secret, Cancel)).Error!.Code.Name);
        Assert.Empty((await host.Engine.Invitations.ListAsync(host.Owner, "r", Cancel)).Value);
    }

    [Fact]
    public async Task Find_RoomDeleted_IsNotFound()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        var made = (await host.Engine.Invitations.CreateAsync(host.Owner, "r", Role.Observer, life: null, Cancel)).Value;

        await host.Engine.Rooms.DeleteAsync(host.Owner, "r", Cancel);
        await host.RoomAsync("r");

        Assert.Equal("not_found", (await host.Engine.Invitations.FindAsync(made.Secret, Cancel)).Error!.Code.Name);
        Assert.Equal(0, await CountAsync(host));
    }

    [Theory]
    [InlineData("")]
    [InlineData("inv_")]
    [InlineData("room_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Find_Nonsense_IsNotFound(string secret)
    {
        await using var host = await StartAsync();

        Assert.Equal("not_found", (await host.Engine.Invitations.FindAsync(secret, Cancel)).Error!.Code.Name);
    }

    [Fact]
    public async Task Create_TheHundredAndFirst_IsRefused_PerRoom()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        await host.RoomAsync("other");
        for (var index = 0; index < 100; index++)
        {
            Assert.Null((await host.Engine.Invitations.CreateAsync(host.Owner, "r", Role.Observer, life: null, Cancel)).Error);
        }

        Assert.Equal("invalid_parameter", (await host.Engine.Invitations.CreateAsync(host.Owner, "r", Role.Observer, life: null, Cancel)).Error!.Code.Name);
        Assert.Null((await host.Engine.Invitations.CreateAsync(host.Owner, "other", Role.Observer, life: null, Cancel)).Error);
    }

    [Fact]
    public async Task Accept_GivesTheRoleOnce()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        var made = (await host.Engine.Invitations.CreateAsync(host.Owner, "r", Role.Collaborator, life: null, Cancel)).Value;
        await host.UserAsync("ben", "rooms:*");
        var ben = await SessionAsync(host, "ben");

        Assert.Equal(new MemberInvited("r", "ben", Role.Collaborator), (await host.Engine.Invitations.AcceptAsync(ben, made.Secret, Cancel)).Value);

        Assert.Equal(Role.Collaborator, (await host.Engine.Rooms.GetAsync(ben, "r", Cancel)).Value.Role);
        Assert.Equal("not_found", (await host.Engine.Invitations.AcceptAsync(ben, made.Secret, Cancel)).Error!.Code.Name);
        await host.RestartAsync();
        Assert.Contains(new RoomMember("ben", Role.Collaborator), (await host.Engine.Rooms.GetAsync(host.Owner, "r", Cancel)).Value.Members);
    }

    [Fact]
    public async Task Accept_NeverLowersARole()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        var olga = await SessionAsync(host, "olga");
        var made = (await host.Engine.Invitations.CreateAsync(olga, "r", Role.Observer, life: null, Cancel)).Value;

        Assert.Equal(Role.Owner, (await host.Engine.Invitations.AcceptAsync(olga, made.Secret, Cancel)).Value.Role);
        Assert.Equal(Role.Owner, (await host.Engine.Rooms.GetAsync(olga, "r", Cancel)).Value.Role);
    }

    [Fact]
    public async Task Accept_ByWhoIsNotSignedIn_IsRefused()
    {
        await using var host = await StartAsync();
        var room = await host.RoomAsync("r");
        var made = (await host.Engine.Invitations.CreateAsync(host.Owner, "r", Role.Owner, life: null, Cancel)).Value;

        foreach (var caller in (Caller[])[Caller.Anonymous, Caller.System("demo"), await host.CallerAsync(room.RoomToken), await host.UserAsync("ben", "rooms:*")])
        {
            Assert.Equal("authentication_required", (await host.Engine.Invitations.AcceptAsync(caller, made.Secret, Cancel)).Error!.Code.Name);
        }

        var gone = await SessionAsync(host, "ben");
        await host.Engine.Users.EndSessionsAsync(gone.UserId!, exceptSessionId: null, Cancel);
        Assert.Equal("authentication_required", (await host.Engine.Invitations.AcceptAsync(gone, made.Secret, Cancel)).Error!.Code.Name);
        Assert.Single((await host.Engine.Invitations.ListAsync(host.Owner, "r", Cancel)).Value);
    }

    [Fact]
    public async Task Accept_OntoTheServer_IsOfNoUse_AndNotUsedUp()
    {
        await using var host = await StartAsync();
        var admin = await host.SignInAsync(await host.SetUpAsync());
        var made = (await host.Engine.Invitations.CreateForServerAsync(admin, life: null, Cancel)).Value;

        Assert.Equal("invalid_parameter", (await host.Engine.Invitations.AcceptAsync(admin, made.Secret, Cancel)).Error!.Code.Name);
        Assert.Equal("not_found", (await host.Engine.Invitations.AcceptAsync(admin, "inv_other", Cancel)).Error!.Code.Name);
        Assert.Null((await host.Engine.Invitations.FindAsync(made.Secret, Cancel)).Error);
    }

    [Fact]
    public async Task Accept_ByManyAtOnce_LetsOneIn()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        var made = (await host.Engine.Invitations.CreateAsync(host.Owner, "r", Role.Participant, life: null, Cancel)).Value;
        List<Caller> people = [];
        for (var index = 0; index < 6; index++)
        {
            await host.UserAsync($"p{index}", "rooms:*");
            people.Add(await SessionAsync(host, $"p{index}"));
        }

        var outcomes = await Task.WhenAll(people.Select(caller => Task.Run(() => host.Engine.Invitations.AcceptAsync(caller, made.Secret, Cancel), Cancel)));

        Assert.Single(outcomes, outcome => outcome.Error is null);
        Assert.Equal(2, (await host.Engine.Rooms.GetAsync(host.Owner, "r", Cancel)).Value.Members.Count);
    }

    private static async Task<Caller> SessionAsync(EngineHost host, string name) =>
        await host.SignInAsync((await host.Engine.Users.FindByNameAsync(name, Cancel))!);

    private static Task<int> CountAsync(EngineHost host) =>
        host.Engine.Database.ReadAsync(reader => reader.First("SELECT count(*) FROM invitations", row => row.GetInt32(0)), Cancel);
}
