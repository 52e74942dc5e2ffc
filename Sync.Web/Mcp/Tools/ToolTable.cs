using System.Collections.Immutable;

namespace Sync.Web.Mcp.Tools;

/// <summary>Every tool there is.</summary>
internal static class ToolTable
{
    private static readonly Dictionary<string, ToolDefinition> s_byName;

    static ToolTable()
    {
        All = [.. RoomTools.All, .. EmbodimentTools.All, .. ReadingTools.All, .. ActionTools.All];
        s_byName = All.ToDictionary(tool => tool.Name, StringComparer.Ordinal);
    }

    public static ImmutableArray<ToolDefinition> All { get; }

    public static ToolDefinition? Find(string name) => s_byName.GetValueOrDefault(name);
}
