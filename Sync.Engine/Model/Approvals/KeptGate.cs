using System.Text.Json;

namespace Sync.Engine.Model.Approvals;

/// <summary>The gate of a definition that ended by a timer or with the agent of its scope: its id is registered anew only by whoever could have changed it. Immutable.</summary>
/// <param name="Id">The action's id.</param>
/// <param name="By">Who decided.</param>
/// <param name="ByPerson">Whether a person had set it, in a signed-in browser.</param>
/// <param name="IsGuest">Whether whoever registered it was a guest, or is not known any more.</param>
/// <param name="Seq">The event that ended it.</param>
internal sealed record KeptGate(string Id, Approvers By, bool ByPerson, bool IsGuest, long Seq)
{
    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, Id);
        writer.WritePropertyName("by"u8);
        By.WriteTo(writer);
        writer.WriteBoolean("person"u8, ByPerson);
        writer.WriteBoolean("guest"u8, IsGuest);
        writer.WriteNumber("seq"u8, Seq);
        writer.WriteEndObject();
    }

    /// <summary>Reads what was written so.</summary>
    public static KeptGate Read(JsonElement json) => new(
        json.GetProperty("id"u8).GetString()!, // Written as texts.
        Approvers.Parse(json.GetProperty("by"u8), "by").Value, // The same.
        json.GetProperty("person"u8).GetBoolean(),
        json.GetProperty("guest"u8).GetBoolean(),
        json.GetProperty("seq"u8).GetInt64());
}
