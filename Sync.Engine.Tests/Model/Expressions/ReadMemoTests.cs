using System.Text.Json.Nodes;

namespace Sync.Engine.Tests.Model.Expressions;

/// <summary>What an expression reads is kept, and forgotten when it is no longer true.</summary>
public sealed class ReadMemoTests
{
    private const string Hide = """{"id":"hide","writes":[{"key":"x","value":1,"enabled":"state._shared.flag == true"}]}""";
    private const string Set = """{"id":"set","params":{"key":{"type":"string"},"value":{}},"writes":[{"key":"${params.key}","value":"${params.value}"}]}""";

    [Fact]
    public async Task View_WhenAnEntryItReadsGetsACondition_FollowsWhatTheConditionReads()
    {
        await using var host = await StartAsync();
        await host.ViewAsync(host.Owner, "room", """{"id":"v","expr":"state._shared.x"}""");
        Assert.Equal("0", await ValueAsync(host, "v"));

        await host.InvokeAsync(host.Owner, "room", "hide");
        Assert.Equal("null", await ValueAsync(host, "v"));
        await SetAsync(host, "flag", "true");

        Assert.Equal("1", await ValueAsync(host, "v"));
    }

    [Fact]
    public async Task Availability_WhenAnEntryTheGuardReadsGetsACondition_FollowsWhatTheConditionReads()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "room", """{"id":"go","if":"state._shared.x == 1","writes":[{"key":"gone","value":true}]}""");
        Assert.False(await AvailableAsync(host));

        await host.InvokeAsync(host.Owner, "room", "hide");
        Assert.False(await AvailableAsync(host));
        await SetAsync(host, "flag", "true");

        Assert.True(await AvailableAsync(host));
    }

    [Fact]
    public async Task Wait_WhenAnEntryItReadsGetsACondition_WakesWhenTheConditionHolds()
    {
        await using var host = await StartAsync();
        var wait = host.WaitAsync(host.Owner, "room", "state._shared.x == 1", timeoutMs: 20_000);

        await host.InvokeAsync(host.Owner, "room", "hide");
        await SetAsync(host, "flag", "true");

        // Long before its time is up: at that moment it is looked at anyway.
        var answer = await wait.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.True(answer["triggered"]!.GetValue<bool>());
    }

    [Fact]
    public async Task View_WhenAViewItReadsIsRegisteredAnew_FollowsWhatThatReads()
    {
        await using var host = await StartAsync();
        await host.ViewAsync(host.Owner, "room", """{"id":"inner","expr":"state._shared.x"}""");
        await host.ViewAsync(host.Owner, "room", """{"id":"outer","expr":"views.inner + 1"}""");
        Assert.Equal("1", await ValueAsync(host, "outer"));

        await host.ViewAsync(host.Owner, "room", """{"id":"inner","expr":"state._shared.y"}""");
        await SetAsync(host, "y", "41");

        Assert.Equal("42", await ValueAsync(host, "outer"));
    }

    private static async Task<EngineHost> StartAsync()
    {
        var host = await EngineHost.StartAsync();
        await host.RoomAsync("room");
        await host.RegisterAsync(host.Owner, "room", Hide);
        await host.RegisterAsync(host.Owner, "room", Set);
        await SetAsync(host, "x", "0");
        return host;
    }

    private static Task<JsonObject> SetAsync(EngineHost host, string key, string value) =>
        host.InvokeAsync(host.Owner, "room", "set", $$"""{"key":"{{key}}","value":{{value}}}""");

    private static async Task<string> ValueAsync(EngineHost host, string view) =>
        (await host.ContextAsync(host.Owner, "room"))["views"]![view]!["value"]?.ToJsonString() ?? "null";

    private static async Task<bool> AvailableAsync(EngineHost host) =>
        (await host.ContextAsync(host.Owner, "room"))["actions"]!["go"]!["available"]!.GetValue<bool>();
}
