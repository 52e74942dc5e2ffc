using System.Text;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Commands.Invocations;

/// <summary>What is secret stands nowhere that everybody reads: not in shared state, so in no log, stream, history, replay, search or answer either.</summary>
public sealed class SecretTests
{
    private const string Secret = "hunter2-hunter2";

    private static CancellationToken Cancel => EngineHost.Cancel;

    [Theory]
    [InlineData("""{"key":"k","value":"${params.p}"}""")]
    [InlineData("""{"key":"k","value":{"deep":["x ${params.p}"]}}""")]
    [InlineData("""{"key":"k","merge":{"m":"${params.p}"}}""")]
    [InlineData("""{"scope":"_tasks","append":true,"value":"${params.p}"}""")]
    public async Task Template_ThatShowsASecret_IsNotRegistered(string write)
    {
        await using var host = await StartAsync();

        var refused = await host.RefusedAsync(host.Owner, "r", "_register_action", Action(write));

        Assert.Equal((ErrorCode.InvalidTemplate, "writes[0].value"), (refused.Code, refused.Details!["field"].Text()));
    }

    [Theory]
    [InlineData("""{"key":"k","value":"params.p","expr":true}""", false)]
    [InlineData("""{"key":"k","value":"{'pw': [params.p + '!']}","expr":true}""", false)]
    [InlineData("""{"key":"k","value":"params","expr":true}""", false)]
    [InlineData("""{"key":"k","value":"[params].map(x, x.p)","expr":true}""", false)]
    [InlineData("""{"scope":"${params.s}","key":"k","value":"${params.p}"}""", false)]
    [InlineData("""{"key":"k","append":true,"value":"params.p","expr":true}""", false)]
    [InlineData("""{"key":"k","value":"size(params.p)","expr":true}""", true)]
    [InlineData("""{"key":"k","value":"params.s","expr":true}""", true)]
    [InlineData("""{"scope":"${self}","key":"k","value":"${params.p}"}""", true)]
    public async Task Secret_ThatAnExpressionShows_IsRefusedAndStandsNowhere(string write, bool isTaken)
    {
        await using var host = await StartAsync();
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(alice, "r", Action(write));
        var since = (await host.LoadedAsync("r")).Published.Seq;

        var outcome = await host.TryInvokeAsync(alice, "r", "lock", $$"""{"p":"{{Secret}}","s":"_open"}""", requestId: "one");

        Assert.Equal(isTaken ? null : ErrorCode.ScopeDenied, outcome.Error?.Code);
        Assert.DoesNotContain(Secret, outcome.Error?.ToString() ?? outcome.Value.ToJsonString(), StringComparison.Ordinal);
        await host.SettleAsync("r");
        var read = new StringBuilder();
        read.Append((await host.ContextAsync(bob, "r", "include=_audit,_messages,activity")).ToJsonString());
        read.Append(Encoding.UTF8.GetString((await host.Engine.History.AuditAsync(bob, "r", AuditQuery.Newest(50), Cancel)).Value.Span));
        var seq = (await host.LoadedAsync("r")).Published.Seq;
        read.Append(Encoding.UTF8.GetString((await host.Engine.History.ReplayAsync(bob, "r", seq, Cancel)).Value.Span));
        read.Append(Encoding.UTF8.GetString((await host.Engine.History.EventAsync(bob, "r", seq, Cancel)).Value.Json.Span));
        await foreach (var e in (await host.Engine.Live.EventsAsync(bob, "r", since, parameter: "since", Cancel)).Value)
        {
            read.Append(Encoding.UTF8.GetString(e.Json.Span));
            if (e.Seq == seq)
            {
                break;
            }
        }

        Assert.DoesNotContain(Secret, read.ToString(), StringComparison.Ordinal);
        if (!isTaken)
        {
            using var exported = new MemoryStream();
            Assert.Null((await host.Engine.History.ExportAsync(host.Owner, "r", exported, Cancel)).Error);
            Assert.DoesNotContain(Secret, Encoding.UTF8.GetString(exported.ToArray()), StringComparison.Ordinal);
        }
    }

    /// <summary>What stands in another value by chance is no secret there.</summary>
    [Fact]
    public async Task Value_ThatHoldsTheSameByChance_IsWritten()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"lock","params":{"p":{"type":"string","secret":true},"n":"string"},"writes":[{"key":"k","value":"${params.n}"},{"key":"l","value":"size(params.p)","expr":true}]}""");

        await host.InvokeAsync(host.Owner, "r", "lock", """{"p":"2026","n":"in 2026"}""");

        JsonAssert.Equal("4", await host.StoredAsync("r", "_shared", "l"));
    }

    private static string Action(string write) => $$$"""{"id":"lock","params":{"p":{"type":"string","secret":true},"s":"string"},"writes":[{{{write}}}]}""";

    private static async Task<EngineHost> StartAsync()
    {
        var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        return host;
    }
}
