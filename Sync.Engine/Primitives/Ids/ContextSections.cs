using System.Collections.Immutable;
using System.Text.Json;

namespace Sync.Engine.Primitives.Ids;

/// <summary>The sections of a context by name: the members of the answer, and what <c>only</c> and <c>include</c> call them.</summary>
internal static class ContextSections
{
    /// <summary>Every section, in the order of a context.</summary>
    public static ImmutableArray<ContextSection> All { get; } = [.. Enum.GetValues<ContextSection>()];

    /// <summary>Their names, in the same order.</summary>
    public static ImmutableArray<string> Names { get; } = [.. All.Select(Name)];

    /// <summary>The name of a section.</summary>
    public static string Name(this ContextSection section) => section switch
    {
        ContextSection.State => "state",
        ContextSection.Views => "views",
        ContextSection.Agents => "agents",
        ContextSection.Actions => "actions",
        ContextSection.Messages => "messages",
        ContextSection.Leases => "leases",
        _ => throw new ArgumentOutOfRangeException(nameof(section), section, message: null),
    };

    /// <summary>The section of a name; null when there is none.</summary>
    public static ContextSection? Find(string name) => Names.IndexOf(name) is >= 0 and var index ? All[index] : null;

    /// <summary>Writes the names of sections as an array.</summary>
    public static void WriteNames(Utf8JsonWriter writer, ImmutableArray<ContextSection> sections)
    {
        writer.WriteStartArray();
        foreach (var section in sections)
        {
            writer.WriteStringValue(section.Name());
        }

        writer.WriteEndArray();
    }
}
