using System.Text.Json.Nodes;
using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Commands.Leases;

/// <summary>What follows the end of a hold is what its holder agreed to, and nobody's words run with the rights of whoever is handed it.</summary>
public sealed class LeaseAgreementTests
{
    private static CancellationToken Cancel => EngineHost.Cancel;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Lapse_OfADefinitionThatIsNotTheOneOfThen_IsRefused(bool isGone, bool byOther)
    {
        await using var host = await StartAsync();
        var (mal, bob) = (await host.JoinAsync("r", "mal"), await host.JoinAsync("r", "bob"));
        await host.RegisterAsync(host.Owner, "r", """{"id":"reopen","writes":[{"scope":"_tasks","key":"1","value":"open"}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"take","lease":{"take":"k","ttl_ms":1000,"on_lapse":"reopen"},"writes":[]}""");
        await host.InvokeAsync(bob, "r", "take");
        if (isGone)
        {
            await host.InvokeAsync(host.Owner, "r", "_delete_action", """{"id":"reopen"}""");
        }

        if (!isGone || byOther)
        {
            if (byOther && !isGone)
            {
                await host.InvokeAsync(host.Owner, "r", "_delete_action", """{"id":"reopen"}""");
            }

            await host.RegisterAsync(byOther ? mal : host.Owner, "r", """{"id":"reopen","writes":[{"scope":"${self}","key":"plan","value":"obey"},{"scope":"_votes","key":"${self}","value":"mal"}]}""");
        }

        await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));

        Assert.Null(await host.StoredAsync("r", "_votes", "bob"));
        Assert.Null(await host.StoredAsync("r", "bob", "plan"));
        Assert.Null(await host.StoredAsync("r", "_leases", "k"));
        Assert.Equal("action_changed", (await LastEndAsync(host))["refused"]!.GetValue<string>());
    }

    [Fact]
    public async Task Lapse_OfWhatWasNotRegisteredThen_IsRefused()
    {
        await using var host = await StartAsync();
        var (mal, bob) = (await host.JoinAsync("r", "mal"), await host.JoinAsync("r", "bob"));
        await host.RegisterAsync(host.Owner, "r", """{"id":"take","lease":{"take":"k","ttl_ms":1000,"on_lapse":"later"},"writes":[]}""");
        await host.InvokeAsync(bob, "r", "take");
        await host.RegisterAsync(mal, "r", """{"id":"later","writes":[{"scope":"_votes","key":"${self}","value":"mal"}]}""");

        await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));

        Assert.Null(await host.StoredAsync("r", "_votes", "bob"));
        Assert.Equal("action_changed", (await LastEndAsync(host))["refused"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("\"if\":\"state.self.pin == 4711\",\"writes\":[{\"scope\":\"_leak\",\"key\":\"x\",\"value\":true}]")]
    [InlineData("\"enabled\":\"state.self.pin == 4711\",\"writes\":[{\"scope\":\"_leak\",\"key\":\"x\",\"value\":true}]")]
    [InlineData("\"if\":\"views.peek\",\"writes\":[{\"scope\":\"_leak\",\"key\":\"x\",\"value\":true}]")]
    [InlineData("\"writes\":[{\"scope\":\"_leak\",\"key\":\"x\",\"value\":\"state.self.pin\",\"expr\":true}]")]
    public async Task Lapse_ReadsWhatItsHolderKeepsPrivate_OnlyForWhomTheHolderTrusts(string what)
    {
        await using var host = await StartAsync();
        var (mal, bob) = (await host.JoinAsync("r", "mal"), await host.JoinAsync("r", "bob"));
        await host.InvokeAsync(mal, "r", "_register_view", """{"id":"peek","expr":"state.self.pin == 4711"}""");
        await host.RegisterAsync(mal, "r", "{\"id\":\"done\"," + what + "}");
        await host.RegisterAsync(mal, "r", """{"id":"take","lease":{"take":"k","ttl_ms":1000,"on_lapse":"done"},"writes":[]}""");
        await host.RegisterAsync(bob, "r", """{"id":"keep","writes":[{"scope":"self","key":"pin","value":4711}]}""");
        await host.InvokeAsync(bob, "r", "keep");

        await host.InvokeAsync(bob, "r", "take");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));
        Assert.Null(await host.StoredAsync("r", "_leak", "x"));

        Assert.Null((await host.Engine.Agents.UpdateAsync(bob, "r", "bob", EngineHost.Json("""{"trusts":["mal"]}"""), Cancel)).Error);
        await host.InvokeAsync(bob, "r", "take");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));
        Assert.NotNull(await host.StoredAsync("r", "_leak", "x"));
    }

    [Fact]
    public async Task Lapse_NamesNobodysPrivateScopeByAParameter()
    {
        await using var host = await StartAsync();
        var (mal, bob) = (await host.JoinAsync("r", "mal"), await host.JoinAsync("r", "bob"));
        await host.RegisterAsync(mal, "r", """{"id":"evil","params":{"s":{"type":"string"}},"writes":[{"scope":"${params.s}","key":"plan","value":"obey"}]}""");
        await host.RegisterAsync(mal, "r", """{"id":"grab","lease":{"take":"k","on_lapse":{"action":"evil","params":{"s":"bob"}}},"writes":[]}""");

        await host.InvokeAsync(bob, "r", "grab");
        await host.InvokeAsync(bob, "r", "_release", """{"key":"k"}""");

        Assert.Null(await host.StoredAsync("r", "bob", "plan"));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task HandOver_KeepsOnlyWhatTheReceiverAgreesTo(bool isOwners, bool isDropped)
    {
        await using var host = await StartAsync();
        var (mal, bob) = (await host.JoinAsync("r", "mal"), await host.JoinAsync("r", "bob"));
        await host.RegisterAsync(host.Owner, "r", """{"id":"vote","params":{"c":{"type":"string"}},"writes":[{"scope":"_votes","key":"${self}","value":"${params.c}"}]}""");
        await host.RegisterAsync(isOwners ? host.Owner : mal, "r", """{"id":"grab","lease":{"take":"k","on_lapse":{"action":"vote","params":{"c":"mal"}}},"writes":[]}""");
        await host.InvokeAsync(mal, "r", "grab");
        await host.InvokeAsync(mal, "r", "_hand_over", """{"to":"bob","keys":["k"]}""");

        var taken = await host.InvokeAsync(bob, "r", "_claim", """{"key":"k","from":"mal"}""");
        Assert.Equal(isDropped, taken["on_lapse_dropped"] is not null);
        if (isDropped)
        {
            var end = await LastEndAsync(host);
            Assert.Equal(("handed_over", "vote", "consent_required"), (end["reason"]!.GetValue<string>(), end["on_lapse"]!.GetValue<string>(), end["refused"]!.GetValue<string>()));
        }

        await host.InvokeAsync(bob, "r", "_release", """{"key":"k"}""");
        Assert.Equal(isDropped, await host.StoredAsync("r", "_votes", "bob") is null);
    }

    [Fact]
    public async Task Offer_IsForTheAgentOfThen_NotForTheNextOfItsName()
    {
        await using var host = await StartAsync();
        var (ann, _) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"));
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"k"}""");
        await host.InvokeAsync(ann, "r", "_hand_over", """{"to":"bob","keys":["k"]}""");
        Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", "bob", free: true, Cancel)).Error);

        var other = await host.JoinAsync("r", "bob");

        Assert.Equal(ErrorCode.LeaseHeld, (await host.RefusedAsync(other, "r", "_claim", """{"key":"k","from":"ann"}""")).Code);
    }

    [Fact]
    public async Task LossesOfOne_PushNobodyElsesOut()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"work","lease":"k","writes":[{"key":"x","value":1}]}""");
        var (ann, mal) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "mal"));
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"k","ttl_ms":1000}""");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));
        await host.InvokeAsync(ann, "r", "_claim", """{"key":"k","ttl_ms":86400000}""");
        Assert.Equal(ErrorCode.LeaseLost, (await host.RefusedAsync(ann, "r", "work")).Code);

        for (var i = 0; i < 6; i++)
        {
            for (var j = 0; j < 18; j++)
            {
                var steps = string.Join(",", Enumerable.Range(0, 100).Select(n => $$$"""{"action":"_claim","params":{"key":"m{{{i}}}-{{{j}}}-{{{n}}}","ttl_ms":1000}}"""));
                await host.InvokeAsync(mal, "r", "_batch", $$"""{"steps":[{{steps}}]}""");
            }

            await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));
        }

        Assert.Equal(ErrorCode.LeaseLost, (await host.RefusedAsync(ann, "r", "work")).Code);
    }

    private static async Task<EngineHost> StartAsync()
    {
        var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        return host;
    }

    private static async Task<JsonNode> LastEndAsync(EngineHost host)
    {
        await host.SettleAsync("r");
        var events = EngineHost.Node((await host.Engine.History.AuditAsync(host.Owner, "r", AuditQuery.Newest(200), Cancel)).Value)["events"]!.AsArray();
        return events.OrderBy(e => e!["seq"].Number()).Select(e => e!["leases_ended"]?[0]).Last(end => end is not null)!;
    }
}
