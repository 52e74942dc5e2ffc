using System.Text.Json;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Mcp;
using Sync.Web.Mcp.Tools;

namespace Sync.Web.Tests.Mcp;

/// <summary>What arguments are taken for: everything that can mean one thing only, and nothing else.</summary>
public sealed class ToolArgumentTests
{
    /// <summary>For each argument of each tool, the lenient forms of its kind and what they mean; null is absence.</summary>
    public static TheoryData<string, string, string, string?> Forms
    {
        get
        {
            var data = new TheoryData<string, string, string, string?>();
            foreach (var tool in ToolTable.All)
            {
                foreach (var name in tool.Arguments)
                {
                    foreach (var (sent, meant) in Lenient(tool.Forms[name]))
                    {
                        data.Add(tool.Name, name, sent, meant);
                    }

                    if (!tool.Required.Contains(name))
                    {
                        data.Add(tool.Name, name, "null", null);
                        data.Add(tool.Name, name, "\"\"", null);
                    }
                }
            }

            return data;
        }
    }

    public static TheoryData<string, string> Required
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var tool in ToolTable.All)
            {
                foreach (var name in tool.Required)
                {
                    data.Add(tool.Name, name);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Argument_InALenientForm_IsWhatItMeans(string tool, string name, string sent, string? meant)
    {
        var definition = ToolTable.Find(tool)!; // It is one of the table's own names.
        var arguments = Filled(definition);
        arguments[name] = JsonElement.Parse(sent);

        Assert.True(ToolArguments.Read(definition, arguments).Try(out var read, out var error), error?.Message);

        Assert.Equal(meant is not null, read.TryGetValue(name, out var value));
        Assert.True(meant is null || JsonElement.DeepEquals(JsonElement.Parse(meant), value), value.ValueKind == JsonValueKind.Undefined ? "absent" : value.GetRawText());
    }

    [Theory]
    [MemberData(nameof(Required))]
    public void Argument_RequiredAndAbsent_IsRefusedWithAWholeCall(string tool, string name)
    {
        var definition = ToolTable.Find(tool)!; // It is one of the table's own names.
        var arguments = Filled(definition);
        arguments[name] = JsonElement.Parse("null");

        Assert.False(ToolArguments.Read(definition, arguments).Try(out _, out var error));

        Assert.Equal("missing_param", error!.Code.Name); // It is refused.
        Assert.Contains(tool + " {", HintOf(error), StringComparison.Ordinal);
        Assert.Contains($"\"{name}\":", HintOf(error), StringComparison.Ordinal);
    }

    [Fact]
    public void Argument_RequiredAndAbsent_IsShownAsInTheToolsExample()
    {
        Assert.False(ToolArguments.Read(ToolTable.Find("sync_eval_cel")!, Members("""{"room":"R"}""")).Try(out _, out var error)); // There is such a tool.

        Assert.Equal("""Send sync_eval_cel {"room":"R","expr":"state._votes.size()"}.""", HintOf(error));
    }

    [Theory]
    [InlineData("sync_invoke_action", "params", "\"{not json}\"")]
    [InlineData("sync_register_action", "writes", "\"[1,\"")]
    [InlineData("sync_register_action", "timer", """ "{\"ms\":1,\"ms\":2}" """)]
    public void Argument_ThatBeginsLikeJsonAndIsNone_IsRefused(string tool, string name, string sent)
    {
        var definition = ToolTable.Find(tool)!; // It is one of the table's own names.
        var arguments = Filled(definition);
        arguments[name] = JsonElement.Parse(sent);

        Assert.False(ToolArguments.Read(definition, arguments).Try(out _, out var error));

        Assert.Equal("invalid_parameter", error!.Code.Name); // It is refused.
    }

    // Not one of these may come to mean something by itself.
    [Theory]
    [InlineData("sync_embody", "room", "7")]
    [InlineData("sync_embody", "agent", "7")]
    [InlineData("sync_invoke_action", "dry_run", "1")]
    [InlineData("sync_invoke_action", "dry_run", "\"yes\"")]
    [InlineData("sync_invoke_action", "params", "\"a\"")]
    [InlineData("sync_wait", "timeout", "\"soon\"")]
    [InlineData("sync_wait", "timeout", "1.5")]
    [InlineData("sync_read_context", "only", "[1]")]
    public void Argument_ThatCouldMeanTwoThings_IsLeftToBeRefused(string tool, string name, string sent)
    {
        var definition = ToolTable.Find(tool)!; // It is one of the table's own names.
        var arguments = Filled(definition);
        arguments[name] = JsonElement.Parse(sent);

        Assert.True(!ToolArguments.Read(definition, arguments).Try(out var read, out _) || JsonElement.DeepEquals(read[name], JsonElement.Parse(sent)));
    }

    [Theory]
    [InlineData("https://example.org/rooms/launch/dashboard", "launch")]
    [InlineData("http://localhost:5080/rooms/launch", "launch")]
    [InlineData("sync://rooms/launch/context", "launch")]
    [InlineData("https://example.org/?room=launch#t", "launch")]
    [InlineData("/rooms/launch/context", "launch")]
    [InlineData("example.org/launch/", "launch")]
    public void Room_AsAnAddress_IsRefusedWithItsId(string sent, string id)
    {
        var definition = ToolTable.Find("sync_eval_cel")!; // There is such a tool.

        Assert.False(ToolArguments.Read(definition, new Dictionary<string, JsonElement> { ["room"] = JsonSerializer.SerializeToElement(sent), ["expr"] = JsonElement.Parse("\"1\"") }).Try(out _, out var error));

        Assert.Equal($$"""Send sync_eval_cel {"room":"{{id}}","expr":"1"}.""", HintOf(error)); // It is refused.
    }

    [Theory]
    [InlineData("sync_invoke_action", """{"room":"R","action":"vote","choice":"a"}""", """sync_invoke_action {"room":"R","action":"vote","params":{"choice":"a"}}""")]
    [InlineData("sync_invoke_action", """{"room":"R","action":"vote","params":{"choice":"a"},"note":1}""", """sync_invoke_action {"room":"R","action":"vote","params":{"note":1,"choice":"a"}}""")]
    [InlineData("sync_invoke_action", """{"room":"R","action":"vote","arguments":{"choice":"a"}}""", """sync_invoke_action {"room":"R","action":"vote","params":{"choice":"a"}}""")]
    [InlineData("sync_invoke_action", """{"room":"R","action_id":"vote","args":{"choice":"a"}}""", """sync_invoke_action {"room":"R","action":"vote","params":{"choice":"a"}}""")]
    [InlineData("sync_send_message", """{"room":"R","text":"hi","recipients":["bob"]}""", """sync_send_message {"room":"R","body":"hi","to":["bob"]}""")]
    [InlineData("sync_wait", """{"room":"R","until":"true","timeout_ms":5}""", """sync_wait {"room":"R","condition":"true","timeout":5}""")]
    [InlineData("sync_eval_cel", """{"room":"R","expression":"1"}""", """sync_eval_cel {"room":"R","expr":"1"}""")]
    [InlineData("sync_read_context", """{"room_id":"R","sections":["state"]}""", """sync_read_context {"room":"R","only":["state"]}""")]
    [InlineData("sync_register_action", """{"room":"R","name":"x","guard":"true"}""", """sync_register_action {"room":"R","id":"x","if":"true"}""")]
    [InlineData("sync_help", """{"topic":"guide"}""", """sync_help {"key":"guide"}""")]
    public void Arguments_WithOtherNames_AreRefusedWithTheCallThatWasMeant(string tool, string sent, string call)
    {
        Assert.False(ToolArguments.Read(ToolTable.Find(tool)!, Members(sent)).Try(out _, out var error));

        Assert.Equal("unknown_field", error!.Code.Name); // It is refused.
        Assert.EndsWith(call + ".", HintOf(error), StringComparison.Ordinal);
        AssertAccepted(call);
    }

    [Fact]
    public void Arguments_WrappedInOneOfThem_AreRefusedWithTheCallThatWasMeant()
    {
        var tool = ToolTable.Find("sync_register_action")!; // There is such a tool.

        Assert.False(ToolArguments.Read(tool, Members("""{"room":"R","params":{"id":"x","writes":[{"key":"a","value":1}]}}""")).Try(out _, out var error));

        Assert.Equal("""Send sync_register_action {"room":"R","id":"x","writes":[{"key":"a","value":1}]}.""", HintOf(error)); // It is refused.
    }

    [Fact]
    public void Writes_WithTextForNumbersAndSwitches_AreWhatTheyMean()
    {
        var tool = ToolTable.Find("sync_register_action")!; // There is such a tool.
        var sent = Members("""{"room":"R","id":"x","writes":["{\"key\":\"a\",\"append\":\"true\",\"value\":\"true\"}"],"on_invoke":"{\"timer\":\"{\\\"ms\\\":\\\"500\\\"}\"}"}""");

        Assert.True(ToolArguments.Read(tool, sent).Try(out var read, out var error), error?.Message);

        Assert.Equal("""[{"key":"a","append":true,"value":"true"}]""", read["writes"].GetRawText());
        Assert.Equal("""{"timer":{"ms":500}}""", read["on_invoke"].GetRawText());
    }

    private static IEnumerable<(string Sent, string Meant)> Lenient(ArgumentForm form) => form.Kind switch
    {
        ArgumentKind.Text => [("\"a\"", "\"a\"")],
        ArgumentKind.Room => [("\" R \"", "\"R\""), ("\"#R\"", "\"R\"")],
        ArgumentKind.Cel => [("true", "\"true\""), ("1", "\"1\""), ("\"a == 1\"", "\"a == 1\"")],
        ArgumentKind.Words => [("[\"a\",\"b\"]", "\"a,b\""), (""" "[\"a\",\"b\"]" """, "\"a,b\""), ("\"a,b\"", "\"a,b\"")],
        ArgumentKind.Cursor => [("57", "\"57\""), ("\"57.0f\"", "\"57.0f\"")],
        ArgumentKind.Integer => [("\"50\"", "50"), ("50.0", "50"), ("\" 50 \"", "50"), ("\"5e1\"", "50")],
        ArgumentKind.Switch => [("\"true\"", "true"), ("\"False\"", "false")],
        ArgumentKind.Object => [("{}", "{}"), ("\"{}\"", "{}"), (""" " {\"a\": {\"b\": 1}} " """, """{"a":{"b":1}}""")],
        ArgumentKind.Ids => [("\"bob\"", "[\"bob\"]"), ("\"bob, eve\"", "[\"bob\",\"eve\"]"), (""" "[\"bob\"]" """, "[\"bob\"]"), ("[\"bob\"]", "[\"bob\"]")],
        ArgumentKind.List when form.Item!.Kind == ArgumentKind.Text => [("\"state.self\"", "[\"state.self\"]"), (""" "[\"state.self\"]" """, "[\"state.self\"]")], // Lists say what is in them.
        ArgumentKind.List => [("{}", "[{}]"), ("\"{}\"", "[{}]"), ("\"[{}]\"", "[{}]"), ("[\"{}\"]", "[{}]")],
        ArgumentKind.Any => [("{\"a\":1}", "{\"a\":1}"), ("[1]", "[1]"), ("5", "5"), ("\"{}\"", "\"{}\"")],
        _ => throw new InvalidOperationException($"The kind {form.Kind} has no lenient forms here."),
    };

    private static Dictionary<string, JsonElement> Filled(ToolDefinition tool) => tool.Required.ToDictionary(name => name, _ => JsonElement.Parse("\"a\""));

    private static Dictionary<string, JsonElement> Members(string json) => JsonElement.Parse(json).EnumerateObject().ToDictionary(member => member.Name, member => member.Value);

    private static string HintOf(SyncError? error) => error!.HintFor(new McpSteps("http://localhost"))!; // Only of refusals that have one.

    private static void AssertAccepted(string call)
    {
        var (tool, arguments) = (call.Split(' ')[0], call[call.IndexOf('{', StringComparison.Ordinal)..]);
        Assert.True(ToolArguments.Read(ToolTable.Find(tool)!, Members(arguments)).Try(out _, out var error), error?.Message);
    }
}
