using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Context;
using Sync.Engine.Services;

namespace Sync.Web.Demo;

/// <summary>
/// One agent of the demo. It uses the room as an agent from outside would, with its own token: wait, read what the wait answered, act.
/// </summary>
internal sealed partial class DemoActor(SyncEngine engine, Caller caller, string id, DemoPace pace, TimeProvider time, ILogger<DemoActor> log)
{
    private static readonly TimeSpan s_afterRefusedWait = TimeSpan.FromSeconds(5);
    private static readonly ContextShape s_shape = Shape();

    public string Id => id;

    /// <summary>Waits, however long, until the condition holds; gives the context of that moment: its <c>state</c> and <c>views</c>.</summary>
    public async Task<JsonElement> UntilAsync(string condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            await pace.AwakeAsync(cancellationToken);
            var waited = await engine.Waits.WaitAsync(caller, DemoAccess.Room, condition, timeout: null, s_shape, cancellationToken);
            if (!waited.Try(out var json, out var refusal))
            {
                LogRefused(id, "wait", refusal.Code, refusal.Message);
                await Task.Delay(s_afterRefusedWait, time, cancellationToken);
                continue;
            }

            using var answer = JsonDocument.Parse(json);
            if (answer.RootElement.GetProperty("triggered").GetBoolean())
            {
                return answer.RootElement.GetProperty("context").Clone();
            }
        }
    }

    /// <summary>Acts when its turn comes; false when the room refused, which is part of the game: somebody else was faster.</summary>
    public async Task<bool> DoAsync(string action, JsonObject parameters, CancellationToken cancellationToken)
    {
        await pace.TurnAsync(cancellationToken);
        var request = new InvokeRequest { Params = JsonSerializer.SerializeToElement(parameters) };
        var invoked = await engine.Actions.InvokeAsync(caller, DemoAccess.Room, action, request, cancellationToken);
        if (invoked.Try(out _, out var refusal))
        {
            return true;
        }

        LogRefused(id, action, refusal.Code, refusal.Message);
        return false;
    }

    /// <summary>Says something, to everybody or to one.</summary>
    public Task SayAsync(string body, string? to, CancellationToken cancellationToken)
    {
        var message = new JsonObject { ["body"] = body };
        if (to is not null)
        {
            message["to"] = to;
        }

        return DoAsync("_send_message", message, cancellationToken);
    }

    private static ContextShape Shape() => ContextShape.Parse([new("include", "state,views")]).Value;

    [LoggerMessage(LogLevel.Debug, "Demo: {Agent} was refused {Action}: {Code}: {Message}")]
    private partial void LogRefused(string agent, string action, ErrorCode code, string message);
}
