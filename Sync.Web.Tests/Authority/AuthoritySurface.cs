using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Tests.Model.Authority;
using Sync.Web.Components.Dashboard;
using Sync.Web.Components.Dashboard.Actions;
using Sync.Web.Http.Answers;
using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Authority;

/// <summary>What a door said: the refusal's code or null, and all of its text.</summary>
internal sealed record SurfaceAnswer(string? Code, string Text)
{
    public bool IsAllowed => Code is null;

    /// <summary>What a field of the answer says; null where it is not there.</summary>
    public string? Field(string name) => Code is null && JsonNode.Parse(Text)?[name] is { } value ? value.ToJsonString() : null;
}

/// <summary>A way into one room for one party.</summary>
internal abstract class AuthoritySurface(Party party) : IAsyncDisposable
{
    protected static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public Party Party { get; } = party;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Invokes an action, with the party's word for what it publishes or without.</summary>
    public abstract Task<SurfaceAnswer> InvokeAsync(string action, JsonObject parameters, bool dryRun, bool consents = true);

    /// <summary>Why an action is available or not; null where the door has no such thing.</summary>
    public abstract Task<SurfaceAnswer?> ExplainAsync(string action);

    /// <summary>Evaluates an expression of the party's own.</summary>
    public abstract Task<SurfaceAnswer> EvalAsync(string expression);

    /// <summary>Waits for a condition without waiting; null where the door has no such thing.</summary>
    public abstract Task<SurfaceAnswer?> WaitAsync(string condition);

    /// <summary>Everything the door shows of the room, in as many ways as it has.</summary>
    public abstract Task<IReadOnlyList<SurfaceAnswer>> ReadAsync();

    /// <summary>The views of a reading, by id, as compact JSON.</summary>
    public static IReadOnlyDictionary<string, string> Views(SurfaceAnswer reading)
    {
        var views = JsonNode.Parse(reading.Text)!["views"]!;
        return views is JsonArray list
            ? list.ToDictionary(view => view!["id"]!.GetValue<string>(), view => view!["value"]?.ToJsonString() ?? "null")
            : views.AsObject().ToDictionary(view => view.Key, view => view.Value?["value"]?.ToJsonString() ?? "null");
    }

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>The HTTP API.</summary>
internal sealed class HttpSurface(Party party, ApiClient client, string room) : AuthoritySurface(party)
{
    public override async Task<SurfaceAnswer> InvokeAsync(string action, JsonObject parameters, bool dryRun, bool consents = true) =>
        Answer(await client.PostAsync($"/rooms/{room}/actions/{action}/invoke", new { @params = parameters, dry_run = dryRun, consent = Consent(consents) }));

    public override async Task<SurfaceAnswer?> ExplainAsync(string action) => Answer(await client.PostAsync($"/rooms/{room}/actions/{action}/explain", new { }));

    public override async Task<SurfaceAnswer> EvalAsync(string expression) => Answer(await client.PostAsync($"/rooms/{room}/eval", new { expr = expression }));

    public override async Task<SurfaceAnswer?> WaitAsync(string condition) =>
        Answer(await client.PostAsync($"/rooms/{room}/wait", new { condition, timeout = 0 }));

    public override async Task<IReadOnlyList<SurfaceAnswer>> ReadAsync() =>
    [
        Answer(await client.GetAsync($"/rooms/{room}/context?depth=full&include=_audit,_messages&meta=true")),
        Answer(await client.GetAsync($"/rooms/{room}/poll")),
    ];

    internal static string[] Consent(bool consents) => consents ? ["state.self"] : [];

    private static SurfaceAnswer Answer(ApiReply reply) => new(reply.Status < 300 ? null : reply.Error ?? "none", reply.Text);
}

/// <summary>The tools of MCP, in a session that embodies the party.</summary>
internal sealed class McpSurface(Party party, McpConnection connection, string room) : AuthoritySurface(party)
{
    public override Task<SurfaceAnswer> InvokeAsync(string action, JsonObject parameters, bool dryRun, bool consents = true) =>
        CallAsync("sync_invoke_action", new { room, action, @params = parameters, dry_run = dryRun, consent = HttpSurface.Consent(consents) });

    public override Task<SurfaceAnswer?> ExplainAsync(string action) => Task.FromResult<SurfaceAnswer?>(null);

    public override Task<SurfaceAnswer> EvalAsync(string expression) => CallAsync("sync_eval_cel", new { room, expr = expression });

    public override async Task<SurfaceAnswer?> WaitAsync(string condition) => await CallAsync("sync_wait", new { room, condition, timeout = 0 });

    public override async Task<IReadOnlyList<SurfaceAnswer>> ReadAsync() => [await CallAsync("sync_read_context", new { room, depth = "full", include = "_audit,_messages", meta = true })];

    public override ValueTask DisposeAsync() => connection.DisposeAsync();

    private async Task<SurfaceAnswer> CallAsync(string tool, object arguments)
    {
        var result = await connection.CallAsync(tool, arguments);
        var text = Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text;
        return new SurfaceAnswer(result.IsError is true ? result.StructuredContent!.Value.GetProperty("error").GetString() : null, text);
    }
}

/// <summary>What the circuit of an open page calls, with its seat.</summary>
internal sealed class PageSurface(Party party, RoomViewer viewer) : AuthoritySurface(party)
{
    public override async Task<SurfaceAnswer> InvokeAsync(string action, JsonObject parameters, bool dryRun, bool consents = true)
    {
        if (!(await viewer.Engine.Live.WatchAsync(viewer.Caller, viewer.Room, Cancel)).Try(out var watch, out var error))
        {
            return Refused(error);
        }

        using (watch)
        {
            var agreed = consents ? new ConsentRequested(Registrant: null, ["state.self"], Version: null!, []) : null; // Of whatever version stands.
            return Answer(await viewer.InvokeAsync(action, JsonElement.Parse(parameters.ToJsonString()), dryRun, agreed, watch.Current, Cancel));
        }
    }

    public override async Task<SurfaceAnswer?> ExplainAsync(string action) => Answer(await viewer.ExplainAsync(action, default, Cancel));

    public override async Task<SurfaceAnswer> EvalAsync(string expression) => Answer(await viewer.Engine.Context.ExamineAsync(viewer.Caller, viewer.Room, expression, at: null, Cancel));

    public override Task<SurfaceAnswer?> WaitAsync(string condition) => Task.FromResult<SurfaceAnswer?>(null);

    public override async Task<IReadOnlyList<SurfaceAnswer>> ReadAsync()
    {
        if (!(await viewer.Engine.Live.WatchAsync(viewer.Caller, viewer.Room, Cancel)).Try(out var watch, out var error))
        {
            return [Refused(error)];
        }

        using (watch)
        {
            var model = watch.Current;
            var views = new JsonArray([.. model.Views.Select(view => new JsonObject { ["id"] = view.Id, ["value"] = JsonNode.Parse(view.Value) })]);
            var shown = new StringBuilder();
            foreach (var part in (IEnumerable<object>)[.. model.Entries, .. model.Actions, .. model.Views, .. model.DormantViews, .. model.Agents, .. model.Messages, .. model.Activity])
            {
                shown.AppendLine(part.ToString());
            }

            return [new SurfaceAnswer(null, new JsonObject { ["views"] = views, ["shown"] = shown.ToString() }.ToJsonString(Plain))];
        }
    }

    private static SurfaceAnswer Answer<T>(Outcome<T> outcome) =>
        outcome.Try(out var value, out var error) ? new SurfaceAnswer(null, JsonSerializer.Serialize(value, Plain)) : Refused(error);

    private static SurfaceAnswer Refused(SyncError error) => new(error.Code.Name, $"{error.Message} {error.HintFor(PageSteps.Instance)} {error.Details?.ToJsonString(Plain)}");
}
