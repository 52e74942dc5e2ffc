using Sync.Engine.Identity;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Tests.Services.Tokens;

/// <summary>Which token manages which, and what ends with what.</summary>
public sealed class LineageTests : TokenTestBase
{
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
            Assert.Equal(refused, (await Host.MintAsync(family.Actor, "rooms:a:read")).Error!.Code.Name);
            return;
        }

        var child = (await Host.MintAsync(family.Actor, scope)).Value;
        Assert.Equal(kind == "session" ? null : family.Actor.TokenId, child.Info.ParentId);
        Assert.Equal(kind.StartsWith("short", StringComparison.Ordinal) ? Time.GetUtcNow() + TimeSpan.FromHours(1) : null, child.Info.ExpiresAt);
        Assert.Equal(
            kind.StartsWith("short", StringComparison.Ordinal) ? ErrorCode.ScopeExceedsToken : null,
            (await Host.MintAsync(family.Actor, scope, expiresIn: TimeSpan.FromHours(2))).Error?.Code);
        Assert.Equal(
            kind.StartsWith("short", StringComparison.Ordinal) ? ErrorCode.ScopeExceedsToken : null,
            (await Host.MintAsync(family.Actor, scope, withRefresh: true)).Error?.Code);
        Assert.Equal(kind == "session" ? null : ErrorCode.ScopeExceedsToken, (await Host.MintAsync(family.Actor, "rooms:* create_rooms")).Error?.Code);
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
                var caller = parent < 0 ? Session : await Host.CallerAsync(tree[parent].Token.Secret);
                tree.Add(((await Host.MintAsync(caller, "rooms:a:write", withRefresh: random.Next(2) == 0)).Value, parent));
            }

            // The hour of an access secret ends nothing: a refresh brings it back, and its children never went.
            var cut = random.Next(24);
            await Tokens.RevokeAsync(Session, tree[cut].Token.Info.Id, Cancel);
            if (round % 2 == 1)
            {
                await Host.RestartAsync();
            }

            for (var index = 0; index < 24; index++)
            {
                var above = index;
                while (above >= 0 && above != cut)
                {
                    above = tree[above].Parent;
                }

                Assert.Equal(above == cut ? ErrorCode.InvalidToken : null, (await Host.AuthenticateErrorAsync(tree[index].Token.Secret))?.Code);
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
        var grant = (await Host.MintAsync(Session, "rooms:a:write", withRefresh: true)).Value;
        var child = (await Host.MintAsync(await Host.CallerAsync(grant.Secret), "rooms:a:write")).Value;
        Time.Advance(TimeSpan.FromDays(2));
        await Host.Engine.IdentityCache.Tokens.PruneAsync(Cancel);
        Assert.Null(await Host.AuthenticateErrorAsync(child.Secret));

        Time.Advance(TimeSpan.FromDays(29));
        await Host.Engine.IdentityCache.Tokens.PruneAsync(Cancel);

        Assert.Equal(ErrorCode.InvalidToken, (await Host.AuthenticateErrorAsync(child.Secret))?.Code);
    }

    [Fact]
    public async Task Revoke_OfWhatMintedIt_EndsAParkedWaitAStreamAndAPage()
    {
        var parent = (await Host.MintAsync(Session, "rooms:a:write")).Value;
        var child = await Host.CallerAsync((await Host.MintAsync(await Host.CallerAsync(parent.Secret), "rooms:a:write")).Value.Secret);
        var waiting = Host.Engine.Waits.WaitAsync(child, "a", "false", TimeSpan.FromSeconds(20), EngineHost.Shape(""), Cancel);
        var room = await Host.LoadedAsync("a");
        await EngineHost.UntilAsync(() => room.Waits.Count == 1);
        using var page = (await Host.Engine.Live.WatchAsync(child, "a", Cancel)).Value;

        await Tokens.RevokeAsync(Session, parent.Info.Id, Cancel);

        Assert.NotNull((await waiting).Error);
        Assert.True(page.Ended);
        Assert.NotNull((await Host.Engine.Live.EventsAsync(child, "a", null, parameter: "since", Cancel)).Error);
    }

    [Fact]
    public async Task Keep_ByItsPerson_OutlivesWhatMintedIt()
    {
        var parent = (await Host.MintAsync(Session, "rooms:a:write", expiresIn: TimeSpan.FromHours(1))).Value;
        var caller = await Host.CallerAsync(parent.Secret);
        var kept = (await Host.MintAsync(caller, "rooms:a:write")).Value;
        var below = (await Host.MintAsync(await Host.CallerAsync(kept.Secret), "rooms:a:write")).Value;
        var timed = (await Host.MintAsync(caller, "rooms:a:write", expiresIn: TimeSpan.FromMinutes(50))).Value;
        var left = (await Host.MintAsync(caller, "rooms:a:write")).Value;

        var info = (await Tokens.KeepAsync(Session, kept.Info.Id, Cancel)).Value;
        await Tokens.KeepAsync(Session, timed.Info.Id, Cancel);
        await Tokens.RevokeAsync(Session, parent.Info.Id, Cancel);

        Assert.Equal((null, null), (info.ParentId, info.ExpiresAt));
        Assert.Null(await Host.AuthenticateErrorAsync(kept.Secret));
        Assert.Null(await Host.AuthenticateErrorAsync(below.Secret));
        Assert.NotNull(await Host.AuthenticateErrorAsync(left.Secret));
        Assert.Equal(ErrorCode.TokenNotFound, (await Tokens.KeepAsync(Session, left.Info.Id, Cancel)).Error?.Code);
        Assert.Equal(ErrorCode.TokenNotFound, (await Tokens.KeepAsync(await Host.SessionAsync("pia"), kept.Info.Id, Cancel)).Error?.Code);
        Time.Advance(TimeSpan.FromHours(2));
        Assert.Null(await Host.AuthenticateErrorAsync(kept.Secret));
        Assert.NotNull(await Host.AuthenticateErrorAsync(timed.Secret));
    }

    [Fact]
    public async Task Mint_WhileItsTokenIsRevoked_LeavesNothingBehind()
    {
        var parent = (await Host.MintAsync(Session, "rooms:a:write")).Value;
        var caller = await Host.CallerAsync(parent.Secret);
        using var writing = new ManualResetEventSlim();
        var holding = Host.Engine.Database.ExecuteAsync(
            _ =>
            {
                writing.Wait(Cancel);
                return true;
            },
            Cancel);

        var revoking = Tokens.RevokeAsync(Session, parent.Info.Id, Cancel);
        await EngineHost.UntilAsync(() => Host.Engine.IdentityCache.IsChanging);
        var minting = Host.MintAsync(caller, "rooms:a:write");
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
        var another = (await Host.UserAsync("pia", "rooms:*")).TokenId!;
        var wide = (await Host.MintAsync(Session, "rooms:* create_rooms")).Value;
        var parent = await Host.CallerAsync(wide.Secret);
        var sibling = (await Host.MintAsync(parent, "rooms:a:read")).Value.Info.Id;
        if (scope.Length == 0)
        {
            var room = await Host.RoomAsync($"r-{System.Security.Cryptography.RandomNumberGenerator.GetHexString(16, lowercase: true)}");
            var legacy = kind switch
            {
                "room_" => await Host.CallerAsync(room.RoomToken),
                "view_" => await Host.CallerAsync(room.ViewToken),
                _ => await Host.JoinAsync(room.Info.Id, "bob"),
            };
            return new Family(legacy, less, scope, [(null, "self"), (wide.Info.Id, "parent"), (sibling, "sibling"), (another, "another user's")]);
        }

        if (kind == "session")
        {
            var child = (await Host.MintAsync(Session, less)).Value;
            var below = (await Host.MintAsync(await Host.CallerAsync(child.Secret), less)).Value;
            return new Family(Session, less, scope, [(Session.TokenId, "self"), (child.Info.Id, "child"), (below.Info.Id, "grandchild"), (sibling, "sibling"), (another, "another user's")]);
        }

        var actor = (await Host.MintAsync(
            parent, scope, withRefresh: kind == "refreshing", expiresIn: kind.StartsWith("short", StringComparison.Ordinal) ? TimeSpan.FromHours(1) : null)).Value;
        var caller = await Host.CallerAsync(actor.Secret);
        List<(string?, string)> family = [(actor.Info.Id, "self"), (sibling, "sibling"), (wide.Info.Id, "parent"), (another, "another user's")];
        if (Expected(kind, "list", "self") is null)
        {
            var child = (await Host.MintAsync(caller, less)).Value;
            family.Add((child.Info.Id, "child"));
            if (!Scope.Parse(less).Value.OnlyReads)
            {
                family.Add(((await Host.MintAsync(await Host.CallerAsync(child.Secret), less)).Value.Info.Id, "grandchild"));
            }
            else
            {
                var writer = await Host.CallerAsync((await Host.MintAsync(caller, scope)).Value.Secret);
                family.Add(((await Host.MintAsync(writer, less)).Value.Info.Id, "grandchild"));
            }
        }

        if (kind == "revoked")
        {
            await Tokens.RevokeAsync(Session, actor.Info.Id, Cancel);
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
        await Host.Engine.IdentityCache.Tokens.FindListedTokenAsync(id, Cancel) is { State.Token: var token } ? (token.Scope.Text, token.Label, token.Revoked, token.Parent) : default;

    private sealed record Family(Caller Actor, string Less, string Scope, IReadOnlyList<(string? Id, string Relation)> Members)
    {
        public string? Of(string relation) => Members.FirstOrDefault(member => member.Relation == relation).Id;
    }
}
