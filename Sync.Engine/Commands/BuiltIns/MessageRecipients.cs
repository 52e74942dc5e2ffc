using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Sync.Engine.Model.Agents;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>Whom a message is directed to, as its sender says it: an agent id or a list of them. Nothing, an empty text and an empty list mean everybody.</summary>
internal static class MessageRecipients
{
    private const int Max = 100;

    // What models write where they mean everybody. As ids they would direct the message to nobody.
    private static readonly FrozenSet<string> s_everybody =
        ((string[])["*", "all", "any", "anyone", "broadcast", "channel", "everybody", "everyone", "here", "room", "team"]).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static Outcome<string[]> Read(JsonElement given, ImmutableSortedDictionary<string, AgentRecord> agents, string? sender)
    {
        var to = ListInText(given) ?? given;
        var list = to.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => [],
            JsonValueKind.Array => to.EnumerateArray().ToArray(),
            JsonValueKind.String when string.IsNullOrWhiteSpace(to.GetString()) => [],
            _ => [to],
        };
        if (list.Length > Max || list.Any(static one => one.ValueKind != JsonValueKind.String))
        {
            return new SyncError(ErrorCode.InvalidParamType, $"'to' is an agent id or a list of at most {Max} of them.")
            {
                Hint = "Send {\"to\": [\"bob\", \"carol\"]}, or leave 'to' out to speak to all.",
            }.With("param", "to");
        }

        var ids = list.Select(static one => one.GetString()!).Distinct(StringComparer.Ordinal).ToArray(); // They are strings.
        return ids.Select(id => Check(id, agents, sender)).FirstOrDefault(static refusal => refusal is not null) is { } bad ? bad : ids;
    }

    /// <summary>Whom the sender may have meant by an id that no agent has. Never itself: nobody writes to itself by a slip.</summary>
    public static string? Nearest(string id, IEnumerable<string> agents, string? sender) => NearestName.Of(id, agents.Where(agent => agent != sender));

    // No id begins with a bracket, so a text that does can only be meant as the list it holds.
    private static JsonElement? ListInText(JsonElement given)
    {
        if (given.ValueKind != JsonValueKind.String || given.GetString() is not { } text || !text.StartsWith('['))
        {
            return null;
        }

        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static SyncError? Check(string id, ImmutableSortedDictionary<string, AgentRecord> agents, string? sender)
    {
        var name = id.Trim().TrimStart('@');
        if (s_everybody.Contains(name) && !agents.ContainsKey(id))
        {
            return new SyncError(ErrorCode.InvalidParam, $"No agent is called '{Identifiers.Shown(id)}'; a message that names nobody is for everyone.")
            {
                Hint = "Leave 'to' out to speak to all.",
            }.With("param", "to");
        }

        if (Identifiers.CheckAgentId(id) is not { } bad)
        {
            return null;
        }

        var several = id.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return (several.Length > 1 ? bad with { Hint = $"Send a list: {{\"to\": [{string.Join(", ", several.Take(Max).Select(static one => $"\"{Identifiers.Shown(one.TrimStart('@'))}\""))}]}}." }
            : (agents.ContainsKey(name) ? name : Nearest(name, agents.Keys, sender)) is { } near ? bad with { Hint = $"Did you mean '{near}'?" }
            : bad).With("param", "to");
    }
}
