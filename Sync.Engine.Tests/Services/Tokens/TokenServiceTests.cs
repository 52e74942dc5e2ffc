using System.Text;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Rooms;

namespace Sync.Engine.Tests.Services.Tokens;

public sealed class TokenServiceTests : TokenTestBase
{
    [Fact]
    public async Task List_ShowsWhatTheCallerManages_NewestFirst_NeverSessions()
    {
        Time.Advance(TimeSpan.FromSeconds(1));
        var wide = (await Host.MintAsync(Session, "rooms:* create_rooms")).Value;
        Time.Advance(TimeSpan.FromSeconds(1));
        var narrow = (await Host.MintAsync(Session, "rooms:a:write")).Value;
        Time.Advance(TimeSpan.FromSeconds(1));
        var child = (await Host.MintAsync(await Host.CallerAsync(narrow.Secret), "rooms:a:read")).Value;
        Time.Advance(TimeSpan.FromSeconds(1));
        var sibling = (await Host.MintAsync(Session, "rooms:a:read")).Value;
        var foreign = await Host.UserAsync("pia", "rooms:a:read");
        List<string> all = [sibling.Info.Id, child.Info.Id, narrow.Info.Id, wide.Info.Id];

        var bySession = (await Tokens.ListAsync(Session, Cancel)).Value;
        var byWide = (await Tokens.ListAsync(await Host.CallerAsync(wide.Secret), Cancel)).Value.Select(token => token.Id).ToList();
        var byNarrow = (await Tokens.ListAsync(await Host.CallerAsync(narrow.Secret), Cancel)).Value.Select(token => token.Id);

        Assert.Equal([child.Info.Id, narrow.Info.Id], byNarrow);
        Assert.Equal(all, byWide[..4]);
        Assert.Equal(all, bySession.Select(token => token.Id).ToList()[..4]);
        Assert.Equal(narrow.Info.Id, bySession.Single(token => token.Id == child.Info.Id).ParentId);
        Assert.Null(bySession.Single(token => token.Id == narrow.Info.Id).ParentId);
        Assert.DoesNotContain(bySession, token => token.Id == Session.TokenId || token.Id == foreign.TokenId);
    }

    [Fact]
    public async Task List_DeadTokens_StayThirtyDays()
    {
        var revoked = (await Host.MintAsync(Session, "rooms:a")).Value.Info.Id;
        var expired = (await Host.MintAsync(Session, "rooms:a", expiresIn: TimeSpan.FromSeconds(1))).Value.Info.Id;
        var refreshable = (await Host.MintAsync(Session, "rooms:a", withRefresh: true, expiresIn: TimeSpan.FromSeconds(1))).Value.Info.Id;
        await Tokens.RevokeAsync(Session, revoked, Cancel);
        Time.Advance(TimeSpan.FromDays(29));

        var before = (await Tokens.ListAsync(Session, Cancel)).Value;
        Assert.True(before.Single(token => token.Id == revoked).Revoked);
        Assert.True(before.Single(token => token.Id == refreshable).Refreshable);
        Assert.Contains(before, token => token.Id == expired);

        Time.Advance(TimeSpan.FromDays(2));
        var after = (await Tokens.ListAsync(Session, Cancel)).Value.Select(token => token.Id).ToList();
        Assert.DoesNotContain(revoked, after);
        Assert.DoesNotContain(expired, after);
        Assert.DoesNotContain(refreshable, after);
    }

    [Fact]
    public async Task Change_Scope_HoldsForACallerAlreadyIn()
    {
        var minted = (await Host.MintAsync(Session, "rooms:a")).Value;
        var caller = await Host.CallerAsync(minted.Secret);

        var changed = (await Tokens.ChangeAsync(caller, minted.Info.Id, "rooms:a:write", "less", Cancel)).Value;

        Assert.Equal(("rooms:a", "rooms:a:write", "less"), (changed.PreviousScope, changed.Info.Scope, changed.Info.Label));
        Assert.Equal(AccessLevel.Write, (await Host.Engine.Rooms.GetAsync(caller, "a", Cancel)).Value.Access);
        Assert.Equal(ErrorCode.ScopeExceedsToken, (await Tokens.ChangeAsync(caller, minted.Info.Id, "rooms:a", label: null, Cancel)).Error?.Code);
        Assert.Equal("rooms:a", (await Tokens.ChangeAsync(Session, minted.Info.Id, "rooms:a", label: null, Cancel)).Value.Info.Scope);
    }

    [Fact]
    public async Task Change_OfItselfWhileItIsNarrowed_DoesNotBringTheScopeBack()
    {
        var wide = await Host.CallerAsync((await Host.MintAsync(Session, "rooms:*")).Value.Secret);
        using var writing = new ManualResetEventSlim();
        var holding = Host.Engine.Database.ExecuteAsync(
            _ =>
            {
                writing.Wait(Cancel);
                return true;
            },
            Cancel);

        // The narrowing has its turn and waits for the disk; the other one comes while the old scope still stands.
        var narrowing = Tokens.ChangeAsync(Session, wide.TokenId!, "rooms:a:write", label: null, Cancel);
        await EngineHost.UntilAsync(() => Host.Engine.IdentityCache.IsChanging);
        var widening = Tokens.ChangeAsync(wide, wide.TokenId!, "rooms:*", label: null, Cancel);
        writing.Set();
        await holding;

        Assert.Null((await narrowing).Error);
        Assert.Equal(ErrorCode.ScopeExceedsToken, (await widening).Error!.Code);
        Assert.Equal("rooms:a:write", Host.Engine.IdentityCache.ScopeOf(wide).Text);
    }

    [Fact]
    public async Task Change_BeyondTheRole_IsScopeExceedsAccess()
    {
        var pia = await Host.MemberAsync("a", "pia", Role.Observer, "rooms:*");

        Assert.Equal(ErrorCode.ScopeExceedsAccess, (await Tokens.ChangeAsync(pia, pia.TokenId!, "rooms:a:write", label: null, Cancel)).Error?.Code);
        Assert.Null((await Tokens.ChangeAsync(pia, pia.TokenId!, scope: null, "mine", Cancel)).Error);
    }

    [Fact]
    public async Task Change_Scope_LeavesTheAgentOfAJoin()
    {
        var minted = (await Host.MintAsync(Session, "rooms:a:write")).Value;
        var caller = await Host.CallerAsync(minted.Secret);
        await Host.Engine.Agents.JoinAsync(caller, "a", EngineHost.Json("""{"id":"bot"}"""), Cancel);

        await Tokens.ChangeAsync(Session, minted.Info.Id, "rooms:a:write rooms:b:write", label: null, Cancel);

        Assert.Equal("bot", Host.Engine.IdentityCache.Current(caller)!.Agents["a"].Agent);
    }

    [Fact]
    public async Task ChangeAndRevoke_UnknownForeignOrSession_AreTokenNotFoundAlike()
    {
        var pia = await Host.UserAsync("pia", "rooms:* create_rooms");

        foreach (var id in new[] { "t_nothing", Host.Owner.TokenId!, Session.TokenId!, "" })
        {
            Assert.Equal(ErrorCode.TokenNotFound, (await Tokens.ChangeAsync(pia, id, scope: null, "x", Cancel)).Error?.Code);
            Assert.Equal(ErrorCode.TokenNotFound, (await Tokens.RevokeAsync(pia, id, Cancel)).Error?.Code);
        }

        Assert.Equal(ErrorCode.TokenNotFound, (await Tokens.RevokeAsync(Session, Session.TokenId!, Cancel)).Error?.Code);
    }

    [Fact]
    public async Task Revoke_Token_KillsItAndItsRefresh_AgainChangesNothing()
    {
        var minted = (await Host.MintAsync(Session, "rooms:a", withRefresh: true)).Value;

        Assert.True((await Tokens.RevokeAsync(Session, minted.Info.Id, Cancel)).Value.Revoked);
        Assert.True((await Tokens.RevokeAsync(Session, minted.Info.Id, Cancel)).Value.Revoked);

        Assert.Equal(ErrorCode.InvalidToken, (await Host.AuthenticateErrorAsync(minted.Secret))?.Code);
        Assert.Equal(ErrorCode.InvalidToken, (await Tokens.RefreshAsync(minted.RefreshSecret!, null, null, Cancel)).Error?.Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RevokeSecret_EitherSecret_KillsBoth(bool byRefresh)
    {
        var minted = (await Host.MintAsync(Session, "rooms:a", withRefresh: true)).Value;

        await Tokens.RevokeSecretAsync(byRefresh ? minted.RefreshSecret! : minted.Secret, clientId: null, Cancel);

        Assert.Equal(ErrorCode.InvalidToken, (await Host.AuthenticateErrorAsync(minted.Secret))?.Code);
        Assert.Equal(ErrorCode.InvalidToken, (await Tokens.RefreshAsync(minted.RefreshSecret!, null, null, Cancel)).Error?.Code);
    }

    [Fact]
    public async Task RevokeSecret_UnknownMalformedOrARoomsOwn_IsPassedOver()
    {
        var room = await Host.RoomAsync("c");

        await Tokens.RevokeSecretAsync("ref_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", clientId: null, Cancel);
        await Tokens.RevokeSecretAsync("nonsense", clientId: null, Cancel);
        await Tokens.RevokeSecretAsync(room.RoomToken, clientId: null, Cancel);

        Assert.Null(await Host.AuthenticateErrorAsync(room.RoomToken));
    }

    [Fact]
    public async Task Revoke_EndsAParkedWait()
    {
        var minted = (await Host.MintAsync(Session, "rooms:a:read")).Value;
        var waiting = Host.Engine.Waits.WaitAsync(await Host.CallerAsync(minted.Secret), "a", "false", TimeSpan.FromSeconds(20), EngineHost.Shape(""), Cancel);
        var room = await Host.LoadedAsync("a");
        await EngineHost.UntilAsync(() => room.Waits.Count == 1);

        await Tokens.RevokeAsync(Session, minted.Info.Id, Cancel);

        Assert.NotNull((await waiting).Error);
    }

    [Fact]
    public async Task CreateRoom_AppendsToTheCreatingTokenOnly()
    {
        var creator = (await Host.MintAsync(Session, "create_rooms")).Value;
        var other = (await Host.MintAsync(Session, "create_rooms")).Value;
        var caller = await Host.CallerAsync(creator.Secret);

        await Host.Engine.Rooms.CreateAsync(caller, new CreateRoom("mine", Name: null, JoinPolicy.Open), Cancel);

        Assert.Equal("create_rooms rooms:mine", Host.Engine.IdentityCache.ScopeOf(caller).Text);
        Assert.Equal("create_rooms", (await Host.CallerAsync(other.Secret)).Token!.Scope.Text);
        Assert.Equal(ErrorCode.ScopeExceedsToken, (await Host.MintAsync(await Host.CallerAsync(other.Secret), "rooms:mine")).Error?.Code);
    }

    [Fact]
    public async Task Elevate_AddsTheRoomOnceMore_OnlyAsFarAsTheRole()
    {
        var pia = await Host.MemberAsync("a", "pia", Role.Participant, "rooms:b:read");
        var session = await Host.SessionAsync("pia");

        var shown = (await Tokens.ElevationAsync(session, pia.TokenId!, "a", AccessLevel.Write, Cancel)).Value;
        Assert.Equal(("rooms:a:write", "rooms:a:write rooms:b:read", false), (shown.Adds, shown.ScopeAfter, shown.AlreadyHeld));
        Assert.Equal("rooms:b:read", Host.Engine.IdentityCache.ScopeOf(pia).Text);

        Assert.Equal("rooms:a:write rooms:b:read", (await Tokens.ElevateAsync(session, pia.TokenId!, "a", AccessLevel.Write, Cancel)).Value.Token.Scope);
        Assert.Equal(AccessLevel.Write, (await Host.Engine.Rooms.GetAsync(pia, "a", Cancel)).Value.Access);
        Assert.True((await Tokens.ElevationAsync(session, pia.TokenId!, "a", AccessLevel.Read, Cancel)).Value.AlreadyHeld);
        Assert.Null((await Host.Engine.Rooms.PatchAsync(Host.Owner, "b", new RoomPatch(Name: null, JoinPolicy.Members), Cancel)).Error);
        foreach (var (room, level) in new[] { ("a", AccessLevel.Admin), ("b", AccessLevel.Read), ("nowhere", AccessLevel.Read), ("a/b", AccessLevel.Read) })
        {
            Assert.Equal(ErrorCode.ScopeExceedsAccess, (await Tokens.ElevateAsync(session, pia.TokenId!, room, level, Cancel)).Error?.Code);
        }
    }

    [Theory]
    [InlineData(AccessLevel.Read, "rooms:a:agent:x")]
    [InlineData(AccessLevel.Write, "rooms:a:agent:x")]
    [InlineData(AccessLevel.Admin, "rooms:a")]
    public async Task Elevate_TokenBoundToAnAgent_StaysBoundBelowFullAccess(AccessLevel level, string expected)
    {
        var bound = (await Host.MintAsync(Session, "rooms:a:agent:x")).Value;

        Assert.Equal(expected, (await Tokens.ElevateAsync(Session, bound.Info.Id, "a", level, Cancel)).Value.ScopeAfter);
    }

    [Fact]
    public async Task Elevate_ByAnotherUserOrAToken_IsRefused()
    {
        var minted = (await Host.MintAsync(Session, "rooms:b:read")).Value;
        var other = await Host.SessionAsync("pia");

        Assert.Equal(ErrorCode.TokenNotFound, (await Tokens.ElevateAsync(other, minted.Info.Id, "a", AccessLevel.Read, Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.TokenNotFound, (await Tokens.ElevateAsync(Session, Session.TokenId!, "a", AccessLevel.Read, Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.AuthenticationRequired, (await Tokens.ElevateAsync(Host.Owner, minted.Info.Id, "a", AccessLevel.Read, Cancel)).Error?.Code);
        await Tokens.RevokeAsync(Session, minted.Info.Id, Cancel);
        Assert.Equal(ErrorCode.TokenNotFound, (await Tokens.ElevateAsync(Session, minted.Info.Id, "a", AccessLevel.Read, Cancel)).Error?.Code);
    }

    [Fact]
    public async Task EveryCall_AnonymousOrWithoutUserOrDead_IsRefused()
    {
        var room = await Host.RoomAsync("c");
        var legacy = await Host.CallerAsync(room.RoomToken);
        var minted = (await Host.MintAsync(Session, "rooms:*")).Value;
        var dead = await Host.CallerAsync(minted.Secret);
        await Tokens.RevokeAsync(Session, minted.Info.Id, Cancel);

        foreach (var (caller, code) in new[]
        {
            (Caller.Anonymous, ErrorCode.AuthenticationRequired),
            (legacy, ErrorCode.IdentityMismatch),
            (await Host.CallerAsync(room.ViewToken), ErrorCode.IdentityMismatch),
            (await Host.JoinAsync("c", "bob"), ErrorCode.IdentityMismatch),
            (Caller.System("demo"), ErrorCode.IdentityMismatch),
            (dead, ErrorCode.InvalidToken),
        })
        {
            Assert.Equal(code, (await Host.MintAsync(caller, "rooms:c:read")).Error?.Code);
            Assert.Equal(code, (await Tokens.ListAsync(caller, Cancel)).Error?.Code);
            Assert.Equal(code, (await Tokens.ChangeAsync(caller, Host.Owner.TokenId!, scope: null, "x", Cancel)).Error?.Code);
            Assert.Equal(code, (await Tokens.RevokeAsync(caller, Host.Owner.TokenId!, Cancel)).Error?.Code);
            Assert.Equal(ErrorCode.AuthenticationRequired, (await Tokens.ElevationAsync(caller, Host.Owner.TokenId!, "a", AccessLevel.Read, Cancel)).Error?.Code);
            Assert.Equal(ErrorCode.AuthenticationRequired, (await Tokens.ElevateAsync(caller, Host.Owner.TokenId!, "a", AccessLevel.Read, Cancel)).Error?.Code);
            Assert.Equal(ErrorCode.AuthenticationRequired, Tokens.Grantable(caller, asked: null).Error?.Code);
        }
    }

    [Fact]
    public async Task Grantable_NarrowsToTheRoles_AndSaysSoInWords()
    {
        await Host.MemberAsync("a", "pia", Role.Participant, "rooms:*");
        var session = await Host.SessionAsync("pia");

        var all = Tokens.Grantable(session, asked: " ").Value;
        Assert.Equal("create_rooms rooms:*", all.Requested);
        Assert.Equal(["create_rooms", "rooms:*"], all.Parts.Select(part => part.Text));
        Assert.Equal([new GrantableRoom("a", null, AccessLevel.Write, Agent: null)], all.Rooms);

        var some = Tokens.Grantable(session, "rooms:a rooms:b:read rooms:*:read").Value;
        Assert.Equal(
            [new GrantablePart("rooms:*:read", "Read every room you have a role in"), new GrantablePart("rooms:a:write", "Read and write in the room 'a'")],
            some.Parts);

        var agent = Tokens.Grantable(session, "rooms:a:agent:x rooms:b:agent:x rooms:c:write").Value;
        Assert.Equal([new GrantablePart("rooms:a:agent:x", "Act as agent 'x' in the room 'a'")], agent.Parts);
        Assert.Equal(["rooms:b:agent:x", "rooms:c:write"], agent.Withheld);
        Assert.Equal(ErrorCode.InvalidScope, Tokens.Grantable(session, "rooms").Error?.Code);
    }

    [Fact]
    public async Task Grantable_SingleViews_AreSaidSoInWordsAndOfferedAsAsked()
    {
        await Host.MemberAsync("a", "pia", Role.Observer, "rooms:*");
        var session = await Host.SessionAsync("pia");

        var shown = Tokens.Grantable(session, "rooms:a:view:x rooms:a:view:y rooms:b:view:x").Value;

        Assert.Equal([new GrantablePart("rooms:a:view:x rooms:a:view:y", "See 2 surfaces of the room 'a' and nothing else of it: 'x', 'y'")], shown.Parts);
        Assert.Equal(["rooms:b:view:x"], shown.Withheld);
        var room = Assert.Single(shown.Rooms);
        Assert.Equal(AccessLevel.Views, room.Level);
        Assert.Equal(["x", "y"], room.Views);
    }

    [Fact]
    public async Task Token_ThatOnlyShows_NeitherMintsNorManages()
    {
        var minted = (await Host.MintAsync(Session, "rooms:a:view:x rooms:a:view:y", withRefresh: true)).Value;
        var other = (await Host.MintAsync(Session, "rooms:a:view:x")).Value;
        var caller = await Host.CallerAsync(minted.Secret);

        foreach (var error in new[]
        {
            (await Host.MintAsync(caller, "rooms:a:view:x")).Error,
            (await Tokens.ListAsync(caller, Cancel)).Error,
            (await Tokens.ChangeAsync(caller, minted.Info.Id, "rooms:a:view:x", label: null, Cancel)).Error,
            (await Tokens.RevokeAsync(caller, other.Info.Id, Cancel)).Error,
        })
        {
            Assert.Equal(ErrorCode.ScopeDenied, error?.Code);
        }

        // Its holder may still narrow it when it is renewed, and never widen it.
        Assert.Equal(ErrorCode.ScopeExceedsToken, (await Tokens.RefreshAsync(minted.RefreshSecret!, clientId: null, "rooms:a:read", Cancel)).Error?.Code);
        var renewed = (await Tokens.RefreshAsync(minted.RefreshSecret!, clientId: null, "rooms:a:view:y", Cancel)).Value;
        Assert.Equal("rooms:a:view:y", renewed.Info.Scope);
        Assert.Equal(ErrorCode.ScopeExceedsToken, (await Tokens.RefreshAsync(renewed.RefreshSecret!, clientId: null, "rooms:a:view:x", Cancel)).Error?.Code);
    }

    [Fact]
    public async Task Secrets_AreNowhereInTheFiles()
    {
        var minted = (await Host.MintAsync(Session, "rooms:a", withRefresh: true)).Value;
        var refreshed = (await Tokens.RefreshAsync(minted.RefreshSecret!, null, null, Cancel)).Value;
        var device = (await Host.Engine.Grants.StartDeviceAsync(client: null, scope: null, Cancel)).Value;

        foreach (var file in Directory.GetFiles(Host.Directory, "*.db*"))
        {
            using var bytes = new MemoryStream();
            await using (var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
            {
                await stream.CopyToAsync(bytes, Cancel);
            }

            Assert.True(bytes.Length > 0 || !file.EndsWith(".db", StringComparison.Ordinal));
            foreach (var secret in new[] { minted.Secret, minted.RefreshSecret!, refreshed.Secret, refreshed.RefreshSecret!, device.DeviceCode })
            {
                Assert.True(bytes.ToArray().AsSpan().IndexOf(Encoding.ASCII.GetBytes(secret[4..])) < 0, file);
            }
        }
    }
}
