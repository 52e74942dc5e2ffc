using System.Runtime.InteropServices;
using System.Text.Json;
using Sync.Cel.Values;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Storage;

namespace Sync.Engine.Reads.History;

/// <summary>
/// Looks for words in single events. Everything in a room, messages, state and definitions, came with an event, so that is all that is looked through; and it is looked through in the
/// form in which the log shows the event to this reader (<see cref="EventJson"/>), so that nothing is found that they could not read there.
/// </summary>
/// <param name="words">What is looked for.</param>
/// <param name="visible">What the reader sees.</param>
/// <param name="state">The room now, for what is still so.</param>
internal sealed class EventSearch(SearchWords words, VisibleScopes visible, RoomState state)
{
    // Nor what tells a reader that there is more than they see: it differs by reader.
    private static readonly string[] s_notText = ["private", "private_writes", "seq", "at", "kind", "ok", "count", "version", "revision", "previous_version", "previous_seq", "before", "writes"];

    /// <summary>What an event has of the words: the writes with all of them, or else the event as a whole.</summary>
    public IReadOnlyList<SearchHit> Find(RoomEvent e)
    {
        using var document = Shown(e, visible);
        var hits = new List<SearchHit>();
        var whole = SearchWords.TextOf(document.RootElement, s_notText);
        if (document.RootElement.TryGetProperty("writes"u8, out var writes))
        {
            foreach (var write in writes.EnumerateArray())
            {
                var text = SearchWords.TextOf(write, s_notText);
                whole = $"{whole} {text}";
                if (words.Match(text) && OfWrite(e, write) is { } hit)
                {
                    hits.Add(hit);
                }
            }
        }

        return hits.Count > 0 ? hits
            : words.Match(whole) ? [new SearchHit(e, "log", $"log.{e.Seq}", IsCurrent: null, words.Snippet(whole))]
            : [];
    }

    /// <summary>
    /// The words of an event, for an index: whoever would find it by <see cref="Find"/> finds it among those that everybody reads and those of the scopes that they see. Parameters that went
    /// into several private scopes are for who sees all of these, and stand with the first.
    /// </summary>
    public static EventTerms TermsOf(RoomEvent e)
    {
        var open = new HashSet<string>(StringComparer.Ordinal);
        var hidden = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        using var document = Shown(e, new VisibleScopes(All: true, []));
        if (EventJson.HidesParams(e, VisibleScopes.Public) && document.RootElement.TryGetProperty("params"u8, out var parameters))
        {
            var first = e.Changes.Select(static change => change.Scope).FirstOrDefault(static scope => !VisibleScopes.Public.Sees(scope) && scope != ReservedScopes.ApprovalDetails);
            AddTerms(Of(first ?? e.Agent ?? ""), $"params: {SearchWords.TextOf(parameters)}");
            AddTerms(open, SearchWords.TextOf(document.RootElement, [.. s_notText, "params"]));
        }
        else
        {
            AddTerms(open, SearchWords.TextOf(document.RootElement, s_notText));
        }

        if (document.RootElement.TryGetProperty("writes"u8, out var writes))
        {
            foreach (var write in writes.EnumerateArray())
            {
                var scope = write.GetProperty("scope"u8).GetString()!; // Every write has one.
                AddTerms(VisibleScopes.Public.Sees(scope) ? open : Of(scope), SearchWords.TextOf(write, s_notText));
            }
        }

        foreach (var terms in hidden.Values)
        {
            terms.ExceptWith(open);
        }

        return new EventTerms(e.Seq, open, hidden.ToDictionary(static pair => pair.Key, static pair => (IReadOnlyCollection<string>)pair.Value, StringComparer.Ordinal));

        HashSet<string> Of(string scope)
        {
            ref var terms = ref CollectionsMarshal.GetValueRefOrAddDefault(hidden, scope, out _);
            return terms ??= new HashSet<string>(StringComparer.Ordinal);
        }
    }

    private static void AddTerms(HashSet<string> terms, string text)
    {
        var known = terms.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var found = new TextTerms(text); found.MoveNext();)
        {
            known.Add(found.Current);
        }
    }

    private static JsonDocument Shown(RoomEvent e, VisibleScopes visible) =>
        JsonText.Write((e, visible), static (writer, t) => EventJson.Write(writer, t.e, t.visible, withValues: true)).Parse();

    // What the engine keeps of itself, and removals, are part of the event and nothing of their own.
    private SearchHit? OfWrite(RoomEvent e, JsonElement write)
    {
        var (scope, key) = (write.GetProperty("scope"u8).GetString()!, write.GetProperty("key"u8).GetString()!); // Every write has them.
        if (write.TryGetProperty("deleted"u8, out _))
        {
            return null;
        }

        var snippet = words.Snippet(SearchWords.TextOf(write, [.. s_notText, "scope", "key"]) is { Length: > 0 } said && words.Match(said) ? said : SearchWords.TextOf(write, s_notText));
        var isCurrent = state.Find(scope, key)?.Seq == e.Seq;
        // Paths as expressions have them, to be evaluated as they are.
        return scope switch
        {
            ReservedScopes.Messages => new SearchHit(e, "message", $"messages.{key}", IsCurrent: null, snippet),
            ReservedScopes.Actions => new SearchHit(e, "action", $"actions{MemberText.Of(key)}", isCurrent, snippet),
            ReservedScopes.Views => new SearchHit(e, "view", $"views{MemberText.Of(key)}", isCurrent, snippet),
            _ when ReservedScopes.IsSection(scope) => null,
            _ => new SearchHit(e, "state", $"state{MemberText.Of(scope)}{MemberText.Of(key)}", isCurrent, snippet),
        };
    }
}
