using System.Collections.Immutable;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Actions;

namespace Sync.Web.Mcp.Tools;

/// <summary>Acting: custom actions, and the built-in ones under names of their own.</summary>
internal static class ActionTools
{
    // What is written into definitions is described as far as it helps to write one; the rest is in help.
    private const string Timer = """ {"type":"object","properties":{"ms":{"type":"integer"},"at":{"type":"string"},"ticks":{"type":"integer"},"tick_on":{"type":"string"},"effect":{"type":"string","enum":["delete","enable"]}}} """;
    private const string Write = """
        {"type":"object","properties":{"scope":{"type":"string"},"key":{"type":"string"},"value":{"type":"any","description":"any JSON"},"expr":{"type":"boolean"},"path":{"type":"string"},"merge":{"type":"any object"},"increment":{"type":"any number"},"append":{"type":"boolean"},"delete":{"type":"boolean"},"key_expr":{"type":"cel"},"scope_expr":{"type":"cel"},"if_version":{"type":"string"}}}
        """;

    // Of answers what a next call is made of; the rest speaks for itself.
    private const string Done = """ "seq":{"type":"integer"} """;
    private const string Registered = Done + ""","version":{"type":"string"},"warnings":{"type":"array"} """;
    private const string Invoked = Done + ""","writes":{"type":"array"},"result":{},"approval":{"type":"string"},"wait":{"type":"string"} """;

    public static ImmutableArray<ToolDefinition> All { get; } =
    [
        new()
        {
            Name = "sync_invoke_action", Title = "Invoke an action",
            Description = """Do what an action declares, in one atomic step. The context's actions say which are available; depth full shows their params. "dry_run" answers the same and commits nothing. "wait_ms" stands in line for a lease, or for something to do (key_expr). Several at once, all or nothing: action _batch with params {steps: [{action, params}]}. Example: {"room":"launch","action":"vote","params":{"choice":"a"}}""",
            Input = $$"""
                "room":{"type":"string"},"action":{"type":"string"},"params":{"type":"object","description":"as the action declares"},"dry_run":{"type":"boolean"},"request_id":{"type":"string","description":"a retry with the same id gets the first answer"},
                "consent":{"type":"array","items":{"type":"string","enum":["state.self"]},"description":"what it may publish of yours, where consent_required asks"},"if_action_version":{"type":"string","description":"refuse when its definition changed since"},
                "because":{"type":"object","description":"{seq}, {message} or {approval} it follows from"},"fence":{"type":"integer","description":"of the lease that it rests on"},"wait_ms":{"type":"integer","minimum":0,"description":"capped at {{ToolCall.LongestWait.TotalMilliseconds}}"}
                """,
            Required = ["room", "action"],
            Output = Invoked,
            TakesParams = true, TakesAgent = true, Effect = ToolEffect.Changes, Needs = AccessLevel.Read,
            Handle = InvokeAsync,
        },
        new()
        {
            Name = "sync_register_action", Title = "Register an action",
            Description = """
                Declare a write: params, a guard, write templates with ${params.x}, ${self}, ${now}. Each write has one of value (with "expr":true CEL), merge ({k: null} removes k), increment, append, delete; "path" reaches into a value, "key_expr" finds the key by CEL. A param may be "secret". "on_invoke":{"timer":{"ms":60000,"effect":"enable"}} is a cooldown. The same id again redefines it. "from":"standard_library" takes a ready one by id. Example: {"room":"launch","id":"vote","params":{"choice":{"type":"string"}},"if":"state._shared.closed != true","writes":[{"scope":"_votes","key":"${self}","value":"${params.choice}"}]}
                """,
            Input = $$$"""
                "room":{"type":"string"},"id":{"type":"string"},"from":{"type":"string"},"description":{"type":"string"},"params":{"type":"object","description":"name: {type, required, enum, …}"},"if":{"type":"cel","description":"CEL guard"},"enabled":{"type":"cel","description":"CEL visibility"},
                "writes":{"type":"array","items":{{{Write}}}},"shares":{"type":"array","items":{"type":"string"},"description":"actions meant to write the same places"},"result":{"type":"cel","description":"CEL after the writes"},"scope":{"type":"string"},"reach":{"type":"string","enum":["all"],"description":"owners: every scope"},"approve":{"type":"object","description":"see help gates"},"lease":{"type":"any object","description":"key to hold, or {need | take | end}"},"timer":{{{Timer}}},"on_invoke":{"type":"object","properties":{"timer":{{{Timer}}}}}
                """,
            Required = ["room", "id"],
            Output = Registered,
            TakesAgent = true, Effect = ToolEffect.Sets, Needs = ActionService.LevelOf("_register_action"),
            Handle = call => BuiltInAsync(call, "_register_action"),
        },
        new()
        {
            Name = "sync_register_view", Title = "Register a view",
            Description = """Declare a read: a named CEL expression that everyone sees, with "render" also a surface on the room's page. Example: {"room":"launch","id":"turnout","expr":"state._votes.size()"}""",
            Input = """
                "room":{"type":"string"},"id":{"type":"string"},"expr":{"type":"cel"},"scope":{"type":"string","description":"self: may publish your private state"},"description":{"type":"string"},"enabled":{"type":"cel"},"render":{"type":"object","properties":{"type":{"type":"string"},"label":{"type":"string"}},"description":"see help surfaces"},"timer":{"type":"object","description":"as an action's"}
                """,
            Required = ["room", "id", "expr"],
            Output = Registered,
            TakesAgent = true, Effect = ToolEffect.Sets, Needs = ActionService.LevelOf("_register_view"),
            Handle = call => BuiltInAsync(call, "_register_view"),
        },
        new()
        {
            Name = "sync_delete_action", Title = "Delete an action",
            Description = """Remove an action you registered; what it wrote stays. Example: {"room":"launch","id":"vote"}""",
            Input = """ "room":{"type":"string"},"id":{"type":"string"} """,
            Required = ["room", "id"],
            Output = Done,
            TakesAgent = true, Effect = ToolEffect.Removes, Needs = ActionService.LevelOf("_delete_action"),
            Handle = call => BuiltInAsync(call, "_delete_action"),
        },
        new()
        {
            Name = "sync_delete_view", Title = "Delete a view",
            Description = """Remove a view you registered. Example: {"room":"launch","id":"turnout"}""",
            Input = """ "room":{"type":"string"},"id":{"type":"string"} """,
            Required = ["room", "id"],
            Output = Done,
            TakesAgent = true, Effect = ToolEffect.Removes, Needs = ActionService.LevelOf("_delete_view"),
            Handle = call => BuiltInAsync(call, "_delete_view"),
        },
        new()
        {
            Name = "sync_send_message", Title = "Send a message",
            Description = """Say something to the room, or with "to" to agents by id (all can still read it). For facts others compute with, write state instead. kind "question" asks for a reply: reply_to names it and wakes you. Example: {"room":"launch","body":"Shall I merge?","kind":"question","to":["bob"]}""",
            Input = """ "room":{"type":"string"},"body":{"type":"any","description":"text, or any other JSON"},"kind":{"type":"string","description":"chat when left out"},"to":{"type":"ids","items":{"type":"string"}},"reply_to":{"type":"integer"} """,
            Required = ["room", "body"],
            Output = Done + ""","message_seq":{"type":"integer"} """,
            TakesAgent = true, Effect = ToolEffect.Adds, Needs = ActionService.LevelOf("_send_message"),
            Handle = call => BuiltInAsync(call, "_send_message"),
        },
    ];

    private static async Task<Outcome<ReadOnlyMemory<byte>>> InvokeAsync(ToolCall call)
    {
        if (!call.Needed("action").Try(out var action, out var error) || !InvokeRequest.Parse(call.ArgumentsBut("room", "action"), idempotencyKey: null).Try(out var request, out error))
        {
            return error;
        }

        return await InvokeAsync(call, action, request);
    }

    private static Task<Outcome<ReadOnlyMemory<byte>>> BuiltInAsync(ToolCall call, string action) =>
        InvokeAsync(call, action, new InvokeRequest { Params = call.Body("room") });

    private static async Task<Outcome<ReadOnlyMemory<byte>>> InvokeAsync(ToolCall call, string action, InvokeRequest request) =>
        (await InvokedAsync(call, action, request)).Try(out var invoked, out var error) ? invoked.Lean(call.Services.Steps, call.Room) : error;

    private static Task<Outcome<Invoked>> InvokedAsync(ToolCall call, string action, InvokeRequest request)
    {
        if (request.Wait == TimeSpan.Zero)
        {
            return call.Engine.Actions.InvokeAsync(call.Caller, call.Room, action, request, call.Cancelled);
        }

        return call.ParkedAsync(async ending =>
        {
            var waiting = call.Engine.Actions.InvokeAsync(call.Caller, call.Room, action, request, ToolCall.LongestWait, ending);
            await WaitProgress.TellAsync(call, request.Wait, waiting, ending);
            return await waiting;
        });
    }
}
