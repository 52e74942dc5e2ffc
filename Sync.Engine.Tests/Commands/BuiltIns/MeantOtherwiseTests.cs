using System.Text.Json.Nodes;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Commands.BuiltIns;

/// <summary>
/// What is valid and was meant otherwise, as language models write it at first. Each is refused, or accepted with a warning, and the sentence beside it holds what to send; what it holds is sent.
/// </summary>
public sealed class MeantOtherwiseTests
{
    private const string Parameters = """{"v":{},"amount":{"type":"number"},"id":{"type":"string"},"ok":{"type":"boolean"},"list":{"type":"array"}}""";

    // A write, what the room says of it, and the fragment of the hint that mends it.
    public static TheoryData<string, string, string> Refused => new()
    {
        { """{"key":"k","increment":"-${params.amount}"}""", "invalid_template", """{"increment": "0 - params.amount", "expr": true}""" },
        { """{"key":"k","increment":"- ${params.amount}"}""", "invalid_template", """{"increment": "0 - params.amount", "expr": true}""" },
        { """{"key":"k","increment":"${params.amount} * 2"}""", "invalid_template", """{"increment": "params.amount * 2", "expr": true}""" },
        { """{"key":"k","increment":"${params.amount}${params.v}"}""", "invalid_template", """{"increment": "0 - params.amount", "expr": true}""" },
        { """{"key":"k","increment":"params.amount"}""", "invalid_template", """{"increment": "params.amount", "expr": true}""" },
        { """{"key":"k","increment":"-params.amount"}""", "invalid_template", """{"increment": "0 - params.amount", "expr": true}""" },
        { """{"key":"k","increment":"5"}""", "invalid_template", """{"increment": 5}""" },
        { """{"key":"k","increment":"${params.id}"}""", "invalid_template", """{"type": "number"}""" },
        { """{"key":"k","increment":"${self}"}""", "invalid_template", "Declare a parameter of type number" },
        { """{"key":"k","increment":"'a'","expr":true}""", "invalid_cel", "int('a')" },
        { """{"key":"k","merge":"${params.id}"}""", "invalid_template", """{"type": "object"}""" },
        { """{"key":"k","merge":"done: ${params.ok}"}""", "invalid_template", """{"merge": "${params.patch}"}""" },
        { """{"key":"k","value":"state._shared.n + 1"}""", "invalid_template", """{"value": "state._shared.n + 1", "expr": true}""" },
        { """{"key":"k","value":"size(state._tasks)"}""", "", """{"value": "size(state._tasks)", "expr": true}""" },
        { """{"key":"k","value":"state._tasks[params.id].title"}""", "invalid_template", """{"value": "state._tasks[params.id].title", "expr": true}""" },
        { """{"key":"k","value":"params.v"}""", "invalid_template", "\"${params.v}\"" },
        { """{"key":"k","value":"$params.v"}""", "invalid_template", "\"${params.v}\"" },
        { """{"key":"k","value":"{params.v}"}""", "invalid_template", "\"${params.v}\"" },
        { """{"key":"k","value":"{{params.v}}"}""", "invalid_template", "\"${params.v}\"" },
        { """{"key":"k","value":"{{ params.v }}"}""", "invalid_template", "\"${params.v}\"" },
        { """{"key":"k","value":"{{v}}"}""", "invalid_template", "\"${params.v}\"" },
        { """{"key":"k","value":"{v}"}""", "invalid_template", "\"${params.v}\"" },
        { """{"key":"k","value":"$v"}""", "invalid_template", "\"${params.v}\"" },
        { """{"key":"k","value":"#{params.v}"}""", "invalid_template", "\"${params.v}\"" },
        { """{"key":"k","value":"<%= params.v %>"}""", "invalid_template", "\"${params.v}\"" },
        { """{"key":"k","value":"%(v)s"}""", "invalid_template", "\"${params.v}\"" },
        { """{"key":"k","value":"{{self}}"}""", "invalid_template", "\"${self}\"" },
        { """{"key":"k","value":"Hello {{params.v}}!"}""", "invalid_template", "\"Hello ${params.v}!\"" },
        { """{"key":"k","value":{"by":"{{self}}","what":["{{params.v}}"]}}""", "invalid_template", "\"${self}\"" },
        { """{"key":"k","value":{"{{params.id}}":1}}""", "invalid_template", "\"${params.id}\"" },
        { """{"key":"k","value":{"n":"state._shared.n + 1","by":"${self}"}}""", "invalid_template", """{"value": "{\"n\": state._shared.n + 1, \"by\": self}", "expr": true}""" },
        { """{"key":"k","merge":{"n":"state._shared.n + 1"}}""", "invalid_template", """{"path": "n", "value": "state._shared.n + 1", "expr": true}""" },
        { """{"key":"k","merge":{"a":{"n":"params.v"}}}""", "invalid_template", "\"${params.v}\"" },
        { """{"key":"k","merge":{"wins":{"increment":1}}}""", "invalid_template", """{"key": "k", "path": "wins", "increment": 1}""" },
        { """{"key":"k","merge":{"a":{"wins":{"$inc":1}}}}""", "invalid_template", "\"path\": \"a.wins\", \"increment\": 1" },
        { """{"key":"k","merge":{"log":{"append":"x"}}}""", "invalid_template", "\"path\": \"log\", \"append\": true, \"value\": \"x\"" },
        { """{"key":"k","merge":{"old":{"delete":true}}}""", "invalid_template", "\"path\": \"old\", \"delete\": true" },
        { """{"key":"k","value":{"$inc":1}}""", "invalid_template", "\"increment\": 1" },
        { """{"key":"k","value":{"list":{"$push":"x"}}}""", "invalid_template", "\"append\": true, \"value\": \"x\"" },
        { """{"key":"params.id","value":1}""", "invalid_template", """{"key": "${params.id}"}""" },
        { """{"key":"{{params.id}}","value":1}""", "invalid_template", "\"${params.id}\"" },
        { """{"key":"state._shared.current","value":1}""", "invalid_template", """{"key_expr": "state._shared.current"}""" },
        { """{"key":"${views.open_tasks[0].id}","value":1}""", "invalid_template", """{"key_expr": "views.open_tasks[0].id"}""" },
        { """{"key":"task-${state._shared.n + 1}","value":1}""", "invalid_template", """{"key_expr": "\"task-\" + string(state._shared.n + 1)"}""" },
        { """{"scope":"${state._shared.scope}","key":"k","value":1}""", "invalid_template", """{"scope_expr": "state._shared.scope"}""" },
        { """{"key":"k","value":"${state._shared.n + 1}"}""", "invalid_template", """{"value": "state._shared.n + 1", "expr": true}""" },
        { """{"key":"k","value":"${params.amount * 2}"}""", "invalid_template", """{"value": "params.amount * 2", "expr": true}""" },
        { """{"key":"k","value":{"n":"${size(state._tasks)}","by":"${self}"}}""", "invalid_template", """{"value": "{\"n\": size(state._tasks), \"by\": self}", "expr": true}""" },
        { """{"key":"k","value":1,"timer":{"ms":5000}}""", "invalid_timer", """{"ms":5000,"effect":"delete"}""" },
        { """{"key":"k","value":1,"timer":{"ms":"${params.amount}"}}""", "invalid_timer", "\"effect\":\"delete\"" },
        { """{"key":"k","value":1,"enabled":"params.ok"}""", "invalid_cel", "\"if\"" },
        { """{"key":"k","value":1,"enabled":"size(state._tasks)"}""", "invalid_cel", "(size(state._tasks)) > 0" },
    };

    public static TheoryData<string, string, string> Warned => new()
    {
        { """{"key":"stats.count","increment":1}""", "flat_key", """{"key": "stats", "path": "count"}""" },
        { """{"key":"k","value":"self"}""", "literal_text", "${self}" },
        { """{"key":"k","value":{"at":"now"}}""", "literal_text", "${now}" },
        { """{"key":"k","value":"%s"}""", "literal_text", "${params." },
        { """{"key":"k","value":"{}"}""", "literal_text", "${params." },
        { """{"key":"k","value":"'done'"}""", "quoted_text", "\"done\"" },
        { """{"key":"k","value":"agents.size() > 2"}""", "literal_text", "\"expr\": true" },
        { """{"key":"k","value":{"wins":{"increment":1}}}""", "nested_operator", "\"increment\": 1" },
        { """{"key":"k","value":"costs {v} each"}""", "foreign_placeholder", "costs ${params.v} each" },
    };

    public static TheoryData<string> Fine =>
    [
        """{"key":"k","value":"done"}""",
        """{"key":"k","value":"state of the art"}""",
        """{"key":"k","value":"state.json"}""",
        """{"key":"k","value":"params.toml"}""",
        """{"key":"k","value":"agents.md"}""",
        """{"key":"k","value":"costs $5, 10% off, {x: 1}"}""",
        """{"key":"k","value":"<b>bold</b>"}""",
        """{"key":"k","value":{"increment":1,"decrement":2}}""",
        """{"key":"k","value":{"delete":false}}""",
        """{"key":"${self}.status","value":"${params.v}"}""",
        """{"key":"k","value":"it's ${params.v}"}""",
        """{"scope":"self","key":"k","value":1}""",
        """{"key":"k","value":"\"state._shared.n\"","expr":true}""",
        """{"key":"k","increment":"${params.amount}"}""",
        """{"key":"k","increment":"${params.v}"}""",
        """{"key":"k","increment":"0 - params.amount","expr":true}""",
        """{"key":"k","increment":"params.ok ? 1 : 0","expr":true}""",
        """{"key":"k","merge":{"a":null}}""",
        """{"key":"k","merge":{"self":"${self}"}}""",
        """{"key":"k","value":1,"timer":{"ms":5000,"effect":"delete"}}""",
    ];

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Write_CertainlyMeantOtherwise_IsRefusedWithTheFix(string write, string code, string fix)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var outcome = await host.TryInvokeAsync(host.Owner, "r", "_register_action", Definition(write));

        if (code.Length == 0)
        {
            Assert.Contains(fix, outcome.Value["warnings"]![0]!["hint"].Text(), StringComparison.Ordinal);
            return;
        }

        Assert.Equal(code, outcome.Error?.Code.Name);
        Assert.Contains(fix.Trim(), outcome.Error!.HintFor(PlainSteps.Instance), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Write_RefusedWithFields_IsTakenWithThem(string write, string code, string fix)
    {
        // A hint whose fix is fields of a write: applied literally, it registers.
        if (!fix.StartsWith('{') || fix.Contains("${params.patch}", StringComparison.Ordinal) || fix.Contains("\"type\"", StringComparison.Ordinal) || code == "invalid_timer")
        {
            return;
        }

        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var mended = JsonNode.Parse(write)!.AsObject();
        var fields = JsonNode.Parse(fix)!.AsObject();
        foreach (var mode in (string[])["value", "merge", "increment"])
        {
            if (fields.ContainsKey("value") || fields.ContainsKey("increment"))
            {
                mended.Remove(mode);
            }
        }

        foreach (var (name, value) in fields)
        {
            mended.Remove(name.Replace("_expr", "", StringComparison.Ordinal));
            mended[name] = value?.DeepClone();
        }

        var answer = await host.RegisterAsync(host.Owner, "r", Definition(mended.ToJsonString()));

        Assert.True(answer["invoked"].Flag());
        Assert.DoesNotContain("literal_text", answer["warnings"]?.ToJsonString() ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Warned))]
    public async Task Write_LikelyMeantOtherwise_IsWarnedOfWithTheFix(string write, string code, string fix)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var warnings = (await host.RegisterAsync(host.Owner, "r", Definition(write)))["warnings"]!.AsArray();

        var warning = Assert.Single(warnings, warning => warning!["code"].Text() == code)!;
        Assert.Contains(fix, warning["hint"].Text(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Fine))]
    public async Task Write_MeantAsItStands_HasNoWarning(string write)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        Assert.Null((await host.RegisterAsync(host.Owner, "r", Definition(write)))["warnings"]);
    }

    [Theory]
    [InlineData("""{"id":"x","if":"size(state._tasks)"}""", "(size(state._tasks)) > 0")]
    [InlineData("""{"id":"x","if":"'open'"}""", "('open') != \"\"")]
    [InlineData("""{"id":"x","if":"state._tasks.filter(k, true)"}""", "size(state._tasks.filter(k, true)) > 0")]
    [InlineData("""{"id":"x","enabled":"size(messages) + 1"}""", "(size(messages) + 1) > 0")]
    [InlineData("""{"id":"x","enabled":"now"}""", "(now) < now")]
    [InlineData("""{"id":"x","enabled":"params.n > 1","params":{"n":{}}}""", "{\"if\": \"params.n > 1\"}")]
    public async Task Condition_ThatIsNoBoolean_IsRefusedWithOneThatIs(string definition, string fix)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var error = await host.RefusedAsync(host.Owner, "r", "_register_action", definition);

        Assert.Equal(ErrorCode.InvalidCel, error.Code);
        Assert.Contains(fix, error.HintFor(PlainSteps.Instance), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"${self}\"", "${self}")]
    [InlineData("\"${now}\"", "${now}")]
    [InlineData("{\"by\":\"${self}\"}", "${self}")]
    [InlineData("[\"${params.a}\"]", "expr")]
    public async Task Default_WithAPlaceholder_IsRefusedWithTheFix(string value, string fix)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var error = await host.RefusedAsync(host.Owner, "r", "_register_action", $$"""{"id":"x","params":{"p":{"default":{{value}} },"a":{} },"writes":[{"key":"k","value":"${params.p}"}]}""");

        Assert.Equal(ErrorCode.InvalidParameter, error.Code);
        Assert.Contains(fix, error.HintFor(PlainSteps.Instance), StringComparison.Ordinal);
    }

    /// <summary>Declarations in the words of other systems, and what the hint gives that is taken.</summary>
    [Theory]
    [InlineData("""{"id":"x","params":{"type":"object","properties":{"amount":{"type":"number","minimum":1},"why":{"type":"string","maxLength":9}},"required":["amount"]},"writes":[]}""", "params", """{"amount":{"type":"number","minimum":1,"required":true},"why":{"type":"string","max_length":9}}""")]
    [InlineData("""{"id":"x","cooldown":60000,"writes":[]}""", "on_invoke", """{"timer": {"ms": 60000, "effect": "enable"}}""")]
    [InlineData("""{"id":"x","ttl":60,"writes":[]}""", "timer", """{"ms": 60000, "effect": "delete"}""")]
    public async Task Definition_InTheWordsOfOthers_IsRefusedWithWhatIsTaken(string definition, string field, string value)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var refused = await host.RefusedAsync(host.Owner, "r", "_register_action", definition);

        Assert.Contains($"\"{field}\": {value}", refused.Hint, StringComparison.Ordinal);
        await host.RegisterAsync(host.Owner, "r", $$"""{"id":"x","writes":[],"{{field}}":{{value}}}""");
    }

    [Theory]
    [InlineData("text", "string")]
    [InlineData("Int", "integer")]
    [InlineData("list", "array")]
    [InlineData("json", "object")]
    [InlineData("decimal", "number")]
    [InlineData("strng", "string")]
    public async Task ParameterType_OfAnotherLanguage_LeadsToTheOneMeant(string type, string meant)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var refused = await host.RefusedAsync(host.Owner, "r", "_register_action", $$$"""{"id":"x","params":{"v":{"type":"{{{type}}}"}},"writes":[]}""");

        Assert.Contains($"'{meant}'", refused.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Increment_ByAnExpression_Subtracts()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Definition("""{"key":"budget","increment":"0 - params.amount","expr":true}"""));

        Assert.Equal(-2.5, (await host.InvokeAsync(host.Owner, "r", "x", """{"amount":2.5}"""))["writes"]![0]!["sum"]!.GetValue<double>());
        Assert.Equal(-5.5, (await host.InvokeAsync(host.Owner, "r", "x", """{"amount":3}"""))["writes"]![0]!["sum"]!.GetValue<double>());
    }

    [Fact]
    public async Task Guard_ThatGivesNoBoolean_SaysWhatItGave()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"set","writes":[{"key":"phase","value":"build"}]}""");
        await host.InvokeAsync(host.Owner, "r", "set");
        await host.RegisterAsync(host.Owner, "r", """{"id":"x","if":"state._shared.phase","writes":[]}""");

        var error = await host.RefusedAsync(host.Owner, "r", "x");

        Assert.Contains("gives text", error.Message, StringComparison.Ordinal);
        Assert.Contains("(state._shared.phase) != \"\"", error.HintFor(PlainSteps.Instance), StringComparison.Ordinal);
    }

    private static string Definition(string write) => $$"""{"id":"x","params":{{Parameters}},"writes":[{{write}}]}""";
}
