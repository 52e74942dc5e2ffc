using System.Globalization;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Tokens;

namespace Sync.Web.Http.Answers;

/// <summary>The words the API uses for the engine's values.</summary>
internal static class WireText
{
    public static string Of(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static string? OfNullable(DateTimeOffset? at) => at is { } known ? Of(known) : null;

    public static string Of(JoinPolicy join) => join.Word();

    public static string Of(AccessLevel level) => level switch
    {
        AccessLevel.None => "none",
        AccessLevel.Views => "views",
        AccessLevel.Read => "read",
        AccessLevel.Write => "write",
        AccessLevel.Admin => "admin",
        _ => throw new ArgumentOutOfRangeException(nameof(level), level, "A level without a word."),
    };

    /// <summary>The level a word names, or null; <c>none</c> is no level to ask for.</summary>
    public static AccessLevel? Level(string word) => word switch
    {
        "read" => AccessLevel.Read,
        "write" => AccessLevel.Write,
        "admin" => AccessLevel.Admin,
        _ => null,
    };

    public static string Of(RoomTokenKind kind) => kind switch
    {
        Sync.Engine.Services.Tokens.RoomTokenKind.Room => "room",
        Sync.Engine.Services.Tokens.RoomTokenKind.View => "view",
        Sync.Engine.Services.Tokens.RoomTokenKind.Agent => "agent",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A kind without a word."),
    };

    /// <summary>The kind of a room's own token that a word names, or null.</summary>
    public static RoomTokenKind? RoomTokenKind(string word) => word switch
    {
        "room" => Sync.Engine.Services.Tokens.RoomTokenKind.Room,
        "view" => Sync.Engine.Services.Tokens.RoomTokenKind.View,
        "agent" => Sync.Engine.Services.Tokens.RoomTokenKind.Agent,
        _ => null,
    };

    public static string Of(Role role) => role.Word();

    /// <summary>The role a word names, or null.</summary>
    public static Role? Role(string word) => RoleWords.Parse(word);
}
