using System.Text.Json;
using Sync.Cel.Values.Limits;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Events;

namespace Sync.Engine.Tests.Model.Actions;

public sealed class ParamTests
{
    /// <summary>Declaration of 'p', what is sent, the code of the refusal or null, and what the hint or message names.</summary>
    public static TheoryData<string, string, string?, string?> Checks => new()
    {
        { """{"type":"string"}""", """{"p":"x"}""", null, null },
        { """{"type":"string"}""", """{"p":5}""", "invalid_param_type", "a string" },
        { """{"type":"string"}""", """{"p":null}""", null, null },
        { """{"type":"number"}""", """{"p":1.5}""", null, null },
        { """{"type":"number"}""", """{"p":"1"}""", "invalid_param_type", "Send \"p\": 1." },
        { """{"type":"integer"}""", """{"p":3}""", null, null },
        { """{"type":"integer"}""", """{"p":3.0}""", null, null },
        { """{"type":"integer"}""", """{"p":3.5}""", "invalid_param_type", "an integer" },
        { """{"type":"boolean"}""", """{"p":false}""", null, null },
        { """{"type":"boolean"}""", """{"p":"true"}""", "invalid_param_type", "a boolean" },
        { """{"type":"array"}""", """{"p":[]}""", null, null },
        { """{"type":"array"}""", """{"p":{}}""", "invalid_param_type", "an array" },
        { """{"type":"object"}""", """{"p":{}}""", null, null },
        { """{"type":"object"}""", """{"p":[]}""", "invalid_param_type", "an object" },
        { """{"type":"any"}""", """{"p":null}""", null, null },
        { "{}", """{"p":[1]}""", null, null },
        { "\"integer\"", """{"p":"x"}""", "invalid_param_type", "an integer" },
        { """{"required":true}""", "{}", "missing_param", "'p'" },
        { """{"type":"string","required":true}""", """{"p":null}""", "missing_param", "'p'" },
        { """{"required":true,"default":7}""", "{}", null, null },
        { """{"enum":["red","green"]}""", """{"p":"green"}""", null, null },
        { """{"enum":["red","green"]}""", """{"p":"gren"}""", "invalid_param", "green" },
        { """{"enum":[1,2]}""", """{"p":1.0}""", null, null },
        { """{"enum":[1,2]}""", """{"p":"1"}""", "invalid_param", "1, 2" },
        { """{"type":"number","minimum":1}""", """{"p":1}""", null, null },
        { """{"type":"number","minimum":1}""", """{"p":0.5}""", "invalid_param", "at least 1" },
        { """{"type":"number","maximum":2}""", """{"p":2.01}""", "invalid_param", "at most 2" },
        { """{"type":"string","min_length":2}""", """{"p":"a"}""", "invalid_param", "at least 2 characters" },
        { """{"type":"string","max_length":2}""", """{"p":"abc"}""", "invalid_param", "at most 2 characters" },
        { """{"type":"array","min_length":1}""", """{"p":[]}""", "invalid_param", "at least 1 items" },
        { """{"type":"array","max_length":1}""", """{"p":[1,2]}""", "invalid_param", "at most 1 items" },
        { """{"type":"string","pattern":"^[a-z]+$"}""", """{"p":"abc"}""", null, null },
        { """{"type":"string","pattern":"^[a-z]+$"}""", """{"p":"ABC"}""", "invalid_param", "pattern" },
        { """{"type":"string","pattern":"^\\p{Greek}+$"}""", """{"p":"αβγ"}""", null, null },
        { """{"type":"string","pattern":"^\\d+$"}""", """{"p":"١٢٣"}""", "invalid_param", "pattern" },
        { """{"type":"string","pattern":"^.$"}""", """{"p":"😀"}""", null, null },
        { """{"type":"string","pattern":"a$"}""", """{"p":"a\n"}""", "invalid_param", "pattern" },
        { """{"pattern":"^[a-z]+$"}""", """{"p":5}""", null, null },
        { """{"type":"array","items":{"type":"integer"}}""", """{"p":[1,2]}""", null, null },
        { """{"type":"array","items":{"type":"integer"}}""", """{"p":[1,"2"]}""", "invalid_param_type", "Item 1" },
        { "{}", """{"q":1}""", "unknown_param", "p" },
        { """{"type":"string"}""", "[]", "invalid_parameter", "object" },
    };

    /// <summary>Declaration of 'p', what is sent, and what the hint says to send instead; null where nothing of the right type is the same.</summary>
    public static TheoryData<string, string, string?> Literals => new()
    {
        { """{"type":"string"}""", "2", "\"2\"" },
        { """{"type":"string"}""", "2.50", "\"2.50\"" },
        { """{"type":"string"}""", "true", "\"true\"" },
        { """{"type":"string"}""", "[1]", null },
        { """{"type":"string","enum":["1","2"]}""", "2", "\"2\"" },
        { """{"type":"string","enum":["1","2"]}""", "3", null },
        { """{"type":"string","secret":true}""", "2", null },
        { """{"type":"number"}""", "\"2.5\"", "2.5" },
        { """{"type":"number"}""", "\"two\"", null },
        { """{"type":"number"}""", "\"1e999\"", null },
        { """{"type":"number","maximum":2}""", "\"2.5\"", null },
        { """{"type":"number"}""", "true", null },
        { """{"type":"integer"}""", "\" 3 \"", "3" },
        { """{"type":"integer"}""", "\"3.5\"", null },
        { """{"type":"integer"}""", "3.5", null },
        { """{"type":"boolean"}""", "\"false\"", "false" },
        { """{"type":"boolean"}""", "\"yes\"", null },
        { """{"type":"boolean"}""", "1", null },
        { """{"type":"array"}""", "\"a\"", "[\"a\"]" },
        { """{"type":"array"}""", "\"[1,2]\"", "[1,2]" },
        { """{"type":"array","items":{"type":"string"}}""", "7", "[\"7\"]" },
        { """{"type":"array","items":{"type":"string"}}""", """["a",7]""", """["a","7"]""" },
        { """{"type":"array","items":{"type":"integer"}}""", """[1,"two"]""", null },
        { """{"type":"array","max_length":1}""", "{}", "[{}]" },
        { """{"type":"object"}""", "\"{\\\"a\\\":1}\"", "{\"a\":1}" },
        { """{"type":"object"}""", "[]", null },
    };

    [Fact]
    public async Task Invoke_ValueOfAnotherType_IsAnsweredWithTheSameOfTheRightOne()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        foreach (var row in Literals)
        {
            var (declared, sent, literal) = row.Data;
            await host.RegisterAsync(host.Owner, "r", $$"""{"id":"act","params":{"p":{{declared}}},"writes":[]}""");

            var error = await host.RefusedAsync(host.Owner, "r", "act", $$"""{"p":{{sent}}}""");

            Assert.True(error.Code.Name == "invalid_param_type", $"{declared} {sent}: {error.Code.Name}");
            Assert.True(literal is null ? error.Hint?.Contains("Send", StringComparison.Ordinal) != true : error.Hint == $"Send \"p\": {literal}.", $"{declared} {sent}: {error.Hint}");
            if (literal is not null)
            {
                await host.InvokeAsync(host.Owner, "r", "act", $$"""{"p":{{literal}}}""");
            }
        }
    }

    [Fact]
    public async Task Invoke_EveryDeclaration_IsEnforced()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        foreach (var row in Checks)
        {
            var (declared, sent, code, named) = row.Data;
            await host.RegisterAsync(host.Owner, "r", $$"""{"id":"act","params":{"p":{{declared}}},"writes":[]}""");

            var error = (await host.TryInvokeAsync(host.Owner, "r", "act", sent)).Error;

            Assert.True(code == error?.Code.Name, $"{declared} {sent}: {error?.Code.Name} {error?.Message}");
            Assert.True(named is null || $"{error!.Message} {error.Hint}".Contains(named, StringComparison.Ordinal), $"{declared} {sent}: {error?.Message} {error?.Hint}");
        }
    }

    [Theory]
    [InlineData("""{"p":{"type":"int"}}""", "integer")]
    [InlineData("""{"p":{"type":"strng"}}""", "string")]
    [InlineData("""{"p":{"reqired":true}}""", "required")]
    [InlineData("""{"p":{"enum":[]}}""", null)]
    [InlineData("""{"p":{"minimum":"1"}}""", null)]
    [InlineData("""{"p":{"pattern":"(?=a)"}}""", null)]
    [InlineData("""{"p":{"pattern":"("}}""", "RE2")]
    [InlineData("""{"p":{"pattern":"(a)\\1"}}""", "RE2")]
    [InlineData("""{"p":{"pattern":"a{1001}"}}""", "RE2")]
    [InlineData("""{"p":{"pattern":"([ab]{1000}){17}"}}""", "RE2")]
    [InlineData("""{"p":{"pattern":"^[a-z]+$","default":"A"}}""", null)]
    [InlineData("""{"p":{"type":"integer","default":"x"}}""", null)]
    [InlineData("""{"p":{"enum":[1],"default":2}}""", null)]
    [InlineData("""{"p":5}""", null)]
    [InlineData("[]", null)]
    public async Task Register_BadDeclaration_IsRefusedWithTheNearest(string declared, string? near)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var error = await host.RefusedAsync(host.Owner, "r", "_register_action", $$"""{"id":"act","params":{{declared}}}""");

        Assert.Equal("invalid_parameter", error.Code.Name);
        Assert.Contains(near ?? "", error.Hint ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pattern_DearerThanARequestMaySpend_IsALimitAndNotRun()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"act","params":{"p":{"type":"string","pattern":"(a|b)*a(a|b){500}c|(a|b)*a(a|b){750}c"}},"writes":[]}""");
        var text = new string('a', 100_000);

        var error = await host.RefusedAsync(host.Owner, "r", "act", $$"""{"p":"{{text}}"}""");

        Assert.Equal("cel_limit_exceeded", error.Code.Name);
        Assert.Contains("'p'", error.Message, StringComparison.Ordinal);
        Assert.Equal("invalid_param", (await host.RefusedAsync(host.Owner, "r", "act", """{"p":"abac"}""")).Code.Name);
    }

    [Fact]
    public void Pattern_OfAnOlderSyntaxInTheLog_IsReadAndRefusedWhenAsked()
    {
        Assert.True(ParamSet.Parse(JsonDocument.Parse("""{"p":{"type":"string","pattern":"(?=a)b","default":"c"}}""").RootElement).Try(out var set, out _));

        var wrong = set.Bind(JsonDocument.Parse("""{"p":"x"}""").RootElement, "act", new CelBudget(100_000, TimeSpan.MaxValue));

        Assert.False(wrong.Try(out _, out var error));
        Assert.Equal("invalid_param", error.Code.Name);
        Assert.Contains("Register the action again", error.Hint, StringComparison.Ordinal);
        Assert.Contains("'p'", set.FindOutdatedPattern(), StringComparison.Ordinal);
        Assert.True(set.Bind(JsonDocument.Parse("{}").RootElement, "act", new CelBudget(100_000, TimeSpan.MaxValue)).Try(out _, out _));
    }

    [Fact]
    public async Task Default_LeftOut_FillsInEverywhere()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"act","params":{"n":{"type":"integer","default":3}},"if":"params.n == 3","writes":[{"key":"k","value":"${params.n}"}],"result":"params.n * 2"}""");

        var answer = await host.InvokeAsync(host.Owner, "r", "act");

        JsonAssert.Equal("3", await host.StoredAsync("r", "_shared", "k"));
        JsonAssert.Equal("6", answer["result"]);
        JsonAssert.Equal("""{"n":3}""", answer["params"]);
    }

    [Fact]
    public async Task Secret_IsShownNowhere()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"login","params":{"password":{"type":"string","secret":true,"min_length":3},"user":{"type":"string"}},"writes":[{"key":"user","value":"${params.user}"}]}""");

        await host.InvokeAsync(host.Owner, "r", "login", """{"user":"ann","password":"hunter2"}""", requestId: "one");
        await host.RefusedAsync(host.Owner, "r", "login", """{"usr":"ann","password":"hunter2"}""");
        await host.RefusedAsync(host.Owner, "r", "login", """{"password":["hunter2"]}""");
        await host.SettleAsync("r");

        var events = new List<string>();
        await foreach (var e in (await host.Engine.Live.EventsAsync(host.Owner, "r", 0, parameter: "since", EngineHost.Cancel)).Value)
        {
            events.Add(System.Text.Encoding.UTF8.GetString(e.Json.Span));
            if (e.Seq == (await host.LoadedAsync("r")).Published.Seq)
            {
                break;
            }
        }

        var audit = System.Text.Encoding.UTF8.GetString((await host.Engine.History.AuditAsync(host.Owner, "r", new AuditQuery(null, 100, null, null, null), EngineHost.Cancel)).Value.Span);
        var context = (await host.ContextAsync(host.Owner, "r", "include=activity,_audit")).ToJsonString();
        var row = (await host.LoadedAsync("r")).Record.Row;
        var stored = (await host.Engine.Database.Rooms.ReadEventsAsync(row, 0, long.MaxValue, 100, EngineHost.Cancel)).Rows.Select(e => System.Text.Encoding.UTF8.GetString(e.Body));
        Assert.All((string[])[audit, context, .. events, .. stored], text => Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal));
        Assert.Contains("[secret]", audit, StringComparison.Ordinal);
        Assert.Contains("ann", audit, StringComparison.Ordinal);
    }

    /// <summary>What was sent to an action of the library, the name that it does not have, and the one that was meant.</summary>
    [Theory]
    [InlineData("define_role", """{"name":"scribe"}""", "role")]
    [InlineData("define_role", """{"name":"scribe","description":"d"}""", "role")]
    [InlineData("fill_role", """{"role_name":"scribe"}""", "role")]
    [InlineData("set", """{"name":"k","value":1}""", "key")]
    [InlineData("post_task", """{"name":"t"}""", "title")]
    [InlineData("claim_task", """{"task_id":"1"}""", "id")]
    [InlineData("delete", """{"key":"k","from":"_notes"}""", "scope")]
    [InlineData("append", """{"key":"k","value":1,"to":"_notes"}""", "scope")]
    [InlineData("append", """{"key":"k","value":1,"into":"_notes"}""", "scope")]
    [InlineData("delete", """{"key":"k","field":"a"}""", "path")]
    [InlineData("set", """{"key":"k","value":1,"id":"x"}""", null)]
    public async Task Unknown_InTheLibrary_IsToldWhatWasMeant(string action, string sent, string? meant)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", $$"""{"from":"standard_library","id":"{{action}}"}""");

        var refused = await host.RefusedAsync(host.Owner, "r", action, sent);

        Assert.Equal("unknown_param", refused.Code.Name);
        Assert.Equal(meant, refused.Details!["did_you_mean"]?.Text());
    }
}
