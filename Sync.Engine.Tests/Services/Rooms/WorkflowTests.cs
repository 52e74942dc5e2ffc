namespace Sync.Engine.Tests.Services.Rooms;

public sealed class WorkflowTests
{
    [Fact]
    public async Task Room_SixStepsOfTheCoreWorkflow_Work()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("my-room");
        var alice = await host.JoinAsync("my-room", "alice");
        var empty = await host.ContextAsync(alice, "my-room");
        Assert.Equal(["vocabulary_bootstrap"], empty["_context"]!["help"]!.AsArray().Select(h => h!.GetValue<string>()));
        var library = await host.InvokeAsync(alice, "my-room", "help", """{"key":"standard_library"}""");
        Assert.NotEmpty(library["content"]!.AsArray());
        await host.RegisterAsync(alice, "my-room", """
            {"id":"submit_result","description":"Submit","params":{"result":{"type":"any"}},
             "writes":[{"scope":"_shared","key":"${self}.result","value":"${params.result}"}]}
            """);
        await host.ViewAsync(alice, "my-room", """{"id":"results","expr":"state._shared.values()"}""");
        var wait = host.WaitAsync(host.Owner, "my-room", "views[\"results\"].size()>0");
        var answer = await host.InvokeAsync(alice, "my-room", "submit_result", """{"result":"42"}""");
        Assert.Equal("alice.result", answer["writes"]![0]!["key"]!.GetValue<string>());
        Assert.Equal("42", answer["writes"]![0]!["value"]!.GetValue<string>());
        Assert.True((await wait)["triggered"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Room_Increments_SurviveRestart()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"inc","writes":[{"key":"n","increment":true}]}""");
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            for (var i = 0; i < 300; i++)
            {
                await host.InvokeAsync(host.Owner, "r", "inc");
            }
        }));
        Assert.Equal(4800, (await host.EvalAsync(host.Owner, "r", "state._shared.n"))!.GetValue<int>());
        await host.RestartAsync();
        Assert.Equal(4800, (await host.EvalAsync(host.Owner, "r", "state._shared.n"))!.GetValue<int>());
    }
}
