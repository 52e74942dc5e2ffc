using System.Collections.Frozen;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Model.Help;

/// <summary>What readers look for by another word than the key of the text that has it.</summary>
internal static class HelpWords
{
    private static readonly FrozenDictionary<string, string> s_keys = Index(
        ("guide", "start introduction overview tutorial readme basics builtins"),
        ("gates", "gate protect protection targets approve approval approvals decide confirm permission permissions pause resume undo revert rollback because"),
        ("leases", "lease lock locks locking mutex claim renew release reserve reservation files paths fence hand_over handover"),
        ("packs", "pack template templates install bundle preset fork task_queue coding_fleet blackboard"),
        ("roles", "role define_role fill_role assign"),
        ("cooldown", "cooldowns timer timers throttle rate_limit debounce"),
        ("recipes", "recipe examples example patterns queue vote deadline"),
        ("directed_messages", "messages message chat inbox send reply"),
        ("if_version", "version conflict cas optimistic concurrency"),
        ("expressions", "expression cel functions macros"),
        ("surfaces", "surface render dashboard page form"),
        ("errors", "error codes refusals"),
        ("contested_actions", "contested shares warnings"),
        ("context_shaping", "context only depth budget lean"),
        ("vocabulary_bootstrap", "vocabulary register actions views writes"),
        ("standard_library", "library standard"));

    /// <summary>The key that was meant by a word, of those there are; null where none was.</summary>
    public static string? KeyFor(string word, IReadOnlyCollection<string> keys) =>
        s_keys.GetValueOrDefault(word.TrimStart('_')) is { } key && keys.Contains(key) ? key : NearestName.Of(word, keys);

    private static FrozenDictionary<string, string> Index(params ReadOnlySpan<(string Key, string Words)> lines)
    {
        var keys = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, words) in lines)
        {
            foreach (var word in words.Split(' '))
            {
                keys.Add(word, key);
            }
        }

        return keys.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
