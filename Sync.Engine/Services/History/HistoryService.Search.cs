using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Reads.Context;
using Sync.Engine.Reads.History;
using Sync.Engine.Storage;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.History;

// Finding words in what a room has and had.
public sealed partial class HistoryService
{
    // One search looks at so many events and bytes of the log, and says where to go on: what it costs does not depend on how rare the words are.
    private const int MaxSearched = 4_000;
    private const long MaxSearchedBytes = 8 * 1024 * 1024;
    private const int SearchedAtOnce = 500;

    /// <summary>
    /// <c>{results: [{seq, at, kind, where, agent, action, current?, snippet}], seq, next_before?}</c>: where all words of a text are in messages, state, definitions and the log, newest
    /// first, as far as the caller may read it. <c>next_before</c> is where to go on while there is more to look at, also where nothing was found.
    /// </summary>
    /// <remarks>Errors: those of access, <c>invalid_parameter cursor_reset</c>.</remarks>
    public async Task<Outcome<ReadOnlyMemory<byte>>> SearchAsync(Caller caller, string room, string? text, EventCursor? before, int limit, CancellationToken cancellationToken)
    {
        if (!(await _authorizer.AuthorizeAsync(caller, room, AccessLevel.Read).ConfigureAwait(false)).Try(out var authorized, out var error)
            || !SearchWords.Parse(text).Try(out var words, out error)
            || !CountBound.Search.Check("limit", limit).Try(out _, out error))
        {
            return error;
        }

        var state = authorized.Room.Published;
        if (await _cursors.CheckBeforeAsync(authorized, state, before, "before", cancellationToken).ConfigureAwait(false) is { } refused)
        {
            return refused;
        }

        var search = new EventSearch(words, authorized.VisibleScopes(state), state);
        var found = new List<JsonText>();
        var space = new AnswerSpace(AnswerSpace.Of(authorized.Room.Limits.AnswerBytes));
        var (looked, bytes, next) = (0, 0L, (long?)(before?.Seq ?? state.Seq + 1));
        while (next is { } at && at > 1 && looked < MaxSearched && bytes < MaxSearchedBytes && found.Count < limit)
        {
            var query = AuditQuery.Newest(Math.Min(SearchedAtOnce, MaxSearched - looked)) with { Before = at };
            var page = await _store.AuditAsync(authorized.Record.Row, query, RoomStore.PageBytes, cancellationToken).ConfigureAwait(false);
            looked += page.Rows.Count;
            bytes += page.Rows.Sum(static row => (long)row.Body.Length);
            var work = (page, search, found, space, limit);
            if (!(await authorized.EvaluateAsync(work, static t => Outcome<SearchedPage>.Of(Search(t.page, t.search, t.found.Count, t.limit)), cancellationToken).ConfigureAwait(false)).Try(out var searched, out error))
            {
                return error;
            }

            next = Take(searched, found, space) ?? (page.More ? page.Rows[^1].Seq : null);
        }

        return JsonText.Write((found, state.Seq, next: next > 1 ? next : null), static (writer, t) =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("results"u8);
            foreach (var hit in t.found)
            {
                hit.WriteTo(writer);
            }

            writer.WriteEndArray();
            writer.WriteNumber("seq"u8, t.Seq);
            if (t.next is { } before)
            {
                writer.WriteNumber("next_before"u8, before);
            }

            writer.WriteEndObject();
        }).Memory;
    }

    // May run twice, so it changes nothing.
    private static SearchedPage Search(EventPage page, EventSearch search, int found, int limit)
    {
        var hits = new List<(long Seq, JsonText Json)>();
        foreach (var row in page.Rows)
        {
            var ofEvent = search.Find(RoomEventJson.Read(row));
            if (found + hits.Count + ofEvent.Count > limit && found + hits.Count > 0)
            {
                // The event as a whole is for the next page.
                return new SearchedPage(hits, row.Seq + 1);
            }

            hits.AddRange(ofEvent.Take(limit).Select(hit => (row.Seq, hit.ToJson())));
            if (found + hits.Count >= limit)
            {
                return new SearchedPage(hits, row.Seq);
            }
        }

        return new SearchedPage(hits, Next: null);
    }

    // Where to go on when the page was not taken whole, or null.
    private static long? Take(SearchedPage searched, List<JsonText> found, AnswerSpace space)
    {
        foreach (var (seq, json) in searched.Hits)
        {
            if (found.Count > 0 && !space.Fits(json.Length))
            {
                return seq + 1;
            }

            space.Take(json.Length);
            found.Add(json);
        }

        return searched.Next;
    }

    private sealed record SearchedPage(IReadOnlyList<(long Seq, JsonText Json)> Hits, long? Next);
}
