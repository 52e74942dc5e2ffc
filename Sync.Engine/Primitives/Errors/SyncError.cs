using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Primitives.Errors;

/// <summary>
/// An expected refusal: a stable code, one plain sentence, what to do next. Refusals are values; an exception means a
/// bug or a broken machine.
/// </summary>
public sealed record SyncError(ErrorCode Code, string Message)
{
    /// <summary>What the log says where only the code may be told.</summary>
    public const string UntoldMessage = "It was refused.";

    /// <summary>One plain sentence. What it quotes is shown with all its characters (<see cref="VisibleText"/>).</summary>
    public string Message { get; init => field = VisibleText.Of(value); } = VisibleText.Of(Message);

    /// <summary>
    /// What to do next, in words that every surface shares, shown as the message is; the reader is often a language model with one try. Surfaces read <see cref="HintFor"/>, which says the steps too.
    /// </summary>
    public string? Hint { internal get; init => field = value is null ? null : VisibleText.Of(value); }

    /// <summary>Calls and places that help further. Each surface says them after <see cref="Hint"/>, in its own words.</summary>
    public ImmutableArray<NextStep> Next { get; init; } = [];

    /// <summary>The help key that explains more.</summary>
    public string? Help { get; init; }

    /// <summary>Further fields, in the order they are written.</summary>
    public JsonObject? Details { get; init; }

    /// <summary>
    /// The sentence that the room's log, which everybody reads, keeps of the refusal; null where <see cref="Message"/> may hold more than everybody may read. The log then keeps the code alone.
    /// </summary>
    internal string? LogMessage { get; init; }

    /// <summary>When to try again, for <see cref="ErrorKind.Limited"/> and <see cref="ErrorKind.Unavailable"/>.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The same error with one more detail field.</summary>
    public SyncError With(string name, JsonNode? value)
    {
        var details = Details is null ? [] : (JsonObject)Details.DeepClone();
        details[name] = value;
        return this with { Details = details };
    }

    /// <summary>The same error, with the name that was probably meant as a field of its own; null is none.</summary>
    public SyncError WithSuggestion(string? name) => name is null ? this : With("did_you_mean", name);

    /// <summary>What to do next in a surface's words: <see cref="Hint"/>and then a sentence for each step. Null where there is nothing to say.</summary>
    /// <param name="steps">The surface.</param>
    /// <param name="room">The room that was asked, for steps that name none; null where none was.</param>
    public string? HintFor(IStepRenderer steps, string? room = null)
    {
        if (Next.IsEmpty)
        {
            return Hint;
        }

        var sentences = VisibleText.Of(string.Join(' ', Next.Select(step => steps.Sentence(step.InRoom(room)))));
        return Hint is null ? sentences : $"{Hint} {sentences}";
    }

    /// <summary>What <see cref="WriteTo"/> writes, as a node.</summary>
    public JsonObject ToJson(IStepRenderer steps, string? room = null) =>
        (JsonObject)JsonText.Write((Error: this, steps, room), static (writer, t) => t.Error.WriteTo(writer, t.steps, t.room)).ToNode()!; // It is an object.

    /// <summary>Writes <c>{"error", "message", …details, "elevate"?, "hint", "help"}</c>, in a surface's words.</summary>
    public void WriteTo(Utf8JsonWriter writer, IStepRenderer steps, string? room = null)
    {
        writer.WriteStartObject();
        writer.WriteString("error"u8, Code.Name);
        writer.WriteString("message"u8, Message);
        foreach (var (name, value) in Details ?? [])
        {
            writer.WritePropertyName(name);
            if (value is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                // The value stays what it is; its text shows every character too.
                var json = JsonText.Of(value);
                writer.WriteRawValue(Ascii.IsValid(json.Span) ? json.ToString() : VisibleText.OfJson(json.ToString()), skipInputValidation: true);
            }
        }

        if (Next.FirstOrDefault(static step => step.Kind == StepKind.WidenToken) is { } widen && steps.Address(widen) is { } address)
        {
            writer.WriteString("elevate"u8, address);
        }

        if (HintFor(steps, room) is { } hint)
        {
            writer.WriteString("hint"u8, hint);
        }

        if (Help is not null)
        {
            writer.WriteString("help"u8, Help);
        }

        writer.WriteEndObject();
    }
}
