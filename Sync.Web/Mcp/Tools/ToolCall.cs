using System.Text.Json;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services;
using Sync.Web.Http.Requests;
using Sync.Web.Mcp.Access;
using Sync.Web.Mcp.Sessions;

namespace Sync.Web.Mcp.Tools;

/// <summary>One call of a tool: who asks in which session, and the arguments. Reads are typed and refuse with a sentence.</summary>
internal sealed class ToolCall
{
    private Dictionary<string, JsonElement> _arguments = [];

    public ToolCall(RequestContext<CallToolRequestParams> request, McpPrincipal principal, CancellationToken cancellationToken)
    {
        Request = request;
        Services = principal.Services;
        Session = principal.Services.Sessions.Of(request.Server, principal);
        Caller = principal.Caller.In(Session.Chosen);
        HungUp = principal.Aborted;
        Cancelled = cancellationToken;
    }

    public RequestContext<CallToolRequestParams> Request { get; }

    public McpServices Services { get; }

    public SyncEngine Engine => Services.Engine;

    public McpSession Session { get; }

    /// <summary>The caller, in its session.</summary>
    public Caller Caller { get; }

    /// <summary>Cancelled when the client says so, or its session ends.</summary>
    public CancellationToken Cancelled { get; }

    /// <summary>Cancelled when the client's stream closes.</summary>
    public CancellationToken HungUp { get; }

    /// <summary>The room; <see cref="TakeArguments"/> has seen that it is there.</summary>
    public string Room => _arguments["room"].GetString() ?? "";

    /// <summary>The room as it was named, or null: for the calls that a refusal advises.</summary>
    public string? NamedRoom => Argument("room") is { ValueKind: JsonValueKind.String } room ? room.GetString() : null;

    /// <summary>Takes the arguments, as the tool's forms mean them; refuses unknown ones, and required ones that are absent.</summary>
    public SyncError? TakeArguments(ToolDefinition tool)
    {
        if (!ToolArguments.Read(tool, Request.Params.Arguments ?? new Dictionary<string, JsonElement>()).Try(out var read, out var error))
        {
            return error;
        }

        _arguments = read;
        return null;
    }

    /// <summary>An argument, undefined when absent.</summary>
    public JsonElement Argument(string name) => _arguments.TryGetValue(name, out var value) ? value : default;

    /// <summary>A text argument, or null.</summary>
    public Outcome<string?> Text(string name)
    {
        var value = Argument(name);
        return value.ValueKind switch
        {
            JsonValueKind.Undefined => (string?)null,
            JsonValueKind.String => value.GetString(),
            _ => Refusals.Parameter(name, $"'{name}' must be a string, not {StrictJson.Describe(value.ValueKind)}."),
        };
    }

    /// <summary>A text argument that is required.</summary>
    public Outcome<string> Needed(string name) =>
        Text(name).Try(out var text, out var error) ? text ?? "" : error;

    /// <summary>A boolean argument, or null.</summary>
    public Outcome<bool?> Switch(string name) => Argument(name).ValueKind switch
    {
        JsonValueKind.Undefined => (bool?)null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        var kind => Refusals.Parameter(name, $"'{name}' must be true or false, not {StrictJson.Describe(kind)}."),
    };

    /// <summary>All arguments but some.</summary>
    public IReadOnlyList<KeyValuePair<string, JsonElement>> ArgumentsBut(params ReadOnlySpan<string> without)
    {
        var kept = new List<KeyValuePair<string, JsonElement>>(_arguments.Count);
        foreach (var argument in _arguments)
        {
            if (!without.Contains(argument.Key))
            {
                kept.Add(argument);
            }
        }

        return kept;
    }

    /// <summary>
    /// The same as one object, for what the engine keeps as one text: the log, a definition's version and a request's hash are made of it. The SDK hands arguments over one by one, each a
    /// document of its own, so this writes and parses them once more. Where the engine reads members, use <see cref="ArgumentsBut"/>.
    /// </summary>
    public JsonElement Body(params ReadOnlySpan<string> without) =>
        JsonElement.Parse(ToolJson.Write(ArgumentsBut(without), static (writer, arguments) =>
        {
            foreach (var (name, value) in arguments)
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }
        }).Span);
}
