using System.Text.Json.Nodes;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Sessions;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Context;
using Sync.Engine.Reads.Pages;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Reads.Pages;

/// <summary>What a token sees that shows single views, through every door that is open to it.</summary>
public sealed class SharedViewTests : IAsyncLifetime
{
    // In every corner of the room but the shared views.
    private const string Secret = "dear diary";

    private EngineHost _host = null!;
    private Caller _alice = null!;

    private static CancellationToken Cancel => EngineHost.Cancel;

    public async ValueTask InitializeAsync()
    {
        _host = await EngineHost.StartAsync(EngineHost.Clock());
        await _host.RoomAsync("r", JoinPolicy.Members);
        var joined = await _host.Engine.Agents.JoinAsync(_host.Owner, "r", EngineHost.Json($$"""{"id":"alice","name":"{{Secret}}","state":{"diary":"{{Secret}}","mood":7} }"""), Cancel);
        _alice = await _host.CallerAsync(EngineHost.Node(joined.Value.Json)["token"].Text());
        await _host.RegisterAsync(_alice, "r", """{"id":"set","description":"dear diary","params":{"k":{},"v":{}},"writes":[{"key":"${params.k}","value":"${params.v}"}] }""");
        await _host.RegisterAsync(_alice, "r", """{"id":"rival","writes":[{"key":"score","value":0}]}""");
        await _host.ViewAsync(_alice, "r", """{"id":"score","expr":"state._shared.score","description":"dear diary, a description","render":{"type":"metric","label":"Score"}}""");
        await _host.ViewAsync(_alice, "r", """{"id":"mood","scope":"alice","expr":"state.alice.mood","description":"The mood"}""");
        await _host.ViewAsync(_alice, "r", $$"""{"id":"hidden","expr":"'{{Secret}}'","render":{"type":"metric","label":"{{Secret}}"} }""");
        await SetAsync("score", "1");
        await SetAsync("secret", $"\"{Secret}\"");
        await _host.InvokeAsync(_alice, "r", "_send_message", $$"""{"body":"{{Secret}}"}""");
        await _host.SettleAsync("r");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Context_HasTheNamedViewsAndNothingElse()
    {
        var context = await _host.ContextAsync(await SharedAsync("score", "mood"), "r", "depth=full&meta=true");

        Assert.Equal(
            """{"mood":{"value":7,"description":"The mood"},"score":{"value":1,"render":{"type":"metric","label":"Score"}}}""",
            context["views"]!.ToJsonString());
        Assert.Equal("{}{}{}", context["state"]!.ToJsonString() + context["agents"]!.ToJsonString() + context["actions"]!.ToJsonString());
        Assert.Equal("""{"count":0,"unread":0,"directed_unread":0,"to_answer":[],"recent":[]}""", context["messages"]!.ToJsonString());
        Assert.Null(context["self"]);
        Assert.Equal("""["mood","score"]""", context["_context"]!["shows"]!.ToJsonString());
        Assert.DoesNotContain(Secret, context.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("alice", context.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("only=state,agents", "agents self state _context")]
    [InlineData("compact=true", "messages views _context")]
    [InlineData("only=views", "self views _context")]
    public async Task Context_Shaped_StaysWithinTheViews(string query, string expected)
    {
        var context = await _host.ContextAsync(await SharedAsync("score"), "r", query);

        Assert.Equal(expected, string.Join(' ', context.Select(part => part.Key).Order(StringComparer.OrdinalIgnoreCase)));
        Assert.DoesNotContain(Secret, context.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Context_OfAnObserver_ShowsWhatAPlainReadShows()
    {
        await _host.MemberAsync("r", "otto", Role.Observer, "rooms:r:read");
        var otto = await _host.SessionAsync("otto");
        var shared = await _host.CallerAsync((await _host.MintAsync(otto, "rooms:r:view:mood")).Value.Secret);

        var whole = await _host.ContextAsync(otto, "r");
        var part = await _host.ContextAsync(shared, "r");

        Assert.Equal(whole["views"]!["mood"]!["value"]!.ToJsonString(), part["views"]!["mood"]!["value"]!.ToJsonString());
    }

    [Fact]
    public async Task View_OverAPrivateScopeThatItMayNotSee_ShowsNothingOfItEvenByAnOwnersLink()
    {
        await _host.ViewAsync(_host.Owner, "r", """{"id":"peek","expr":"state.alice.diary"}""");
        var shared = await SharedAsync("peek");

        var context = await _host.ContextAsync(shared, "r");

        JsonAssert.Equal("""{"_error":"It cannot be worked out at the moment."}""", context["views"]!["peek"]!["value"]);
        Assert.DoesNotContain(Secret, context.ToJsonString() + await SamplesAsync(shared, "peek"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task View_ThatIsBroken_DoesNotSayAtWhat()
    {
        await _host.ViewAsync(_host.Owner, "r", """{"id":"broken","expr":"int(state._shared.secret)"}""");
        Assert.Contains("_error", (await _host.ContextAsync(_host.Owner, "r"))["views"]!["broken"]!.ToJsonString(), StringComparison.Ordinal);
        var shared = await SharedAsync("broken");
        using var watch = (await _host.Engine.Live.WatchAsync(shared, "r", Cancel)).Value;
        const string Shown = """{"_error":"It cannot be worked out at the moment."}""";

        Assert.Equal(Shown, (await _host.ContextAsync(shared, "r"))["views"]!["broken"]!["value"]!.ToJsonString());
        Assert.Equal((Shown, "It cannot be worked out at the moment."), (watch.Current.Views[0].Value, watch.Current.Views[0].Error));
        Assert.Contains(Shown, await SamplesAsync(shared, "broken"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Picture_HasTheNamedViewsAndNothingElse()
    {
        using var watch = (await _host.Engine.Live.WatchAsync(await SharedAsync("score", "mood", "nowhere"), "r", Cancel)).Value;
        var model = watch.Current;

        Assert.Equal(
            [
                new ViewModel("mood", "_shared", null, "The mood", "7", null, System: false, null),
                new ViewModel("score", "_shared", null, null, "1", """{"type":"metric","label":"Score"}""", System: false, null),
            ],
            model.Views);
        Assert.Equal(["mood", "nowhere", "score"], model.Shows);
        Assert.Equal((AccessLevel.Views, null, null, 0), (model.Info.Access, model.Info.Role, model.Info.Figures, model.Info.Members.Count));
        Assert.Null(model.Self);
        Assert.Equal(0, model.MessageCount);
        Assert.True(model.Agents.IsEmpty && model.Entries.IsEmpty && model.Messages.IsEmpty && model.Actions.IsEmpty && model.Activity.IsEmpty);
        Assert.True(model.Vocabulary.Reads.IsEmpty && model.Vocabulary.Writes.IsEmpty);
        Assert.Same(model, watch.Current);
    }

    [Fact]
    public async Task Picture_FollowsTheRoom()
    {
        using var watch = (await _host.Engine.Live.WatchAsync(await SharedAsync("score"), "r", Cancel)).Value;
        var before = watch.Current;

        await SetAsync("score", "2");

        Assert.True(await watch.ChangedAsync(before, Cancel));
        Assert.Equal("2", Assert.Single(watch.Current.Views).Value);
    }

    [Fact]
    public async Task Pictures_OfTwoLinks_AreNotMixedUp()
    {
        using var one = (await _host.Engine.Live.WatchAsync(await SharedAsync("score"), "r", Cancel)).Value;
        using var two = (await _host.Engine.Live.WatchAsync(await SharedAsync("mood"), "r", Cancel)).Value;

        Assert.Equal("score", Assert.Single(one.Current.Views).Id);
        Assert.Equal("mood", Assert.Single(two.Current.Views).Id);
    }

    [Fact]
    public async Task Samples_OfANamedView_BeginWithItsRegistration()
    {
        await _host.ViewAsync(_alice, "r", """{"id":"score","expr":"state._shared.score * 100"}""");
        await SetAsync("score", "2");
        var shared = await SharedAsync("score");

        Assert.Equal("100 200", string.Join(' ', JsonNode.Parse(await SamplesAsync(shared, "score"))!["samples"]!.AsArray().Select(sample => sample!["value"]!.ToJsonString())));
    }

    [Theory]
    [InlineData("hidden")]
    [InlineData("nowhere")]
    [InlineData("_contested")]
    public async Task Samples_OfAnotherView_AreRefusedInTheSameWords(string view)
    {
        var error = (await _host.Engine.History.SamplesAsync(await SharedAsync("score"), "r", view, since: null, limit: 10, Cancel)).Error!;

        Assert.Equal(ErrorCode.ScopeDenied, error.Code);
        Assert.Equal("This token shows one view of the room 'r' and nothing else.", error.Message);
        Assert.Contains("'score'", error.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain(error.Next, step => step.Kind == StepKind.WidenToken);
    }

    [Fact]
    public async Task Samples_OfANamedViewThatIsNot_NameNoOther()
    {
        var error = (await _host.Engine.History.SamplesAsync(await SharedAsync("hiddem", "_contested"), "r", "hiddem", since: null, limit: 10, Cancel)).Error!;

        Assert.Equal(ErrorCode.ViewNotFound, error.Code);
        Assert.DoesNotContain("hidden", error.Hint, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.ViewNotFound, (await _host.Engine.History.SamplesAsync(await SharedAsync("_contested"), "r", "_contested", since: null, limit: 10, Cancel)).Error!.Code);
        Assert.Equal("{}", (await _host.ContextAsync(await SharedAsync("_contested"), "r"))["views"]!.ToJsonString());
    }

    [Fact]
    public async Task Watch_Narrowed_LosesTheViewAtOnce()
    {
        var (shared, id) = await MintAsync("rooms:r:view:score rooms:r:view:mood");
        using var watch = (await _host.Engine.Live.WatchAsync(shared, "r", Cancel)).Value;
        var before = watch.Current;
        Assert.Equal(2, before.Views.Length);
        var changed = watch.ChangedAsync(before, Cancel).AsTask();

        await ChangeAsync(id, "rooms:r:view:score");

        Assert.True(await changed.WaitAsync(TimeSpan.FromSeconds(10), Cancel));
        Assert.Equal("score", Assert.Single(watch.Current.Views).Id);
        Assert.True(watch.Current.MaySeeLessThan(before));
        Assert.False(before.MaySeeLessThan(watch.Current));
        Assert.Equal("scope_denied", (await _host.Engine.History.SamplesAsync(shared, "r", "mood", since: null, limit: 10, Cancel)).Error!.Code.Name);
    }

    [Fact]
    public async Task Watch_OfAReaderNarrowedToViews_GoesOnWithTheseAlone()
    {
        var (shared, id) = await MintAsync("rooms:r:read");
        using var watch = (await _host.Engine.Live.WatchAsync(shared, "r", Cancel)).Value;
        await using var events = (await _host.Engine.Live.EventsAsync(shared, "r", since: null, parameter: "since", Cancel)).Value.GetAsyncEnumerator(Cancel);
        var before = watch.Current;

        await ChangeAsync(id, "rooms:r:view:score");

        Assert.True(await watch.ChangedAsync(before, Cancel));
        Assert.Equal("score", Assert.Single(watch.Current.Views).Id);
        Assert.True(watch.Current.Entries.IsEmpty && watch.Current.MaySeeLessThan(before));
        Assert.False(await events.MoveNextAsync());
    }

    [Fact]
    public async Task Wait_OfAReaderNarrowedToViews_IsRefused()
    {
        var (shared, id) = await MintAsync("rooms:r:read");
        var waiting = _host.Engine.Waits.WaitAsync(shared, "r", "state._shared.score == 5", timeout: null, ContextShape.Default, Cancel);

        await ChangeAsync(id, "rooms:r:view:score");
        await SetAsync("score", "5");

        Assert.Equal(ErrorCode.ScopeDenied, (await waiting.WaitAsync(TimeSpan.FromSeconds(10), Cancel)).Error?.Code);
    }

    [Fact]
    public async Task Watch_WhoseUserLosesTheRole_Ends()
    {
        await _host.MemberAsync("r", "otto", Role.Owner, "rooms:r:read");
        var shared = await _host.CallerAsync((await _host.MintAsync(await _host.SessionAsync("otto"), "rooms:r:view:score")).Value.Secret);
        using var watch = (await _host.Engine.Live.WatchAsync(shared, "r", Cancel)).Value;
        var changed = watch.ChangedAsync(watch.Current, Cancel).AsTask();

        await _host.Engine.Rooms.RemoveMemberAsync(_host.Owner, "r", "otto", Cancel);

        Assert.False(await changed.WaitAsync(TimeSpan.FromSeconds(10), Cancel));
        Assert.Equal(ErrorCode.ScopeDenied, (await _host.Engine.Context.ReadAsync(shared, "r", ContextShape.Default, Cancel)).Error?.Code);
    }

    [Fact]
    public async Task Join_OfAnOpenRoom_IsNotDoneInItsUsersName()
    {
        await _host.RoomAsync("open");
        await _host.Engine.Agents.JoinAsync(_host.Owner, "open", EngineHost.Json("""{"id":"hers"}"""), Cancel);
        var shared = await _host.CallerAsync((await _host.MintAsync(_host.Owner, "rooms:open:view:x")).Value.Secret);

        foreach (var agent in (string[])["hers", "another"])
        {
            Assert.Equal(ErrorCode.ScopeDenied, (await _host.Engine.Agents.JoinAsync(shared, "open", EngineHost.Json($$"""{"id":"{{agent}}"}"""), Cancel)).Error?.Code);
        }
    }

    [Theory]
    [InlineData("rooms:open:read")]
    [InlineData("rooms:r")]
    public async Task Join_OfAnOpenRoomWithATokenThatMayNotActThere_DoesNotTakeItsUsersAgent(string scope)
    {
        await _host.RoomAsync("open");
        await _host.Engine.Agents.JoinAsync(_host.Owner, "open", EngineHost.Json("""{"id":"hers"}"""), Cancel);
        var (reader, _) = await MintAsync(scope);

        Assert.Equal(ErrorCode.AgentExists, (await _host.Engine.Agents.JoinAsync(reader, "open", EngineHost.Json("""{"id":"hers"}"""), Cancel)).Error?.Code);
        Assert.Null((await _host.Engine.Agents.JoinAsync(reader, "open", EngineHost.Json("""{"id":"another"}"""), Cancel)).Error);
    }

    [Fact]
    public async Task ClientSession_WithSuchAToken_ShowsNothing()
    {
        var session = new ClientSession(await SharedAsync("score"), "client");

        Assert.Equal(ErrorCode.ScopeDenied, (await _host.Engine.Context.ReadAsync(session.Caller.In(session), "r", ContextShape.Default, Cancel)).Error?.Code);
    }

    private Task<JsonObject> SetAsync(string key, string value) => _host.InvokeAsync(_alice, "r", "set", $$"""{"k":"{{key}}","v":{{value}}}""");

    private async Task<Caller> SharedAsync(params string[] views) => (await MintAsync(Scope.TextOf("r", views))).Caller;

    private async Task<(Caller Caller, string Id)> MintAsync(string scope)
    {
        var minted = (await _host.MintAsync(_host.Owner, scope)).Value;
        return (await _host.CallerAsync(minted.Secret), minted.Info.Id);
    }

    private async Task ChangeAsync(string id, string scope) => Assert.Null((await _host.Engine.Tokens.ChangeAsync(_host.Owner, id, scope, label: null, Cancel)).Error);

    private async Task<string> SamplesAsync(Caller caller, string view) =>
        EngineHost.Node((await _host.Engine.History.SamplesAsync(caller, "r", view, since: null, limit: 10, Cancel)).Value).ToJsonString();
}
