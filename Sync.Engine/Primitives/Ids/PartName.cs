using System.Text.Json;

namespace Sync.Engine.Primitives.Ids;

/// <summary>One name in the path of a <see cref="ContextPart"/>.</summary>
/// <param name="Text">The name.</param>
/// <param name="IsExact">
/// Whether it stood in brackets, or comes from the room. Otherwise a dot after it may belong to the name: ids and keys may have dots, and nobody quotes them at the first try.
/// </param>
internal readonly record struct PartName(string Text, bool IsExact)
{
    /// <summary>The name as it follows others: <c>.item07</c>, or in brackets what would be read otherwise.</summary>
    public override string ToString() => IsPlain(Text) ? $".{Text}" : $"[\"{JsonEncodedText.Encode(Text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"]";

    private static bool IsPlain(string text) => text.Length > 0 && !text.AsSpan().ContainsAny(s_marks) && text.Trim().Length == text.Length;

    private static readonly System.Buffers.SearchValues<char> s_marks = System.Buffers.SearchValues.Create(".,[]\"'\\");
}
