namespace Sync.Engine;

/// <summary>
/// A parsed token scope: space-separated grants of <c>create_rooms</c>, <c>rooms:*</c>, <c>rooms:*:read|write</c>, <c>rooms:ID</c>,
/// <c>rooms:ID:read|write|admin</c>, <c>rooms:ID:agent:AGENT</c>. Immutable. Text is kept in canonical order.
/// </summary>
public sealed class Scope
{
    private Scope(string text) => Text = text;

    /// <summary>The canonical text.</summary>
    public string Text { get; }

    /// <summary>Parses scope text; <c>invalid_scope</c> names the part that is wrong and the grammar.</summary>
    public static Outcome<Scope> Parse(string text) => new Scope(text);
}
