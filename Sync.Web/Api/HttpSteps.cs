using System.Text;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Endpoints;

namespace Sync.Web.Api;

/// <summary>
/// Next steps in the words of HTTP: method, path and body of an operation of <see cref="ApiTable"/>. What the caller has to fill in is in capitals.
/// </summary>
/// <param name="publicUrl">The server's address.</param>
internal sealed class HttpSteps(string publicUrl) : IStepRenderer
{
    // The operation that takes each step, and what it is good for. A step that is not here is taken on a page, or has a sentence of its own.
    private static readonly Dictionary<StepKind, (string Operation, string Purpose)> s_steps = new()
    {
        [StepKind.ListRooms] = ("listRooms", "lists the rooms this token reaches"),
        [StepKind.CreateRoom] = ("createRoom", "creates a room"),
        [StepKind.ReadRoom] = ("getRoom", "tells of the room and its members"),
        [StepKind.UpdateRoom] = ("updateRoom", "changes the room"),
        [StepKind.DeleteRoom] = ("deleteRoom", "deletes the room"),
        [StepKind.JoinRoom] = ("joinRoom", "puts an agent into the room"),
        [StepKind.Embody] = ("joinRoom", "puts an agent of yours into the room"),
        [StepKind.UpdateAgent] = ("updateAgent", "changes the agent"),
        [StepKind.RemoveAgent] = ("removeAgent", "removes an agent"),
        [StepKind.ReadContext] = ("readContext", "reads it"),
        [StepKind.ReadSamples] = ("viewSamples", "reads the view's value"),
        [StepKind.Search] = ("search", "finds words in the room"),
        [StepKind.ReadLog] = ("audit", "reads the log"),
        [StepKind.Wait] = ("waitFor", "waits for it"),
        [StepKind.Evaluate] = ("evaluate", "tries the expression"),
        [StepKind.Invoke] = ("invokeAction", "invokes it"),
        [StepKind.TakeFromLibrary] = ("invokeAction", "registers it"),
        [StepKind.Explain] = ("explainAction", "says why"),
        [StepKind.ReadHelp] = ("invokeAction", "reads the help"),
        [StepKind.ListInvitations] = ("listOwnInvitations", "lists what waits for your answer"),
        [StepKind.Invite] = ("inviteMember", "gives the role"),
        [StepKind.InviteByLink] = ("createInvitation", "makes a link that invites"),
        [StepKind.ListTokens] = ("listTokens", "lists your tokens with their ids"),
        [StepKind.ListRoomTokens] = ("listRoomTokens", "lists the room's tokens with their ids"),
    };

    private static readonly Dictionary<string, ApiEndpoint> s_operations = ApiTable.All.ToDictionary(static operation => operation.Name, StringComparer.Ordinal);

    public string Call(NextStep step)
    {
        if (step.Kind == StepKind.RegisterClient)
        {
            return "POST /oauth/register";
        }

        if (!s_steps.TryGetValue(step.Kind, out var known))
        {
            return $"the page {Address(step)}";
        }

        var operation = s_operations[known.Operation];
        var (path, left) = Fill(operation.Pattern, ArgumentsOf(step));
        return left.Count == 0 ? $"{operation.Method} {path}"
            : operation.Body is null ? $"{operation.Method} {path}?{QueryOf(left)}"
            : $"{operation.Method} {path} {StepArgument.ObjectOf(left)}";
    }

    /// <summary>What follows the address of the room's context; where it is no context a path below the room's address, and where there is a body the whole call.</summary>
    public string Query(NextStep step)
    {
        var operation = s_operations[s_steps[step.Kind].Operation];
        var (path, left) = Fill(operation.Pattern, step.Arguments);
        return step.Kind == StepKind.ReadContext
            ? QueryOf(left)
            : operation.Body is not null ? Call(step)
            : $"{path[(path.IndexOf('/', "/rooms/".Length) + 1)..]}?{QueryOf(left)}";
    }

    public string Sentence(NextStep step) => step.Kind switch
    {
        StepKind.SignIn => $"Send 'Authorization: Bearer tok_…'. POST /auth/device begins a sign-in that a person approves in the browser; a signed-in person makes tokens on {publicUrl}/manage.",
        StepKind.WidenToken => "Show your user the address in 'elevate': it widens this token.",
        StepKind.RegisterClient => $"{Call(step)} registers a client with a short id.",
        StepKind.OpenAccount => $"A signed-in person does it on the page {Address(step)}.",
        StepKind.OpenRooms => $"A signed-in person does it on the page {Address(step)}.",
        StepKind.OpenRoom => $"A browser shows it on the page {Address(step)}.",
        _ => $"{Call(step)} {s_steps[step.Kind].Purpose}.",
    };

    public string? Address(NextStep step) => StepPages.PathOf(step) is { } path ? publicUrl + path : null;

    public bool HasOwnCall(string builtIn) => false;

    private static IEnumerable<StepArgument> ArgumentsOf(NextStep step) => step.Kind switch
    {
        // Both are actions of every room.
        StepKind.ReadHelp => Invoke("help", step, step.Arguments.Where(static argument => argument.Name == "key")),
        StepKind.TakeFromLibrary => Invoke("_register_action", step, step.Arguments.Where(static argument => argument.Name == "id").Prepend(new StepArgument("from", "standard_library"))),

        // Over HTTP nobody holds an agent.
        StepKind.Embody => step.Arguments.Where(static argument => argument.Name != "take_over").Select(static argument => argument.Name == "agent" ? argument with { Name = "id" } : argument),
        _ => step.Arguments,
    };

    private static IEnumerable<StepArgument> Invoke(string action, NextStep step, IEnumerable<StepArgument> parameters) =>
        [.. step.Arguments.Where(static argument => argument.Name == "room"), new("action", action), new("params", parameters.ToList())];

    private static (string Path, List<StepArgument> Left) Fill(string pattern, IEnumerable<StepArgument> arguments)
    {
        var left = arguments.ToList();
        var path = new StringBuilder();
        foreach (var segment in pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            path.Append('/');
            if (!segment.StartsWith('{'))
            {
                path.Append(segment);
                continue;
            }

            var name = segment.Trim('{', '}', '*');
            var at = left.FindIndex(argument => argument.Name == name);
            path.Append(at < 0 ? name.ToUpperInvariant() : Uri.EscapeDataString(left[at].AsText));
            if (at >= 0)
            {
                left.RemoveAt(at);
            }
        }

        return (path.ToString(), left);
    }

    private static string QueryOf(IEnumerable<StepArgument> arguments) =>
        string.Join('&', arguments.Select(static argument => $"{argument.Name}={Uri.EscapeDataString(argument.AsText)}"));
}
