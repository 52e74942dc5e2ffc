namespace Sync.Engine.Tests.Model.Authority;

/// <summary>What a reader may not read is an error wherever an expression reads it: null, or an empty map, would say that it is not there.</summary>
public sealed class NotReadableTests
{
    public static TheoryData<string> Reads =>
    [
        "state.alice.secret == null", "state.alice == null", "state['alice']['secret'] != 1", "has(state.alice.secret) == false", "!('secret' in state.alice)", "state.alice.size() == 0",
        "state.alice.keys() == []", "state.alice.nothing == null", "[state.alice.secret].size() == 1",
    ];

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task Eval_OfAClosedScope_IsRefused(string expression)
    {
        await using var host = await HostAsync();
        var bob = await host.JoinAsync("r", "bob");

        Assert.Equal("not_readable", (await host.Engine.Context.EvalAsync(bob, "r", expression, EngineHost.Cancel)).Error?.Code.Name);
    }

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task Wait_ForAClosedScope_NeverTriggersAndSaysWhy(string expression)
    {
        await using var host = await HostAsync();
        var bob = await host.JoinAsync("r", "bob");

        var answer = await host.WaitAsync(bob, "r", expression, timeoutMs: 1);

        Assert.False(answer["triggered"].Flag());
        Assert.Contains("alice", answer["last_error"].Text(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task ViewAndGuard_OverAClosedScope_AreBrokenAndNotFalse(string expression)
    {
        await using var host = await HostAsync();
        var bob = await host.JoinAsync("r", "bob");
        await host.TryInvokeAsync(bob, "r", "_register_view", $$"""{"id":"peek","expr":"{{expression}}"}""");
        await host.TryInvokeAsync(bob, "r", "_register_action", $$"""{"id":"act","if":"{{expression}}","writes":[]}""");

        var context = await host.ContextAsync(bob, "r");

        // Where it was accepted at all.
        Assert.True(context["views"]!["peek"] is not { } view || view["value"]!["_error"] is not null, context.ToJsonString());
        Assert.True(context["actions"]!["act"] is not { } action || !action["available"].Flag(), context.ToJsonString());
        Assert.NotNull((await host.TryInvokeAsync(bob, "r", "act")).Error);
    }

    private static async Task<EngineHost> HostAsync()
    {
        var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.JoinAsync("r", "alice", ""","state":{"secret":1}""");
        return host;
    }
}
