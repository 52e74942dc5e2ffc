using System.Text.Json;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;

namespace Sync.Web.Mcp;

/// <summary>Next steps in the words of MCP: a tool's name and its arguments. What no tool does is done by the client's user, on a page.</summary>
/// <param name="publicUrl">The server's address.</param>
internal sealed class McpSteps(string publicUrl) : IStepRenderer
{
    // The tool that takes each step, and what it is good for.
    private static readonly Dictionary<StepKind, (string Tool, string Purpose)> s_steps = new()
    {
        [StepKind.ListRooms] = ("sync_list_rooms", "lists the rooms this token reaches"),
        [StepKind.CreateRoom] = ("sync_create_room", "creates a room"),
        [StepKind.Invite] = ("sync_create_room", "gives the role"),
        [StepKind.JoinRoom] = ("sync_embody", "makes you an agent in the room"),
        [StepKind.Embody] = ("sync_embody", "makes you an agent in the room"),
        [StepKind.RemoveAgent] = ("sync_disembody", "removes an agent"),
        [StepKind.ReadContext] = ("sync_read_context", "reads it"),
        [StepKind.ReadLog] = ("sync_read_context", "reads the log before it"),
        [StepKind.Search] = ("sync_read_context", "finds words in the room"),
        [StepKind.Wait] = ("sync_wait", "waits for it"),
        [StepKind.Evaluate] = ("sync_eval_cel", "tries the expression"),
        [StepKind.Invoke] = ("sync_invoke_action", "invokes it"),
        [StepKind.TakeFromLibrary] = ("sync_register_action", "registers it"),
        [StepKind.Explain] = ("sync_invoke_action", "says why, and changes nothing"),
        [StepKind.ReadHelp] = ("sync_help", "reads the help"),
    };

    // Built-in actions that are tools of their own: what is inside 'params' stands beside the room.
    private static readonly Dictionary<string, string> s_builtIns = new(StringComparer.Ordinal)
    {
        ["_register_action"] = "sync_register_action",
        ["_register_view"] = "sync_register_view",
        ["_delete_action"] = "sync_delete_action",
        ["_delete_view"] = "sync_delete_view",
        ["_send_message"] = "sync_send_message",
        ["help"] = "sync_help",
    };

    // Whose first argument is a room.
    private static readonly HashSet<StepKind> s_withoutRoom = [StepKind.ListRooms, StepKind.CreateRoom, StepKind.ReadHelp];

    public string Call(NextStep step)
    {
        if (!s_steps.TryGetValue(step.Kind, out var known))
        {
            return $"the page {Address(step) ?? publicUrl}";
        }

        var tool = step.Kind == StepKind.Invoke && step.Text("action") is { } action && s_builtIns.TryGetValue(action, out var builtIn) ? builtIn : known.Tool;
        var arguments = ArgumentsOf(step, tool).ToList();
        if (step["room"] is null && !s_withoutRoom.Contains(step.Kind))
        {
            arguments.Insert(0, new StepArgument("room", "ROOM"));
        }

        return $"{tool} {StepArgument.ObjectOf(arguments)}";
    }

    public string Query(NextStep step) => Call(step);

    public string Sentence(NextStep step) => step.Kind switch
    {
        StepKind.SignIn => "Sign in as your client offers, or configure it with the header 'Authorization: Bearer tok_…'.",
        StepKind.WidenToken => "Show your user the address in 'elevate': it widens this token, and the same call then works.",
        StepKind.OpenRoom => $"A browser shows it on {Call(step)}.",
        _ when s_steps.TryGetValue(step.Kind, out var known) => $"{Call(step)} {known.Purpose}.",
        _ => $"No tool does this; your user does it on {Call(step)}.",
    };

    public string? Address(NextStep step) => StepPages.PathOf(step) is { } path ? publicUrl + path : null;

    public bool HasOwnCall(string builtIn) => s_builtIns.ContainsKey(builtIn);

    private static IEnumerable<StepArgument> ArgumentsOf(NextStep step, string tool) => step.Kind switch
    {
        StepKind.Search => step.Arguments.Select(static argument => argument.Name == "q" ? argument with { Name = "search" } : argument),
        StepKind.JoinRoom => step.Arguments.Select(static argument => argument.Name == "id" ? argument with { Name = "agent" } : argument),
        // No tool pages through the log: a context of the room as it was then has the newest of its events.
        StepKind.ReadLog => [.. step.Arguments.Where(static argument => argument.Name == "room"), new("only", "state._audit"), .. step["before"] is long before ? [new StepArgument("at", before - 1)] : Array.Empty<StepArgument>(), .. step.Arguments.Where(static argument => argument.Name == "limit")],
        // Without a name the tool ends the caller's own agent, which is another step.
        StepKind.RemoveAgent => [.. step.Arguments, .. step["agent"] is null ? [new StepArgument("agent", "AGENT")] : Array.Empty<StepArgument>(), new("remove", true)],
        StepKind.TakeFromLibrary => [.. step.Arguments.Where(static argument => argument.Name == "room"), new("from", "standard_library"), .. step.Arguments.Where(static argument => argument.Name == "id")],
        StepKind.Invite => [new("id", step["room"]), new("invite", JsonSerializer.SerializeToElement(new[] { step.Text("username") }))],
        StepKind.Explain => [.. step.Arguments, new("dry_run", true)],
        StepKind.Invoke when tool != "sync_invoke_action" =>
        [
            .. step.Arguments.Where(static argument => argument.Name is not ("action" or "params")),
            .. step["params"] is JsonElement { ValueKind: JsonValueKind.Object } parameters
                ? parameters.EnumerateObject().Select(static member => new StepArgument(member.Name, member.Value))
                : [],
        ],
        _ => step.Arguments,
    };
}
