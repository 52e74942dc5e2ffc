using System.Text.Json;
using Sync.Cel.Values.Limits;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Tests.Model.Expressions;

/// <summary>What reading stored values takes: their size, once a request, and the same whether or not they were converted before.</summary>
public sealed class ReadingPriceTests
{
    private static readonly string s_large = "[" + string.Join(',', Enumerable.Range(0, 40_000)) + "]";

    [Fact]
    public void Params_ReadAgain_AreNotConvertedAgain()
    {
        var map = new ParamsMap(new Dictionary<string, JsonElement> { ["x"] = EngineHost.Json(s_large) });
        var budget = new CelBudget(1_000_000, TimeSpan.MaxValue);

        Assert.True(map.TryGet("x", budget, out var first));
        Assert.True(map.TryGet("x", budget, out var second));

        Assert.Same(first.AsList, second.AsList);
        Assert.Equal(CelBudget.PriceOfJson(s_large.Length) + 1, budget.Spent);
    }

    [Fact]
    public void Params_LargerThanTheBudget_AreTheLimitAndNotConverted()
    {
        var map = new ParamsMap(new Dictionary<string, JsonElement> { ["x"] = EngineHost.Json(s_large) });

        Assert.True(map.TryGet("x", new CelBudget(100, TimeSpan.MaxValue), out var value));

        Assert.Equal("cel_limit_exceeded", value.AsError.Code);
    }

    [Theory]
    [InlineData("size(state._shared.large) > 0")]
    [InlineData("state._shared.values().size() > 0")]
    [InlineData("state._shared.exists(k, v, k == 'none')")]
    [InlineData("state._shared == state._shared")]
    [InlineData("agents.alice.meta.large.size() > 0")]
    [InlineData("has(agents.alice.grants)")]
    [InlineData("views.v.size() > 0")]
    [InlineData("views.nested > 0")]
    [InlineData("views.own != null")]
    [InlineData("views")]
    [InlineData("actions.set.available")]
    [InlineData("actions.guarded.available")]
    [InlineData("actions.own.available || true")]
    [InlineData("state")]
    [InlineData("agents")]
    [InlineData("actions")]
    public async Task Evaluate_ColdAndWarm_SpendsTheSame(string expression)
    {
        await using var host = await EngineHost.StartAsync(limits: new RoomLimits { MetaBytes = 1024 * 1024 });
        await host.RoomAsync("r");
        await host.JoinAsync("r", "alice", $$""","meta":{"large":{{s_large}}}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"set","params":{"k":{},"v":{}},"writes":[{"key":"${params.k}","value":"${params.v}"}]}""");
        await host.InvokeAsync(host.Owner, "r", "set", $$"""{"k":"large","v":{{s_large}}}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"v","expr":"state._shared.large"}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"nested","expr":"size(views.v)"}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"own","expr":"state.self.x == null && lists.range(500).all(i, self != string(i))"}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"guarded","if":"lists.range(500).all(i, size(state._shared) != i + 100)","writes":[{"key":"k","value":1}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"own","if":"lists.range(500).all(i, self != string(i))","writes":[{"key":"k","value":1}]}""");
        await host.RestartAsync();
        var room = await host.LoadedAsync("r");
        Assert.True(room.Published.Language.Compile(expression, "expr").Try(out var compiled, out _));

        var cold = Spent();
        var warm = Spent();

        Assert.Equal(cold, warm);
        Assert.InRange(cold, 1, 100_000);

        long Spent()
        {
            var budget = room.NewBudget();
            Assert.False(compiled.Evaluate(new RoomActivation(room.Now, VisibleScopes.Public, self: "alice", budget)).IsError);
            return budget.Spent;
        }
    }

    [Theory]
    [InlineData("size(state._shared.large) > 0")]
    [InlineData("agents.alice.meta.large.size() > 0")]
    [InlineData("views.v.size() > 0")]
    [InlineData("state")]
    public async Task Eval_OfMoreThanTheBudgetReads_IsRefusedColdAndWarm(string expression)
    {
        await using var host = await EngineHost.StartAsync(limits: new RoomLimits { MetaBytes = 1024 * 1024, Cel = new CelLimits { Cost = 5_000 } });
        await host.RoomAsync("r");
        await host.JoinAsync("r", "alice", $$""","meta":{"large":{{s_large}}}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"set","params":{"k":{},"v":{}},"writes":[{"key":"${params.k}","value":"${params.v}"}]}""");
        await host.InvokeAsync(host.Owner, "r", "set", $$"""{"k":"large","v":{{s_large}}}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"v","expr":"state._shared.large"}""");

        for (var time = 0; time < 2; time++)
        {
            var outcome = await host.Engine.Context.EvalAsync(host.Owner, "r", expression, EngineHost.Cancel);

            Assert.Equal("cel_limit_exceeded", outcome.Error?.Code.Name);
        }
    }

    [Fact]
    public async Task Invoke_GuardThatReadsALargeParameterOften_PaysForItOnce()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"check","params":{"x":{}},"if":"lists.range(1500).all(i, size(params.x) > i)","writes":[{"key":"ok","value":true}]}""");

        var answer = await host.InvokeAsync(host.Owner, "r", "check", $$"""{"x":{{s_large}}}""");

        Assert.True(answer["invoked"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData("""{"id":"heavy","if":"#","writes":[{"key":"k","value":1}]}""")]
    [InlineData("""{"id":"heavy","if":"# || true","writes":[{"key":"k","value":1}]}""")]
    [InlineData("""{"id":"heavy","enabled":"# || true","writes":[{"key":"k","value":1}]}""")]
    [InlineData("""{"id":"heavy","writes":[{"key":"k","expr":true,"value":"# || true"}]}""")]
    [InlineData("""{"id":"heavy","if":"lists.range(700).all(x, lists.range(700).all(y, true))","writes":[{"key":"k","expr":true,"value":"lists.range(700).all(x, lists.range(700).all(y, true))"},{"key":"l","expr":true,"value":"lists.range(700).all(x, lists.range(700).all(y, true))"}]}""")]
    public async Task Invoke_WhatExceedsTheBudgetInAnyPart_IsTheLimit(string definition)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", definition.Replace("#", "lists.range(3000).all(x, lists.range(3000).all(y, true))", StringComparison.Ordinal));

        var refused = await host.RefusedAsync(host.Owner, "r", "heavy");
        var dry = await host.TryInvokeAsync(host.Owner, "r", "heavy", dryRun: true);

        Assert.Equal("cel_limit_exceeded", refused.Code.Name);
        Assert.Equal("cel_limit_exceeded", dry.Error?.Code.Name);
        Assert.Null(await host.StoredAsync("r", "_shared", "k"));
    }
}
