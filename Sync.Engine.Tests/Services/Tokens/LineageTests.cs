using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Tokens;

namespace Sync.Engine.Tests.Services.Tokens;

/// <summary>Which token manages which, and what ends with what.</summary>
public sealed class LineageTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = EngineHost.Clock();
    private EngineHost _host = null!;
    private Caller _session = null!;

    private static CancellationToken Cancel => EngineHost.Cancel;

    private TokenService Tokens => _host.Engine.Tokens;

    public async ValueTask InitializeAsync()
    {
        _host = await EngineHost.StartAsync(_time);
        await _host.RoomAsync("a");
        await _host.RoomAsync("b");
        _session = await _host.SessionAsync("olga");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>Kinds of token, each with its scope and with less of it.</summary>
    private static readonly (string Kind, string Scope, string Less)[] s_kinds =
    [
        ("session", "rooms:* create_rooms", "rooms:a:write"),
        ("all rooms", "rooms:*", "rooms:a:read"),
        ("all rooms to write", "rooms:*:write", "rooms:a:read"),
        ("one room", "rooms:a", "rooms:a:read"),
        ("one room to write", "rooms:a:write", "rooms:a:read"),
        ("one agent", "rooms:a:agent:x", "rooms:a:agent:x"),
        ("rooms to make", "create_rooms rooms:a:read", "rooms:a:read"),
        ("short", "rooms:a:write", "rooms:a:read"),
        ("short, all rooms", "rooms:*", "rooms:a:read"),
        ("refreshing", "rooms:a:write", "rooms:a:read"),
        ("reading", "rooms:*:read", "rooms:a:read"),
        ("reading and showing", "rooms:a:read rooms:b:view:x", "rooms:a:read"),
        ("showing", "rooms:a:view:x", "rooms:a:view:x"),
        ("room_", "", ""),
        ("view_", "", ""),
        ("as_", "", ""),
        ("revoked", "rooms:*", "rooms:a:read"),
    ];

    private static readonly string[] s_relations = ["self", "child", "grandchild", "sibling", "parent", "another user's"];

    private static readonly string[] s_operations = ["list", "rename", "narrow", "widen", "revoke", "keep"];

    public static TheoryData<string> Kinds => [.. s_kinds.Select(kind => kind.Kind)];

    /// <summary>The rule, as a table: the code of the refusal, or null. Listing is refused as a whole, or leaves out.</summary>
    private static string? Expected(string kind, string operation, string relation)
    {
        var scope = s_kinds.Single(known => known.Kind == kind).Scope;
        if (kind is "room_" or "view_" or "as_")
        {
            return "identity_mismatch";
        }

        if (kind == "revoked")
        {
            return "invalid_token";
        }

        if (kind is "reading" or "reading and showing")
        {
            return "read_only_token";
        }

        if (kind == "showing")
        {
            return "scope_denied";
        }

        if (operation == "keep" && kind != "session")
        {
            return "person_required";
        }

        if (relation == "another user's")
        {
            return "token_not_found";
        }

        if (kind == "session")
        {
            return relation == "self" ? "token_not_found" : null;
        }

        var below = relation is "self" or "child" or "grandchild";
        if (!below && scope != "rooms:*")
        {
            return "scope_exceeds_token";
        }

        return operation == "widen" && !below ? "scope_exceeds_token" : null;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Token_OfEachKind_ManagesWhatTheTableSays(string kind)
    {
        foreach (var operation in s_operations)
        {
            foreach (var relation in s_relations)
            {
                var family = await FamilyAsync(kind);
                var target = family.Of(relation);
                if (target is null)
                {
                    continue;
                }

                var before = await FindAsync(target);
                var error = await DoAsync(family, operation, target);

                Assert.True(Expected(kind, operation, relation) == error, $"{kind} × {operation} × {relation}: {error ?? "done"}");
                if (error is not null)
                {
                    Assert.Equal(before, await FindAsync(target));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Token_OfEachKind_MintsNoMoreThanItself(string kind)
    {
        var family = await FamilyAsync(kind);
        var (_, scope, _) = s_kinds.Single(known => known.Kind == kind);
        var refused = Expected(kind, "list", "self");
        if (refused is not (null or "token_not_found"))
        {
            Assert.Equal(refused, (await _host.MintAsync(family.Actor, "rooms:a:read")).Error!.Code.Name);
            return;
        }

        var child = (await _host.MintAsync(family.Actor, scope)).Value;
        Assert.Equal(kind == "session" ? null : family.Actor.TokenId, child.Info.ParentId);
        Assert.Equal(kind.StartsWith("short", StringComparison.Ordinal) ? _time.GetUtcNow() + TimeSpan.FromHours(1) : null, child.Info.ExpiresAt);
        Assert.Equal(
            kind.StartsWith("short", StringComparison.Ordinal) ? ErrorCode.ScopeExceedsToken : null,
            (await _host.MintAsync(family.Actor, scope, expiresIn: TimeSpan.FromHours(2))).Error?.Code);
        Assert.Equal(
            kind.StartsWith("short", StringComparison.Ordinal) ? ErrorCode.ScopeExceedsToken : null,
            (await _host.MintAsync(family.Actor, scope, withRefresh: true)).Error?.Code);
        Assert.Equal(kind == "session" ? null : ErrorCode.ScopeExceedsToken, (await _host.MintAsync(family.Actor, "rooms:* create_rooms")).Error?.Code);
    }

    [Fact]
    public async Task Revoke_InARandomTree_EndsTheSubtreeAndNothingElse()
    {
        var random = new Random(20261128);
        for (var round = 0; round < 4; round++)
        {
            List<(IssuedToken Token, int Parent)> tree = [];
            for (var index = 0; index < 24; index++)
            {
                var parent = index == 0 ? -1 : random.Next(-1, index);
                var caller = parent < 0 ? _session : await _host.CallerAsync(tree[parent].Token.Secret);
                tree.Add(((await _host.MintAsync(caller, "rooms:a:write", withRefresh: random.Next(2) == 0)).Value, parent));
            }

            // The hour of an access secret ends nothing: a refresh brings it back, and its children never went.
            var cut = random.Next(24);
            await Tokens.RevokeAsync(_session, tree[cut].Token.Info.Id, Cancel);
            if (round % 2 == 1)
            {
                await _host.RestartAsync();
            }

            for (var index = 0; index < 24; index++)
            {
                var above = index;
                while (above >= 0 && above != cut)
                {
                    above = tree[above].Parent;
                }

                Assert.Equal(above == cut ? ErrorCode.InvalidToken : null, (await _host.AuthenticateErrorAsync(tree[index].Token.Secret))?.Code);
                if (tree[index].Token.RefreshSecret is { } refresh && above == cut)
                {
                    Assert.Equal(ErrorCode.InvalidToken, (await Tokens.RefreshAsync(refresh, clientId: null, scope: null, Cancel)).Error?.Code);
                }
            }
        }
    }

    [Fact]
    public async Task Grant_WhoseAccessSecretEnds_EndsNothing_AndEndsAllWhenNothingRenewsIt()
    {
        var grant = (await _host.MintAsync(_session, "rooms:a:write", withRefresh: true)).Value;
        var child = (await _host.MintAsync(await _host.CallerAsync(grant.Secret), "rooms:a:write")).Value;
        _time.Advance(TimeSpan.FromDays(2));
        await _host.Engine.IdentityCache.Tokens.PruneAsync(Cancel);
        Assert.Null(await _host.AuthenticateErrorAsync(child.Secret));

        _time.Advance(TimeSpan.FromDays(29));
        await _host.Engine.IdentityCache.Tokens.PruneAsync(Cancel);

        Assert.Equal(ErrorCode.InvalidToken, (await _host.AuthenticateErrorAsync(child.Secret))?.Code);
    }

    [Fact]
    public async Task Revoke_OfWhatMintedIt_EndsAParkedWaitAStreamAndAPage()
    {
        var parent = (await _host.MintAsync(_session, "rooms:a:write")).Value;
        var child = await _host.CallerAsync((await _host.MintAsync(await _host.CallerAsync(parent.Secret), "rooms:a:write")).Value.Secret);
        var waiting = _host.Engine.Waits.WaitAsync(child, "a", "false", TimeSpan.FromSeconds(20), EngineHost.Shape(""), Cancel);
        var room = await _host.LoadedAsync("a");
        await EngineHost.UntilAsync(() => room.Waits.Count == 1);
        using var page = (await _host.Engine.Live.WatchAsync(child, "a", Cancel)).Value;

        await Tokens.RevokeAsync(_session, parent.Info.Id, Cancel);

        Assert.NotNull((await waiting).Error);
        Assert.True(page.Ended);
        Assert.NotNull((await _host.Engine.Live.EventsAsync(child, "a", null, parameter: "since", Cancel)).Error);
    }

    [Fact]
    public async Task Keep_ByItsPerson_OutlivesWhatMintedIt()
    {
        var parent = (await _host.MintAsync(_session, "rooms:a:write", expiresIn: TimeSpan.FromHours(1))).Value;
        var caller = await _host.CallerAsync(parent.Secret);
        var kept = (await _host.MintAsync(caller, "rooms:a:write")).Value;
        var below = (await _host.MintAsync(await _host.CallerAsync(kept.Secret), "rooms:a:write")).Value;
        var timed = (await _host.MintAsync(caller, "rooms:a:write", expiresIn: TimeSpan.FromMinutes(50))).Value;
        var left = (await _host.MintAsync(caller, "rooms:a:write")).Value;

        var info = (await Tokens.KeepAsync(_session, kept.Info.Id, Cancel)).Value;
        await Tokens.KeepAsync(_session, timed.Info.Id, Cancel);
        await Tokens.RevokeAsync(_session, parent.Info.Id, Cancel);

        Assert.Equal((null, null), (info.ParentId, info.ExpiresAt));
        Assert.Null(await _host.AuthenticateErrorAsync(kept.Secret));
        Assert.Null(await _host.AuthenticateErrorAsync(below.Secret));
        Assert.NotNull(await _host.AuthenticateErrorAsync(left.Secret));
        Assert.Equal(ErrorCode.TokenNotFound, (await Tokens.KeepAsync(_session, left.Info.Id, Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.TokenNotFound, (await Tokens.KeepAsync(await _host.SessionAsync("pia"), kept.Info.Id, Cancel)).Error?.Code);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Null(await _host.AuthenticateErrorAsync(kept.Secret));
        Assert.NotNull(await _host.AuthenticateErrorAsync(timed.Secret));
    }

    [Fact]
    public async Task Mint_WhileItsTokenIsRevoked_LeavesNothingBehind()
    {
        var parent = (await _host.MintAsync(_session, "rooms:a:write")).Value;
        var caller = await _host.CallerAsync(parent.Secret);
        using var writing = new ManualResetEventSlim();
        var holding = _host.Engine.Database.ExecuteAsync(
            _ =>
            {
                writing.Wait(Cancel);
                return true;
            },
            Cancel);

        var revoking = Tokens.RevokeAsync(_session, parent.Info.Id, Cancel);
        await EngineHost.UntilAsync(() => _host.Engine.IdentityCache.IsChanging);
        var minting = _host.MintAsync(caller, "rooms:a:write");
        writing.Set();
        await holding;

        Assert.Null((await revoking).Error);
        Assert.Equal(ErrorCode.InvalidToken, (await minting).Error?.Code);
    }

    [Fact]
    public async Task Quota_OfWhatTokensMint_IsHalfOfTheUsers()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock(), new RoomLimits { TokensPerUser = 6 });
        await host.RoomAsync("a");
        var session = await host.SessionAsync("olga");
        var caller = await host.CallerAsync((await host.MintAsync(session, "rooms:a:write")).Value.Secret);
        for (var index = 0; index < 3; index++)
        {
            Assert.Null((await host.MintAsync(caller, "rooms:a:write")).Error);
        }

        Assert.Equal(ErrorCode.PayloadTooLarge, (await host.MintAsync(caller, "rooms:a:write")).Error?.Code);
        Assert.Null((await host.MintAsync(session, "rooms:a:write")).Error);
        Assert.Equal(ErrorCode.PayloadTooLarge, (await host.MintAsync(session, "rooms:a:write")).Error?.Code);
    }

    [Fact]
    public async Task Quota_OfTokensRevokedInALoop_KeepsAsManyRows()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock(), new RoomLimits { TokensPerUser = 4 });
        await host.RoomAsync("a");
        var session = await host.SessionAsync("olga");
        for (var index = 0; index < 20; index++)
        {
            await host.Engine.Tokens.RevokeAsync(session, (await host.MintAsync(session, "rooms:a:write")).Value.Info.Id, Cancel);
        }

        Assert.InRange((await host.Engine.Tokens.ListAsync(session, Cancel)).Value.Count(token => token.Revoked), 1, 5);
    }

    private async Task<Family> FamilyAsync(string kind)
    {
        var (_, scope, less) = s_kinds.Single(known => known.Kind == kind);
        var another = (await _host.UserAsync("pia", "rooms:*")).TokenId!;
        var wide = (await _host.MintAsync(_session, "rooms:* create_rooms")).Value;
        var parent = await _host.CallerAsync(wide.Secret);
        var sibling = (await _host.MintAsync(parent, "rooms:a:read")).Value.Info.Id;
        if (scope.Length == 0)
        {
            var room = await _host.RoomAsync($"r-{System.Security.Cryptography.RandomNumberGenerator.GetHexString(16, lowercase: true)}");
            var legacy = kind switch
            {
                "room_" => await _host.CallerAsync(room.RoomToken),
                "view_" => await _host.CallerAsync(room.ViewToken),
                _ => await _host.JoinAsync(room.Info.Id, "bob"),
            };
            return new Family(legacy, less, scope, [(null, "self"), (wide.Info.Id, "parent"), (sibling, "sibling"), (another, "another user's")]);
        }

        if (kind == "session")
        {
            var child = (await _host.MintAsync(_session, less)).Value;
            var below = (await _host.MintAsync(await _host.CallerAsync(child.Secret), less)).Value;
            return new Family(_session, less, scope, [(_session.TokenId, "self"), (child.Info.Id, "child"), (below.Info.Id, "grandchild"), (sibling, "sibling"), (another, "another user's")]);
        }

        var actor = (await _host.MintAsync(
            parent, scope, withRefresh: kind == "refreshing", expiresIn: kind.StartsWith("short", StringComparison.Ordinal) ? TimeSpan.FromHours(1) : null)).Value;
        var caller = await _host.CallerAsync(actor.Secret);
        List<(string?, string)> family = [(actor.Info.Id, "self"), (sibling, "sibling"), (wide.Info.Id, "parent"), (another, "another user's")];
        if (Expected(kind, "list", "self") is null)
        {
            var child = (await _host.MintAsync(caller, less)).Value;
            family.Add((child.Info.Id, "child"));
            if (!Scope.Parse(less).Value.OnlyReads)
            {
                family.Add(((await _host.MintAsync(await _host.CallerAsync(child.Secret), less)).Value.Info.Id, "grandchild"));
            }
            else
            {
                var writer = await _host.CallerAsync((await _host.MintAsync(caller, scope)).Value.Secret);
                family.Add(((await _host.MintAsync(writer, less)).Value.Info.Id, "grandchild"));
            }
        }

        if (kind == "revoked")
        {
            await Tokens.RevokeAsync(_session, actor.Info.Id, Cancel);
        }

        return new Family(caller, less, scope, family);
    }

    private async Task<string?> DoAsync(Family family, string operation, string target)
    {
        if (operation == "list")
        {
            var listed = await Tokens.ListAsync(family.Actor, Cancel);
            var relation = family.Members.Single(member => member.Id == target).Relation;
            return listed.Error is { } refused ? refused.Code.Name
                : listed.Value.Any(token => token.Id == target) ? null
                : relation == "another user's" || family.Actor.IsSession ? "token_not_found"
                : "scope_exceeds_token";
        }

        return (operation switch
        {
            "rename" => (await Tokens.ChangeAsync(family.Actor, target, scope: null, "renamed", Cancel)).Error,
            "narrow" => (await Tokens.ChangeAsync(family.Actor, target, Narrowed(family, target), label: null, Cancel)).Error,
            "widen" => (await Tokens.ChangeAsync(family.Actor, target, family.Scope.Length == 0 ? "rooms:a" : Widened(family, target), label: null, Cancel)).Error,
            "revoke" => (await Tokens.RevokeAsync(family.Actor, target, Cancel)).Error,
            _ => (await Tokens.KeepAsync(family.Actor, target, Cancel)).Error,
        })?.Code.Name;
    }

    // The parent has all there is, so what it is changed to is always less.
    private static string Narrowed(Family family, string target) =>
        family.Less.Length == 0 ? "rooms:a:read" : family.Members.Single(member => member.Id == target).Relation == "sibling" && family.Scope == "rooms:*" ? "rooms:a:read" : family.Less;

    private static string Widened(Family family, string target) =>
        family.Members.Single(member => member.Id == target).Relation == "parent" && family.Scope == "rooms:*" ? "rooms:* create_rooms" : family.Scope;

    private async Task<(string?, string?, bool, string?)> FindAsync(string id) =>
        await _host.Engine.IdentityCache.Tokens.FindListedTokenAsync(id, Cancel) is { State.Token: var token } ? (token.Scope.Text, token.Label, token.Revoked, token.Parent) : default;

    private sealed record Family(Caller Actor, string Less, string Scope, IReadOnlyList<(string? Id, string Relation)> Members)
    {
        public string? Of(string relation) => Members.FirstOrDefault(member => member.Relation == relation).Id;
    }
}
