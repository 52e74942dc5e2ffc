using System.Text.Json;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Reads.History;

/// <summary>One thing that a search of a room found, for whoever shows it.</summary>
/// <param name="Seq">The event that wrote it, or that it is.</param>
/// <param name="Kind">What it is: <c>message state action view log</c>.</param>
/// <param name="Where">Where it is read: <c>state._tasks.t1</c>, <c>messages.12</c>, <c>log.57</c>.</param>
/// <param name="Agent">Who wrote it, or null.</param>
/// <param name="Snippet">The text around the first word.</param>
public sealed record FoundText(long Seq, string Kind, string Where, string? Agent, string Snippet)
{
    /// <summary>Reads what <see cref="SearchHit.ToJson"/> wrote: a search keeps its hits as they are answered.</summary>
    internal static FoundText Read(JsonText hit)
    {
        using var document = hit.Parse();
        var root = document.RootElement;
        string? Text(ReadOnlySpan<byte> name) => root.GetProperty(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
        return new FoundText(root.GetProperty("seq"u8).GetInt64(), Text("kind"u8) ?? "", Text("where"u8) ?? "", Text("agent"u8), Text("snippet"u8) ?? "");
    }
}
