using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Tests.Commands.Invocations;

/// <summary>An answer holds no more than <c>AnswerBytes</c>, however little that is: what does not fit is cut by name, with the query that gives it.</summary>
public sealed class AnswerCutTests
{
    private static readonly RoomLimits s_limits = new() { AnswerBytes = 4_000 };

    private static CancellationToken Cancel => EngineHost.Cancel;

    [Theory]
    [InlineData("_register_action", """{"id":"long","description":"LONG","writes":[{"key":"k","value":1}]}""", "actions")]
    [InlineData("_register_view", """{"id":"long","expr":"[1]","description":"LONG"}""", "views")]
    [InlineData("_register_view", """{"id":"long","expr":"lists.range(5000)"}""", "views")]
    [InlineData("_send_message", """{"body":"LONG"}""", "messages")]
    public async Task Registration_LongerThanAnAnswer_IsCut(string action, string parameters, string part)
    {
        await using var host = await StartAsync();

        var answer = await host.InvokeAsync(host.Owner, "r", action, parameters.Replace("LONG", new string('x', 6_000), StringComparison.Ordinal));

        Assert.InRange(answer.ToJsonString().Length, 1, s_limits.AnswerBytes);
        Assert.True(answer["cut"].Flag());
        Assert.Contains(part, answer["query"].Text(), StringComparison.Ordinal);
        Assert.NotNull((await host.ContextAsync(host.Owner, "r", $"depth=full&only={part}"))[part]);
    }

    [Fact]
    public async Task History_OfOneLongValue_IsCut()
    {
        await using var host = await StartAsync();
        await host.InvokeAsync(host.Owner, "r", "put", $$"""{"v":"{{new string('x', 6_000)}}"}""");

        var answer = EngineHost.Node((await host.Engine.History.KeyAsync(host.Owner, "r", "_shared", "k", before: null, 10, Cancel)).Value);

        Assert.InRange(answer.ToJsonString().Length, 1, s_limits.AnswerBytes);
        var step = answer["history"]![0]!;
        Assert.Equal((true, true), (step["cut"].Flag(), step["bytes"].Number() > 6_000));
        Assert.Contains("state._shared", step["query"].Text(), StringComparison.Ordinal);
        await host.RestartAsync(new RoomLimits());
        Assert.Equal(6_000, (await host.ContextAsync(host.Owner, "r", $"at={step["seq"].Number()}&only=state._shared"))["state"]!["_shared"]!["k"].Text()!.Length);
    }

    [Fact]
    public async Task Samples_OfOneLongValue_AreCut()
    {
        await using var host = await StartAsync();
        await host.InvokeAsync(host.Owner, "r", "put", $$"""{"v":"{{new string('x', 6_000)}}"}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"v","expr":"state._shared.k"}""");

        var answer = EngineHost.Node((await host.Engine.History.SamplesAsync(host.Owner, "r", "v", since: null, 10, Cancel)).Value);

        Assert.InRange(answer.ToJsonString().Length, 1, s_limits.AnswerBytes);
        var sample = Assert.Single(answer["samples"]!.AsArray())!;
        Assert.True(sample["cut"].Flag());
        Assert.Contains("views", sample["query"].Text(), StringComparison.Ordinal);
        await host.RestartAsync(new RoomLimits());
        Assert.Equal(6_000, (await host.ContextAsync(host.Owner, "r", $"at={sample["seq"].Number()}&only=views"))["views"]!["v"]!["value"].Text()!.Length);
    }

    private static async Task<EngineHost> StartAsync()
    {
        var host = await EngineHost.StartAsync(limits: s_limits);
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","params":{"v":"string"},"writes":[{"key":"k","value":"${params.v}"}]}""");
        return host;
    }
}
