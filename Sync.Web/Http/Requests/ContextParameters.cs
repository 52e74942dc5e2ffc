using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Context;
using Sync.Web.Http.Endpoints;

namespace Sync.Web.Http.Requests;

/// <summary>The parameters that shape a context: for the query of a read, the body of a wait and the arguments of tools. The engine reads them (<see cref="ContextShape.Parse"/>).</summary>
internal static partial class ContextParameters
{
    // The types are words of ArgumentForm. A tool's description is read by every connected model, so it is short, and left out where the name says it all.
    private static readonly ImmutableArray<(ApiParameter Parameter, string Tool)> s_all =
    [
        (new("depth", "string", "`lean` (default), `full` (with writes, params and guards) or `usage` (with invocation counts)."), """ "type":"string","enum":["lean","full","usage"],"description":"full: definitions too" """),
        (new("only", "string", "Sections to give, comma-separated: `state`, `views`, `agents`, `actions`, `messages`, `leases`, or parts such as `state._shared`, `state._items.item07`, `state._items[\"a.b\"]`, `actions.vote`."),
            """ "type":"words","description":"state, views, agents, actions, messages, or parts: state._items.item07, actions.vote" """),
        (new("actions", "boolean", "`false` leaves the actions out."), """ "type":"boolean" """),
        (new("messages", "string", "`unread` gives only those that the reader has not read, oldest first; `false` leaves the messages out."), """ "type":"any","enum":["true","false","unread"],"description":"unread: only new ones" """),
        (new("messages_after", "integer", "Only messages after this number."), """ "type":"integer" """),
        (new("messages_limit", "integer", $"At most so many messages ({CountBound.Messages})."), $$""" "type":"integer","maximum":{{CountBound.Messages.Max}} """),
        (new("messages_kinds", "string", "Only messages of these kinds, comma-separated."), """ "type":"words" """),
        (new("include", "string", "Further sections, comma-separated: `_audit`, `_messages`, `activity`; `history` adds the newest writes of the one key that `only` names; `private` adds the other agents' scopes for an owner who acts as an agent."),
            """ "type":"words","description":"_audit, _messages, activity, history (of the key in only)" """),
        (new("compact", "boolean", "`true` drops nulls and empty objects and lists."), """ "type":"boolean","description":"drop empties" """),
        (new("peek", "boolean", "`true` leaves the message cursor where it is."), """ "type":"boolean","description":"leave messages unread" """),
        (new("since", "string", "Only what changed after this event, with removals: a `_context.cursor`, or the event's number."), """ "type":"cursor","description":"only changes after this cursor" """),
        (new("at", "string", "The room as it was after this event: a cursor, or its number."), """ "type":"cursor","description":"as it was after this event" """),
        (new("meta", "boolean", "`true` gives entries with version, revision, writer and times."), """ "type":"boolean","description":"entries with version and writer" """),
        (new("limit", "integer", "With `only` naming one scope, value or section: at most so many of its parts; of the log so many events."), """ "type":"integer","description":"page size of what only names" """),
        (new("after", "string", "With `only` naming one scope, value or section: begin after the part of this name; of the log after this event."), """ "type":"string","description":"page: after this name or log event" """),
        (new("budget", "integer", "At most about so many tokens, of four bytes each: the parts that matter most to the reader whole, the others by name."), """ "type":"integer","minimum":1,"description":"tokens; what matters to you first" """),
    ];

    /// <summary>For the document, and for names that are not known.</summary>
    public static ImmutableArray<ApiParameter> All { get; } = [.. s_all.Select(static known => known.Parameter)];

    /// <summary>The members of a tool's input schema.</summary>
    public static string ForTool() => string.Join(',', s_all.Select(static known => $"\"{known.Parameter.Name}\":{{{known.Tool.Trim()}}}"));

    /// <summary>The same but some, without what the first tool says of them already.</summary>
    public static string ForFurtherTool(params IReadOnlyCollection<string> without) =>
        string.Join(',', s_all.Where(known => !without.Contains(known.Parameter.Name)).Select(static known => $"\"{known.Parameter.Name}\":{{{Description().Replace(known.Tool.Trim(), "")}}}"));

    [GeneratedRegex(",\"description\":\"[^\"]*\"")]
    private static partial Regex Description();

    /// <summary>Members of a JSON object as the parameters they stand for: the same names, with JSON types, and lists of texts for comma-separated ones. What is null or an empty text is left out.</summary>
    public static Outcome<IReadOnlyList<KeyValuePair<string, string>>> Read(IEnumerable<KeyValuePair<string, JsonElement>> members)
    {
        var parameters = new List<KeyValuePair<string, string>>();
        foreach (var (name, value) in members)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Null:
                case JsonValueKind.String when value.ValueEquals(""u8):
                    break;
                case JsonValueKind.String:
                    parameters.Add(new(name, value.GetString() ?? ""));
                    break;
                case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                    parameters.Add(new(name, value.GetRawText()));
                    break;
                case JsonValueKind.Array when value.EnumerateArray().All(static item => item.ValueKind == JsonValueKind.String):
                    parameters.Add(new(name, string.Join(',', value.EnumerateArray().Select(static item => item.GetString()))));
                    break;
                default:
                    return Refusals.Parameter(name, $"'{name}' must be a string, a number, a boolean or a list of strings, not {StrictJson.Describe(value.ValueKind)}.");
            }
        }

        return parameters;
    }
}
