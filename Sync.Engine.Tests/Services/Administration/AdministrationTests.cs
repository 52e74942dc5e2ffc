using Sync.Engine.Identity;
using Sync.Engine.Identity.Administration;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Administration;
using Sync.Engine.Services.Rooms;
using Sync.Engine.Tests.Services.Users;
using static Sync.Engine.Tests.EngineHost;

namespace Sync.Engine.Tests.Services.Administration;

/// <summary>What administrators see and do, and that nobody else does.</summary>
public sealed class AdministrationTests
{
    public static TheoryData<string> Operations => ["overview", "users", "rooms", "credentials", "end", "link", "end link"];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Operation_ByAnybodyElse_IsDenied(string operation)
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();
        var ben = await host.ArriveAsync(ada, "ben");
        var ended = await host.SignInAsync(ada);
        await host.Engine.Users.EndSessionsAsync(ada.Id, exceptSessionId: null, Cancel);

        // A token does not administer, not even one of an administrator.
        foreach (var caller in new[] { Caller.Anonymous, Caller.System("test"), await host.UserAsync("ada", "rooms:* create_rooms"), ended })
        {
            Assert.Equal("authentication_required", (await RunAsync(host, operation, caller)).Error?.Code.Name);
        }

        Assert.Equal("not_owner", (await RunAsync(host, operation, await host.SignInAsync(ben))).Error?.Code.Name);
        Assert.NotNull(host.Engine.Administration.Refusal(await host.SignInAsync(ben)));
        Assert.Null(host.Engine.Administration.Refusal(await host.SignInAsync(ada)));
    }

    [Fact]
    public async Task Lists_Always_ShowFiguresAndNothingThatRoomsHold()
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();
        var admin = await host.SignInAsync(ada);
        var ben = await host.ArriveAsync(ada, "ben");
        var room = (await host.Engine.Rooms.CreateAsync(await host.SignInAsync(ben), new CreateRoom("quiet-room", "Quiet", Join: null), Cancel)).Value;

        var users = (await host.Engine.Administration.UsersAsync(admin, new ListRequest<UserSort> { Sort = UserSort.Name }, Cancel)).Value;
        var rooms = (await host.Engine.Administration.RoomsAsync(admin, new ListRequest<RoomSort> { Sort = RoomSort.Events, Descending = true }, Cancel)).Value;
        var overview = (await host.Engine.Administration.OverviewAsync(admin, Cancel)).Value;

        Assert.Equal(["ada", "ben", "olga"], users.Rows.Select(user => user.Name));
        Assert.Equal(3, users.Total);
        Assert.Equal((true, 1, 0), users.Rows[0] is var first ? (first.IsAdmin, first.Passkeys, first.Tokens) : default);
        Assert.Equal((0, 1), users.Rows[2] is var olga ? (olga.Passkeys, olga.Tokens) : default);
        var shown = Assert.Single(rooms.Rows);
        Assert.Equal((room.Info.Id, "Quiet", 1), (shown.Id, shown.Name, shown.Members));
        Assert.Equal(["ben"], shown.Owners);
        Assert.True(shown.Events > 0 && shown.Bytes > 0);
        Assert.Equal((3, 1, shown.Events), (overview.Users, overview.Rooms, overview.Events));
        Assert.Empty(overview.Failing);
        Assert.True(overview.DatabaseBytes > 0);

        // To see it in a list lets nobody in.
        Assert.Equal("scope_denied", (await host.Engine.Rooms.GetAsync(admin, room.Info.Id, Cancel)).Error?.Code.Name);
    }

    [Fact]
    public async Task Users_SearchedSortedAndCut_AreCountedWhole()
    {
        await using var host = await StartAsync();
        var admin = await host.SignInAsync(await host.SetUpAsync());
        foreach (var index in Enumerable.Range(0, 12))
        {
            await host.UserAsync($"bot_{index:00}", "rooms:*");
        }

        var part = (await host.Engine.Administration.UsersAsync(admin, new ListRequest<UserSort> { Search = "BOT_", Sort = UserSort.Name, Descending = true, Skip = 2, Take = 3 }, Cancel)).Value;
        var wild = (await host.Engine.Administration.UsersAsync(admin, new ListRequest<UserSort> { Search = "%", Sort = UserSort.Name }, Cancel)).Value;
        var many = (await host.Engine.Administration.UsersAsync(admin, new ListRequest<UserSort> { Sort = UserSort.Created, Skip = -4, Take = int.MaxValue }, Cancel)).Value;

        Assert.Equal(["bot_09", "bot_08", "bot_07"], part.Rows.Select(user => user.Name));
        Assert.Equal(12, part.Total);
        Assert.Equal((0, 0), (wild.Rows.Count, wild.Total));
        Assert.Equal(14, many.Rows.Count);
    }

    public static TheoryData<string> Sorts => [.. Enum.GetNames<UserSort>().Concat(Enum.GetNames<RoomSort>()).Concat(Enum.GetNames<CredentialSort>()).Distinct(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Sorts))]
    public async Task Lists_ByEachOrder_AreAnswered(string sort)
    {
        await using var host = await StartAsync();
        var admin = await host.SignInAsync(await host.SetUpAsync());
        await host.RoomAsync("kept");

        foreach (var descending in new[] { false, true })
        {
            if (Enum.TryParse<UserSort>(sort, out var users))
            {
                Assert.Equal(2, (await host.Engine.Administration.UsersAsync(admin, new ListRequest<UserSort> { Sort = users, Descending = descending }, Cancel)).Value.Rows.Count);
            }

            if (Enum.TryParse<RoomSort>(sort, out var rooms))
            {
                Assert.Single((await host.Engine.Administration.RoomsAsync(admin, new ListRequest<RoomSort> { Sort = rooms, Descending = descending }, Cancel)).Value.Rows);
            }

            if (Enum.TryParse<CredentialSort>(sort, out var credentials))
            {
                Assert.True((await host.Engine.Administration.CredentialsAsync(admin, new ListRequest<CredentialSort> { Sort = credentials, Descending = descending }, Cancel)).Value.Rows.Count >= 2);
            }
        }
    }

    [Fact]
    public async Task EndCredential_OfASessionAndAToken_EndsThem()
    {
        await using var host = await StartAsync();
        var ada = await host.SetUpAsync();
        var ben = await host.ArriveAsync(ada, "ben");
        var admin = await host.SignInAsync(ada);
        var (session, _) = await host.SignInAsync(ben.Id);
        var minted = (await host.Engine.Access.MintAsync("ben", "rooms:*", "laptop", expiresIn: null, Cancel)).Value;
        Assert.Null((await host.Engine.Access.AuthenticateAsync(minted.Secret, Cancel)).Error);

        var listed = (await host.Engine.Administration.CredentialsAsync(admin, new ListRequest<CredentialSort> { Search = "ben", Sort = CredentialSort.Created }, Cancel)).Value.Rows;
        var token = Assert.Single(listed, static credential => !credential.IsSession);
        Assert.Equal(("laptop", "rooms:*"), (token.Label, token.Scope));
        Assert.Contains(listed, credential => credential.Id == session.Id && credential.IsSession);
        foreach (var credential in listed)
        {
            Assert.Null((await host.Engine.Administration.EndCredentialAsync(admin, credential.Id, Cancel)).Error);
        }

        Assert.Equal("invalid_token", host.Engine.Users.OfSession(session.Id).Error?.Code.Name);
        Assert.Equal("invalid_token", (await host.Engine.Access.AuthenticateAsync(minted.Secret, Cancel)).Error?.Code.Name);
        Assert.Empty((await host.Engine.Administration.CredentialsAsync(admin, new ListRequest<CredentialSort> { Search = "ben", Sort = CredentialSort.Created }, Cancel)).Value.Rows);
        Assert.Equal("token_not_found", (await host.Engine.Administration.EndCredentialAsync(admin, "t_nothing", Cancel)).Error?.Code.Name);
    }

    private static async Task<Outcome<bool>> RunAsync(EngineHost host, string operation, Caller caller)
    {
        var service = host.Engine.Administration;
        return operation switch
        {
            "overview" => Done(await service.OverviewAsync(caller, Cancel)),
            "users" => Done(await service.UsersAsync(caller, new ListRequest<UserSort> { Sort = UserSort.Name }, Cancel)),
            "rooms" => Done(await service.RoomsAsync(caller, new ListRequest<RoomSort> { Sort = RoomSort.Id }, Cancel)),
            "credentials" => Done(await service.CredentialsAsync(caller, new ListRequest<CredentialSort> { Sort = CredentialSort.User }, Cancel)),
            "end" => Done(await service.EndCredentialAsync(caller, "t_nothing", Cancel)),
            "link" => Done(await service.MakePasskeyLinkAsync(caller, "ada", Cancel)),
            _ => Done(await service.EndPasskeyLinkAsync(caller, "ada", Cancel)),
        };
    }

    private static Outcome<bool> Done<T>(Outcome<T> outcome) => outcome.Error is { } error ? error : true;
}
