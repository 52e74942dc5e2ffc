using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Packs;

/// <summary>
/// A vocabulary as a document: actions, views, help texts, roles and first values of shared scopes. Its form is checked; whether its definitions hold is asked when it is installed, by the same code
/// that registers them one by one. Immutable. docs/decisions/0040 says what was chosen and why.
/// </summary>
internal sealed record Pack
{
    /// <summary>The longest document.</summary>
    public const int MaxBytes = 512 * 1024;

    /// <summary>The most parts.</summary>
    public const int MaxParts = 500;

    /// <summary>The longest description.</summary>
    public const int MaxDescription = 2_000;

    public required string Name { get; init; }

    public required string Version { get; init; }

    public string? Description { get; init; }

    /// <summary>Its parts in the order in which they are installed; each name once.</summary>
    public required ImmutableArray<PackPart> Parts { get; init; }

    /// <summary>The document as it is served and stored.</summary>
    public JsonText ToJson() => JsonText.Write(this, static (writer, pack) => pack.WriteTo(writer));

    private void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, Name);
        writer.WriteString("version"u8, Version);
        if (Description is not null)
        {
            writer.WriteString("description"u8, Description);
        }

        WriteList(writer, "actions"u8, PackPartKind.Action);
        WriteList(writer, "views"u8, PackPartKind.View);
        WriteMap(writer, "help"u8, Of(PackPartKind.Help));
        WriteMap(writer, "roles"u8, Of(PackPartKind.Role));
        if (Of(PackPartKind.State).Any())
        {
            writer.WriteStartObject("state"u8);
            foreach (var scope in Of(PackPartKind.State).GroupBy(static part => part.Scope, StringComparer.Ordinal))
            {
                WriteMembers(writer, scope.Key, scope);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private IEnumerable<PackPart> Of(PackPartKind kind) => Parts.Where(part => part.Kind == kind);

    private void WriteList(Utf8JsonWriter writer, ReadOnlySpan<byte> name, PackPartKind kind)
    {
        if (!Of(kind).Any())
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var part in Of(kind))
        {
            part.Value.WriteTo(writer);
        }

        writer.WriteEndArray();
    }

    private static void WriteMap(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IEnumerable<PackPart> parts)
    {
        if (parts.Any())
        {
            WriteMembers(writer, System.Text.Encoding.UTF8.GetString(name), parts);
        }
    }

    private static void WriteMembers(Utf8JsonWriter writer, string name, IEnumerable<PackPart> parts)
    {
        writer.WriteStartObject(name);
        foreach (var part in parts)
        {
            writer.WritePropertyName(part.Key);
            part.Value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}
