using System.Collections.Immutable;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Web.Components.Dashboard.Sharing;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Authority;

/// <summary>What a form says that somebody will be able to do, against what they then can do over HTTP: every join policy, scope and role.</summary>
public sealed class ReachTests(SyncHost host)
{
    private const string Hidden = "kept by keeper";

    private static readonly string[] s_scopes = ["view", "read", "write", "agent", "admin"];

    public static TheoryData<string, string, string> Tokens => [.. from policy in (string[])["open", "members"] from scope in s_scopes from role in (string[])["owner", "collaborator", "participant", "observer"] select (policy, scope, role)];

    public static TheoryData<string, string> Roles => [.. from policy in (string[])["open", "members"] from role in (string[])["owner", "collaborator", "participant", "observer"] select (policy, role)];

    public static TheoryData<string, string> RoomTokens => [.. from policy in (string[])["open", "members"] from kind in (string[])["view", "private", "room"] select (policy, kind)];

    [Theory]
    [MemberData(nameof(Tokens))]
    public async Task Token_OfAScopeAndARole_DoesWhatIsSaidAndNoMore(string join, string scope, string role)
    {
        var room = await RoomAsync(join);
        var text = TextOf(room.Id, scope);
        var name = SyncHost.NewName("holder");
        var all = await host.MintAsync(name);
        (await room.Owner.PostAsync($"/rooms/{room.Id}/invite", new { username = name, role = "owner" })).AssertOk();
        var minted = (await host.Client(all).PostAsync("/tokens", new { scope = text })).AssertOk(201);

        // Made by an owner, whose role is another one afterwards: a link follows its maker.
        (await room.Owner.PostAsync($"/rooms/{room.Id}/invite", new { username = name, role })).AssertOk();

        var reach = RoomReach.OfToken(Scope.Parse(text).Value, room.Id, RoleOf(role), PolicyOf(join));
        var holder = host.Client(minted["token"].GetString());
        if (scope == "agent")
        {
            // An agent that a scope names joins before it acts, where it may.
            Assert.Equal(reach.Level >= AccessLevel.Write, (await holder.PostAsync(room.Path + "/agents", new { id = "lead" })).Status == 201);
        }

        await AssertAsync(room, holder, reach);
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Invitation_OfARole_GivesWhatIsSaid(string join, string role)
    {
        var room = await RoomAsync(join);
        var name = SyncHost.NewName("invited");
        var all = await host.MintAsync(name);
        (await room.Owner.PostAsync($"/rooms/{room.Id}/invite", new { username = name, role })).AssertOk();

        await AssertAsync(room, host.Client(all), RoomReach.OfRole(room.Id, RoleOf(role), PolicyOf(join)));
    }

    [Theory]
    [MemberData(nameof(RoomTokens))]
    public async Task RoomToken_OfAKind_DoesWhatIsSaidAndNoMore(string join, string kind)
    {
        var room = await RoomAsync(join);
        var made = (await room.Owner.PostAsync($"/rooms/{room.Id}/tokens", kind == "room" ? new { kind = "room", @private = false } : (object)new { kind = "view", @private = kind == "private" })).AssertOk(201);

        var reach = RoomReach.OfRoomToken(room.Id, kind == "room" ? AccessLevel.Admin : AccessLevel.Read, agent: null, seesPrivate: kind == "private", Role.Owner, PolicyOf(join));
        await AssertAsync(room, host.Client(made["token"].GetString()), reach);
    }

    // Each sentence, and each thing it promises or excludes, tried as a program would.
    private async Task AssertAsync(TestRoom room, ApiClient holder, RoomReach reach)
    {
        var words = ReachWords.Does(reach, "Whoever has it", static view => view);
        var context = await holder.GetAsync(room.Path + "/context");
        var log = await holder.GetAsync(room.Path + "/audit");
        var kept = await holder.PostAsync(room.Path + "/eval", new { expr = "state[\"keeper\"].secret" });
        var written = await holder.PostAsync(room.Path + "/actions/note/invoke", new { @params = new { text = "x" } });
        var sent = await holder.PostAsync(room.Path + "/actions/_send_message/invoke", new { @params = new { body = "hello" } });
        var other = await holder.PostAsync(room.Path + "/actions/note/invoke", new { agent = "keeper", @params = new { text = "x" } });

        Assert.Equal(200, context.Status);
        Assert.Equal(reach.Level == AccessLevel.Views, !context.Text.Contains("shared note", StringComparison.Ordinal));
        Assert.Equal(reach.Level == AccessLevel.Views, words.Contains("nothing else of the room", StringComparison.Ordinal));
        if (reach.Level == AccessLevel.Views)
        {
            Assert.Equal(["queue", "score"], context["views"].EnumerateObject().Select(view => view.Name).Order());
            Assert.Contains("2 surfaces", words, StringComparison.Ordinal);
        }

        Assert.Equal(reach.Level >= AccessLevel.Read ? 200 : 403, log.Status);
        Assert.Equal(reach.SeesPrivate, kept.Text.Contains(Hidden, StringComparison.Ordinal));
        Assert.Equal(reach.SeesPrivate, words.Contains("reads what agents keep private", StringComparison.Ordinal) || words.Contains("keep private among it", StringComparison.Ordinal));
        Assert.Equal(reach.Level >= AccessLevel.Write, written.Status == 200);
        Assert.Equal(reach.Level >= AccessLevel.Write, sent.Status == 200);
        Assert.Equal(reach.Level < AccessLevel.Write, words.Contains("Nothing can be changed", StringComparison.Ordinal) || words.Contains("nothing can be changed", StringComparison.Ordinal));
        Assert.Equal(reach.Level == AccessLevel.Admin, other.Status == 200);
        Assert.Equal(reach.Level == AccessLevel.Admin, words.Contains("as any agent", StringComparison.Ordinal));
        if (reach is { Level: AccessLevel.Write, Agent: { } agent })
        {
            Assert.Equal(agent, written["agent"].GetString());
            Assert.Contains($"acts as {agent}, and as nobody else", words, StringComparison.Ordinal);
        }

        // Whoever knows the id of an open room comes in without any of this; where members only join, nobody does.
        var entered = await host.Client().PostAsync(room.Path + "/agents", new { id = SyncHost.NewName("stranger") });
        Assert.Equal(reach.CanJoin ? 201 : 401, entered.Status);
        Assert.Equal(reach.CanJoin, ReachWords.Open(reach) is not null);
        if (reach.CanJoin)
        {
            var stranger = host.Client(entered["token"].GetString());
            Assert.Contains("shared note", (await stranger.GetAsync(room.Path + "/context")).Text, StringComparison.Ordinal);
            (await stranger.PostAsync(room.Path + "/actions/note/invoke", new { @params = new { text = "y" } })).AssertOk();
        }

        // What ends the room comes last.
        var renamed = await holder.PatchAsync(room.Path, new { name = "Renamed" });
        var deleted = await holder.DeleteAsync(room.Path);
        Assert.Equal(reach.Level == AccessLevel.Admin, renamed.Status == 200);
        Assert.Equal(reach.Level == AccessLevel.Admin, deleted.Status == 200);
    }

    private async Task<TestRoom> RoomAsync(string join)
    {
        var room = await host.RoomAsync(new { join });
        (await room.Owner.PostAsync(room.Path + "/agents", new { id = "keeper", state = new { secret = Hidden } })).AssertOk(201);
        (await room.Owner.PostAsync(room.Path + "/actions/_register_action/invoke", new { @params = new { id = "note", @params = new { text = new { type = "string" } }, writes = new[] { new { key = "note", value = "shared note" } } }, agent = "keeper" })).AssertOk();
        (await room.Owner.PostAsync(room.Path + "/actions/note/invoke", new { agent = "keeper", @params = new { text = "shared note" } })).AssertOk();
        foreach (var view in (string[])["score", "queue", "other"])
        {
            (await room.Owner.PostAsync(room.Path + "/actions/_register_view/invoke", new { agent = "keeper", @params = new { id = view, expr = "7" } })).AssertOk();
        }

        return room;
    }

    private static string TextOf(string room, string scope) => scope switch
    {
        "view" => Scope.TextOf(room, (ImmutableArray<string>)["score", "queue"]),
        "read" => $"rooms:{room}:read",
        "write" => $"rooms:{room}:write",
        "agent" => $"rooms:{room}:agent:lead",
        _ => $"rooms:{room}",
    };

    private static Role RoleOf(string role) => RoleWords.Parse(role) ?? throw new ArgumentOutOfRangeException(nameof(role), role, "No role.");

    private static JoinPolicy PolicyOf(string join) => join == "open" ? JoinPolicy.Open : JoinPolicy.Members;
}
