using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Model.Help;

/// <summary>The action definitions that come with Sync; each registers as it stands.</summary>
internal static class StandardLibrary
{
    private static readonly Lazy<JsonElement> s_json = new(() =>
    {
        using var document = JsonDocument.Parse(HelpTexts.Read("standard_library.json"));
        return document.RootElement.Clone();
    });

    public static JsonText Json => JsonText.Of(s_json.Value);

    public static ImmutableArray<string> Ids => [.. s_json.Value.EnumerateArray().Select(a => a.GetProperty("id").GetString()!)];

    public static JsonElement? Find(string id)
    {
        foreach (var action in s_json.Value.EnumerateArray())
        {
            if (action.GetProperty("id").ValueEquals(id))
            {
                return action;
            }
        }

        return null;
    }
}
