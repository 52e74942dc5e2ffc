using System.Text.Json.Nodes;
using Sync.Engine.Help;
using Sync.Engine.Rooms;

namespace Sync.Engine.Actions;

/// <summary>Proof of read.</summary>
internal static class VersionCheck
{
    /// <summary>Null when <paramref name="expected"/> is what the entry has; the empty text means the key must not exist yet.</summary>
    public static SyncError? Check(string expected, Entry? entry, string scope, string key, bool mayRead)
    {
        // A help text that the room has not overridden yet is the system's, and that is what was read.
        var version = entry?.Version ?? (scope == Names.Help ? HelpTexts.Find(key)?.Version : null) ?? "";
        if (expected == version)
        {
            return null;
        }

        JsonObject? current = entry is null ? null : new JsonObject { ["revision"] = entry.Revision };
        if (mayRead && current is not null)
        {
            current["version"] = entry!.Version;
            current["writer"] = entry.Writer;
            current["value"] = entry.Value.ToNode();
        }

        return new SyncError(ErrorCode.VersionConflict, entry is null
            ? $"'{Names.Shown(key)}' in '{scope}' does not exist, but a version of it was expected."
            : expected.Length == 0 ? $"'{Names.Shown(key)}' in '{scope}' already exists." : $"'{Names.Shown(key)}' in '{scope}' has changed since that version was read.")
        {
            Hint = "Read the current value, decide again, and retry with its version as if_version.",
            Help = "if_version",
        }.With("scope", scope).With("key", key).With("expected_version", expected).With("current", current);
    }
}
