using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Inbox;
using Sync.Engine.Services.Inbox;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Services.Inbox;

/// <summary>Who is shown what of whose inbox.</summary>
public sealed class InboxSightTests
{
    private static CancellationToken Cancel => EngineHost.Cancel;

    /// <summary>By role and gate: whether the approval waits for a member of that role. Whom the open policy let in is no person.</summary>
    [Theory]
    [InlineData(Role.Owner, false, "\"person\"", true)]
    [InlineData(Role.Collaborator, false, "\"person\"", true)]
    [InlineData(Role.Participant, false, "\"person\"", true)]
    [InlineData(Role.Participant, true, "\"person\"", false)]
    [InlineData(Role.Observer, false, "\"person\"", false)]
    [InlineData(Role.Owner, false, "\"owner\"", true)]
    [InlineData(Role.Collaborator, false, "\"owner\"", false)]
    [InlineData(Role.Collaborator, false, "[\"user:mia\"]", true)]
    [InlineData(Role.Collaborator, false, "[\"user:MIA\"]", true)]
    [InlineData(Role.Collaborator, false, "[\"user:nina\"]", false)]
    [InlineData(Role.Observer, false, "[\"user:mia\"]", false)]
    [InlineData(Role.Collaborator, false, "[\"agent:bob\"]", false)]
    public async Task Approval_ByRoleAndGate_WaitsForWhoMayDecide(Role role, bool viaOpen, string by, bool waits)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", $$$"""{"id":"act","writes":[{"key":"k","value":1}],"approve":{"by":{{{by}}}}}""");
        var token = await host.UserAsync("mia", "rooms:* create_rooms");
        if (viaOpen)
        {
            Assert.Null((await host.Engine.Agents.JoinAsync(token, "r", EngineHost.Json("""{"id":"mia"}"""), Cancel)).Error);
        }
        else
        {
            await host.GiveRoleAsync("r", "mia", role);
        }

        await host.JoinAsync("r", "carl");
        var asker = await host.JoinAsync("r", "dan");
        await host.InvokeAsync(asker, "r", "act");

        // A session and a token of hers are told the same.
        Assert.Equal(waits, await host.KeysAsync(await host.SessionAsync("mia"), InboxKind.Approval) != "");
        Assert.Equal(waits, await host.KeysAsync(token, InboxKind.Approval) != "");
    }

    [Fact]
    public async Task Inbox_ByATokenOfLess_HasWhatLiesInTheRoomsThatItReads()
    {
        await using var host = await EngineHost.StartAsync();
        foreach (var room in (string[])["one", "two"])
        {
            await host.RoomAsync(room, JoinPolicy.Open);
            await host.InvokeAsync(await host.JoinAsync(room, "bob"), room, "_send_message", """{"body":"?","kind":"question","to":["olga"]}""");
        }

        foreach (var (scope, keys) in ((string, string)[])
        [
            ("rooms:*", "one/question/1 two/question/1"), ("rooms:*:read", "one/question/1 two/question/1"), ("rooms:one", "one/question/1"), ("rooms:two:read", "two/question/1"),
            ("rooms:one:agent:bot", "one/question/1"), ("create_rooms", ""), ("rooms:elsewhere", ""),
        ])
        {
            var caller = await host.UserAsync("olga", scope);
            Assert.Equal(keys, await host.KeysAsync(caller));
            var inbox = await host.InboxAsync(caller);
            Assert.Equal(inbox.Items.Length, inbox.Waiting);
            Assert.Equal(inbox.Items.Length, inbox.Rooms.Length);
        }
    }

    [Fact]
    public async Task Inbox_OfNobody_IsRefused()
    {
        await using var host = await EngineHost.StartAsync();
        var created = await host.RoomAsync("r");
        var legacy = await host.CallerAsync(created.RoomToken);
        var guest = await host.JoinAsync("r", "guest");
        var shown = await host.UserAsync("olga", "rooms:r:view:v");
        foreach (var (caller, code) in ((Caller, string)[])[(Caller.Anonymous, "authentication_required"), (shown, "scope_denied"), (legacy, "scope_denied"), (guest, "scope_denied"), (Caller.System("test"), "scope_denied")])
        {
            Assert.Equal(code, (await host.Engine.Inbox.ReadAsync(caller, InboxRequest.All, Cancel)).Error!.Code.Name);
            Assert.Equal(code, host.Engine.Inbox.Watch(caller).Error!.Code.Name);
        }
    }

    [Fact]
    public async Task Inbox_OfWhoLosesTheRole_LosesTheRoomAtOnce_AndTheirWatchIsTold()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r", JoinPolicy.Members);
        await host.UserAsync("ben", "rooms:*");
        await host.GiveRoleAsync("r", "ben", Role.Collaborator);
        var bob = EngineHost.Node((await host.Engine.Agents.JoinAsync(host.Owner, "r", EngineHost.Json("""{"id":"bob"}"""), Cancel)).Value.Json)["token"].Text();
        await host.InvokeAsync(await host.CallerAsync(bob), "r", "_send_message", """{"body":"?","kind":"question","to":["ben"]}""");
        var ben = await host.SessionAsync("ben");
        Assert.Equal("r/question/1", await host.KeysAsync(ben));
        using var watch = host.Engine.Inbox.Watch(ben).Value;
        await EngineHost.UntilAsync(() => watch.Current(InboxRequest.All).Value.Items.Length == 1);

        await host.Engine.Rooms.RemoveMemberAsync(host.Owner, "r", "ben", Cancel);

        Assert.Empty(watch.Current(InboxRequest.All).Value.Items);
        await watch.ChangedAsync(Cancel);
        Assert.Equal("", await host.KeysAsync(ben));
    }

    [Fact]
    public async Task Inbox_OfARevokedToken_IsRefused_AndSoIsItsWatch()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var token = await host.UserAsync("olga", "rooms:*");
        using var watch = host.Engine.Inbox.Watch(token).Value;

        Assert.Null((await host.Engine.Tokens.RevokeAsync(host.Owner, token.TokenId!, Cancel)).Error);

        await watch.ChangedAsync(Cancel);
        Assert.Equal(ErrorCode.AuthenticationRequired, watch.Current(InboxRequest.All).Error!.Code);
        Assert.Equal(ErrorCode.AuthenticationRequired, (await host.Engine.Inbox.ReadAsync(token, InboxRequest.All, Cancel)).Error!.Code);
    }

    [Fact]
    public async Task Texts_SayNothingOfWhatIsPrivate()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(bob, "r", """{"id":"note","scope":"bob","params":{"text":{"type":"string"}},"writes":[{"scope":"self","key":"diary","value":"${params.text}"}],"approve":{"by":"person"}}""");
        await host.RegisterAsync(bob, "r", """{"id":"hide","scope":"bob","params":{"text":{"type":"string"}},"writes":[{"scope":"self","key":"kept","value":"${params.text}"}]}""");
        await host.InvokeAsync(bob, "r", "hide", """{"text":"confidential-a"}""");
        await host.ViewAsync(bob, "r", """{"id":"broken","scope":"bob","expr":"int(state[\"bob\"].kept)"}""");
        await host.InvokeAsync(bob, "r", "note", """{"text":"confidential-b"}""");

        var inbox = await host.InboxAsync(await host.SessionAsync("olga"));

        Assert.Equal(["approval", "attention"], inbox.Items.Select(static item => item.Kind.Name()).Order());
        Assert.DoesNotContain("confidential", System.Text.Encoding.UTF8.GetString(inbox.Json.Span), StringComparison.Ordinal);
    }
}
