using System.Collections.Immutable;

namespace Sync.Engine.Model.Help;

/// <summary>The help texts that come with Sync, embedded from <c>Help/Content</c>.</summary>
internal static class HelpTexts
{
    // In reading order: what a newcomer needs first comes first.
    private static readonly string[] s_keys =
        ["guide", "standard_library", "vocabulary_bootstrap", "contested_actions", "directed_messages", "context_shaping", "if_version", "expressions", "errors", "surfaces", "leases", "gates", "packs", "roles", "cooldown", "recipes"];

    private static readonly Lazy<ImmutableDictionary<string, HelpText>> s_texts = new(Load);

    public static IReadOnlyList<string> Keys => s_keys;

    public static HelpText? Find(string key) => s_texts.Value.GetValueOrDefault(key);

    public static string Read(string file)
    {
        var name = $"Sync.Engine.Help.Content.{file}";
        using var stream = typeof(HelpTexts).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The help text {file} is missing from the build.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static ImmutableDictionary<string, HelpText> Load() => s_keys.ToImmutableDictionary(key => key, key =>
        key == "standard_library" ? HelpText.Of(StandardLibrary.Json) : HelpText.Parse(Read($"{key}.md").Trim()));
}
