using System.Globalization;
using System.Text.Json.Nodes;
using Sync.Cel.Values.Limits;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.Views;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Tests.Model.Expressions;

/// <summary>What is equal for everyone is worked out once per change, and who reads it pays for reading it only.</summary>
public sealed class RegistrantBudgetTests
{
    private const string Heavy = "lists.range(700).all(x, lists.range(700).all(y, true))"; // about 490,000 units
    private const string TooHeavy = "lists.range(3000).all(x, lists.range(3000).all(y, true))";
    private const string Set = """{"id":"set","params":{"key":{"type":"string"},"value":{},"enabled":{}},"writes":[{"key":"${params.key}","value":"${params.value}"}]}""";

    // What counts here is the cost in units; the time that a busy machine takes for them is no part of it.
    private static readonly RoomLimits s_patient = new() { Cel = new CelLimits { Deadline = TimeSpan.FromMinutes(10) } };

    [Fact]
    public async Task Context_OfManyHeavySharedViews_CostsItsReadersLittle()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        for (var i = 0; i < 12; i++)
        {
            await host.ViewAsync(host.Owner, "r", $$"""{"id":"v{{i}}","expr":"{{Heavy}} && size(state._shared) >= 0"}""");
        }

        var room = await host.LoadedAsync("r");
        var budget = room.NewBudget();
        var reader = new RoomActivation(room.Now, VisibleScopes.Public, self: null, budget);

        Assert.All(room.Published.Views.Values, view => Assert.Equal("true", ViewValues.Value(reader, view).Text));
        Assert.False(budget.IsExhausted);
        Assert.InRange(budget.Spent, 0, 1_000);
        Assert.All((await host.ContextAsync(host.Owner, "r"))["views"]!.AsObject(), view => Assert.True(view.Value!["value"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task Context_WithHeavyConditionsOfEntries_CostsItsReadersLittle()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        for (var i = 0; i < 6; i++)
        {
            await host.RegisterAsync(host.Owner, "r", string.Create(CultureInfo.InvariantCulture, $$"""{"id":"put{{i}}","writes":[{"key":"k{{i}}","value":{{i}},"enabled":"{{Heavy}}"}]}"""));
            await host.InvokeAsync(host.Owner, "r", $"put{i}");
        }

        var room = await host.LoadedAsync("r");
        var budget = room.NewBudget();
        Assert.True(room.Published.Language.Compile("size(state._shared) == 6 && state._shared.k3 == 3", "expr").Try(out var expression, out _));

        Assert.True(expression.Evaluate(new RoomActivation(room.Now, VisibleScopes.Public, self: null, budget)).IsTrue);
        Assert.InRange(budget.Spent, 0, 1_000);
        Assert.Equal(6, (await host.ContextAsync(host.Owner, "r"))["state"]!["_shared"]!.AsObject().Count);
    }

    [Fact]
    public async Task View_TooDearForItsRegistrant_IsBrokenAndHarmsNobodyElse()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        await host.ViewAsync(host.Owner, "r", $$"""{"id":"bad","expr":"{{TooHeavy}}"}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"good","expr":"1 + 1"}""");

        var views = (await host.ContextAsync(host.Owner, "r"))["views"]!;

        Assert.NotNull(views["bad"]!["value"]!["_error"]);
        Assert.Equal(2, views["good"]!["value"]!.GetValue<int>());
        Assert.Equal(2, (await host.EvalAsync(host.Owner, "r", "views.good"))!.GetValue<int>());
    }

    [Fact]
    public async Task Invoke_ActionWithAHeavySharedGuardInAView_PaysForReadingIt()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        await host.ViewAsync(host.Owner, "r", $$"""{"id":"a","expr":"{{Heavy}} && size(state._shared) >= 0"}""");
        await host.ViewAsync(host.Owner, "r", $$"""{"id":"b","expr":"{{Heavy}} && size(state._shared) >= 0"}""");
        await host.ViewAsync(host.Owner, "r", $$"""{"id":"c","expr":"{{Heavy}} && size(state._shared) >= 0"}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"go","if":"views.a && views.b && views.c","writes":[{"key":"n","increment":1}]}""");

        for (var i = 0; i < 3; i++)
        {
            await host.InvokeAsync(host.Owner, "r", "go");
        }

        Assert.Equal(3, (await host.StoredAsync("r", "_shared", "n"))!.GetValue<int>());
    }

    [Fact]
    public async Task Context_WithManyHeavyDefinitionsThatDependOnTheReader_StillShowsTheCheapOnes()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        var mallory = await host.JoinAsync("r", "mallory");
        for (var i = 0; i < 30; i++)
        {
            await host.TryInvokeAsync(mallory, "r", "_register_view", $$"""{"id":"a{{i}}","expr":"self != 'nobody' && {{Heavy}}"}""");
            await host.RegisterAsync(mallory, "r", $$"""{"id":"a{{i}}","if":"self != 'nobody' && {{Heavy}}","writes":[{"key":"k{{i}}","value":1}]}""");
        }

        await host.ViewAsync(host.Owner, "r", """{"id":"z","expr":"self != 'nobody'"}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"z","if":"self != 'nobody'","writes":[{"key":"z","value":1}]}""");
        for (var time = 0; time < 2; time++)
        {
            var context = await host.ContextAsync(host.Owner, "r");

            Assert.True(context["views"]!["z"]!["value"]!.GetValue<bool>());
            Assert.True(context["actions"]!["z"]!["available"]!.GetValue<bool>());
            Assert.NotNull(context["views"]!["a29"]!["value"]!["_error"]);
        }
    }

    [Fact]
    public async Task Memo_ReadByManyAtOnce_WorksOutOnce()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        var room = await host.LoadedAsync("r");
        var memo = new Memo<string>(Timeout.InfiniteTimeSpan);
        var evaluations = 0;
        using var begun = new SemaphoreSlim(0);
        using var go = new ManualResetEventSlim();
        var reads = new ReadSet([new StateKey("_shared", null)], PerAgent: false, Time: false, Shifts: false, Heartbeat: false);

        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(Read)).ToList();
        await begun.WaitAsync(EngineHost.Cancel);
        go.Set();
        await Task.WhenAll(readers);

        Assert.Equal(1, evaluations);

        string Read() => memo.Get(new RoomActivation(room.Now, VisibleScopes.Public, self: null, room.NewBudget()), self: null, reads, isShared: true, new Payer(User: null, Agent: "ann"), 0, (_, _) =>
        {
            Interlocked.Increment(ref evaluations);
            begun.Release();
            go.Wait(EngineHost.Cancel);
            return "value";
        }).Value;
    }

    [Fact]
    public async Task Views_OfOneRegistrant_ShareWhatAChangeMayCost()
    {
        await using var host = await StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        var bob = await host.JoinAsync("r", "bob");
        var other = await host.JoinAsync("r", "carl");
        for (var i = 0; i < 16; i++)
        {
            await host.ViewAsync(bob, "r", $$"""{"id":"v{{i}}","expr":"{{Heavy}} && size(state._shared) >= 0"}""");
        }

        await host.ViewAsync(other, "r", $$"""{"id":"z","expr":"{{Heavy}} && size(state._shared) >= 0"}""");
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"k","value":1}""");

        // Four budgets of a million are eight such views, whoever reads them and however often.
        Assert.Equal(8, await WorkedOutAsync());
        Assert.Equal(8, await WorkedOutAsync());
        Assert.True((await host.ContextAsync(other, "r", "only=views"))["views"]!["z"]!["value"]!.GetValue<bool>());

        // What they left too little for is worked out after a change that concerns none of them.
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"x"}""");
        Assert.Equal(16, await WorkedOutAsync());

        async Task<int> WorkedOutAsync() => (await host.ContextAsync(host.Owner, "r", "only=views"))["views"]!.AsObject().Count(static view => view.Key != "z" && view.Value!["value"]!.GetValueKind() == System.Text.Json.JsonValueKind.True);
    }

    private static Task<EngineHost> StartAsync() => EngineHost.StartAsync(limits: s_patient);

    [Theory]
    [InlineData("now > timestamp(state._shared.at)", "false", "true")]
    [InlineData("now - timestamp(state._shared.at) >= duration('0s')", "false", "true")]
    [InlineData("timestamp(state._shared.at) - now < duration('1ms')", "false", "true")]
    [InlineData("state._shared.at != null && !(now + duration('1h') < timestamp(state._shared.at) + duration('1h')) ? 'late' : 'early'", "\"early\"", "\"late\"")]
    [InlineData("now.getMinutes()", "0", "1")]
    [InlineData("string(now)", "\"2026-03-01T12:00:00Z\"", "\"2026-03-01T12:01:00.001Z\"")]
    [InlineData("[1, 2].filter(x, now > timestamp(state._shared.at)).size()", "0", "2")]
    public async Task View_OverTheClock_IsKeptUntilTheClockChangesIt(string expression, string before, string after)
    {
        var clock = EngineHost.Clock();
        await using var host = await EngineHost.StartAsync(clock);
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"at","value":"2026-03-01T12:01:00Z"}""");
        await host.ViewAsync(host.Owner, "r", new JsonObject { ["id"] = "v", ["expr"] = expression }.ToJsonString());
        await host.ViewAsync(host.Owner, "r", """{"id":"outer","expr":"views.v"}""");

        Assert.Equal((before, before), await ReadAsync());
        clock.Advance(TimeSpan.FromMinutes(1) + TimeSpan.FromMilliseconds(1));
        Assert.Equal((after, after), await ReadAsync());

        async Task<(string, string)> ReadAsync()
        {
            var room = await host.LoadedAsync("r");
            var reader = new RoomActivation(room.Now, VisibleScopes.Public, self: null, room.NewBudget());
            return (ViewValues.Find(reader, "v")!.Text, ViewValues.Find(reader, "outer")!.Text);
        }
    }
}
