using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Context;
using Sync.Engine.Services.Rooms;
using static Sync.Engine.Tests.EngineHost;

namespace Sync.Engine.Tests.Services.Users;

public sealed class SessionTests
{
    [Fact]
    public async Task Session_MayWhateverItsUserMay_AndNoMore()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        await host.RoomAsync("other");
        var ada = await host.SetUpAsync();
        var session = await host.SignInAsync(ada);
        await host.GiveRoleAsync("r", "ada", Role.Participant);

        Assert.True(session.IsSession);
        Assert.Equal(("ada", ada.Id), (session.UserName, session.UserId));
        await host.InvokeAsync(session, "r", "_send_message", """{"body":"hello"}""");
        Assert.Equal("room_token_required", (await host.Engine.Rooms.PatchAsync(session, "r", new RoomPatch("x", null), Cancel)).Error!.Code.Name);
        Assert.Equal("scope_denied", (await host.Engine.Rooms.GetAsync(session, "other", Cancel)).Error!.Code.Name);
        Assert.Null((await host.Engine.Rooms.CreateAsync(session, new CreateRoom("hers", null, null), Cancel)).Error);
        Assert.Null((await host.Engine.Rooms.PatchAsync(session, "hers", new RoomPatch("x", null), Cancel)).Error);
        Assert.Equal("create_rooms rooms:*", host.Engine.IdentityCache.ScopeOf(session).Text);
    }

    [Fact]
    public async Task Join_BySession_DoesNotBindIt()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r", JoinPolicy.Members);
        var session = await host.SignInAsync(await host.SetUpAsync());
        await host.GiveRoleAsync("r", "ada", Role.Participant);

        Assert.Null((await host.Engine.Agents.JoinAsync(session, "r", EngineHost.Json("""{"id":"bot"}"""), Cancel)).Error);

        Assert.Equal("ada", (await host.InvokeAsync(session, "r", "_send_message", """{"body":"x"}"""))["agent"]!.GetValue<string>());
        Assert.Equal("bot", (await host.InvokeAsync(session, "r", "_send_message", """{"body":"x"}""", agent: "bot"))["agent"]!.GetValue<string>());
    }

    [Fact]
    public async Task OfSession_UnknownOrAToken_IsInvalidToken()
    {
        await using var host = await StartAsync();

        Assert.Equal("invalid_token", host.Engine.Users.OfSession("t_000000000000000000000000").Error!.Code.Name);
        Assert.Equal("invalid_token", host.Engine.Users.OfSession("").Error!.Code.Name);
        Assert.Equal("invalid_token", host.Engine.Users.OfSession(host.Owner.TokenId!).Error!.Code.Name);
    }

    [Fact]
    public async Task Authenticate_WithASecretThatHashesToASession_IsRefused()
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();
        var (session, _) = await host.SignInAsync(ada.Id);
        var secret = Secret.New(Secret.UserPrefix);
        await host.Engine.Database.ExecuteAsync(
            work => work.Execute("UPDATE tokens SET hash = $2 WHERE id = $1", session.Id, Secret.Hash(secret).ToBytes().ToArray()), Cancel);
        await host.RestartAsync();

        Assert.Null(host.Engine.Users.OfSession(session.Id).Error);
        Assert.Equal("invalid_token", (await host.Engine.Access.AuthenticateAsync(secret, Cancel)).Error!.Code.Name);
        Assert.Equal("invalid_token", (await host.Engine.Access.AuthenticateAsync(session.Id, Cancel)).Error!.Code.Name);
    }

    [Fact]
    public async Task Session_SurvivesARestart_WithItsLastUse()
    {
        var clock = Clock();
        await using var host = await StartAsync(clock);
        var ada = await host.SetUpAsync();
        var (session, _) = await host.SignInAsync(ada.Id);
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Null(host.Engine.Users.OfSession(session.Id).Error);

        await host.RestartAsync();

        var listed = Assert.Single(await host.Engine.Users.SessionsAsync(ada.Id, Cancel));
        Assert.Equal(session with { LastUsedAt = clock.GetUtcNow() }, listed);
        Assert.Equal(("a browser", session.CreatedAt.AddDays(30)), (listed.Label, listed.ExpiresAt));
        Assert.True(host.Engine.Users.OfSession(session.Id).Value.IsSession);
    }

    [Fact]
    public async Task Session_AfterThirtyDays_IsOver()
    {
        var clock = Clock();
        await using var host = await StartAsync(clock);
        var ada = await host.SetUpAsync();
        var (session, _) = await host.SignInAsync(ada.Id);

        clock.Advance(TimeSpan.FromDays(30) - TimeSpan.FromMilliseconds(1));
        Assert.Null(host.Engine.Users.OfSession(session.Id).Error);
        clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal("invalid_token", host.Engine.Users.OfSession(session.Id).Error!.Code.Name);
        Assert.Empty(await host.Engine.Users.SessionsAsync(ada.Id, Cancel));
    }

    [Fact]
    public async Task EndSession_OfSomebodyElse_IsNotFoundAndDoesNothing()
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();
        var ben = await host.ArriveAsync(ada, "ben");
        var (session, _) = await host.SignInAsync(ada.Id);

        Assert.Equal("not_found", (await host.Engine.Users.EndSessionAsync(ben.Id, session.Id, Cancel)).Error!.Code.Name);
        Assert.Equal("not_found", (await host.Engine.Users.EndSessionAsync(host.Owner.UserId!, host.Owner.TokenId!, Cancel)).Error!.Code.Name);

        Assert.Null(host.Engine.Users.OfSession(session.Id).Error);
        Assert.Null((await host.Engine.Rooms.CreateAsync(host.Owner, new CreateRoom("r", null, null), Cancel)).Error);
    }

    [Fact]
    public async Task EndSessions_ButOne_LeavesThatOneAlsoAfterARestart()
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();
        var ben = await host.ArriveAsync(ada, "ben");
        await host.Engine.Users.EndSessionsAsync(ada.Id, exceptSessionId: null, Cancel);
        var (first, caller) = await host.SignInAsync(ada.Id);
        var (second, _) = await host.SignInAsync(ada.Id);
        await host.SignInAsync(ada.Id);
        await host.SignInAsync(ben.Id);

        Assert.Equal(2, await host.Engine.Users.EndSessionsAsync(ada.Id, second.Id, Cancel));

        Assert.Equal("invalid_token", host.Engine.Users.OfSession(first.Id).Error!.Code.Name);
        Assert.Equal(Scope.Nothing.Text, host.Engine.IdentityCache.ScopeOf(caller).Text);
        await host.RestartAsync();
        Assert.Equal(second.Id, Assert.Single(await host.Engine.Users.SessionsAsync(ada.Id, Cancel)).Id);
        Assert.Equal("invalid_token", host.Engine.Users.OfSession(first.Id).Error!.Code.Name);
        Assert.Single(await host.Engine.Users.SessionsAsync(ben.Id, Cancel));
    }

    [Fact]
    public async Task EndSession_EndsItsWatchAndItsParkedWait()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        var ada = await host.SetUpAsync();
        var (session, caller) = await host.SignInAsync(ada.Id);
        await host.GiveRoleAsync("r", "ada", Role.Participant);
        using var watch = (await host.Engine.Live.WatchAsync(caller, "r", Cancel)).Value;
        var changed = watch.ChangedAsync(watch.Current, Cancel).AsTask();
        var wait = host.Engine.Waits.WaitAsync(caller, "r", "false", TimeSpan.FromSeconds(20), ContextShape.Default, Cancel);
        var room = await host.LoadedAsync("r");
        await UntilAsync(() => room.Waits.Count == 1);

        Assert.Equal(session.Id, (await host.Engine.Users.EndSessionAsync(ada.Id, session.Id, Cancel)).Value);

        Assert.False(await changed.WaitAsync(TimeSpan.FromSeconds(10), Cancel));
        Assert.True(watch.Ended);
        Assert.NotNull((await wait.WaitAsync(TimeSpan.FromSeconds(10), Cancel)).Error);
        Assert.NotNull((await host.TryInvokeAsync(caller, "r", "_send_message", """{"body":"late"}""")).Error);
    }

    [Fact]
    public async Task StartSession_LongLabel_IsCut()
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();

        var session = await host.Engine.Users.StartSessionAsync(ada.Id, new string('x', 199) + "😀", Cancel);

        Assert.Equal(new string('x', 199), session.Label);
    }

    [Fact]
    public async Task StartSession_PastAHundred_EndsTheOneIdleLongest()
    {
        var clock = Clock();
        await using var host = await StartAsync(clock);
        var ada = await host.SetUpAsync();
        List<SessionInfo> sessions = [];
        for (var index = 0; index < 100; index++)
        {
            sessions.Add(await host.Engine.Users.StartSessionAsync(ada.Id, "b", Cancel));
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Null(host.Engine.Users.OfSession(sessions[0].Id).Error);
        await host.Engine.Users.StartSessionAsync(ada.Id, "b", Cancel);

        Assert.Null(host.Engine.Users.OfSession(sessions[0].Id).Error);
        Assert.Equal("invalid_token", host.Engine.Users.OfSession(sessions[1].Id).Error!.Code.Name);
        Assert.Equal(100, (await host.Engine.Users.SessionsAsync(ada.Id, Cancel)).Count);
    }

    [Fact]
    public async Task StartSession_OfNobody_Throws()
    {
        await using var host = await StartAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => host.Engine.Users.StartSessionAsync("u_0", "b", Cancel));
    }

    [Fact]
    public async Task OfSession_AllocatesNothing()
    {
        await using var host = await StartAsync(new FakeTimeProvider());
        var (session, _) = await host.SignInAsync((await host.SetUpAsync()).Id);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var index = 0; index < 100; index++)
        {
            Assert.Null(host.Engine.Users.OfSession(session.Id).Error);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000);
    }

    [Fact]
    public async Task Summary_DoesNotCountSessionsAsTokens()
    {
        await using var host = await StartAsync();
        await host.SignInAsync((await host.SetUpAsync()).Id);

        Assert.Equal(0, (await host.Engine.Access.ListUsersAsync(Cancel)).Single(user => user.Name == "ada").Tokens);
    }
}
