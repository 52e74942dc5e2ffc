using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Actions.WriteTemplates;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Help;

/// <summary>The action definitions that come with Sync; each registers as it stands.</summary>
internal static class StandardLibrary
{
    private static readonly Lazy<JsonElement> s_json = new(static () => JsonElement.Parse(HelpTexts.Read("standard_library.json")));

    // In the order of the text. Looked at on each call of an action that is not there.
    private static readonly Lazy<OrderedDictionary<string, JsonElement>> s_actions = new(static () =>
        new(s_json.Value.EnumerateArray().Select(static action => KeyValuePair.Create(action.GetProperty("id").GetString()!, action)), StringComparer.Ordinal)); // Each has one.

    // Texts of before that wrote what leases say now; rooms have them still.
    private const string Before = """
        [{"id":"claim","shares":["release"],"params":{"key":{}},"writes":[{"scope":"_claims","key":"${params.key}","value":1}]},
         {"id":"release","shares":["claim"],"params":{"key":{}},"writes":[{"scope":"_claims","key":"${params.key}","delete":true}]},
         {"id":"fill_role","shares":["vacate_role"],"params":{"role":{}},"writes":[{"scope":"_role_holders","key":"${params.role}","value":1}]},
         {"id":"vacate_role","shares":["fill_role"],"params":{"role":{}},"writes":[{"scope":"_role_holders","key":"${params.role}","delete":true}]}]
        """;

    private static readonly Lazy<ImmutableDictionary<string, Sharing>> s_sharing = new(static () => s_json.Value.EnumerateArray().Concat(JsonElement.Parse(Before).EnumerateArray())
        .Where(static action => action.TryGetProperty("shares", out _))
        .Select(static action => ActionDefinition.Parse(action, self: null, int.MaxValue, RoomLanguage.Standard).Value)
        .ToImmutableDictionary(static action => action.Id, static action => new Sharing(action.Shares!, Targets(action.Writes)), StringComparer.Ordinal)); // Those that have it.

    // Other systems have a call that stores a value; here an action does it.
    private static readonly HashSet<string> s_setters = new(StringComparer.Ordinal) { "_set_state", "set_state", "setState", "_set", "set_value", "put", "write", "write_state", "store", "save", "update_state" };

    public static JsonText Json => JsonText.Of(s_json.Value);

    public static IReadOnlyList<string> Ids => s_actions.Value.Keys;

    /// <summary>Whether it has an action of this id.</summary>
    public static bool Contains(string id) => s_actions.Value.ContainsKey(id);

    /// <summary>The id that was meant by one that a room does not have, or null. Guessed narrowly: a room's own words are many, and another action is worse than no answer.</summary>
    public static string? Meant(string id) => Contains(id) ? id : s_setters.Contains(id) ? "set" : NearestName.OfOneSlip(id, Ids);

    public static JsonElement? Find(string id) => s_actions.Value.TryGetValue(id, out var action) ? action : null;

    /// <summary>Whether a definition is the library's own text.</summary>
    public static bool Is(ActionDefinition definition) => Find(definition.Id) is { } own && CanonicalJson.Version(JsonText.Of(own)) == CanonicalJson.Version(definition.Source);

    /// <summary>What the library's action of this id shares, for one that writes to no other places than it does; nothing for all others.</summary>
    public static ImmutableHashSet<string> SharesOf(string id, ImmutableArray<WriteTemplate> writes) =>
        s_sharing.Value.TryGetValue(id, out var sharing) && Targets(writes).IsSubsetOf(sharing.Targets) ? sharing.Shares : [];

    private static ImmutableHashSet<string?> Targets(ImmutableArray<WriteTemplate> writes) => [.. writes.Select(static write => write.Target)];

    private sealed record Sharing(ImmutableHashSet<string> Shares, ImmutableHashSet<string?> Targets);
}
