using Sync.Engine.Primitives.Errors;
using Sync.Engine.Tests.Services.Rooms;

namespace Sync.Engine.Tests.Runtime.Lines;

/// <summary>Who holds what a call in line waits for goes before that call, since each would wait for the other.</summary>
public sealed class LinePassingTests
{
    [Theory]
    [InlineData("docs/b")]
    [InlineData("src/a/more/**")]
    public async Task WaiterForEverything_IsPassedByItsHolder_AndByNobodyElse(string paths)
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        var (ann, mal, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "mal"), await host.JoinAsync("r", "bob"));
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"a","paths":["src/a/**"]}""");
        var waiting = host.Engine.Actions.InvokeAsync(mal, "r", "_claim", new() { Params = EngineHost.Json("""{"key":"all","paths":["**"]}"""), Wait = TimeSpan.FromMinutes(10) }, EngineHost.Cancel);
        var writer = (await host.LoadedAsync("r")).OwnWriter();
        await EngineHost.UntilAsync(() => writer.Parked == 1);

        await host.InvokeAsync(ann, "r", "_claim", $$"""{"key":"a2","paths":["{{paths}}"]}""");
        Assert.Equal(ErrorCode.LeaseHeld, (await host.RefusedAsync(bob, "r", "_claim", """{"key":"b","paths":["docs/c"]}""")).Code);

        await host.InvokeAsync(ann, "r", "_release", """{"key":"a"}""");
        await host.InvokeAsync(ann, "r", "_release", """{"key":"a2"}""");
        Assert.Null((await waiting).Error);
    }

    [Fact]
    public async Task HolderThatWaitsItself_StandsNotBehindWhoWaitsForIt()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        var (ann, mal, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "mal"), await host.JoinAsync("r", "bob"));
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"a","paths":["src/a/**"]}""");
        await host.InvokeAsync(bob, "r", "_claim", """{"key":"b","paths":["docs/**"]}""");
        var writer = (await host.LoadedAsync("r")).OwnWriter();
        var all = host.Engine.Actions.InvokeAsync(mal, "r", "_claim", new() { Params = EngineHost.Json("""{"key":"all","paths":["**"]}"""), Wait = TimeSpan.FromMinutes(10) }, EngineHost.Cancel);
        await EngineHost.UntilAsync(() => writer.Parked == 1);
        var more = host.Engine.Actions.InvokeAsync(ann, "r", "_claim", new() { Params = EngineHost.Json("""{"key":"more","paths":["docs/x"]}"""), Wait = TimeSpan.FromMinutes(10) }, EngineHost.Cancel);
        await EngineHost.UntilAsync(() => writer.Parked == 2);

        await host.InvokeAsync(bob, "r", "_release", """{"key":"b"}""");

        Assert.Null((await more).Error);
        await host.InvokeAsync(ann, "r", "_release", """{"key":"a"}""");
        await host.InvokeAsync(ann, "r", "_release", """{"key":"more"}""");
        Assert.Null((await all).Error);
    }
}
