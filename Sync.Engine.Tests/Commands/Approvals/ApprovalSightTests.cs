using System.Text;
using System.Text.Json.Nodes;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Reads.Context;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Commands.Approvals;

/// <summary>What of an approval is for whom: nothing private, over any door.</summary>
public sealed class ApprovalSightTests
{
    private const string Secret = "4711-private-word";

    private static CancellationToken Cancel => EngineHost.Cancel;

    [Theory]
    [InlineData("params into the own scope", """{"id":"keep","params":{"word":"string"},"writes":[{"scope":"${self}","key":"kept","value":"${params.word}"},{"key":"times","increment":1}],"approve":{"by":"owner"}}""")]
    [InlineData("own state made public", """{"id":"keep","params":{"word":"any"},"writes":[{"key":"shown","expr":true,"value":"state.self.kept"}],"approve":{"by":"owner"}}""")]
    [InlineData("own state as a key", """{"id":"keep","params":{"word":"any"},"writes":[{"key_expr":"state.self.kept","value":1}],"approve":{"by":"owner"}}""")]
    public async Task Asked_WhatIsPrivate_IsInNothingThatOthersRead(string what, string definition)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r", JoinPolicy.Open);
        await host.RegisterAsync(host.Owner, "r", definition);
        var bob = await host.JoinAsync("r", "bob", $$""","state":{"kept":"{{Secret}}"}""");
        var eve = await host.JoinAsync("r", "eve");
        var parameters = what.StartsWith("params", StringComparison.Ordinal) ? $$"""{"word":"{{Secret}}"}""" : "{}";

        var id = (await host.InvokeAsync(bob, "r", "keep", parameters))["approval"]!.GetValue<string>();
        await AssertHiddenAsync(host, eve, id);

        if (what.StartsWith("own", StringComparison.Ordinal))
        {
            return; // Accepted, it is public.
        }

        // Accepted, it is what any invocation is: private.
        await host.UserAsync("oskar", "rooms:*");
        await host.GiveRoleAsync("r", "oskar", Role.Owner);
        await host.InvokeAsync(await host.UserAsync("oskar", "rooms:*"), "r", "_decide", $$"""{"approval":"{{id}}","decision":"accept"}""");
        Assert.Equal(Secret, (await host.StoredAsync("r", "bob", "kept"))!.GetValue<string>());
        await AssertHiddenAsync(host, eve, id);
        var answer = EngineHost.Node((await host.Engine.Approvals.ReadAsync(bob, "r", id, Cancel)).Value)["answer"]!;
        Assert.Equal(Secret, answer["writes"]![0]!["value"]!.GetValue<string>());
    }

    [Fact]
    public async Task Details_AreNobodysScope()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r", JoinPolicy.Open);
        await host.RegisterAsync(host.Owner, "r", """{"id":"go","writes":[{"key":"k","value":1}],"approve":{"by":"owner"}}""");
        var bob = await host.JoinAsync("r", "bob");
        await host.InvokeAsync(bob, "r", "go");

        foreach (var reader in (Caller[])[bob, host.Owner, await host.SessionAsync("olga")])
        {
            Assert.DoesNotContain("~approvals", (await host.ContextAsync(reader, "r", ReferenceEquals(reader, bob) ? "depth=full" : "include=private&depth=full")).ToJsonString(), StringComparison.Ordinal);
            Assert.NotNull((await host.Engine.History.KeyAsync(reader, "r", "~approvals", "a3", before: null, limit: 10, Cancel)).Error);
            Assert.True((await host.Engine.Context.EvalAsync(reader, "r", "state['~approvals'].a3.token", Cancel)).Try(out var value, out _) is false || EngineHost.Node(value!)["value"] is null);
        }

        foreach (var scope in (string[])["_approvals", "~approvals"])
        {
            var refused = await host.RefusedAsync(host.Owner, "r", "_register_action", $$"""{"id":"forge","params":{"s":"string"},"writes":[{"scope":"{{scope}}","key":"a3","value":1}]}""");
            Assert.Contains(refused.Code.Name, new[] { "scope_denied", "invalid_id" });
        }

        await host.RegisterAsync(host.Owner, "r", """{"id":"forge","reach":"all","params":{"s":"string"},"writes":[{"scope":"${params.s}","key":"a3","merge":{"status":"accepted"}}]}""");
        Assert.Equal("scope_denied", (await host.RefusedAsync(host.Owner, "r", "forge", """{"s":"_approvals"}""")).Code.Name);
        Assert.Equal("invalid_id", (await host.RefusedAsync(host.Owner, "r", "forge", """{"s":"~approvals"}""")).Code.Name);
    }

    [Fact]
    public async Task Details_SurviveRestartAndAreDecidedOn()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r", JoinPolicy.Open);
        await host.RegisterAsync(host.Owner, "r", """{"id":"go","params":{"w":"string"},"writes":[{"scope":"${self}","key":"k","value":"${params.w}"}],"approve":{"by":"person"}}""");
        var minted = (await host.Engine.Access.MintAsync("ben", "rooms:*", label: null, expiresIn: null, Cancel)).Value.Secret;
        await host.GiveRoleAsync("r", "ben", Role.Participant);
        var id = (await host.InvokeAsync(await host.CallerAsync(minted), "r", "go", """{"w":"x"}"""))["approval"]!.GetValue<string>();
        await host.RestartAsync();

        await host.InvokeAsync(await host.SessionAsync("olga"), "r", "_decide", $$"""{"approval":"{{id}}","decision":"accept"}""");

        Assert.Equal("x", (await host.StoredAsync("r", "ben", "k"))!.GetValue<string>());
    }

    // Every door that tells of an approval, as somebody else reads it.
    private static async Task AssertHiddenAsync(EngineHost host, Caller reader, string id)
    {
        var texts = new List<string>
        {
            (await host.ContextAsync(reader, "r", "depth=full&include=_audit,activity,approvals,_messages")).ToJsonString(),
            (await host.ContextAsync(reader, "r", "only=approvals")).ToJsonString(),
            EngineHost.Node((await host.Engine.Context.EvalAsync(reader, "r", "[state._approvals, approvals.pending, approvals]", Cancel)).Value).ToJsonString(),
            EngineHost.Node((await host.Engine.Approvals.ReadAsync(reader, "r", id, Cancel)).Value).ToJsonString(),
            EngineHost.Node((await host.Engine.Approvals.ListAsync(reader, "r", pendingOnly: false)).Value).ToJsonString(),
            EngineHost.Node((await host.Engine.History.KeyAsync(reader, "r", "_approvals", id, before: null, limit: 10, Cancel)).Value).ToJsonString(),
            EngineHost.Node((await host.Engine.History.AuditAsync(reader, "r", new(0, 500, Agent: null, Action: null, Ok: null), Cancel)).Value).ToJsonString(),
        };
        var seq = (await host.LoadedAsync("r")).Published.Seq;
        for (var at = 1L; at <= seq; at++)
        {
            texts.Add(Encoding.UTF8.GetString((await host.Engine.History.ReplayAsync(reader, "r", at, Cancel)).Value.Span));
        }

        texts.Add(EngineHost.Node((await host.Engine.History.SearchAsync(reader, "r", Secret, before: null, limit: 50, Cancel)).Value)["results"]!.ToJsonString());
        Assert.All(texts, static text => Assert.DoesNotContain(Secret, text, StringComparison.Ordinal));
    }
}
