using System.Buffers;
using System.Text;

namespace Sync.Engine;

/// <summary>The rules of ids and the names of scopes that the engine gives a meaning.</summary>
internal static class Names
{
    public const string Shared = "_shared";
    public const string Self = "self";
    public const string Messages = "_messages";
    public const string Audit = "_audit";
    public const string Agents = "_agents";
    public const string Actions = "_actions";
    public const string Views = "_views";
    public const string Help = "_help";
    public const string Config = "_config";
    public const string ContestedView = "_contested";

    private static readonly SearchValues<char> s_idCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-:");

    /// <summary>Scopes that only the engine writes.</summary>
    public static bool IsEngineOnly(string scope) => scope is Messages or Audit or Agents or Actions or Views;

    /// <summary>Scopes everybody in the room reads: every one that begins with an underscore.</summary>
    public static bool IsPublic(string scope) => scope.StartsWith('_');

    /// <summary>Scopes that context leaves out of <c>state</c>, because other sections show them.</summary>
    public static bool IsSection(string scope) => IsEngineOnly(scope) || scope == Help;

    public static SyncError? CheckRoomId(string id) => IsId(id) ? null : BadId("room", id);

    public static SyncError? CheckAgentId(string id) =>
        IsId(id) && !id.StartsWith('_') && id != Self ? null : BadId("agent", id);

    /// <summary>Actions, views and keys: 1–256 printable characters.</summary>
    public static SyncError? CheckName(string what, string name) =>
        name.Length is > 0 and <= 256 && IsPrintable(name)
            ? null
            : new SyncError(ErrorCode.InvalidId, $"'{Shown(name)}' is not a valid {what}.")
            {
                Hint = $"A {what} has 1 to 256 printable characters.",
            };

    public static SyncError? CheckScope(string scope) =>
        IsId(scope) ? null : new SyncError(ErrorCode.InvalidId, $"'{Shown(scope)}' is not a valid scope.")
        {
            Hint = "A scope is _shared, another name beginning with '_', or an agent id; 1 to 64 of A-Z a-z 0-9 . _ - :",
        };

    /// <summary>Text safe to repeat in an error: printable and short.</summary>
    public static string Shown(string text)
    {
        var shown = new StringBuilder();
        foreach (var c in text.Length > 80 ? text[..80] + "…" : text)
        {
            shown.Append(char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c);
        }

        return shown.ToString();
    }

    private static bool IsId(string id) => id.Length is > 0 and <= 64 && !id.AsSpan().ContainsAnyExcept(s_idCharacters) && id is not ("." or "..");

    public static bool IsPrintable(string name)
    {
        foreach (var rune in name.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar || Rune.IsControl(rune))
            {
                return false;
            }
        }

        return true;
    }

    private static SyncError BadId(string what, string id) =>
        new(ErrorCode.InvalidId, $"'{Shown(id)}' is not a valid {what} id.")
        {
            Hint = what == "agent"
                ? "Use 1 to 64 of A-Z a-z 0-9 . _ - : and do not begin with '_'; 'self' is taken."
                : "Use 1 to 64 of A-Z a-z 0-9 . _ - :",
        };
}
