using System.Text.Json.Nodes;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Help;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Commands.Invocations;

/// <summary>Proof of read.</summary>
internal static class VersionCheck
{
    /// <summary>Null when <paramref name="expected"/> is what the entry has; the empty text means the key must not exist yet.</summary>
    public static SyncError? Check(string expected, Entry? entry, string scope, string key, bool mayRead)
    {
        // A help text that the room has not overridden yet is the system's, and that is what was read.
        var system = entry is null && scope == ReservedScopes.Help ? HelpTexts.Find(key) : null;
        var version = entry?.Version ?? system?.Version ?? "";
        if (expected == version)
        {
            return null;
        }

        JsonObject? current = null;
        if (system is not null)
        {
            current = new JsonObject { ["revision"] = 0, ["version"] = system.Version };
        }
        else if (entry is not null)
        {
            current = new JsonObject { ["revision"] = entry.Revision };
            if (mayRead)
            {
                current["version"] = entry.Version;
                current["writer"] = entry.Writer;
                current["value"] = entry.Value.ToNode();
            }
        }

        return new SyncError(ErrorCode.VersionConflict, current is null
            ? $"'{Identifiers.Shown(key)}' in '{scope}' does not exist, but a version of it was expected."
            : system is not null ? $"The version that was expected is not that of the system's help text '{Identifiers.Shown(key)}', which the room has not replaced yet."
            : expected.Length == 0 ? $"'{Identifiers.Shown(key)}' in '{scope}' already exists."
            : $"'{Identifiers.Shown(key)}' in '{scope}' has changed since that version was read.")
        {
            Hint = current is null ? "Expect \"\" instead, the version of what does not exist, to write it anew."
                : system is not null ? "Read it with help, and retry with the 'version' of 'current' as the version that is expected."
                : mayRead ? "Decide again on what 'current' holds, and retry with its 'version' as the version that is expected."
                : $"'{scope}' is closed to you: ask its agent or an owner of the room for the version, or to write it.",
            Help = "if_version",
        }.With("scope", scope).With("key", key).With("expected_version", expected).With("current", current);
    }
}
