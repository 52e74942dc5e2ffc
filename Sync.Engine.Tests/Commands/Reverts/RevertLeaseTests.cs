using Sync.Engine.Commands.Invocations;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Commands.Reverts;

/// <summary>Whoever takes back what an action wrote needs the leases that the action needed, and takes nothing from who holds them now.</summary>
public sealed class RevertLeaseTests
{
    private const string Work = """{"id":"work","params":{"id":{"type":"string"},"v":{}},"lease":LEASE,"writes":[{"scope":"_tasks","key":"${params.id}","value":"${params.v}"}]}""";

    [Theory]
    [InlineData("\"task:${params.id}\"", false, false)]
    [InlineData("\"task:${params.id}\"", true, false)]
    [InlineData("\"task:${key}\"", false, false)]
    [InlineData("\"task:${key}\"", true, false)]
    [InlineData("{\"take\":\"task:${params.id}\"}", false, false)]
    [InlineData("{\"take\":\"task:${key}\"}", true, false)]
    [InlineData("\"task:1\"", false, true)]
    [InlineData("\"task:${params.id}\"", false, true)]
    [InlineData("\"task:${key}\"", true, true)]
    [InlineData("{\"take\":\"task:${params.id}\"}", true, true)]
    public async Task WhileAnotherHoldsTheLease_IsRefused_AndAgainOnesOwnIsNot(string lease, bool batch, bool deleted)
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Work.Replace("LEASE", lease, StringComparison.Ordinal));
        var (ann, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"));
        await host.InvokeAsync(bob, "r", "_claim", """{"key":"task:1"}""");
        var done = batch
            ? await host.InvokeAsync(bob, "r", "_batch", """{"steps":[{"action":"work","params":{"id":"1","v":1}}]}""")
            : await host.InvokeAsync(bob, "r", "work", """{"id":"1","v":1}""");
        await host.InvokeAsync(bob, "r", "_release", """{"key":"task:1"}""");
        if (deleted)
        {
            await host.InvokeAsync(host.Owner, "r", "_delete_action", """{"id":"work"}""");
        }

        await host.InvokeAsync(ann, "r", "_claim", """{"key":"task:1"}""");
        var revert = $$"""{"seq":{{done["seq"]}}}""";
        var refused = await host.RefusedAsync(bob, "r", "_revert", revert);
        Assert.Contains(refused.Code, new[] { ErrorCode.LeaseRequired, ErrorCode.LeaseHeld, ErrorCode.LeaseLost });
        Assert.Equal("1", (await host.StoredAsync("r", "_tasks", "1"))?.ToJsonString());

        await host.InvokeAsync(ann, "r", "_release", """{"key":"task:1"}""");
        var mine = await host.InvokeAsync(bob, "r", "_claim", """{"key":"task:1"}""");
        var again = new InvokeRequest { Params = EngineHost.Json(revert), Fence = (long)mine["fence"]! };
        Assert.Null((await host.Engine.Actions.InvokeAsync(bob, "r", "_revert", again, EngineHost.Cancel)).Error);
        Assert.Null(await host.StoredAsync("r", "_tasks", "1"));
    }

    [Fact]
    public async Task OfTwoDefinitionsInOneEvent_AsksForTheLeaseOfTheOneThatRan()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        var (ann, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"));
        await host.InvokeAsync(bob, "r", "_claim", """{"key":"task:1"}""");
        static string Register(string lease) => """{"action":"_register_action","params":""" + Work.Replace("\"lease\":LEASE,", lease, StringComparison.Ordinal) + "}";
        string[] steps = [Register("\"lease\":\"task:1\","), """{"action":"work","params":{"id":"1","v":1}}""", Register("")];
        var done = await host.InvokeAsync(bob, "r", "_batch", $$"""{"steps":[{{string.Join(',', steps)}}]}""");
        await host.InvokeAsync(bob, "r", "_release", """{"key":"task:1"}""");
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"task:1"}""");

        Assert.Equal(ErrorCode.LeaseRequired, (await host.RefusedAsync(bob, "r", "_revert", $$"""{"seq":{{done["seq"]}}}""")).Code);
        Assert.Equal("1", (await host.StoredAsync("r", "_tasks", "1"))?.ToJsonString());
    }

    [Fact]
    public async Task OfALeaseThatASecretNamed_IsAnOwners()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"work","params":{"id":{"type":"string"},"pw":{"type":"string","secret":true}},"lease":"task:${params.id}","writes":[{"scope":"_tasks","key":"${params.id}","value":1}]}""");
        var bob = await host.JoinAsync("r", "bob");
        await host.InvokeAsync(bob, "r", "_claim", """{"key":"task:1"}""");
        var done = await host.InvokeAsync(bob, "r", "work", """{"id":"1","pw":"hunter2"}""");
        Assert.Equal(ErrorCode.LeaseRequired, (await host.RefusedAsync(bob, "r", "_revert", $$"""{"seq":{{done["seq"]}}}""")).Code);
        Assert.Null((await host.TryInvokeAsync(host.Owner, "r", "_revert", $$"""{"seq":{{done["seq"]}}}""")).Error);
    }
}
