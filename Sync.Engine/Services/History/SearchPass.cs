using Sync.Engine.Authority;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Reads.Context;
using Sync.Engine.Reads.History;
using Sync.Engine.Storage;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Services.History;

/// <summary>
/// One search, from an event back. Of the stretches of the log that the index knows it reads only the events that the index names; the rest it looks through, and adds it to the index. What
/// is found is decided by the event as the reader sees it (<see cref="EventSearch"/>), never by the index, which may be wrong in nothing but leaving out. Used once.
/// </summary>
internal sealed class SearchPass
{
    // One call reads so many events and bytes of the log, and goes back through so many events of the index in so many steps: what it costs does not depend on how rare the words are.
    private const int MaxEvents = 4_000;
    private const long MaxBytes = 8 * 1024 * 1024;
    private const long MaxIndexed = 1_000_000;
    private const int MaxSteps = 256;
    private const int AtOnce = 500;
    private const int NamedAtOnce = 200;

    private readonly AuthorizedRoom _room;
    private readonly RoomStore _store;
    private readonly ISearchIndexSession? _index;
    private readonly EventSearch _search;
    private readonly VisibleScopes _visible;
    private readonly List<(string Term, bool IsPrefix)> _terms;
    private readonly int _limit;
    private readonly AnswerSpace _space;
    private readonly List<JsonText> _found = [];
    private long _bytesLeft = MaxBytes;
    private long _indexedLeft = MaxIndexed;
    private int _eventsLeft = MaxEvents;
    private bool _isFull;

    public SearchPass(AuthorizedRoom room, RoomStore store, ISearchIndexSession? index, SearchWords words, int limit)
    {
        var state = room.Room.Published;
        (_room, _store, _index, _limit) = (room, store, index, limit);
        _visible = room.VisibleScopes(state);
        _search = new EventSearch(words, _visible, state);
        _space = new AnswerSpace(AnswerSpace.Of(room.Room.Limits.AnswerBytes));
        _terms = [.. words.Words.SelectMany(static word => word.Terms.Select((term, at) => (term, word.IsPrefix && at == word.Terms.Length - 1))).Distinct()];
    }

    /// <summary>What was found, newest first.</summary>
    public IReadOnlyList<JsonText> Found => _found;

    /// <summary>Where to go on; null at the beginning of the room.</summary>
    public long? Next { get; private set; }

    /// <summary>Searches before an event. Null, or why it cannot.</summary>
    public async Task<SyncError?> RunAsync(long before, CancellationToken cancellationToken)
    {
        var at = before;
        var index = await OfThisHistoryAsync(cancellationToken).ConfigureAwait(false);
        for (var steps = 0; at > 1 && !_isFull && _eventsLeft > 0 && _bytesLeft > 0 && _indexedLeft > 0 && steps < MaxSteps; steps++)
        {
            var known = index?.Below(at);
            var outcome = known is { } range && range.High >= at - 1 && Query(index!, range, at) is { } named
                ? await ReadAsync(named, cancellationToken).ConfigureAwait(false)
                : await LookThroughAsync(index, at, known is { } below && below.High < at - 1 ? below.High + 1 : 1, cancellationToken).ConfigureAwait(false);
            if (!outcome.Try(out at, out var error))
            {
                return error;
            }
        }

        Next = at > 1 ? at : null;
        return null;
    }

    // A backup may have been put back, or a room with the same number be another one.
    private async Task<ISearchIndexSession?> OfThisHistoryAsync(CancellationToken cancellationToken)
    {
        if (_index?.Newest is { } newest
            && (await _store.EventAsync(_room.Record.Row, newest.Seq, cancellationToken).ConfigureAwait(false) is not { } row || EventCursor.TagOf(row) != newest.Tag))
        {
            _index.Reset();
        }

        return _index;
    }

    // A stretch in which the reader sees the same scopes all along; null when the index failed.
    private NamedEvents? Query(ISearchIndexSession index, SeqRange known, long before)
    {
        var last = before - 1;
        var low = Math.Max(known.Low, before - _indexedLeft);
        foreach (var since in _visible.Since.IsDefault ? [] : _visible.Since)
        {
            low = since > low && since <= last ? since : low;
        }

        var seen = _visible.At(last);
        var seqs = index.Find(new TermQuery(_terms, seen.All, seen.Private.IsDefault ? [] : seen.Private), new SeqRange(low, last), Math.Min(NamedAtOnce, _eventsLeft));
        return seqs is null ? null : new NamedEvents(seqs, seqs.Count < Math.Min(NamedAtOnce, _eventsLeft) ? low : seqs[^1], before);
    }

    private async Task<Outcome<long>> ReadAsync(NamedEvents named, CancellationToken cancellationToken)
    {
        if (named.Seqs.Count == 0)
        {
            _indexedLeft -= named.Before - named.Next;
            return named.Next;
        }

        var page = await _store.EventsOfAsync(_room.Record.Row, named.Seqs, cancellationToken).ConfigureAwait(false);
        var next = page.More ? page.Rows[^1].Seq : named.Next;
        _indexedLeft -= named.Before - next;
        return await SearchAsync(page, next, withTerms: false, cancellationToken).ConfigureAwait(false) is var outcome && outcome.Try(out var searched, out var error) ? Take(searched) : error!;
    }

    private async Task<Outcome<long>> LookThroughAsync(ISearchIndexSession? index, long before, long from, CancellationToken cancellationToken)
    {
        var page = await _store.BackAsync(_room.Record.Row, from, before, Math.Min(AtOnce, _eventsLeft), agent: null, action: null, ok: null, cancellationToken).ConfigureAwait(false);
        if (page.Rows.Count == 0)
        {
            // The room has gone meanwhile.
            return 1L;
        }

        if (!(await SearchAsync(page, page.Rows[^1].Seq, withTerms: index is not null, cancellationToken).ConfigureAwait(false)).Try(out var searched, out var error))
        {
            return error;
        }

        index?.Add(new SeqRange(page.Rows[^1].Seq, page.Rows[0].Seq), EventCursor.TagOf(page.Rows[0]), searched.Terms);
        return Take(searched);
    }

    private async Task<Outcome<SearchedPage>> SearchAsync(EventPage page, long next, bool withTerms, CancellationToken cancellationToken)
    {
        _eventsLeft -= page.Rows.Count;
        _bytesLeft -= page.Rows.Sum(static row => (long)row.Body.Length);
        var work = (page, next, withTerms, search: _search, wanted: _limit - _found.Count, isFirst: _found.Count == 0);
        return await _room.EvaluateAsync(work, static t => Outcome<SearchedPage>.Of(Search(t.page, t.next, t.withTerms, t.search, t.wanted, t.isFirst)), cancellationToken).ConfigureAwait(false);
    }

    // May run twice, so it changes nothing.
    private static SearchedPage Search(EventPage page, long next, bool withTerms, EventSearch search, int wanted, bool isFirst)
    {
        var hits = new List<(long Seq, JsonText Json)>();
        var terms = new List<EventTerms>();
        var isFull = false;
        foreach (var row in page.Rows)
        {
            var e = RoomEventJson.Read(row);
            if (withTerms)
            {
                terms.Add(EventSearch.TermsOf(e));
            }

            if (isFull)
            {
                if (withTerms)
                {
                    continue;
                }

                break;
            }

            var ofEvent = search.Find(e);
            if (hits.Count + ofEvent.Count > wanted && (hits.Count > 0 || !isFirst))
            {
                // The event as a whole is for the next page.
                (isFull, next) = (true, row.Seq + 1);
                continue;
            }

            hits.AddRange(ofEvent.Take(wanted).Select(hit => (row.Seq, hit.ToJson())));
            if (hits.Count >= wanted)
            {
                (isFull, next) = (true, row.Seq);
            }
        }

        return new SearchedPage(hits, next, isFull, terms);
    }

    // Where to go on: after the page, or where the answer is full.
    private long Take(SearchedPage searched)
    {
        foreach (var (seq, json) in searched.Hits)
        {
            if (_found.Count > 0 && !_space.Fits(json.Length))
            {
                _isFull = true;
                return seq + 1;
            }

            _space.Take(json.Length);
            _found.Add(json);
        }

        _isFull = searched.IsFull;
        return searched.Next;
    }

    private sealed record SearchedPage(IReadOnlyList<(long Seq, JsonText Json)> Hits, long Next, bool IsFull, IReadOnlyList<EventTerms> Terms);

    private sealed record NamedEvents(IReadOnlyList<long> Seqs, long Next, long Before);
}
