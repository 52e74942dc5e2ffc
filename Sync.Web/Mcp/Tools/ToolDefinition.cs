using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;

namespace Sync.Web.Mcp.Tools;

/// <summary>The effect of a tool, for the client that decides whether to ask its user.</summary>
internal enum ToolEffect
{
    /// <summary>Reads.</summary>
    Reads,
    /// <summary>Adds something.</summary>
    Adds,
    /// <summary>Adds or changes; the same call again changes nothing more.</summary>
    Sets,
    /// <summary>May overwrite or remove.</summary>
    Changes,
    /// <summary>Overwrites or removes; the same call again changes nothing more.</summary>
    Removes,
}

/// <summary>One tool, described once. To add a tool, add a record to one of the tables (<c>…Tools.All</c>).</summary>
internal sealed record ToolDefinition
{
    // The same for every tool: as whom, for clients that open a session for each call.
    private const string AgentArgument = """ "agent":{"type":"string"} """;

    public required string Name { get; init; }

    public required string Title { get; init; }

    /// <summary>When to use it, and one call. Every connected model reads it, so it is short.</summary>
    public required string Description { get; init; }

    /// <summary>The arguments: the members of a JSON Schema's <c>properties</c> without the braces, each <c>type</c> a word of <see cref="ArgumentForm"/>.</summary>
    public required string Input { get; init; }

    /// <summary>Whether the call may name the agent to act or read as, where its session embodies none.</summary>
    public bool TakesAgent { get; init; }

    /// <summary>Whether it lets the caller into the room, and may wait for that.</summary>
    public bool Enters { get; init; }

    /// <summary>Arguments that must be there.</summary>
    public ImmutableArray<string> Required { get; init; } = ["room"];

    /// <summary>The names of all arguments; any other is refused.</summary>
    public ImmutableArray<string> Arguments => ReadInput.Names;

    /// <summary>What each argument accepts.</summary>
    public FrozenDictionary<string, ArgumentForm> Forms => ReadInput.Forms;

    /// <summary>The <c>properties</c> of the published input schema.</summary>
    public JsonElement Properties => ReadInput.Properties;

    /// <summary>Whether what others declared goes into an argument of its own, so that an unknown name is one of theirs.</summary>
    public bool TakesParams { get; init; }

    /// <summary>The output schema's <c>properties</c>, as JSON without the braces.</summary>
    public required string Output { get; init; }

    public required ToolEffect Effect { get; init; }

    /// <summary>The access to the room in <c>room</c> without which a call is pointless.</summary>
    public AccessLevel Needs { get; init; }

    /// <summary>Whether it needs the scope to create rooms.</summary>
    public bool CreatesRooms { get; init; }

    /// <summary>Whether its arguments are the fields of a definition, action's or view's.</summary>
    public bool DefinesSomething => Name is "sync_register_action" or "sync_register_view";

    /// <summary>Translates, calls the engine, translates back.</summary>
    public required Func<ToolCall, Task<Outcome<ReadOnlyMemory<byte>>>> Handle { get; init; }

    /// <summary>The arguments of the call in the description, which ends with it.</summary>
    public JsonElement Example => field.ValueKind != JsonValueKind.Undefined ? field : field = JsonElement.Parse(Description[(Description.LastIndexOf("Example: ", StringComparison.Ordinal) + "Example: ".Length)..]);

    private ToolInput ReadInput => field ??= ArgumentForm.Read(TakesAgent ? $"{Input},{AgentArgument}" : Input);
}
