using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Access;
using Sync.Engine.Storage.Sqlite;
using Sync.Engine.Tests.Storage.Sqlite;

namespace Sync.Engine.Tests.Authority;

public sealed class IdentityCacheTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private Database _database = null!;
    private IdentityCache _access = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await Database.OpenAsync(_folder.Path, _time, NullLogger.Instance, Cancel);
        _access = await IdentityCache.OpenAsync(_database, new RoomLimits(), _time, NullLogger.Instance, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Authenticate_NoBearer_IsAnonymous(string? bearer) =>
        Assert.True((await _access.AuthenticateAsync(bearer, Cancel)).Value.IsAnonymous);

    [Theory]
    [InlineData("x")]
    [InlineData("tok_")]
    [InlineData("tok_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("tok_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("tok_ÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄ")]
    [InlineData("ref_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Authenticate_Unknown_IsInvalidToken(string bearer) => await AssertRefusedAsync(bearer);

    [Fact]
    public async Task Authenticate_Minted_IsThatUser()
    {
        var minted = await MintAsync("ann", "rooms:* create_rooms");

        var caller = (await _access.AuthenticateAsync(minted.Secret, Cancel)).Value;

        Assert.Equal(("ann", minted.Id), (caller.UserName, caller.TokenId));
        Assert.Equal("create_rooms rooms:*", _access.ScopeOf(caller).Text);
    }

    [Fact]
    public async Task Authenticate_Known_CompletesSynchronouslyAndAllocatesNothing()
    {
        var minted = await MintAsync("ann", "rooms:*");
        await _access.AuthenticateAsync(minted.Secret, Cancel);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var index = 0; index < 100; index++)
        {
            Assert.True(_access.AuthenticateAsync(minted.Secret, Cancel).IsCompletedSuccessfully);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task Authenticate_AfterRestart_IsTheSameToken()
    {
        var minted = await MintAsync("ann", "rooms:a:write", expiresIn: TimeSpan.FromDays(1), label: "laptop");
        var before = (await _access.AuthenticateAsync(minted.Secret, Cancel)).Value.Token!;

        await RestartAsync();

        var after = (await _access.AuthenticateAsync(minted.Secret, Cancel)).Value.Token!;
        Assert.Equal(
            (before.Id, before.Scope.Text, before.Label, before.CreatedAt, before.ExpiresAt, before.User),
            (after.Id, after.Scope.Text, after.Label, after.CreatedAt, after.ExpiresAt, after.User));
        Assert.Equal(before.Hash, after.Hash);
    }

    [Fact]
    public async Task Authenticate_Expiry_HoldsToTheSecond()
    {
        var minted = await MintAsync("ann", "rooms:*", expiresIn: TimeSpan.FromSeconds(60));
        var caller = (await _access.AuthenticateAsync(minted.Secret, Cancel)).Value;

        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Null((await _access.AuthenticateAsync(minted.Secret, Cancel)).Error);
        Assert.NotNull(_access.Current(caller));

        _time.Advance(TimeSpan.FromSeconds(1));
        await AssertRefusedAsync(minted.Secret);
        Assert.Null(_access.Current(caller));
    }

    [Fact]
    public async Task ExpiringToken_WithoutAnyCall_NotifiesItsDependents()
    {
        var later = await MintAsync("ann", "rooms:*", expiresIn: TimeSpan.FromSeconds(60));
        var sooner = await MintAsync("bob", "rooms:*", expiresIn: TimeSpan.FromSeconds(30));
        var raised = 0;
        using var ofLater = _access.Notices.Add((await _access.AuthenticateAsync(later.Secret, Cancel)).Value, room: null, _ => raised++);
        using var ofSooner = _access.Notices.Add((await _access.AuthenticateAsync(sooner.Secret, Cancel)).Value, room: null, _ => raised++);

        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(0, raised);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, raised);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(2, raised);
    }

    [Fact]
    public async Task Revoke_Token_IsRefusedAtTheNextCall()
    {
        var minted = await MintAsync("ann", "rooms:*");
        var caller = (await _access.AuthenticateAsync(minted.Secret, Cancel)).Value;
        var room = await CreateRoomAsync("a", caller);
        var raised = 0;
        using var subscription = _access.Notices.Add(caller, room: null, _ => raised++);
        Assert.Equal(AccessLevel.Admin, _access.Of(caller, room).Level);

        Assert.Null((await _access.Tokens.RevokeAsync(minted.Id, Cancel)).Error);

        Assert.Equal(1, raised);
        Assert.Equal(default, _access.Of(caller, room));
        await AssertRefusedAsync(minted.Secret);
        await RestartAsync();
        await AssertRefusedAsync(minted.Secret);
    }

    [Fact]
    public async Task Revoke_UnknownToken_IsNotFound() =>
        Assert.Equal(ErrorCode.TokenNotFound, (await _access.Tokens.RevokeAsync("t_nothing", Cancel)).Error?.Code);

    [Fact]
    public async Task Change_Scope_NarrowsACallerThatIsAlreadyIn()
    {
        var minted = await MintAsync("ann", "rooms:*");
        var caller = (await _access.AuthenticateAsync(minted.Secret, Cancel)).Value;
        var room = await CreateRoomAsync("a", caller);

        await _access.Tokens.ChangeAsync(minted.Id, Scope.Parse("rooms:a:read").Value, label: null, static _ => null, Cancel);

        Assert.Equal(AccessLevel.Read, _access.Of(caller, room).Level);
        await RestartAsync();
        Assert.Equal("rooms:a:read", (await _access.AuthenticateAsync(minted.Secret, Cancel)).Value.Token!.Scope.Text);
    }

    [Fact]
    public async Task Of_RoleTakenAway_IsNothingAtOnce()
    {
        var caller = (await _access.AuthenticateAsync((await MintAsync("ann", "rooms:*")).Secret, Cancel)).Value;
        var room = await CreateRoomAsync("a", caller);

        Assert.Equal(AccessLevel.Admin, _access.Of(caller, room).Level);
        Assert.Equal(AccessLevel.None, _access.Of(caller, room with { Members = ImmutableDictionary<string, Member>.Empty }).Level);
    }

    [Fact]
    public async Task Of_SystemAndAnonymous_AreAllAndNothing()
    {
        var room = await CreateRoomAsync("a", owner: null);

        Assert.Equal(new RoomAccess(AccessLevel.Admin, null, null, SeesAllScopes: true), _access.Of(Caller.System("demo"), room));
        Assert.Equal(default, _access.Of(Caller.Anonymous, room));
    }

    [Fact]
    public async Task BindAgent_Token_ActsAsThatAgentAlsoAfterRestart()
    {
        var minted = await MintAsync("ann", "rooms:a:write");
        var room = await CreateRoomAsync("a", (await _access.AuthenticateAsync(minted.Secret, Cancel)).Value);

        await _access.Tokens.BindAgentAsync(minted.Id, room, new AgentBinding("carol", 1), Cancel);

        await RestartAsync();
        var caller = (await _access.AuthenticateAsync(minted.Secret, Cancel)).Value;
        Assert.Equal("carol", _access.Of(caller, room).BoundAgent);
    }

    [Fact]
    public async Task AppendRoomScope_ChangesThatTokenOnly()
    {
        var creator = await MintAsync("ann", "create_rooms");
        var other = await MintAsync("ann", "create_rooms");

        await _access.Tokens.AppendRoomScopeAsync(creator.Id, "new", Cancel);

        Assert.Equal("create_rooms rooms:new", (await _access.AuthenticateAsync(creator.Secret, Cancel)).Value.Token!.Scope.Text);
        Assert.Equal("create_rooms", (await _access.AuthenticateAsync(other.Secret, Cancel)).Value.Token!.Scope.Text);
    }

    [Fact]
    public async Task AppendRoomScope_ManyAtOnce_LosesNone()
    {
        var minted = await MintAsync("ann", "create_rooms");

        await Task.WhenAll(Enumerable.Range(0, 20).Select(room => _access.Tokens.AppendRoomScopeAsync(minted.Id, $"r{room}", Cancel)));

        Assert.Equal(20, (await _access.AuthenticateAsync(minted.Secret, Cancel)).Value.Token!.Scope.Rooms.Count());
    }

    [Fact]
    public async Task LegacyTokens_OfANewRoom_WorkAndDieWithIt()
    {
        var (roomSecret, roomToken) = _access.RoomTokens.NewLegacyToken(Secret.RoomPrefix, Scope.Of("a", AccessLevel.Admin), Caller.Anonymous);
        var (viewSecret, viewToken) = _access.RoomTokens.NewLegacyToken(Secret.ViewPrefix, Scope.Of("a", AccessLevel.Read), Caller.Anonymous);
        var room = (await _database.Rooms.CreateAsync("a", null, JoinPolicy.Open, null, _time.GetUtcNow(), [roomToken, viewToken], Cancel))!;
        _access.RoomTokens.Adopt(room, roomToken, viewToken);
        var agentSecret = (await _access.RoomTokens.MintAgentTokenAsync(room, new AgentBinding("bob", 1), Caller.Anonymous, behalf: null, Caller.Anonymous, Cancel)).Value;
        await RestartAsync();

        Assert.Equal(new RoomAccess(AccessLevel.Admin, null, null, SeesAllScopes: true), _access.Of((await _access.AuthenticateAsync(roomSecret, Cancel)).Value, room));
        Assert.Equal(new RoomAccess(AccessLevel.Read, null, null, SeesAllScopes: false), _access.Of((await _access.AuthenticateAsync(viewSecret, Cancel)).Value, room));
        Assert.Equal(new RoomAccess(AccessLevel.Write, null, "bob", SeesAllScopes: false) { BoundSince = 1 }, _access.Of((await _access.AuthenticateAsync(agentSecret, Cancel)).Value, room));

        await _database.Rooms.DeleteAsync(room.Row, Cancel);
        await _access.RoomTokens.ForgetAsync(room, Cancel);

        await AssertRefusedAsync(roomSecret);
        await AssertRefusedAsync(viewSecret);
        await AssertRefusedAsync(agentSecret);
    }

    [Fact]
    public async Task Forget_Room_TokensActAsNobodyInItsSuccessor()
    {
        var minted = await MintAsync("ann", "rooms:*");
        var caller = (await _access.AuthenticateAsync(minted.Secret, Cancel)).Value;
        var room = await CreateRoomAsync("a.b", caller);
        var other = await CreateRoomAsync("other", caller);
        await _access.Tokens.BindAgentAsync(minted.Id, room, new AgentBinding("carol", 1), Cancel);
        await _access.Tokens.BindAgentAsync(minted.Id, other, new AgentBinding("dave", 1), Cancel);

        await _database.Rooms.DeleteAsync(room.Row, Cancel);
        await _access.RoomTokens.ForgetAsync(room, Cancel);

        Assert.Equal(["other"], _access.Current(caller)!.Agents.Keys);
        await RestartAsync();
        Assert.Equal(["other"], (await _access.AuthenticateAsync(minted.Secret, Cancel)).Value.Token!.Agents.Keys);
    }

    [Fact]
    public async Task Authenticate_MintedByAnotherProcess_IsHonouredAtOnce()
    {
        MintedToken minted;
        await using (var besideDatabase = await Database.OpenAsync(_folder.Path, _time, NullLogger.Instance, Cancel))
        await using (var beside = await IdentityCache.OpenAsync(besideDatabase, new RoomLimits(), _time, NullLogger.Instance, Cancel))
        {
            minted = (await beside.Tokens.MintAsync("zoe", Scope.Parse("rooms:*").Value, null, null, Cancel)).Value;
        }

        var caller = (await _access.AuthenticateAsync(minted.Secret, Cancel)).Value;

        Assert.Equal("zoe", caller.UserName);
        Assert.Equal(caller.Token!.User, await _access.Users.FindByNameAsync("ZOE", Cancel));
        Assert.True(_access.AuthenticateAsync(minted.Secret, Cancel).IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData("a/b")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task CreateUser_BadName_IsRefused(string name)
    {
        Assert.Equal(ErrorCode.InvalidParameter, (await _access.Users.CreateAsync(name, Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.InvalidParameter, (await _access.Tokens.MintAsync(name, Scope.Everything, null, null, Cancel)).Error?.Code);
        Assert.Null(await _access.Users.FindByNameAsync(name, Cancel));
    }

    [Fact]
    public async Task CreateUser_NameDiffersByCaseOnly_IsTaken()
    {
        var ann = (await _access.Users.CreateAsync("Ann", Cancel)).Value;

        Assert.Equal(ErrorCode.InvalidParameter, (await _access.Users.CreateAsync("aNN", Cancel)).Error?.Code);
        var minted = await MintAsync("ANN", "rooms:*");
        Assert.Equal(ann, (await _access.AuthenticateAsync(minted.Secret, Cancel)).Value.Token!.User);
    }

    [Fact]
    public async Task Mint_BadLabelOrLife_IsRefused()
    {
        Assert.Equal(ErrorCode.InvalidParameter, (await _access.Tokens.MintAsync("ann", Scope.Everything, new string('x', 201), null, Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.InvalidParameter, (await _access.Tokens.MintAsync("ann", Scope.Everything, null, TimeSpan.Zero, Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.InvalidParameter, (await _access.Tokens.MintAsync("ann", Scope.Everything, null, TimeSpan.MaxValue, Cancel)).Error?.Code);
    }

    [Fact]
    public async Task LastUsed_IsStoredInTheBackgroundAndOnDispose()
    {
        var first = await MintAsync("ann", "rooms:*");
        var second = await MintAsync("ann", "rooms:*");
        await _access.AuthenticateAsync(first.Secret, Cancel);
        var firstUse = _time.GetUtcNow();
        Assert.Null((await _database.Access.FindTokenAsync(first.Id, Cancel))!.LastUsedAt);

        await _access.FlushAsync(Cancel);
        Assert.Equal(firstUse, (await _database.Access.FindTokenAsync(first.Id, Cancel))!.LastUsedAt);

        _time.Advance(TimeSpan.FromSeconds(5));
        await _access.AuthenticateAsync(second.Secret, Cancel);
        var listed = await _access.Tokens.TokensOfAsync((await _access.Users.FindByNameAsync("ann", Cancel))!.Id, Cancel);
        Assert.Equal(_time.GetUtcNow(), listed.Single(token => token.Token.Id == second.Id).LastUsedAt);
        await RestartAsync();
        Assert.Equal(_time.GetUtcNow(), (await _database.Access.FindTokenAsync(second.Id, Cancel))!.LastUsedAt);
    }

    [Fact]
    public async Task SummariseUsers_CountsLiveTokensAndRooms()
    {
        var minted = await MintAsync("ann", "rooms:*");
        await MintAsync("ann", "rooms:*", expiresIn: TimeSpan.FromSeconds(1));
        await _access.Tokens.RevokeAsync((await MintAsync("ann", "rooms:*")).Id, Cancel);
        await CreateRoomAsync("a", (await _access.AuthenticateAsync(minted.Secret, Cancel)).Value);
        _time.Advance(TimeSpan.FromSeconds(2));

        var user = Assert.Single(await new AccessService(_access).ListUsersAsync(Cancel));

        Assert.Equal(("ann", 1, 1), (user.Name, user.Tokens, user.Rooms));
    }

    [Fact]
    public async Task Door_MintWithABadScope_IsRefused()
    {
        var door = new AccessService(_access);

        Assert.Equal(ErrorCode.InvalidScope, (await door.MintAsync("ann", "rooms:a:wirte", null, null, Cancel)).Error?.Code);
        Assert.Empty(await door.ListUsersAsync(Cancel));
    }

    [Fact]
    public async Task Secrets_AreNowhereInTheFiles()
    {
        var minted = await MintAsync("ann", "rooms:*");
        var (roomSecret, roomToken) = _access.RoomTokens.NewLegacyToken(Secret.RoomPrefix, Scope.Of("a", AccessLevel.Admin), Caller.Anonymous);
        var room = (await _database.Rooms.CreateAsync("a", null, JoinPolicy.Open, null, _time.GetUtcNow(), [roomToken], Cancel))!;
        _access.RoomTokens.Adopt(room, roomToken);
        var agentSecret = (await _access.RoomTokens.MintAgentTokenAsync(room, new AgentBinding("bob", 1), Caller.Anonymous, behalf: null, Caller.Anonymous, Cancel)).Value;
        await _access.AuthenticateAsync(minted.Secret, Cancel);
        await _access.FlushAsync(Cancel);

        var files = Directory.GetFiles(_folder.Path).Select(ReadShared).ToList();

        Assert.Contains(files, bytes => Contains(bytes, minted.Id));
        foreach (var secret in (string[])[minted.Secret, roomSecret, agentSecret])
        {
            // Neither whole nor without its prefix.
            Assert.DoesNotContain(files, bytes => Contains(bytes, secret[(secret.IndexOf('_') + 1)..]));
        }
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static bool Contains(byte[] bytes, string text) => bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(text)) >= 0;

    private async Task<MintedToken> MintAsync(string user, string scope, TimeSpan? expiresIn = null, string? label = null) =>
        (await _access.Tokens.MintAsync(user, Scope.Parse(scope).Value, label, expiresIn, Cancel)).Value;

    private async Task<RoomRecord> CreateRoomAsync(string id, Caller? owner) =>
        (await _database.Rooms.CreateAsync(id, null, JoinPolicy.Open, owner?.Token?.User?.Id, _time.GetUtcNow(), [], Cancel))!;

    private async Task AssertRefusedAsync(string bearer) =>
        Assert.Equal(ErrorCode.InvalidToken, (await _access.AuthenticateAsync(bearer, Cancel)).Error?.Code);

    private async Task CloseAsync()
    {
        await _access.DisposeAsync();
        await _database.DisposeAsync();
    }

    private async Task RestartAsync()
    {
        await CloseAsync();
        await InitializeAsync();
    }
}
