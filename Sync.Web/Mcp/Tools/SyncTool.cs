using System.Collections.Immutable;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Mcp.Access;

namespace Sync.Web.Mcp.Tools;

/// <summary>A tool as the SDK calls it. Written by hand and not made from a method: the names of arguments that are not known, and every refusal, are answered in our own words.</summary>
internal sealed class SyncTool(ToolDefinition definition) : McpServerTool
{
    public override Tool ProtocolTool { get; } = new()
    {
        Name = definition.Name,
        Title = definition.Title,
        Description = definition.Description,
        InputSchema = Schema(definition.Properties.GetRawText(), definition.Required),
        OutputSchema = Schema($"{{{definition.Output}}}", []),
        Annotations = new ToolAnnotations
        {
            ReadOnlyHint = definition.Effect == ToolEffect.Reads,

            // Of what only reads they say nothing (MCP: ToolAnnotations).
            DestructiveHint = definition.Effect == ToolEffect.Reads ? null : definition.Effect is ToolEffect.Changes or ToolEffect.Removes,
            IdempotentHint = definition.Effect == ToolEffect.Reads ? null : definition.Effect is ToolEffect.Sets or ToolEffect.Removes,
            OpenWorldHint = false,
        },
    };

    public override IReadOnlyList<object> Metadata => [];

    public override async ValueTask<CallToolResult> InvokeAsync(RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken = default)
    {
        var principal = McpPrincipal.Of(request.User);
        var steps = principal.Services.Steps;
        try
        {
            var call = new ToolCall(request, principal, cancellationToken);
            if ((call.TakeArguments(definition) ?? await call.TakeAgentAsync(definition)) is { } refused)
            {
                return McpErrors.ToResult(refused, steps);
            }

            return (await definition.Handle(call)).Try(out var json, out var error) ? McpErrors.ToResult(json) : McpErrors.ToResult(error, steps, call.NamedRoom);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested || principal.Aborted.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Whatever it is, this is the last place to keep it from the client.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            McpErrors.LogFailed(principal.Services.Logger, definition.Name, exception);
            return McpErrors.ToResult(McpErrors.Failed, steps);
        }
    }

    /// <summary>Answers a call of a tool that is not there.</summary>
    public static ValueTask<CallToolResult> UnknownAsync(RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken)
    {
        var name = request.Params.Name.Length <= 80 ? request.Params.Name : request.Params.Name[..80];
        var near = ToolNames.Meant(name);
        throw new McpProtocolException($"Unknown tool: '{VisibleText.Of(name)}'. {(near is null ? "tools/list names those that are there." : $"Did you mean '{near}'?")}", McpErrorCode.InvalidParams);
    }

    private static JsonElement Schema(string properties, ImmutableArray<string> required) => JsonElement.Parse(
        $$"""{"type":"object","properties":{{properties}}{{(required.IsEmpty ? "" : $",\"required\":[{string.Join(',', required.Select(name => $"\"{name}\""))}]")}}}""");
}
