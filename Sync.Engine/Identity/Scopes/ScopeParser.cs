using System.Text.Json.Nodes;
using Sync.Cel.Syntax;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Identity.Scopes;

/// <summary>Reads scope text; how it is read stands at <see cref="Scope"/>.</summary>
internal static class ScopeParser
{
    private const int MaxLength = 16 * 1024;

    private const string RoomsPrefix = "rooms:";
    private const string AgentInfix = ":agent:";
    private const string ViewInfix = ":view:";

    private static readonly string[] s_heads = ["create_rooms", "rooms:*", "rooms:*:read", "rooms:*:write", "rooms:ID"];
    private static readonly string[] s_suffixes = ["read", "write", "admin", "agent", "view"];

    /// <summary>Reads what a client sends: bounded, so that a hostile one costs little.</summary>
    public static Outcome<Scope> Parse(string text) =>
        text.Length > MaxLength
            ? Invalid($"A scope has at most {MaxLength} characters.", hint: "Use rooms:* instead of naming every room.")
            : ParseStored(text);

    /// <summary>Reads what the database holds, which may have grown room by room.</summary>
    public static Outcome<Scope> ParseStored(string text)
    {
        var builder = new Scope.Builder();
        var any = false;
        foreach (var range in text.AsSpan().SplitAny(' ', '\t', '\n', '\r'))
        {
            var part = text.AsSpan()[range];
            if (part.IsEmpty)
            {
                continue;
            }

            any = true;
            if (Add(builder, part) is { } error)
            {
                return error;
            }
        }

        return any ? builder.Build() : Invalid("A scope grants at least one thing.", hint: null);
    }

    /// <summary>Reads what follows <c>rooms:</c>; null when that is no grant of one room.</summary>
    public static RoomGrant? ReadRoomGrant(ReadOnlySpan<char> rest)
    {
        var (agent, view) = (rest.IndexOf(AgentInfix), rest.IndexOf(ViewInfix));
        if (view >= 0 && (agent < 0 || view < agent))
        {
            return ViewGrant(rest[..view], rest[(view + ViewInfix.Length)..]);
        }

        if (agent >= 0)
        {
            return AgentGrant(rest[..agent], rest[(agent + AgentInfix.Length)..]);
        }

        var (room, suffix) = SplitLast(rest);
        return suffix switch
        {
            "read" => LevelGrant(room, AccessLevel.Read),
            "write" => LevelGrant(room, AccessLevel.Write),
            "admin" => LevelGrant(room, AccessLevel.Admin),
            _ when LooksLikeSuffix(suffix) is not null => null,
            _ => LevelGrant(rest, AccessLevel.Admin),
        };
    }

    private static SyncError? Add(Scope.Builder builder, ReadOnlySpan<char> part)
    {
        if (part is "create_rooms")
        {
            builder.CanCreateRooms = true;
            return null;
        }

        if (!part.StartsWith(RoomsPrefix))
        {
            return InvalidPart(part, DidYouMean.Nearest(part.ToString(), s_heads));
        }

        var rest = part[RoomsPrefix.Length..];
        if (rest is "*" || rest.StartsWith("*:"))
        {
            var level = rest switch
            {
                "*" or "*:admin" => AccessLevel.Admin,
                "*:write" => AccessLevel.Write,
                "*:read" => AccessLevel.Read,
                _ => AccessLevel.None,
            };
            builder.Everywhere = level > builder.Everywhere ? level : builder.Everywhere;
            return level == AccessLevel.None ? InvalidPart(part, DidYouMean.Nearest(part.ToString(), s_heads)) : null;
        }

        if (ReadRoomGrant(rest) is not { } grant)
        {
            return InvalidRoom(part, rest);
        }

        return builder.Add(grant)
            ? null
            : Invalid(
                $"'{Shown(part)}' names a second agent for the room '{grant.Room}'; a token acts as one agent in a room.",
                "Mint one token for each agent.");
    }

    private static SyncError InvalidRoom(ReadOnlySpan<char> part, ReadOnlySpan<char> rest)
    {
        var (room, suffix) = SplitLast(rest);
        if (!rest.Contains(AgentInfix, StringComparison.Ordinal) && !rest.Contains(ViewInfix, StringComparison.Ordinal) && RoomGrant.IsId(Unescape(room)) && LooksLikeSuffix(suffix) is { } meant)
        {
            var whole = rest.ToString().Replace(":", "%3A", StringComparison.Ordinal);
            var instead = meant is "agent" or "view" ? $"rooms:{room}:{meant}:{meant.ToUpperInvariant()}" : $"rooms:{room}:{meant}";
            return InvalidPart(part, instead, $"Did you mean '{instead}'? For a room whose id really is '{rest}' write 'rooms:{whole}'. Grammar: {Scope.Grammar}");
        }

        return rest.Contains(ViewInfix, StringComparison.Ordinal) && !rest.Contains(AgentInfix, StringComparison.Ordinal)
            ? InvalidPart(part, nearest: null, $"VIEW is a view's id, percent-encoded but for A-Z a-z 0-9 . _ - ~ : and ID is 1-64 of A-Z a-z 0-9 . _ - : Grammar: {Scope.Grammar}")
            : InvalidPart(part, nearest: null, $"ID and AGENT are 1-64 of A-Z a-z 0-9 . _ - : and an agent does not begin with _. Grammar: {Scope.Grammar}");
    }

    private static RoomGrant? LevelGrant(ReadOnlySpan<char> room, AccessLevel level)
    {
        var roomId = Unescape(room);
        return RoomGrant.IsId(roomId) ? new RoomGrant(roomId, level, Agent: null) : null;
    }

    private static RoomGrant? AgentGrant(ReadOnlySpan<char> room, ReadOnlySpan<char> agent)
    {
        var roomId = Unescape(room);
        var agentId = Unescape(agent);
        return RoomGrant.IsId(roomId) && RoomGrant.IsId(agentId) && agentId[0] != '_' ? new RoomGrant(roomId, AccessLevel.Write, agentId) : null;
    }

    private static RoomGrant? ViewGrant(ReadOnlySpan<char> room, ReadOnlySpan<char> view)
    {
        var roomId = Unescape(room);
        return RoomGrant.IsId(roomId) && ViewIdText.Read(view) is { } viewId ? RoomGrant.OfViews(roomId, ViewSet.Of([viewId])) : null;
    }

    private static string Unescape(ReadOnlySpan<char> id) =>
        id.Contains('%') ? id.ToString().Replace("%3A", ":", StringComparison.OrdinalIgnoreCase) : id.ToString();

    private static (string Room, string Suffix) SplitLast(ReadOnlySpan<char> rest)
    {
        var colon = rest.LastIndexOf(':');
        return colon < 0 ? (rest.ToString(), "") : (rest[..colon].ToString(), rest[(colon + 1)..].ToString());
    }

    /// <summary>
    /// The level word that a last part was probably meant to be: the same but for case, two neighbours exchanged, or a plural.
    /// Taken for part of an id, such a slip would silently grant nothing.
    /// </summary>
    private static string? LooksLikeSuffix(string part)
    {
        foreach (var suffix in s_suffixes)
        {
            if (part.Equals(suffix, StringComparison.OrdinalIgnoreCase)
                || part.Equals(suffix + "s", StringComparison.OrdinalIgnoreCase)
                || IsTransposed(part, suffix))
            {
                return suffix;
            }
        }

        return part is "readonly" or "read-only" or "read_only" ? "read" : null;
    }

    private static bool IsTransposed(string part, string word)
    {
        if (part.Length != word.Length)
        {
            return false;
        }

        var at = part.AsSpan().CommonPrefixLength(word);
        return at + 1 < word.Length && part[at] == word[at + 1] && part[at + 1] == word[at] && part.AsSpan(at + 2).SequenceEqual(word.AsSpan(at + 2));
    }

    private static SyncError InvalidPart(ReadOnlySpan<char> part, string? nearest, string? hint = null)
    {
        var error = Invalid(
            $"'{Shown(part)}' is no scope.",
            hint ?? (nearest is null ? $"Grammar: {Scope.Grammar}" : $"Did you mean '{nearest}'? Grammar: {Scope.Grammar}"));
        error = error.With("part", JsonValue.Create(Shown(part)));
        return error.WithSuggestion(nearest);
    }

    private static SyncError Invalid(string message, string? hint) =>
        new SyncError(ErrorCode.InvalidScope, message) { Hint = hint ?? $"Grammar: {Scope.Grammar}" }.With("grammar", JsonValue.Create(Scope.Grammar));

    private static string Shown(ReadOnlySpan<char> part) => part.Length <= 100 ? part.ToString() : $"{part[..100]}…";
}
