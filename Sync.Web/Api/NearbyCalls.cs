using System.Collections.Immutable;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Endpoints;

namespace Sync.Web.Api;

/// <summary>What a request that no endpoint takes was probably meant to be: calls that are there, for paths and methods that other systems have.</summary>
internal static class NearbyCalls
{
    private const int Shown = 12;

    private static readonly ImmutableArray<(ApiEndpoint Operation, string[] Pattern)> s_operations = [.. ApiTable.All.Select(static operation => (operation, Segments(operation.Pattern)))];

    /// <summary>The calls nearest to a path, with the room that it names filled in.</summary>
    public static IEnumerable<string> Near(string path)
    {
        var asked = Segments(path);
        return s_operations
            .Where(static known => known.Operation.Method is not null)
            .OrderBy(known => Distance(asked, known.Pattern))
            .Take(Shown)
            .Select(found => $"{found.Operation.Method} {(IsInRoom(asked) ? found.Operation.Pattern.Replace("{room}", Escaped(asked[1]), StringComparison.Ordinal) : found.Operation.Pattern)}");
    }

    /// <summary>Whether an operation of the API has this path, with whatever method.</summary>
    public static bool IsEndpoint(string path)
    {
        var asked = Segments(path);
        return s_operations.Any(known => Fits(asked, known.Pattern));
    }

    /// <summary>A sentence with the call that does what was probably meant, or null.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The path, decoded.</param>
    /// <param name="key">What a query names as a key, or null.</param>
    public static string? Advice(string method, string path, string? key = null)
    {
        var asked = Segments(path);
        if (key is not null && asked is ["rooms", _, "history"])
        {
            asked = [.. asked, key];
        }

        return asked switch
        {
            ["api" or "rest" or "v1" or "v2" or "v7", "rooms" or "tokens" or "auth" or "mcp", ..] => $"Leave out '/{asked[0]}': {method} /{string.Join('/', asked[1..].Select(Escaped))}.",
            ["room", _, ..] => $"Write {method} /rooms/{string.Join('/', asked[1..].Select(Escaped))}.",
            ["login" or "signin" or "token" or "authenticate" or "session" or "sessions"] => "POST /auth/device begins a sign-in that a person approves in the browser; GET /tokens lists your tokens.",
            ["context" or "wait" or "poll" or "eval" or "actions" or "agents" or "messages" or "views" or "state", ..] => $"It is below a room: GET /rooms/ROOM/context reads one, GET /rooms lists yours.",
            ["rooms", _, _, ..] => InRoom(method, $"/rooms/{Escaped(asked[1])}", asked[2], asked[3..]),
            _ => null,
        };
    }

    /// <summary>The sentence for a key's history whose path names no scope, or neither.</summary>
    /// <param name="room">The path of the room, encoded.</param>
    /// <param name="key">The key, or null.</param>
    public static string KeyHistory(string room, string? key) => $"GET {room}/history/_shared/{(key is null ? "KEY" : Escaped(key))} reads the writes of one key: scope, then key.";

    private static string? InRoom(string method, string room, string word, string[] rest) => word.ToLowerInvariant() switch
    {
        "messages" or "message" or "chat" or "inbox" or "say" or "send" when IsWrite(method) => $"POST {room}/actions/_send_message/invoke {{\"params\":{{\"body\":\"TEXT\"}}}} sends a message.",
        "messages" or "message" or "chat" or "inbox" => $"GET {room}/context?only=messages reads the messages.",
        "state" or "entries" or "keys" or "values" or "data" or "store" or "kv" when IsWrite(method) =>
            $"State is written by actions. POST {room}/actions/_register_action/invoke {{\"params\":{{\"from\":\"standard_library\",\"id\":\"set\"}}}} registers one that stores a value; then POST {room}/actions/set/invoke {{\"params\":{{\"key\":\"KEY\",\"value\":\"VALUE\"}}}} stores it.",
        "state" or "entries" or "keys" or "values" or "data" or "store" or "kv" => $"GET {room}/context?only={Part("state", rest)} reads the state.",
        "views" or "view" or "surfaces" when IsWrite(method) => $"POST {room}/actions/_register_view/invoke {{\"params\":{{\"id\":\"ID\",\"expr\":\"1 + 1\"}}}} registers a view.",
        "views" or "view" or "surfaces" => $"GET {room}/context?only={Part("views", rest)} reads the views.",
        "agents" or "agent" or "participants" or "presence" or "join" or "enter" when method == "POST" => $"POST {room}/agents {{\"id\":\"NAME\"}} joins.",
        "agents" or "agent" or "participants" or "presence" => $"GET {room}/context?only={Part("agents", rest)} reads the agents.",
        "leave" or "exit" or "part" => $"PATCH {room}/agents/NAME {{\"status\":\"done\"}} says that you are done; DELETE {room}/agents/NAME removes an agent for good.",
        "log" or "logs" or "activity" or "journal" or "audits" or "trace" => $"GET {room}/audit reads the log, newest first.",
        "find" or "grep" or "lookup" or "searches" => $"GET {room}/search?q=WORDS finds words in messages, state, definitions and the log.",
        "history" => KeyHistory(room, rest is [var named] ? named : null),
        "stream" or "sse" or "ws" or "websocket" or "subscribe" or "live" or "events" => $"GET {room}/events streams each commit.",
        "query" or "cel" or "evaluate" or "expr" => $"POST {room}/eval {{\"expr\":\"1 + 1\"}} evaluates an expression.",
        "help" or "docs" or "guide" => $"POST {room}/actions/help/invoke {{\"params\":{{}}}} lists the help keys.",
        "tokens" or "token" or "keys" or "share" or "link" => $"POST /tokens {{\"scope\":\"{room[1..].Replace('/', ':')}:read\"}} mints a token for this room.",
        "members" or "users" or "user" or "invitations" when IsWrite(method) => $"POST {room}/invite {{\"username\":\"NAME\",\"role\":\"collaborator\"}} invites a user.",
        "invoke" or "call" or "run" => $"POST {room}/actions/ACTION/invoke {{\"params\":{{}}}} invokes an action.",
        "actions" or "action" or "tools" when rest is [var action, ..] && IsWrite(method) => $"POST {room}/actions/{Escaped(action)}/invoke {{\"params\":{{}}}} invokes it.",
        "actions" or "action" or "tools" when IsWrite(method) => $"POST {room}/actions/_register_action/invoke {{\"params\":{{\"from\":\"standard_library\",\"id\":\"set\"}}}} registers an action.",
        "actions" or "action" or "tools" => $"GET {room}/context?only={Part("actions", rest)}&depth=full reads the actions.",
        "approvals" or "approval" or "approve" or "decide" or "decisions" or "reject" when IsWrite(method) => $"POST {room}/actions/_decide/invoke {{\"params\":{{\"approval\":\"a12\",\"decision\":\"accept\"}}}} decides on an approval.",
        "approval" or "approve" or "decide" or "decisions" => $"GET {room}/approvals lists what waits for a decision.",
        "register" or "register_action" => $"POST {room}/actions/_register_action/invoke {{\"params\":{{\"from\":\"standard_library\",\"id\":\"set\"}}}} registers an action.",
        _ when method == "POST" && rest.Length == 0 => $"POST {room}/actions/{Escaped(word)}/invoke {{\"params\":{{}}}} invokes an action of that name.",
        _ => null,
    };

    private static string Part(string section, string[] rest) => rest switch
    {
        [] => section,
        [var name] when section == "state" => $"{section}._shared.{Escaped(name)}",
        [var scope, var key, ..] when section == "state" => $"{section}.{Escaped(scope)}.{Escaped(key)}",
        [var name, ..] => $"{section}.{Escaped(name)}",
    };

    private static bool IsWrite(string method) => method is "POST" or "PUT" or "PATCH" or "DELETE";

    private static bool IsInRoom(string[] asked) => asked is ["rooms", _, ..];

    private static string Escaped(string segment) => Uri.EscapeDataString(segment);

    // As routing takes a path: whatever the case of its letters, and a parameter that stands for the rest also for none.
    private static bool Fits(string[] asked, string[] pattern)
    {
        var isOpen = pattern is [.., var last] && last.StartsWith("{**", StringComparison.Ordinal);
        return (isOpen ? asked.Length >= pattern.Length - 1 : asked.Length == pattern.Length)
            && pattern.Zip(asked).All(static pair => pair.First.StartsWith('{') || pair.First.Equals(pair.Second, StringComparison.OrdinalIgnoreCase));
    }

    // Segment by segment: a parameter fits anything, another word for it or a slip of the pen costs less than another word, a missing segment costs most.
    private static int Distance(string[] asked, string[] pattern)
    {
        var distance = 5 * Math.Abs(asked.Length - pattern.Length);
        for (var i = 0; i < Math.Min(asked.Length, pattern.Length); i++)
        {
            distance += pattern[i] == asked[i] ? 0
                : pattern[i].StartsWith('{') ? 1
                : NearestName.Of(asked[i], [pattern[i]]) is not null ? 1
                : 4;
        }

        return distance;
    }

    private static string[] Segments(string path) => path.Split('/', 12, StringSplitOptions.RemoveEmptyEntries);
}
