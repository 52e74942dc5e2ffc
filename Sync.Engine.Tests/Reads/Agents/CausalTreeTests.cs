using System.Collections.Immutable;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Reads.History;
using Sync.Engine.Services.History;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Reads.Agents;

/// <summary>From any event to what it followed from and to what followed.</summary>
public sealed class CausalTreeTests
{
    [Fact]
    public async Task Tree_OfAnEventInTheMiddle_GoesBothWays()
    {
        await using var host = await RoomAsync();
        var first = await SetAsync(host, null);
        var second = await SetAsync(host, first);
        var third = await SetAsync(host, second);
        var other = await SetAsync(host, second);
        var last = await SetAsync(host, third);

        var tree = await TreeAsync(host, second);
        Assert.Equal(second, tree.Event.Seq);
        Assert.Equal($"{first}", Words(tree.Causes));
        Assert.Equal($"{third}({last}) {other}", Words(tree.Effects));
        Assert.False(tree.IsCut);
        Assert.Equal($"{third}({second}({first}))", Words((await TreeAsync(host, last)).Causes));
        Assert.Empty((await TreeAsync(host, last)).Effects);
    }

    [Fact]
    public async Task Event_ReachedTwice_StandsOnceWithWhatHangsOnIt()
    {
        await using var host = await RoomAsync();
        var (first, one) = await SendAsync(host, """{"body":"one"}""");
        var (second, two) = await SendAsync(host, $$"""{"body":"two","reply_to":{{one}} }""");
        var both = (await host.InvokeAsync(host.Owner, "r", "_batch", $$"""
            {"steps":[{"action":"_send_message","params":{"body":"x","reply_to":{{one}} } },{"action":"_send_message","params":{"body":"y","reply_to":{{two}} } }]}
            """))["seq"].Number();

        Assert.Equal($"{second}({both}*) {both}", Words((await TreeAsync(host, first)).Effects));
    }

    [Fact]
    public async Task Tree_OfALongChain_IsCutAndSaysSo()
    {
        await using var host = await RoomAsync();
        var first = await SetAsync(host, null);
        var last = first;
        for (var step = 0; step <= HistoryService.MaxCausalEvents + 5; step++)
        {
            last = await SetAsync(host, last);
        }

        var back = await TreeAsync(host, last);
        Assert.True(back.IsCut);
        Assert.Equal(HistoryService.MaxCausalEvents, Count(back.Causes));
        var on = await TreeAsync(host, first);
        Assert.True(on.IsCut);
        Assert.Equal(HistoryService.MaxCausalEvents, Count(on.Effects));
    }

    private static async Task<EngineHost> RoomAsync()
    {
        var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"set","writes":[{"key":"k","value":1}]}""");
        return host;
    }

    private static async Task<long> SetAsync(EngineHost host, long? because)
    {
        var request = InvokeRequest.Parse(EngineHost.Json(because is null ? "{}" : $$"""{"because":{"seq":{{because}} } }"""), idempotencyKey: null).Value;
        return EngineHost.Node((await host.Engine.Actions.InvokeAsync(host.Owner, "r", "set", request, EngineHost.Cancel)).Value.Json)["seq"].Number();
    }

    private static async Task<(long Seq, long Number)> SendAsync(EngineHost host, string message)
    {
        var sent = await host.InvokeAsync(host.Owner, "r", "_send_message", message);
        return (sent["seq"].Number(), sent["message_seq"].Number());
    }

    private static async Task<CausalTree> TreeAsync(EngineHost host, long seq) => (await host.Engine.History.CausesAsync(host.Owner, "r", seq, EngineHost.Cancel)).Value;

    private static int Count(ImmutableArray<CausalNode> nodes) => nodes.Sum(static node => 1 + Count(node.Next));

    private static string Words(ImmutableArray<CausalNode> nodes) =>
        string.Join(' ', nodes.Select(static node => $"{node.Event.Seq}{(node.IsElsewhere ? "*" : "")}{(node.Next.IsEmpty ? "" : $"({Words(node.Next)})")}"));
}
