using System.Text.Json;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Reads.History;

/// <summary>How long one item of an answer may be, and what an item that is longer says instead: how long it is, and the query of a context for it.</summary>
/// <param name="Bytes">At most so many.</param>
/// <param name="Steps">How the surface that asks says calls.</param>
/// <param name="Room">The room.</param>
internal readonly record struct AnswerLimit(long Bytes, IStepRenderer Steps, string Room)
{
    /// <summary>Writes what stands for an item that is too long.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="bytes">How long the item is.</param>
    /// <param name="seq">The event after which it stood.</param>
    /// <param name="only">The part of a context that has it.</param>
    public void WriteCut(Utf8JsonWriter writer, int bytes, long seq, ContextPart only)
    {
        writer.WriteBoolean("cut"u8, value: true);
        writer.WriteNumber("bytes"u8, bytes);
        writer.WriteString("query"u8, Steps.Query(NextStep.ReadContext(Room, new("at", seq), NextStep.Only([only]))));
    }
}
