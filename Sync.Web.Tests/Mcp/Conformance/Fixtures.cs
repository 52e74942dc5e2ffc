#pragma warning disable MCPEXP001, MCP9005 // The suite tries what is experimental and what is on its way out.

using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Sync.Web.Tests.Mcp.Conformance;

/// <summary>The tools, prompts and resources that the conformance suite expects to find on a server (its documentation names them and what they answer).</summary>
internal static class Fixtures
{
    private const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
    private const string Wav = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=";
    private const string NameForm = """{"message":"What is your name?","requestedSchema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}}""";
    private const string ConfirmForm = """{"message":"Please confirm","requestedSchema":{"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"]}}""";
    private const string Question = """{"messages":[{"role":"user","content":{"type":"text","text":"What is the capital of France?"}}],"maxTokens":100}""";
    private const string Untampered = "state-5e1f-signed";

    private const string Schema202012 = """
        {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","$defs":{"address":{"$anchor":"addressDef","type":"object","properties":{"street":{"type":"string"},"city":{"type":"string"}}}},
        "properties":{"name":{"type":"string"},"address":{"$ref":"#/$defs/address"},"contactMethod":{"type":"string","enum":["phone","email"]},"phone":{"type":"string"},"email":{"type":"string"}},
        "allOf":[{"anyOf":[{"required":["phone"]},{"required":["email"]}]}],"if":{"properties":{"contactMethod":{"const":"phone"}},"required":["contactMethod"]},"then":{"required":["phone"]},"else":{"required":["email"]},"additionalProperties":false}
        """;

    private const string Defaults = """
        {"message":"Defaults","requestedSchema":{"type":"object","properties":{"name":{"type":"string","default":"John Doe"},"age":{"type":"integer","default":30},"score":{"type":"number","default":95.5},
        "status":{"type":"string","enum":["active","inactive","pending"],"default":"active"},"verified":{"type":"boolean","default":true}}}}
        """;

    private const string Enums = """
        {"message":"Enums","requestedSchema":{"type":"object","properties":{"untitledSingle":{"type":"string","enum":["option1","option2","option3"]},
        "titledSingle":{"type":"string","oneOf":[{"const":"value1","title":"First Option"},{"const":"value2","title":"Second Option"},{"const":"value3","title":"Third Option"}]},
        "legacyEnum":{"type":"string","enum":["opt1","opt2","opt3"],"enumNames":["Option One","Option Two","Option Three"]},
        "untitledMulti":{"type":"array","items":{"type":"string","enum":["option1","option2","option3"]}},
        "titledMulti":{"type":"array","items":{"anyOf":[{"const":"value1","title":"First Choice"},{"const":"value2","title":"Second Choice"},{"const":"value3","title":"Third Choice"}]}}}}}
        """;

    public static IEnumerable<McpServerTool> Tools { get; } =
    [
        Tool("test_simple_text", _ => [Text("This is a simple text response for testing.")]),
        Tool("test_image_content", _ => [Image()]),
        Tool("test_audio_content", _ => [AudioContentBlock.FromBytes(Convert.FromBase64String(Wav), "audio/wav")]),
        Tool("test_embedded_resource", _ => [Embedded("test://embedded-resource", "This is an embedded resource content.")]),
        Tool("test_multiple_content_types", _ => [Text("Multiple content types test:"), Image(), Embedded("test://mixed-content-resource", """{"test":"data","value":123}""", "application/json")]),
        new FixtureTool("test_error_handling", (_, _) => new(new CallToolResult { IsError = true, Content = [Text("This tool intentionally returns an error for testing")] })),
        new FixtureTool("test_tool_with_progress", ProgressAsync),
        new FixtureTool("test_tool_with_logging", LoggingAsync),
        new FixtureTool("test_logging_tool", LoggingAsync),
        new FixtureTool("test_sampling", async (request, cancellationToken) =>
            Answer("Sampled: " + (await request.Server.SampleAsync(Parse<CreateMessageRequestParams>(Question), cancellationToken)).Content.OfType<TextContentBlock>().FirstOrDefault()?.Text), """{"type":"object","properties":{"prompt":{"type":"string"}}}"""),
        Elicits("test_elicitation", """{"message":"Please answer","requestedSchema":{"type":"object","properties":{"username":{"type":"string"},"email":{"type":"string"}},"required":["username","email"]}}"""),
        Elicits("test_elicitation_sep1034_defaults", Defaults),
        Elicits("test_elicitation_sep1330_enums", Enums),
        new FixtureTool("json_schema_2020_12_tool", (_, _) => new(Answer("ok")), Schema202012),
        new FixtureTool("test_missing_capability", (request, _) => request.JsonRpcRequest.Context?.ClientCapabilities?.Sampling is null
            ? throw new MissingRequiredClientCapabilityException(new ClientCapabilities { Sampling = new SamplingCapability() })
            : new(Answer("ok"))),
        Asks("test_streaming_elicitation", ("user_name", InputRequest.ForElicitation(Parse<ElicitRequestParams>(NameForm)))),
        Asks("test_input_required_result_elicitation", ("user_name", InputRequest.ForElicitation(Parse<ElicitRequestParams>(NameForm)))),
        Asks("test_input_required_result_sampling", ("capital_question", InputRequest.ForSampling(Parse<CreateMessageRequestParams>(Question)))),
        Asks("test_input_required_result_list_roots", ("client_roots", InputRequest.ForRootsList(new ListRootsRequestParams()))),
        new FixtureTool("test_input_required_result_request_state", (request, _) => request.Params.RequestState is { } state
            ? new(Answer(state == Untampered ? "state-ok" : "state-mismatch"))
            : throw new InputRequiredException(Confirm(), Untampered)),
        new FixtureTool("test_input_required_result_tampered_state", (request, _) => request.Params.RequestState switch
        {
            null => throw new InputRequiredException(Confirm(), Untampered),
            Untampered => new(Answer("state-ok")),
            _ => throw new McpProtocolException("The state has been changed.", McpErrorCode.InvalidParams),
        }),
        new FixtureTool("test_input_required_result_multiple_inputs", (request, _) => request.Params.InputResponses is { Count: >= 3 }
            ? new(Answer("multiple-inputs-ok"))
            : throw new InputRequiredException(
                new Dictionary<string, InputRequest>
                {
                    ["user_name"] = InputRequest.ForElicitation(Parse<ElicitRequestParams>(NameForm)),
                    ["greeting"] = InputRequest.ForSampling(Parse<CreateMessageRequestParams>(Question)),
                    ["client_roots"] = InputRequest.ForRootsList(new ListRootsRequestParams()),
                },
                "multi-input-state")),
        new FixtureTool("test_input_required_result_multi_round", (request, _) => request.Params.RequestState switch
        {
            null => throw Round("step1", NameForm, "round-1"),
            "round-1" => throw Round("step2", """{"message":"Step 2: What is your favorite color?","requestedSchema":{"type":"object","properties":{"color":{"type":"string"}},"required":["color"]}}""", "round-2"),
            _ => new(Answer("multi-round-ok")),
        }),
        new FixtureTool("test_input_required_result_capabilities", (request, _) =>
        {
            if (request.Params.InputResponses is { Count: > 0 })
            {
                return new(Answer("capabilities-ok"));
            }

            var asked = new Dictionary<string, InputRequest>();
            if (request.JsonRpcRequest.Context?.ClientCapabilities?.Sampling is not null)
            {
                asked["capital_question"] = InputRequest.ForSampling(Parse<CreateMessageRequestParams>(Question));
            }

            if (request.JsonRpcRequest.Context?.ClientCapabilities?.Elicitation is not null)
            {
                asked["user_name"] = InputRequest.ForElicitation(Parse<ElicitRequestParams>(NameForm));
            }

            return asked.Count == 0 ? new(Answer("nothing to ask")) : throw new InputRequiredException(asked);
        }),
    ];

    public static IEnumerable<McpServerPrompt> Prompts { get; } =
    [
        new FixturePrompt("test_simple_prompt", [], _ => [Text("This is a simple prompt for testing.")]),
        new FixturePrompt("test_prompt_with_arguments", ["arg1", "arg2"], request => [Text($"Prompt with arguments: arg1='{request.Params.Arguments?["arg1"]}', arg2='{request.Params.Arguments?["arg2"]}'")]),
        new FixturePrompt("test_prompt_with_embedded_resource", ["resourceUri"], request =>
            [Embedded(request.Params.Arguments?["resourceUri"].GetString() ?? "", "Embedded resource content for testing."), Text("Please process the embedded resource above.")]),
        new FixturePrompt("test_prompt_with_image", [], _ => [Image(), Text("Please analyze the image above.")]),
        new FixturePrompt("test_input_required_result_prompt", [], request => request.Params.InputResponses is { Count: > 0 }
            ? [Text("With context.")]
            : throw new InputRequiredException(new Dictionary<string, InputRequest>
            {
                ["user_context"] = InputRequest.ForElicitation(Parse<ElicitRequestParams>(
                    """{"message":"What context should the prompt use?","requestedSchema":{"type":"object","properties":{"context":{"type":"string"}},"required":["context"]}}""")),
            })),
    ];

    public static IEnumerable<McpServerResource> Resources { get; } =
    [
        McpServerResource.Create(() => new TextResourceContents { Uri = "test://static-text", MimeType = "text/plain", Text = "This is the content of the static text resource." }, new() { UriTemplate = "test://static-text", Name = "static-text", MimeType = "text/plain" }),
        McpServerResource.Create(() => BlobResourceContents.FromBytes(Convert.FromBase64String(Png), "test://static-binary", "image/png"), new() { UriTemplate = "test://static-binary", Name = "static-binary", MimeType = "image/png" }),
        McpServerResource.Create(() => new TextResourceContents { Uri = "test://watched-resource", MimeType = "text/plain", Text = "Watched." }, new() { UriTemplate = "test://watched-resource", Name = "watched-resource", MimeType = "text/plain" }),
        McpServerResource.Create(
            (string id) => new TextResourceContents { Uri = $"test://template/{id}/data", MimeType = "application/json", Text = $$"""{"id":"{{id}}","templateTest":true,"data":"Data for ID: {{id}}"}""" },
            new() { UriTemplate = "test://template/{id}/data", Name = "template", MimeType = "application/json" }),
    ];

    private static FixtureTool Tool(string name, Func<RequestContext<CallToolRequestParams>, List<ContentBlock>> content) =>
        new(name, (request, _) => new(new CallToolResult { Content = [.. content(request)] }));

    private static FixtureTool Elicits(string name, string form) => new(
        name,
        async (request, cancellationToken) =>
        {
            var result = await request.Server.ElicitAsync(Parse<ElicitRequestParams>(form), cancellationToken);
            return Answer($"Elicitation completed: action={result.Action}, content={JsonSerializer.Serialize(result.Content, McpJsonUtilities.DefaultOptions)}");
        },
        """{"type":"object","properties":{"message":{"type":"string"}}}""");

    private static FixtureTool Asks(string name, (string Key, InputRequest Request) asked) => new(name, (request, _) =>
        request.Params.InputResponses is { } responses && responses.TryGetValue(asked.Key, out var response) && (response.RawValue.TryGetProperty("action", out var action) ? action.ValueEquals("accept") : response.RawValue.ValueKind == JsonValueKind.Object)
            && (!response.RawValue.TryGetProperty("content", out var content) || asked.Key != "user_name" || (content.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String))
            ? new(Answer($"Hello: {response.RawValue.GetRawText()}"))
            : throw new InputRequiredException(new Dictionary<string, InputRequest> { [asked.Key] = asked.Request }));

    private static async ValueTask<CallToolResult> ProgressAsync(RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken)
    {
        foreach (var step in request.Params.ProgressToken is null ? Array.Empty<int>() : [0, 50, 100])
        {
            await request.Server.NotifyProgressAsync(request.Params.ProgressToken!.Value, new ProgressNotificationValue { Progress = step, Total = 100 }, cancellationToken: cancellationToken); // Without one there is no step.
        }

        return Answer("done");
    }

    private static async ValueTask<CallToolResult> LoggingAsync(RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken)
    {
        // Without sessions a client hears only what it has asked for.
        foreach (var line in request.Server.SessionId is null ? [] : new[] { "Tool execution started", "Tool processing data", "Tool execution completed" })
        {
            await request.Server.SendNotificationAsync(
                NotificationMethods.LoggingMessageNotification,
                new LoggingMessageNotificationParams { Level = LoggingLevel.Info, Data = JsonSerializer.SerializeToElement(line) },
                cancellationToken: cancellationToken);
        }

        return Answer("done");
    }

    private static InputRequiredException Round(string key, string form, string state) =>
        new(new Dictionary<string, InputRequest> { [key] = InputRequest.ForElicitation(Parse<ElicitRequestParams>(form)) }, state);

    private static Dictionary<string, InputRequest> Confirm() => new() { ["confirm"] = InputRequest.ForElicitation(Parse<ElicitRequestParams>(ConfirmForm)) };

    private static T Parse<T>(string json) => JsonSerializer.Deserialize(json, (JsonTypeInfo<T>)McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(T)))!; // No text here is null.

    private static CallToolResult Answer(string text) => new() { Content = [Text(text)] };

    private static TextContentBlock Text(string text) => new() { Text = text };

    private static ImageContentBlock Image() => ImageContentBlock.FromBytes(Convert.FromBase64String(Png), "image/png");

    private static EmbeddedResourceBlock Embedded(string uri, string text, string type = "text/plain") => new() { Resource = new TextResourceContents { Uri = uri, MimeType = type, Text = text } };
}
