using System.Text.Json.Nodes;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>Something in a definition that was most likely meant otherwise.</summary>
/// <param name="Code">A word for its kind.</param>
/// <param name="Field">Where it stands.</param>
/// <param name="Message">What would happen.</param>
/// <param name="Hint">What to write in its place.</param>
/// <param name="IsCertain">Whether nobody means it as it stands: then it is refused, and not only warned of.</param>
internal sealed record Doubt(string Code, string Field, string Message, string Hint, bool IsCertain = false)
{
    /// <summary>As a warning beside an answer.</summary>
    public JsonObject ToWarning() => Warnings.Of(Code, Field, Message, Hint);

    /// <summary>As a refusal.</summary>
    public SyncError ToRefusal() => new SyncError(ErrorCode.InvalidTemplate, Message) { Hint = Hint, Help = "vocabulary_bootstrap" }.With("field", Field).With("reason", Code);
}
