using System.Text.Json;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Rooms;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Services.Rooms;

/// <summary>Invitations by user name: what works at once, what waits for the user's word, and what nobody finds out by them.</summary>
public sealed class NamedInvitationTests
{
    private static CancellationToken Cancel => EngineHost.Cancel;

    [Fact]
    public async Task Invited_RoleWorksAtOnce_AndTheRoomIsInNoListUntilItIsTakenUp()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r", JoinPolicy.Members);
        var ben = await host.UserAsync("ben", "rooms:*");
        await InviteAsync(host, "ben", Role.Collaborator);

        await host.InvokeAsync(ben, "r", "_send_message", """{"body":"x"}""");
        Assert.Empty(host.Engine.Rooms.Page(ben, after: null, limit: 100).Value.Rooms);
        Assert.Equal(0, (await host.Engine.Rooms.ActivityAsync(ben, new ActivityRequest { MaxLive = 10, MaxQuiet = 10 }, Cancel)).Value.QuietTotal);
        Assert.Empty(host.Engine.Tokens.Grantable(await host.SessionAsync("ben"), asked: null).Value.Rooms);
        var invitation = Assert.Single(host.Engine.Rooms.Invitations(ben).Value);
        Assert.Equal(("r", Role.Collaborator, "olga"), (invitation.Room, invitation.Role, invitation.InvitedBy));
        Assert.Equal([new RoomMember("olga", Role.Owner)], (await host.Engine.Rooms.GetAsync(host.Owner, "r", Cancel)).Value.Members);

        Assert.Equal(Role.Collaborator, (await host.Engine.Rooms.AnswerInvitationAsync(ben, "r", accept: true, Cancel)).Value.Role);

        await host.RestartAsync();
        ben = await host.UserAsync("ben", "rooms:*");
        Assert.Equal("r", Assert.Single(host.Engine.Rooms.Page(ben, after: null, limit: 100).Value.Rooms).Id);
        Assert.Empty(host.Engine.Rooms.Invitations(ben).Value);
        var info = (await host.Engine.Rooms.GetAsync(host.Owner, "r", Cancel)).Value;
        Assert.Equal([new RoomMember("olga", Role.Owner), new RoomMember("ben", Role.Collaborator)], info.Members);
        Assert.Empty(info.Invited);
        Assert.Equal(ErrorCode.NotFound, (await host.Engine.Rooms.AnswerInvitationAsync(ben, "r", accept: false, Cancel)).Error?.Code);
    }

    [Fact]
    public async Task Invited_Refusing_HasNoRole()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r", JoinPolicy.Members);
        var ben = await host.UserAsync("ben", "rooms:*");
        await InviteAsync(host, "ben", Role.Owner);

        Assert.Null((await host.Engine.Rooms.AnswerInvitationAsync(ben, "r", accept: false, Cancel)).Error);

        Assert.Equal(ErrorCode.ScopeDenied, (await host.Engine.Rooms.GetAsync(ben, "r", Cancel)).Error?.Code);
        Assert.Empty((await host.Engine.Rooms.GetAsync(host.Owner, "r", Cancel)).Value.Invited);
    }

    /// <summary>Everything that an inviter may do with a name, for one that a user has and one that nobody has: the same answers, step by step, but for the name.</summary>
    [Theory]
    [InlineData(Role.Observer)]
    [InlineData(Role.Owner)]
    public async Task Invited_NameThatNobodyHas_IsLikeOneThatAUserHas(Role role)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("known", JoinPolicy.Members);
        await host.RoomAsync("nobody", JoinPolicy.Members);
        await host.UserAsync("Known", "rooms:*");

        var known = await StepsAsync(host, "known", role);
        var nobody = await StepsAsync(host, "nobody", role);

        Assert.Equal(nobody, known.Select(step => step.Replace("KNOWN", "NOBODY", StringComparison.Ordinal).Replace("known", "nobody", StringComparison.Ordinal).Replace("Known", "Nobody", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Invited_NameRegisteredLater_HasNoRole()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r", JoinPolicy.Members);
        await InviteAsync(host, "late", Role.Owner);

        var late = await host.UserAsync("late", "rooms:*");

        Assert.Equal(ErrorCode.ScopeDenied, (await host.Engine.Rooms.GetAsync(late, "r", Cancel)).Error?.Code);
        Assert.Empty(host.Engine.Rooms.Invitations(late).Value);
    }

    [Fact]
    public async Task Invited_IntoADeletedRoom_HaveNothingInTheNextOfItsId()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r", JoinPolicy.Members);
        var ben = await host.UserAsync("ben", "rooms:*");
        await InviteAsync(host, "ben", Role.Owner);
        await InviteAsync(host, "nobody", Role.Owner);
        var link = (await host.Engine.Invitations.CreateAsync(host.Owner, "r", Role.Owner, life: null, Cancel)).Value;
        await host.Engine.Rooms.DeleteAsync(host.Owner, "r", Cancel);
        await host.RoomAsync("r", JoinPolicy.Members);

        Assert.Empty(host.Engine.Rooms.Invitations(ben).Value);
        Assert.NotNull((await host.Engine.Rooms.AnswerInvitationAsync(ben, "r", accept: true, Cancel)).Error);
        Assert.NotNull((await host.Engine.Invitations.AcceptAsync(await host.SessionAsync("ben"), link.Secret, Cancel)).Error);
        Assert.Empty((await host.Engine.Rooms.GetAsync(host.Owner, "r", Cancel)).Value.Invited);
    }

    [Fact]
    public async Task Joining_TakesTheRoleUp()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r", JoinPolicy.Members);
        var ben = await host.UserAsync("ben", "rooms:*");
        await InviteAsync(host, "ben", Role.Collaborator);

        Assert.Null((await host.Engine.Agents.JoinAsync(ben, "r", EngineHost.Json("""{"id":"bens"}"""), Cancel)).Error);

        Assert.Equal("r", Assert.Single(host.Engine.Rooms.Page(ben, after: null, limit: 100).Value.Rooms).Id);
        Assert.Contains(new RoomMember("ben", Role.Collaborator), (await host.Engine.Rooms.GetAsync(host.Owner, "r", Cancel)).Value.Members);
    }

    /// <summary>Tokens of the invited user that are narrower than the role, and others', answer nothing.</summary>
    [Theory]
    [InlineData("ben", "rooms:*:read", "read_only_token")]
    [InlineData("ben", "rooms:r:agent:bot", "scope_denied")]
    [InlineData("ben", "rooms:other", "scope_denied")]
    [InlineData("ben", "create_rooms", "scope_denied")]
    [InlineData("ben", "rooms:r:view:x", "scope_denied")]
    [InlineData("sam", "rooms:*", "scope_denied")]
    [InlineData("olga", "rooms:*", "not_found")]
    public async Task Answer_ByWhoMayNot_IsRefused(string user, string scope, string code)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r", JoinPolicy.Members);
        await host.UserAsync("ben", "rooms:*");
        await InviteAsync(host, "ben", Role.Participant);

        foreach (var accept in (bool[])[true, false])
        {
            Assert.Equal(code, (await host.Engine.Rooms.AnswerInvitationAsync(await host.UserAsync(user, scope), "r", accept, Cancel)).Error?.Code.Name);
        }

        Assert.Equal(ErrorCode.AuthenticationRequired, (await host.Engine.Rooms.AnswerInvitationAsync(Caller.Anonymous, "r", accept: true, Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.AuthenticationRequired, host.Engine.Rooms.Invitations(Caller.Anonymous).Error?.Code);
        Assert.Single(host.Engine.Rooms.Invitations(await host.SessionAsync("ben")).Value);
    }

    [Fact]
    public async Task Invite_OfMoreNamesThanFit_IsRefused()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.UserAsync("real", "rooms:*");
        for (var index = 0; index < 100; index++)
        {
            await InviteAsync(host, $"n{index}", Role.Observer);
        }

        foreach (var name in (string[])["real", "more"])
        {
            Assert.Equal(ErrorCode.InvalidParameter, (await host.Engine.Rooms.InviteAsync(host.Owner, "r", name, Role.Observer, Cancel)).Error?.Code);
        }

        await InviteAsync(host, "N7", Role.Owner);
        Assert.Equal(ErrorCode.InvalidParameter, (await host.Engine.Rooms.InviteAsync(host.Owner, "r", "no name", Role.Observer, Cancel)).Error?.Code);
    }

    private static async Task<List<string>> StepsAsync(EngineHost host, string name, Role role)
    {
        List<string> steps = [];
        var room = name;
        var owner = await host.SessionAsync("olga");
        await TellAsync(host.Engine.Rooms.InviteAsync(owner, room, name, role, Cancel));
        await TellAsync(host.Engine.Rooms.InviteAsync(owner, room, name.ToUpperInvariant(), Role.Participant, Cancel));
        await TellAsync(host.Engine.Rooms.TransferAsync(owner, room, name, Cancel));
        await TellAsync(host.Engine.Rooms.RemoveMemberAsync(owner, room, "olga", Cancel));
        await TellAsync(host.Engine.Rooms.InviteAsync(owner, room, "olga", Role.Observer, Cancel));
        await TellAsync(host.Engine.Rooms.ClaimAsync(await host.UserAsync("carl", "rooms:*"), room, roomToken: null, Cancel));
        await TellAsync(host.Engine.Rooms.RemoveMemberAsync(owner, room, name, Cancel));
        await TellAsync(host.Engine.Rooms.RemoveMemberAsync(owner, room, name, Cancel));
        await TellAsync(host.Engine.Rooms.InviteAsync(owner, room, name, role, Cancel));
        return steps;

        async Task TellAsync<T>(Task<Outcome<T>> asked)
        {
            var outcome = await asked;
            var info = (await host.Engine.Rooms.GetAsync(owner, room, Cancel)).Value with { CreatedAt = default, Figures = null };
            steps.Add(outcome.Error is { } error ? $"{error.Code.Name} {error.Message} {error.HintFor(PlainSteps.Instance)} {error.Details?.ToJsonString()}" : $"{outcome.Value}");
            steps.Add(JsonSerializer.Serialize(info));
        }
    }

    private static async Task InviteAsync(EngineHost host, string name, Role role) => Assert.Null((await host.Engine.Rooms.InviteAsync(host.Owner, "r", name, role, Cancel)).Error);
}
