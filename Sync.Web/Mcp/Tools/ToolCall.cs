using System.Text.Json;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Runtime.Waits;
using Sync.Engine.Services;
using Sync.Web.Http.Requests;
using Sync.Web.Mcp.Access;
using Sync.Web.Mcp.Sessions;

namespace Sync.Web.Mcp.Tools;

/// <summary>One call of a tool: who asks in which session, and the arguments. Reads are typed and refuse with a sentence.</summary>
internal sealed class ToolCall
{
    /// <summary>Clients give a tool up after a minute.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(45);

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

    /// <summary>The caller, in its session; as the agent that the call names, where it names one.</summary>
    public Caller Caller { get; private set; }

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

    /// <summary>Takes the agent that the call names: from here on the caller is it, and the argument is none of the tool's.</summary>
    public async ValueTask<SyncError?> TakeAgentAsync(ToolDefinition tool)
    {
        if (!tool.TakesAgent || !Text("agent").Try(out var agent, out var error))
        {
            return tool.TakesAgent ? Refusals.Parameter("agent", "'agent' must be a string, an agent's id.") : null;
        }

        _arguments.Remove("agent");
        if (string.IsNullOrEmpty(agent) || agent == Session.Chosen.AgentIn(Room))
        {
            return null;
        }

        if (!(await Engine.Embodiments.ActAsAsync(Caller, Room, agent, acts: tool.Effect != ToolEffect.Reads, Cancelled)).Try(out var acting, out error))
        {
            return error;
        }

        Caller = acting;
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

    /// <summary>An argument with a position in a room's log, or null.</summary>
    public Outcome<EventCursor?> Cursor(string name) =>
        Argument(name) is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } value ? Refusals.Cursor(name, value) : (EventCursor?)null;

    /// <summary>How long an entry into a room may wait for it, or null.</summary>
    public Outcome<TimeSpan?> EntryWait()
    {
        var value = Argument("wait_ms");
        return value.ValueKind == JsonValueKind.Undefined ? (TimeSpan?)null
            : WaitTime.Check(value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var milliseconds) ? milliseconds : null, LongestWait, "wait_ms").Try(out var wait, out var error) ? (TimeSpan?)wait
            : error;
    }

    /// <summary>Runs what may be parked: it must hold up neither a client that has gone nor the shutdown of the server.</summary>
    public async Task<Outcome<T>> ParkedAsync<T>(Func<CancellationToken, Task<Outcome<T>>> run)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancelled, HungUp, Services.Stopping);
        try
        {
            return await run(ending.Token);
        }
        catch (OperationCanceledException) when (Services.Stopping.IsCancellationRequested)
        {
            return ShutdownToken.Refusal;
        }
    }

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
    public JsonElement Body(params ReadOnlySpan<string> without) => JsonElement.Parse(ToolJson.Object(ArgumentsBut(without)).Span);
}
