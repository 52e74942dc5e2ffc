using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.Invocations;

/// <summary>What the answer of one invocation, or of one step of a batch, is made of.</summary>
/// <param name="Input">The invocation.</param>
/// <param name="Bound">The parameters with their defaults; null where they are answered as they were given.</param>
/// <param name="Writes">What it wrote.</param>
/// <param name="Result">What its <c>result</c> gave, or null.</param>
/// <param name="IsWithheld">Whether a result is left out, because it was made of what the invoker may not read.</param>
/// <param name="WriteMore">Writes further fields, or null.</param>
internal sealed record AnswerBody(
    InvocationInput Input,
    IReadOnlyDictionary<string, JsonElement>? Bound,
    IReadOnlyList<AnswerWrite> Writes,
    JsonText? Result,
    bool IsWithheld,
    Action<Utf8JsonWriter>? WriteMore)
{
    /// <summary>What <see cref="WriteMore"/> writes, over another state: a step of a pack is told of the room with all of the pack in it. Null where it says nothing.</summary>
    public Action<Utf8JsonWriter, RoomState>? WriteMoreOver { get; init; }

    /// <summary>What the invoker may have meant otherwise; a built-in action writes its own among the further fields.</summary>
    public IReadOnlyList<JsonObject> Warnings { get; init; } = [];
}
