using Sync.Engine;

namespace Sync.Web.Mcp;

/// <summary>Hints name calls of the HTTP API; who has only tools is told of the tools that do the same.</summary>
internal static class ToolWords
{
    // A path before those that it begins with.
    private static readonly (string Call, string Tool)[] s_words =
    [
        ("POST /rooms/{room}/agents", "sync_embody"),
        ("GET /rooms/{room}/context", "sync_read_context"),
        ("GET /rooms", "sync_list_rooms"),
        ("POST /rooms", "sync_create_room"),
        (" _register_action", " sync_register_action"),
        (" _register_view", " sync_register_view"),
    ];

    /// <summary>The same refusal, with the tools' names in its hint.</summary>
    public static SyncError Of(SyncError error) => error.Hint is null ? error : error with { Hint = Of(error.Hint) };

    /// <summary>The same hint, with the tools' names.</summary>
    public static string Of(string hint) => s_words.Aggregate(hint, static (text, word) => text.Replace(word.Call, word.Tool, StringComparison.Ordinal));
}
