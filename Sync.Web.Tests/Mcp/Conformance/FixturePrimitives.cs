using System.Text.Json;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Sync.Web.Tests.Mcp.Conformance;

/// <summary>A tool that only the conformance suite calls.</summary>
internal sealed class FixtureTool(string name, Func<RequestContext<CallToolRequestParams>, CancellationToken, ValueTask<CallToolResult>> answer, string? schema = null) : McpServerTool
{
    public override Tool ProtocolTool { get; } = new()
    {
        Name = name,
        Description = "For the conformance suite.",
        InputSchema = JsonElement.Parse(schema ?? """{"type":"object","properties":{}}"""),
    };

    public override IReadOnlyList<object> Metadata => [];

    public override ValueTask<CallToolResult> InvokeAsync(RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken = default) => answer(request, cancellationToken);
}

/// <summary>A prompt that only the conformance suite gets.</summary>
internal sealed class FixturePrompt(string name, string[] arguments, Func<RequestContext<GetPromptRequestParams>, List<ContentBlock>> answer) : McpServerPrompt
{
    public override Prompt ProtocolPrompt { get; } = new()
    {
        Name = name,
        Description = "For the conformance suite.",
        Arguments = [.. arguments.Select(argument => new PromptArgument { Name = argument, Description = argument, Required = true })],
    };

    public override IReadOnlyList<object> Metadata => [];

    public override ValueTask<GetPromptResult> GetAsync(RequestContext<GetPromptRequestParams> request, CancellationToken cancellationToken = default) => new(new GetPromptResult
    {
        Messages = [.. answer(request).Select(content => new PromptMessage { Role = Role.User, Content = content })],
    });
}
