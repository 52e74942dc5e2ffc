using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Commands.Approvals;

/// <summary>What became of the invoker's rights between the asking and the decision, and what else asks than the action itself.</summary>
public sealed class ApprovalRightsTests
{
    private const string Deploy = """{"id":"deploy","writes":[{"scope":"_live","key":"v","value":1}],"approve":{"by":"person"}}""";

    private static CancellationToken Cancel => EngineHost.Cancel;

    [Theory]
    [InlineData("nothing", true)]
    [InlineData("revoked", false)]
    [InlineData("expired", false)]
    [InlineData("made an observer", false)]
    [InlineData("session left to observing", false)]
    [InlineData("session given up", false)]
    public async Task Accept_AfterTheInvokersRightsChanged_RestsOnThoseOfNow(string change, bool isAccepted)
    {
        var time = EngineHost.Clock();
        await using var host = await EngineHost.StartAsync(time);
        await host.RoomAsync("m", JoinPolicy.Members);
        await host.RegisterAsync(host.Owner, "m", Deploy);
        await host.UserAsync("ben", "rooms:*");
        await host.GiveRoleAsync("m", "ben", Role.Participant);
        var ben = await host.CallerAsync((await host.Engine.Access.MintAsync("ben", "rooms:m", label: null, expiresIn: TimeSpan.FromHours(1), Cancel)).Value.Secret);
        if (change.StartsWith("session", StringComparison.Ordinal))
        {
            ben = ben.In(host.Engine.Embodiments.Open(ben, "probe"));
            Assert.Null((await host.Engine.Embodiments.EmbodyAsync(ben, "m", new(), Cancel)).Error);
        }

        var id = (await host.InvokeAsync(ben, "m", "deploy"))["approval"]!.GetValue<string>();
        switch (change)
        {
            case "revoked":
                Assert.Null((await host.Engine.Tokens.RevokeAsync(await host.SessionAsync("ben"), ben.TokenId!, Cancel)).Error); // A token has an id.
                break;
            case "expired":
                time.Advance(TimeSpan.FromHours(2));
                break;
            case "made an observer":
                await host.GiveRoleAsync("m", "ben", Role.Observer);
                break;
            case "session left to observing":
                Assert.Null((await host.Engine.Embodiments.RestrictAsync(ben, "m", role: null, Cancel)).Error);
                break;
            case "session given up":
                Assert.Null(host.Engine.Embodiments.Revoke(ben, "m").Error);
                break;
            default:
                break;
        }

        var outcome = await host.TryInvokeAsync(await host.SessionAsync("olga"), "m", "_decide", $$"""{"approval":"{{id}}","decision":"accept"}""");

        Assert.True((outcome.Error is null) == isAccepted, outcome.Error?.Message);
        Assert.Equal(isAccepted, await host.StoredAsync("m", "_live", "v") is not null);
        Assert.Equal(isAccepted ? "accepted" : "pending", (await host.StoredAsync("m", "_approvals", id))!["status"]!.GetValue<string>());
    }

    /// <summary>Each way of writing where a rule asks for a decision: it stops and writes nothing, or is refused where it cannot stop.</summary>
    [Theory]
    [InlineData("put", "{}", null, "v", "2")]
    [InlineData("_batch", """{"steps":[{"action":"put"}]}""", "approval_required", "v", "1")]
    [InlineData("_revert", """{"seq":SEQ}""", "approval_required", "v", "1")]
    [InlineData("_install_pack", """{"pack":{"name":"small","version":"1.0.0","description":"d","state":{"_live":{"w":1}}}}""", "approval_required", "w", null)]
    public async Task Rule_ThatAsks_IsAskedWhateverWrites(string action, string parameters, string? refused, string key, string? after)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","writes":[{"scope":"_live","key":"v","increment":1}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"rule","params":{"list":"any"},"writes":[{"scope":"_config","key":"targets","value":"${params.list}"}]}""");
        var seq = (await host.InvokeAsync(host.Owner, "r", "put"))["seq"]!.GetValue<long>();
        await host.InvokeAsync(host.Owner, "r", "rule", """{"list":[{"scope":"_live","approve":{"by":"person"}}]}""");
        parameters = parameters.Replace("SEQ", $"{seq}", StringComparison.Ordinal);

        var outcome = await host.TryInvokeAsync(host.Owner, "r", action, parameters);

        Assert.Equal(1, (int)(await host.StoredAsync("r", "_live", "v"))!);
        Assert.Null(await host.StoredAsync("r", "_live", "w"));
        Assert.Equal(refused, outcome.Error?.Code.Name);
        if (outcome.Try(out var asked, out _))
        {
            Assert.True((bool)asked["pending"]!);
            await host.InvokeAsync(await host.SessionAsync("olga"), "r", "_decide", $$"""{"approval":"{{asked["approval"]}}","decision":"accept"}""");
        }

        Assert.Equal(after, (await host.StoredAsync("r", "_live", key))?.ToJsonString());
    }

    [Fact]
    public async Task Pause_OfTheRoom_HoldsTheTimeOfAnApprovalStill()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"deploy","writes":[{"key":"v","value":1}],"approve":{"by":"person","timeout_ms":60000}}""");
        var bob = await host.JoinAsync("r", "bob");
        var id = (await host.InvokeAsync(bob, "r", "deploy"))["approval"]!.GetValue<string>();
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(20));
        await host.InvokeAsync(host.Owner, "r", "_pause", """{"what":"room"}""");
        await host.AdvanceAsync("r", TimeSpan.FromHours(1));
        await host.RestartAsync();
        Assert.Equal("pending", (await host.StoredAsync("r", "_approvals", id))!["status"]!.GetValue<string>());

        await host.InvokeAsync(host.Owner, "r", "_resume", """{"what":"room"}""");
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(39));
        Assert.Equal("pending", (await host.StoredAsync("r", "_approvals", id))!["status"]!.GetValue<string>());
        await host.AdvanceAsync("r", TimeSpan.FromSeconds(2));

        Assert.Equal("expired", (await host.StoredAsync("r", "_approvals", id))!["status"]!.GetValue<string>());
    }
}
