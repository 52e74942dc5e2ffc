using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;

namespace Sync.Engine.Tests.Model.Authority;

/// <summary>The checks before an invocation runs, and the size of its answer.</summary>
public sealed class InvocationCheckTests : HostileParticipant
{
    [Fact]
    public async Task Refusals_OfAnInvocationWithSeveralFaults_ComeInTheOrderOfTheSpecification()
    {
        await Host.RegisterAsync(Alice, "r", """
            {"id":"all","params":{"p":{"type":"integer","required":true},"v":"string"},"enabled":"state._shared.on == true","if":"params.p > 1","on_invoke":{"timer":{"ms":3600000,"effect":"enable"}},
             "writes":[{"key":"a","value":"state._shared.ok == true ? state.self.n : int('x')","expr":true},{"scope":"bob","key":"b","value":1},{"key":"c","value":1,"if_version":"${params.v}"}]}
            """);
        await Host.RegisterAsync(Alice, "r", """{"id":"put","params":{"k":"string"},"writes":[{"key":"${params.k}","value":true}]}""");
        var reader = await Host.UserAsync("olga", "rooms:r:read");
        await ExpectAsync("read_only_token", reader, "all", """{"if_action_version":"x","params":{"q":1}}""");
        await ExpectAsync("action_not_found", Mallory, "al", """{"if_action_version":"x","params":{"q":1}}""");
        await ExpectAsync("action_changed", Mallory, "all", """{"if_action_version":"x","params":{"q":1}}""");
        await ExpectAsync("action_disabled", Mallory, "all", """{"params":{"q":1}}""");
        await Host.InvokeAsync(Alice, "r", "put", """{"k":"on"}""");
        await ExpectAsync("unknown_param", Mallory, "all", """{"params":{"q":1}}""");
        await ExpectAsync("precondition_failed", Mallory, "all", """{"params":{"p":1,"v":"x"}}""");
        await ExpectAsync("cel_error", Mallory, "all", """{"params":{"p":2,"v":"x"}}""");
        await Host.InvokeAsync(Alice, "r", "put", """{"k":"ok"}""");
        await ExpectAsync("scope_denied", Mallory, "all", """{"params":{"p":2,"v":"x"}}""");
        await Host.JoinAsync("r", "bob");
        await ExpectAsync("scope_denied", Mallory, "all", """{"params":{"p":2,"v":"x"}}""");
        await Host.RegisterAsync(Alice, "r", """
            {"id":"all","params":{"v":"string"},"on_invoke":{"timer":{"ms":3600000,"effect":"enable"}},"writes":[{"key":"a","value":"state.self.n","expr":true},{"key":"c","value":1,"if_version":"${params.v}"}]}
            """);
        await ExpectAsync("consent_required", Mallory, "all", """{"params":{"v":"x"}}""");
        await ExpectAsync("version_conflict", Mallory, "all", """{"params":{"v":"x"},"consent":["state.self"]}""");
        await ExpectAsync(null, Mallory, "all", """{"params":{"v":""},"consent":["state.self"]}""");
        await ExpectAsync("action_changed", Mallory, "all", """{"if_action_version":"x"}""");
        await ExpectAsync("action_cooldown", Mallory, "all", """{"params":{"q":1}}""");

        async Task ExpectAsync(string? code, Caller caller, string action, string body) =>
            Assert.Equal(code, (await Host.Engine.Actions.InvokeAsync(caller, "r", action, InvokeRequest.Parse(EngineHost.Json(body), null).Value, Cancel)).Error?.Code.Name);
    }

    /// <summary>An agent named in a body worked with a read-only link.</summary>
    [Fact]
    public async Task Agent_NamedByATokenThatReads_IsRefused()
    {
        await Host.InvokeAsync(Host.Owner, "r", "_send_message", """{"body":"here"}""");
        var reader = await Host.UserAsync("olga", "rooms:r:read");
        await Host.RegisterAsync(Host.Owner, "r", """{"id":"act","if":"state.self.x == null","writes":[{"key":"k","value":1}]}""");
        foreach (var agent in (string[])["olga", "alice"])
        {
            foreach (var action in (string[])["act", "help", "_send_message"])
            {
                Assert.Equal("read_only_token", (await Host.RefusedAsync(reader, "r", action, agent: agent)).Code.Name);
            }

            Assert.Equal("read_only_token", (await Host.Engine.Actions.ExplainAsync(reader, "r", "act", new InvokeRequest { Agent = agent }, Cancel)).Error?.Code.Name);
        }
    }

    /// <summary>An answer does not give more than an answer may hold, however much was written.</summary>
    [Fact]
    public async Task Answer_OfManyLargeWrites_NamesThemAndLeavesTheValuesOut()
    {
        var writes = string.Join(',', Enumerable.Range(0, 20).Select(static i => $$$"""{"key":"k{{{i}}}","value":"${params.v}"}"""));
        await Host.RegisterAsync(Alice, "r", $$$"""{"id":"fill","params":{"v":{"type":"string"} },"writes":[{{{writes}}}]}""");

        var answer = await Host.InvokeAsync(Alice, "r", "fill", $$"""{"v":"{{new string('x', 900_000)}}"}""", dryRun: true);

        Assert.True(answer.ToJsonString().Length < 8 * 1024 * 1024);
        Assert.True(answer["writes"]![19]!["cut"]!.GetValue<bool>());
        Assert.Null(answer["writes"]![19]!["value"]);
        Assert.NotNull(answer["writes"]![0]!["value"]);
    }
}
