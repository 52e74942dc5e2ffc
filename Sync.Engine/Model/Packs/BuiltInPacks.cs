using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Model.Packs;

/// <summary>The packs that come with Sync, embedded from <c>Packs/Content</c>, and the schema of all packs.</summary>
internal static class BuiltInPacks
{
    private static readonly string[] s_names = ["task_queue", "vote", "review", "blackboard", "coding_fleet"];

    private static readonly Lazy<ImmutableDictionary<string, Pack>> s_packs = new(static () => s_names.ToImmutableDictionary(static name => name, static name => PackParser.Parse(JsonElement.Parse(Read($"{name}.json")), new RoomLimits()).Value));

    /// <summary>Their names, the simplest first.</summary>
    public static IReadOnlyList<string> Names => s_names;

    public static Pack? Find(string name) => s_packs.Value.GetValueOrDefault(name);

    /// <summary>A file of the folder.</summary>
    public static string Read(string file)
    {
        using var stream = typeof(BuiltInPacks).Assembly.GetManifestResourceStream($"Sync.Engine.Packs.Content.{file}") ?? throw new InvalidOperationException($"The pack {file} is missing from the build.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
