using System.Text.Json;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Entries;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Pauses;

/// <summary>One thing that is paused: an entry of the scope <c>_pauses</c>, whose key says what.</summary>
/// <param name="What">What, as it is named in a call: <c>room</c>, <c>agent:ID</c> or <c>action:ID</c>.</param>
/// <param name="Reason">Why, in the words of who paused it; null where nobody said.</param>
/// <param name="By">The agent that paused it; null for full access that names none.</param>
/// <param name="At">When.</param>
/// <param name="Since">The event since which it is paused: pausing it once more changes nothing of that.</param>
/// <param name="IsPersons">Whether a person paused it in a signed-in browser: then only a person has it go on.</param>
internal sealed record Pause(string What, string? Reason, string? By, DateTimeOffset At, long Since, bool IsPersons)
{
    public const string Room = "room";
    public const string OfAgent = "agent:";
    public const string OfAction = "action:";

    /// <summary>The pause that an entry says; null for what a room of before kept under such a name.</summary>
    public static Pause? Read(Entry? entry)
    {
        if (entry is not { Via: BuiltInIds.Pause, Value.Kind: JsonValueKind.Object })
        {
            return null;
        }

        using var document = entry.Value.Parse();
        var root = document.RootElement;
        return new Pause(entry.Key, Text(root, "reason"u8), Text(root, "by"u8), entry.UpdatedAt, root.TryGetProperty("since"u8, out var since) && since.ValueKind == JsonValueKind.Number && since.TryGetInt64(out var seq) ? Math.Min(seq, entry.Seq) : entry.Seq, root.TryGetProperty("person"u8, out var person) && person.ValueKind == JsonValueKind.True);
    }

    /// <summary>The value of its entry.</summary>
    public JsonText ToJson() => JsonText.Write(this, static (writer, pause) =>
    {
        writer.WriteStartObject();
        pause.WriteFields(writer);
        writer.WriteNumber("since"u8, pause.Since);
        writer.WriteEndObject();
    });

    /// <summary>Writes <c>reason, by, at, person?</c>, without braces.</summary>
    public void WriteFields(Utf8JsonWriter writer)
    {
        writer.WriteString("reason"u8, Reason);
        writer.WriteString("by"u8, By);
        writer.WriteString("at"u8, At.UtcDateTime);
        if (IsPersons)
        {
            writer.WriteBoolean("person"u8, value: true);
        }
    }

    private static string? Text(JsonElement root, ReadOnlySpan<byte> name) => root.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
}
