using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Commands.Approvals;

/// <summary>A pending approval holds the lease that it needs; and what rooms of before wrote where approvals stand now.</summary>
public sealed class ApprovalLeaseTests
{
    [Theory]
    [InlineData("accept")]
    [InlineData("reject")]
    [InlineData("expire")]
    public async Task Pending_HoldsTheLeaseItNeeds_UntilItIsDecided(string end)
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r", JoinPolicy.Open);
        await host.RegisterAsync(host.Owner, "r", """{"id":"finish","lease":"task:1","writes":[{"key":"done","value":true}],"approve":{"by":"person","timeout_ms":3600000}}""");
        var bob = await host.JoinAsync("r", "bob");
        await host.InvokeAsync(bob, "r", "_claim", """{"key":"task:1","ttl_ms":60000}""");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(30));
        var id = (await host.InvokeAsync(bob, "r", "finish"))["approval"]!.GetValue<string>();

        await host.AdvanceAsync("r", TimeSpan.FromMinutes(30));
        Assert.Equal("bob", await HolderAsync(host));
        if (end == "expire")
        {
            await host.AdvanceAsync("r", TimeSpan.FromMinutes(31));
        }
        else
        {
            await host.InvokeAsync(await host.SessionAsync("olga"), "r", "_decide", $$"""{"approval":"{{id}}","decision":"{{end}}"}""");
        }

        // Its clock goes on from where it stood: half of its span is left, less what went by until the time-out was seen.
        Assert.Equal(end == "accept", await host.StoredAsync("r", "_shared", "done") is not null);
        Assert.Equal("bob", end == "expire" ? "bob" : await HolderAsync(host));
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(31));
        Assert.Null(await HolderAsync(host));
    }

    [Fact]
    public async Task Accept_AfterTheLeaseWasTakenAway_IsRefused()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r", JoinPolicy.Open);
        await host.RegisterAsync(host.Owner, "r", """{"id":"finish","lease":"task:1","writes":[{"key":"done","value":true}],"approve":{"by":"person"}}""");
        var bob = await host.JoinAsync("r", "bob");
        await host.InvokeAsync(bob, "r", "_claim", """{"key":"task:1","ttl_ms":60000}""");
        var id = (await host.InvokeAsync(bob, "r", "finish"))["approval"]!.GetValue<string>();
        await host.InvokeAsync(host.Owner, "r", "_release", """{"key":"task:1","force":true}""");
        await host.InvokeAsync(await host.JoinAsync("r", "eve"), "r", "_claim", """{"key":"task:1"}""");

        var refused = await host.RefusedAsync(await host.SessionAsync("olga"), "r", "_decide", $$"""{"approval":"{{id}}","decision":"accept"}""");

        Assert.Equal("lease_required", refused.Code.Name);
        Assert.Null(await host.StoredAsync("r", "_shared", "done"));
    }

    [Fact]
    public void RoomOfBefore_ItsOwnApprovals_AreLeftAloneAndGoOn()
    {
        // As the library of before had it, in a log: two entries of which one looks like an approval, and the definition.
        var state = RoomState.Empty;
        foreach (var (scope, key, value) in ((string, string, string)[])
        [
            ("_actions", "approve", """{"id":"approve","params":{"id":{"type":"string","required":true}},"writes":[{"scope":"_approvals","key":"${params.id}","merge":{"${self}":true}}],"registered_by":"bob","registered_level":"write"}"""),
            ("_approvals", "1", """{"bob":true}"""),
            ("_approvals", "a5", """{"status":"pending","action":"deploy","asked_at":"2026-01-01T00:00:00Z","expires":"2027-01-01T00:00:00Z","approve":[{"by":"person"}],"writes":[]}"""),
        ])
        {
            state = state.Apply(new RoomEvent
            {
                Seq = state.Seq + 1,
                At = DateTimeOffset.UnixEpoch,
                Kind = EventKind.Invoked,
                Agent = "bob",
                Changes = [new EntryChange { Kind = ChangeKind.Put, Scope = scope, Key = key, Value = JsonText.Of(EngineHost.Json(value)), Revision = 1 }],
            });
        }

        Assert.True(state.Approvals.IsEmpty);
        Assert.Null(state.Actions["approve"].Definition.Problem);
        Assert.Equal(ReservedScopes.Approvals, state.Actions["approve"].Definition.Writes[0].FixedScope);
        Assert.Equal("scope_denied", ActionDefinition.Parse(EngineHost.Json(state.Actions["approve"].Definition.Source.ToString()), "bob", maxWrites: 5, RoomLanguage.Standard).Error?.Code.Name);
    }

    private static async Task<string?> HolderAsync(EngineHost host) => (await host.EvalAsync(host.Owner, "r", "leases['task:1'] == null ? null : leases['task:1'].holder"))?.GetValue<string>();
}
