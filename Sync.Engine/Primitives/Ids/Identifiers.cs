using System.Buffers;
using System.Globalization;
using System.Text;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Primitives.Ids;

/// <summary>The rules of ids and of names.</summary>
internal static class Identifiers
{
    /// <summary>Characters of a room's or an agent's id.</summary>
    public const int MaxIdLength = 64;

    private const int LongestName = 256;

    private static readonly SearchValues<char> s_idCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-:");

    public static SyncError? CheckRoomId(string id) => IsId(id) ? null : BadId("room", id);

    public static SyncError? CheckAgentId(string id) =>
        IsId(id) && !id.StartsWith('_') && id != ReservedScopes.Self ? null : BadId("agent", id);

    /// <summary>Actions, views, keys and parameters that come to be: 1–256 printable characters, not blank, and not <c>.</c> or <c>..</c>, which paths resolve away.</summary>
    public static SyncError? CheckName(string what, string name) =>
        name.Length <= LongestName && IsPrintable(name) && name is not ("." or "..")
            ? null
            : BadName(what, name);

    /// <summary>The same for what is looked up, or read from a log: the rule of the first logs, which let more characters pass. What stands there stays within reach.</summary>
    public static SyncError? CheckStoredName(string what, string name) =>
        name.Length is > 0 and <= LongestName && !HasControls(name)
            ? null
            : BadName(what, name);

    private static bool HasControls(string name)
    {
        foreach (var rune in name.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar || Rune.IsControl(rune))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a text can name something to people: of agents, roles, rooms, tokens, passkeys, programs.</summary>
    public static bool IsTitle(string text, int max) => text.Length <= max && IsPrintable(text);

    public static SyncError? CheckScope(string scope) =>
        IsId(scope) ? null : new SyncError(ErrorCode.InvalidId, $"'{Shown(scope)}' is not a valid scope.")
        {
            Hint = "A scope is _shared, another name beginning with '_', or an agent id; 1 to 64 of A-Z a-z 0-9 . _ - :",
        };

    /// <summary>Text safe to repeat in an error: printable and short.</summary>
    public static string Shown(string text) => VisibleText.Quoted(text);

    private static bool IsId(string id) => id.Length is > 0 and <= MaxIdLength && !id.AsSpan().ContainsAnyExcept(s_idCharacters) && id is not ("." or "..");

    /// <summary>
    /// Whether every character can be seen, and at least one of them: no control, format (bidirectional, zero-width), private-use or surrogate characters, no line ends,
    /// and not only blanks.
    /// </summary>
    public static bool IsPrintable(string name)
    {
        var blank = true;
        foreach (var rune in name.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar || VisibleText.IsHidden(rune))
            {
                return false;
            }

            blank = blank && IsBlank(rune);
        }

        return !blank;
    }

    // Marks stand on another character; the fillers are letters and a symbol that look like nothing.
    private static bool IsBlank(Rune rune) =>
        Rune.IsWhiteSpace(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark
        || rune.Value is 0x115F or 0x1160 or 0x3164 or 0xFFA0 or 0x2800;

    private static SyncError BadName(string what, string name) =>
        new(ErrorCode.InvalidId, $"'{Shown(name)}' is not a valid {what}.")
        {
            Hint = $"A {what} has 1 to 256 characters that can be seen: no control, zero-width or direction characters, and not just '.' or '..'.",
        };

    private static SyncError BadId(string what, string id) =>
        new(ErrorCode.InvalidId, $"'{Shown(id)}' is not a valid {what} id.")
        {
            Hint = what == "agent"
                ? "Use 1 to 64 of A-Z a-z 0-9 . _ - : and do not begin with '_'; 'self' is taken."
                : $"Use 1 to 64 of A-Z a-z 0-9 . _ - :{(AgentSlug.OfTitle(id) is { Length: > 0 } near ? $", such as '{near}'." : "")}",
        };
}
