using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Model.Entries;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Packs;

/// <summary>
/// What a room knows of a pack that was installed: an entry of <c>_packs</c>. Of each part it keeps the version of the text that the pack had, so that an upgrade and a removal can tell what the room has
/// changed since.
/// </summary>
/// <param name="Version">The pack's version.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Parts">The versions of its parts' texts, by name.</param>
internal sealed record PackRecord(string Version, string? Description, ImmutableSortedDictionary<string, string> Parts)
{
    /// <summary>Reads an entry; null for what an action of old put into a scope of this name.</summary>
    public static PackRecord? Read(Entry? entry)
    {
        if (entry is null || entry.Value.Kind != JsonValueKind.Object)
        {
            return null;
        }

        using var document = entry.Value.Parse();
        var root = document.RootElement;
        if (!root.TryGetProperty("version"u8, out var version) || version.ValueKind != JsonValueKind.String || !root.TryGetProperty("parts"u8, out var parts) || parts.ValueKind != JsonValueKind.Object
            || parts.EnumerateObject().Any(static part => part.Value.ValueKind != JsonValueKind.String))
        {
            return null;
        }

        return new PackRecord(
            version.GetString()!, // It is a string.
            root.TryGetProperty("description"u8, out var description) && description.ValueKind == JsonValueKind.String ? description.GetString() : null,
            parts.EnumerateObject().ToImmutableSortedDictionary(static part => part.Name, static part => part.Value.GetString()!, StringComparer.Ordinal)); // As above.
    }

    public JsonText ToJson() => JsonText.Write(this, static (writer, record) =>
    {
        writer.WriteStartObject();
        writer.WriteString("version"u8, record.Version);
        if (record.Description is not null)
        {
            writer.WriteString("description"u8, record.Description);
        }

        writer.WriteStartObject("parts"u8);
        foreach (var (name, version) in record.Parts)
        {
            writer.WriteString(name, version);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    });
}
