namespace Sync.Engine.Tests.Commands.BuiltIns;

/// <summary>Which actions are in each other's way: by what their write templates say, whatever they are called.</summary>
public sealed class ContestedTests
{
    [Theory]
    [InlineData("""{"key":"k","value":1}""", """{"key":"k","value":2}""", true)]
    [InlineData("""{"key":"k","value":1}""", """{"key":"k","increment":1}""", true)]
    [InlineData("""{"key":"k","delete":true}""", """{"key":"k","merge":{"a":1}}""", true)]
    [InlineData("""{"key":"k","delete":true}""", """{"key":"k","delete":true}""", true)]
    [InlineData("""{"key":"k","increment":1}""", """{"key":"k","increment":-1}""", false)]
    [InlineData("""{"key":"k","increment":1}""", """{"key":"k","increment":"0 - params.n","expr":true}""", false)]
    [InlineData("""{"key":"k","append":true,"value":1}""", """{"key":"k","append":true,"value":2}""", false)]
    [InlineData("""{"key":"k","increment":1}""", """{"key":"k","append":true,"value":2}""", false)]
    [InlineData("""{"key":"k","merge":{"a":1}}""", """{"key":"k","merge":{"b":1}}""", false)]
    [InlineData("""{"key":"k","merge":{"a":1}}""", """{"key":"k","merge":{"a":2}}""", true)]
    [InlineData("""{"key":"k","merge":{"a":{"x":1}}}""", """{"key":"k","merge":{"a":{"y":1}}}""", false)]
    [InlineData("""{"key":"k","merge":{"a":{"x":1}}}""", """{"key":"k","merge":{"a":null}}""", true)]
    [InlineData("""{"key":"k","merge":{"${self}":1}}""", """{"key":"k","merge":{"total":1}}""", false)]
    [InlineData("""{"key":"k","merge":{"a":1}}""", """{"key":"k","merge":"${params.n}"}""", true)]
    [InlineData("""{"key":"k","path":"a","value":1}""", """{"key":"k","path":"b","value":1}""", false)]
    [InlineData("""{"key":"k","path":"a","value":1}""", """{"key":"k","path":"a.b","value":1}""", true)]
    [InlineData("""{"key":"k","path":"a","value":1}""", """{"key":"k","path":"ab","value":1}""", false)]
    [InlineData("""{"key":"k","path":"a","increment":1}""", """{"key":"k","merge":{"a":0}}""", true)]
    [InlineData("""{"key":"k","path":"a","increment":1}""", """{"key":"k","merge":{"b":0}}""", false)]
    [InlineData("""{"key":"k","path":"a","delete":true}""", """{"key":"k","path":"a","value":1}""", true)]
    [InlineData("""{"key":"k","path":"a","value":1}""", """{"key":"k","value":1}""", true)]
    [InlineData("""{"key_expr":"views.first","value":1}""", """{"key_expr":"views.first","value":1}""", true)]
    [InlineData("""{"key_expr":"params.n","value":1}""", """{"key":"${params.n}","value":1}""", true)]
    [InlineData("""{"key_expr":"views.first","value":1}""", """{"key":"k","value":1}""", false)]
    public async Task Modes_ThatCombine_AreNotContested(string first, string second, bool contested)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", $$"""{"id":"a","params":{"n":{} },"writes":[{{first}}]}""");

        var answer = await host.RegisterAsync(host.Owner, "r", $$"""{"id":"b","params":{"n":{} },"writes":[{{second}}]}""");

        Assert.Equal(contested ? "competing_write_targets" : null, answer["warning"]?.Text());
        Assert.Equal(contested, (await host.ContextAsync(host.Owner, "r"))["views"]!["_contested"] is not null);
    }

    [Theory]
    [InlineData(""","shares":["b"]""", "")]
    [InlineData("", ""","shares":["a"]""")]
    [InlineData(""","shares":["b"]""", ""","shares":["a"]""")]
    public async Task Shares_NamedByEither_IsNotContested(string first, string second)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", $$"""{"id":"a","writes":[{"key":"k","value":1}]{{first}}}""");
        Assert.Null((await host.RegisterAsync(host.Owner, "r", $$"""{"id":"b","writes":[{"key":"k","value":2}]{{second}}}"""))["warning"]);

        var third = await host.RegisterAsync(host.Owner, "r", """{"id":"c","shares":["a"],"writes":[{"key":"k","value":3}]}""");

        Assert.Equal("competing_write_targets", third["warning"].Text());
        JsonAssert.Equal("""[{"target":"_shared:k","actions":["b","c"]}]""", third["competing_actions"]);
        JsonAssert.Equal("""{"_shared:k":["b","c"]}""", (await host.ContextAsync(host.Owner, "r"))["views"]!["_contested"]!["value"]);
        await host.InvokeAsync(host.Owner, "r", "_delete_action", """{"id":"b"}""");
        Assert.Null((await host.ContextAsync(host.Owner, "r"))["views"]!["_contested"]);
    }

    [Fact]
    public async Task Shares_TakenBack_IsContestedAgain()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"a","shares":["b"],"writes":[{"key":"k","value":1}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"b","writes":[{"key":"k","value":2}]}""");

        var again = await host.RegisterAsync(host.Owner, "r", """{"id":"a","writes":[{"key":"k","value":1}]}""");

        Assert.Equal("competing_write_targets", again["warning"].Text());
        await host.RestartAsync();
        JsonAssert.Equal("""{"_shared:k":["a","b"]}""", (await host.ContextAsync(host.Owner, "r"))["views"]!["_contested"]!["value"]);
    }

    [Fact]
    public async Task Library_RegisteredBeforeItsActionsNamedEachOther_IsNotContested()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"claim","params":{"key":{}},"writes":[{"scope":"_claims","key":"${params.key}","value":{"by":"${self}"}}]}""");

        Assert.Null((await host.RegisterAsync(host.Owner, "r", """{"id":"release","params":{"key":{}},"writes":[{"scope":"_claims","key":"${params.key}","delete":true}]}"""))["warning"]);

        // An id of the library over another place, or an empty list, is the room's own word.
        await host.RegisterAsync(host.Owner, "r", """{"id":"fill_role","writes":[{"key":"role","value":1}]}""");
        Assert.NotNull((await host.RegisterAsync(host.Owner, "r", """{"id":"vacate_role","writes":[{"key":"role","delete":true}]}"""))["warning"]);
        await host.RegisterAsync(host.Owner, "r", """{"id":"claim","shares":[],"params":{"key":{}},"writes":[{"scope":"_claims","key":"${params.key}","value":1}]}""");
        Assert.NotNull((await host.RegisterAsync(host.Owner, "r", """{"id":"release","shares":[],"params":{"key":{}},"writes":[{"scope":"_claims","key":"${params.key}","delete":true}]}"""))["warning"]);
    }

    [Fact]
    public async Task Shares_OfAMisspeltAction_IsWarnedOf()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"finish_job","writes":[{"key":"k","value":1}]}""");

        var answer = await host.RegisterAsync(host.Owner, "r", """{"id":"start_job","shares":["finsh_job"],"writes":[{"key":"other","value":1}]}""");

        Assert.Equal("Did you mean 'finish_job'?", answer["warnings"]![0]!["hint"].Text());
    }
}
