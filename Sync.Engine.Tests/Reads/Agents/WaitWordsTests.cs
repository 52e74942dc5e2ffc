using Sync.Engine.Model.Expressions;
using Sync.Engine.Reads.Agents;

namespace Sync.Engine.Tests.Reads.Agents;

/// <summary>What an agent waits for, in words, and only what its reader may read.</summary>
public sealed class WaitWordsTests
{
    [Theory]
    [InlineData("messages.directed_unread > 0", "a message to it")]
    [InlineData("messages.unread > 0", "a new message")]
    [InlineData("size(messages.to_answer) > 0", "a question to it")]
    [InlineData("messages.to_answer.size() >= 1", "a question to it")]
    [InlineData("messages.count > 5", "a new message")]
    [InlineData("approvals.to_decide.size() > 0", "an approval to decide")]
    [InlineData("""approvals["a12"].status != "pending" """, "the decision on a12 to be other than “pending”")]
    [InlineData("""leases["task:3"] == null""", "the lease task:3 to be free")]
    [InlineData("""leases["role:lead"] == null""", "the role lead to be free")]
    [InlineData("""leases["a"] == null && leases["b"] == null""", "the lease a and the lease b")]
    [InlineData("""state._pauses["agent:bob"] == null""", "the pause of bob to end")]
    [InlineData("state._pauses.room == null", "the room to go on")]
    [InlineData("""state._shared.phase == "build" """, "phase to be “build”")]
    [InlineData("state._shared.build.done == true", "done of build to be true")]
    [InlineData("state._shared.count >= 3", "count to be at least 3")]
    [InlineData("""state._tasks["7"] != null""", "_tasks/7 to be there")]
    [InlineData("size(views.open) > 0", "something in the view open")]
    [InlineData("views.open.size() > 2", "something in the view open to be more than 2")]
    [InlineData("actions.deploy.available", "the action deploy")]
    [InlineData("actions.deploy.available == true", "the action deploy to open to be true")]
    [InlineData("""agents.bob.status == "done" """, "the status of bob to be “done”")]
    [InlineData("state._shared.a == 1 || views.b == 2", "a or the view b")]
    [InlineData("state._shared.a == state._shared.b && views.c && views.d", "a, b and 2 more")]
    [InlineData("now > timestamp(\"2030-01-01T00:00:00Z\")", "a moment to come")]
    [InlineData("true", "something")]
    [InlineData("((", "something")]
    [InlineData("", "something")]
    public async Task Condition_ThatIsOpen_IsSaidInWords(string condition, string words)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        Assert.Equal(words, new WaitWords().Of("alice", condition, (await host.LoadedAsync("r")).Published.Language, VisibleScopes.Public).Words);
    }

    [Theory]
    [InlineData("state.self.secret == 1")]
    [InlineData("state.alice.secret == 1")]
    [InlineData("""state["alice"].secret == "hunter2" """)]
    [InlineData("size(state.self) > 0")]
    [InlineData("state._shared.x == 1 && state.self.secret == 2")]
    [InlineData("state.self.list.exists(i, i == \"hunter2\")")]
    [InlineData("state.bob.theirs == 1")]
    public async Task Condition_OnAPrivateScope_IsNotShownToWhoMayNotReadIt(string condition)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var language = (await host.LoadedAsync("r")).Published.Language;
        var words = new WaitWords();

        var hidden = words.Of("alice", condition, language, new VisibleScopes(All: false, ["carol"]));
        Assert.Equal(new WaitModel("something that it keeps private", Condition: null, Lease: null), hidden);
        Assert.Equal(condition, words.Of("alice", condition, language, new VisibleScopes(All: false, ["alice", "bob"])).Condition);
        Assert.Equal(condition, words.Of("alice", condition, language, new VisibleScopes(All: true, [])).Condition);
    }

    [Theory]
    [InlineData("((")]
    [InlineData("state[agents.bob.role].secret == 1")]
    public async Task Condition_OfWhichNotEverythingIsKnown_IsNotShown(string condition)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        Assert.Null(new WaitWords().Of("alice", condition, (await host.LoadedAsync("r")).Published.Language, VisibleScopes.Public).Condition);
    }
}
