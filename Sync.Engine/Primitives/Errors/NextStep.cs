using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Primitives.Errors;

/// <summary>
/// One thing that a reader may do next: what, and with which arguments. The engine names it; how it is done is said by the surface that shows it (<see cref="IStepRenderer"/>), as a
/// call, a tool or a link. Arguments have the names that the HTTP API and the MCP tools share. A step that names no room means the one that was asked. Immutable.
/// </summary>
public sealed record NextStep
{
    private NextStep(StepKind kind, params ReadOnlySpan<StepArgument> arguments)
    {
        Kind = kind;
        Arguments = [.. Present(arguments)];
    }

    /// <summary>What to do.</summary>
    public StepKind Kind { get; }

    /// <summary>With what, in the order in which it is said.</summary>
    public ImmutableArray<StepArgument> Arguments { get; }

    /// <summary>Present credentials.</summary>
    public static NextStep SignIn { get; } = new(StepKind.SignIn);

    /// <summary>List one's rooms.</summary>
    public static NextStep ListRooms { get; } = new(StepKind.ListRooms);

    /// <summary>Create a room.</summary>
    public static NextStep CreateRoom { get; } = new(StepKind.CreateRoom);

    /// <summary>List one's invitations.</summary>
    public static NextStep ListInvitations { get; } = new(StepKind.ListInvitations);

    /// <summary>List one's tokens.</summary>
    public static NextStep ListTokens { get; } = new(StepKind.ListTokens);

    /// <summary>Register an OAuth client.</summary>
    public static NextStep RegisterClient { get; } = new(StepKind.RegisterClient);

    /// <summary>Open the page of one's account.</summary>
    public static NextStep OpenAccount { get; } = new(StepKind.OpenAccount);

    /// <summary>Open the page of one's rooms.</summary>
    public static NextStep OpenRooms { get; } = new(StepKind.OpenRooms);

    /// <summary>Have a token widened: to a level in a room.</summary>
    public static NextStep WidenToken(string tokenId, string room, AccessLevel level) =>
        new(StepKind.WidenToken, new("token_id", tokenId), new("room", room), new("level", level));

    /// <summary>Read a room's settings and members.</summary>
    public static NextStep ReadRoom(string room) => new(StepKind.ReadRoom, new StepArgument("room", room));

    /// <summary>Change a room's name or who may join it; null leaves it.</summary>
    public static NextStep UpdateRoom(string room, string? name, string? join) => new(StepKind.UpdateRoom, new("room", room), new("name", name), new("join", join));

    /// <summary>Delete a room.</summary>
    public static NextStep DeleteRoom(string room) => new(StepKind.DeleteRoom, new StepArgument("room", room));

    /// <summary>Put an agent into a room; without an id, one that the room chooses.</summary>
    public static NextStep JoinRoom(string? room = null, string? id = null) => new(StepKind.JoinRoom, new("room", room), new("id", id));

    /// <summary>Act in a room as an agent.</summary>
    public static NextStep Embody(string room, string? agent = null, bool? takeOver = null, string? role = null) =>
        new(StepKind.Embody, new("room", room), new("agent", agent), new("role", role), new("take_over", takeOver));

    /// <summary>Give a user a role in a room; for an owner of it.</summary>
    public static NextStep Invite(string room, string user) => new(StepKind.Invite, new("room", room), new("username", user));

    /// <summary>Let others read and write an agent's private scope: these, and nobody else.</summary>
    public static NextStep GrantScope(string agent, IEnumerable<string> grants) =>
        new(StepKind.UpdateAgent, new("agent", agent), new("grants", JsonSerializer.SerializeToElement(grants)));

    /// <summary>Remove an agent; without a name, one that is done.</summary>
    public static NextStep RemoveAgent(string? room = null, string? agent = null) => new(StepKind.RemoveAgent, new("room", room), new("agent", agent));

    /// <summary>Read a context, shaped by these arguments.</summary>
    public static NextStep ReadContext(string room, params ReadOnlySpan<StepArgument> shape) => new(StepKind.ReadContext, [new("room", room), .. shape]);

    /// <summary>Read the context of the room that is asked, shaped by these arguments.</summary>
    public static NextStep ReadContext(params ReadOnlySpan<StepArgument> shape) => new(StepKind.ReadContext, shape);

    /// <summary>Wait in the room that is asked.</summary>
    public static NextStep Wait(params ReadOnlySpan<StepArgument> arguments) => new(StepKind.Wait, arguments);

    /// <summary>Read one part of a room's context, shaped by further arguments.</summary>
    internal static NextStep ReadPart(string room, ContextPart part, params ReadOnlySpan<StepArgument> shape) => ReadParts(room, [part], shape);

    /// <summary>Read parts of a room's context, shaped by further arguments.</summary>
    internal static NextStep ReadParts(string room, IEnumerable<ContextPart> parts, params ReadOnlySpan<StepArgument> shape) => ReadContext(room, [Only(parts), .. shape]);

    /// <summary>Read one part of the context of the room that is asked.</summary>
    internal static NextStep ReadPart(ContextPart part) => ReadContext(Only([part]));

    /// <summary>The argument that restricts a context to some parts.</summary>
    internal static StepArgument Only(IEnumerable<ContextPart> parts) => new("only", string.Join(',', parts));

    /// <summary>Read the newest value that a view had.</summary>
    public static NextStep ReadSamples(string room, string view, int limit) => new(StepKind.ReadSamples, new("room", room), new("view", view), new("limit", limit));

    /// <summary>Read the events before this one: contexts have only the newest.</summary>
    public static NextStep ReadLog(string room, long before, bool? ok = null, int? limit = null) => new(StepKind.ReadLog, new("room", room), new("ok", ok), new("before", before), new("limit", limit));

    /// <summary>Wait until a condition holds.</summary>
    public static NextStep Wait(string? room, string condition) => new(StepKind.Wait, new("room", room), new("condition", condition));

    /// <summary>Evaluate an expression.</summary>
    public static NextStep Evaluate(string room, string expression) => new(StepKind.Evaluate, new("room", room), new("expr", expression));

    /// <summary>Read a help text.</summary>
    public static NextStep ReadHelp(string key, string? room = null) => new(StepKind.ReadHelp, new("room", room), new("key", key));

    /// <summary>Register an action of the standard library in the room that is asked.</summary>
    public static NextStep TakeFromLibrary(string id) => new(StepKind.TakeFromLibrary, new StepArgument("id", id));

    /// <summary>Invoke an action in the room that is asked.</summary>
    public static NextStep Invoke(string action, JsonElement parameters) => new(StepKind.Invoke, [new("action", action), new("params", parameters)]);

    /// <summary>Put a pack into a room.</summary>
    public static NextStep InstallPack(string room, JsonElement pack) =>
        new(StepKind.Invoke, new("room", room), new("action", "_install_pack"), new("params", JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement> { ["pack"] = pack })));

    /// <summary>Invite into a room by a link.</summary>
    public static NextStep InviteByLink(string room) => new(StepKind.InviteByLink, new StepArgument("room", room));

    /// <summary>List a room's own tokens.</summary>
    public static NextStep ListRoomTokens(string? room = null) => new(StepKind.ListRoomTokens, new StepArgument("room", room));

    /// <summary>Open a room's page.</summary>
    public static NextStep OpenRoom(string room) => new(StepKind.OpenRoom, new StepArgument("room", room));

    /// <summary>The step in a room where it names none.</summary>
    public NextStep InRoom(string? room) =>
        room is null || this["room"] is not null || Kind is StepKind.SignIn or StepKind.ListRooms or StepKind.CreateRoom or StepKind.ListInvitations or StepKind.ListTokens
            or StepKind.RegisterClient or StepKind.OpenAccount or StepKind.OpenRooms
            ? this
            : new NextStep(Kind, [new("room", room), .. Arguments]);

    /// <summary>An argument's value, or null.</summary>
    public object? this[string name] => Arguments.FirstOrDefault(argument => argument.Name == name).Value;

    /// <summary>An argument that is a text, or null.</summary>
    public string? Text(string name) => this[name] as string;

    /// <summary>
    /// Reads the form that help texts mark their calls with, such as <c>wait {"room": "ROOM", "condition": "messages.unread &gt; 0"}</c>: what <see cref="ToString"/> writes.
    /// </summary>
    /// <exception cref="FormatException">The text names no step, or its arguments are no JSON object.</exception>
    public static NextStep Parse(string text)
    {
        var split = text.IndexOf('{', StringComparison.Ordinal);
        var name = (split < 0 ? text : text[..split]).Trim();
        if (!Enum.TryParse<StepKind>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var kind) || !char.IsAsciiLetter(name[0]))
        {
            throw new FormatException($"There is no step '{name}'.");
        }

        if (split < 0)
        {
            return new NextStep(kind);
        }

        try
        {
            using var document = JsonDocument.Parse(text.AsMemory(split));
            return new NextStep(kind, [.. document.RootElement.EnumerateObject().Select(static member => new StepArgument(member.Name, ValueOf(member.Value)))]);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"The arguments of the step '{name}' are no JSON object.", exception);
        }
    }

    /// <summary>The step in words that belong to no surface: <c>read_context {"room":"r","only":"views"}</c>.</summary>
    public override string ToString()
    {
        var name = new StringBuilder();
        foreach (var letter in Kind.ToString())
        {
            if (char.IsAsciiLetterUpper(letter) && name.Length > 0)
            {
                name.Append('_');
            }

            name.Append(char.ToLowerInvariant(letter));
        }

        return Arguments.IsEmpty ? name.ToString() : $"{name} {StepArgument.ObjectOf(Arguments)}";
    }

    private static List<StepArgument> Present(ReadOnlySpan<StepArgument> arguments)
    {
        var present = new List<StepArgument>(arguments.Length);
        foreach (var argument in arguments)
        {
            if (argument.Value is not null)
            {
                present.Add(argument);
            }
        }

        return present;
    }

    private static object? ValueOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number when value.TryGetInt64(out var number) => number,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null => null,
        _ => value.Clone(),
    };
}
