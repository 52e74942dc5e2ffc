namespace Sync.Engine.Storage;

/// <summary>
/// Which events of a room have which words: derived from the log, so it may be behind, incomplete or gone at any time without anything being lost. It knows stretches of the log
/// (<see cref="SeqRange"/>), each wholly; whoever searches adds what it read of the rest. Several processes may use one index; an event that two of them add is in it once.
/// </summary>
internal interface ISearchIndex
{
    /// <summary>
    /// Opens a room's index for one search; others of the room wait meanwhile. Null where there can be none: the log is looked through instead.
    /// </summary>
    Task<ISearchIndexSession?> OpenAsync(long room, CancellationToken cancellationToken);

    /// <summary>Removes a room's index, its content overwritten. The room's events are gone already.</summary>
    Task DeleteAsync(long room, CancellationToken cancellationToken);
}

/// <summary>A room's index during one search. One call at a time. What fails leaves an index that knows nothing.</summary>
internal interface ISearchIndexSession : IDisposable
{
    /// <summary>The newest event it knows, with its tag: an index of another history is of no use.</summary>
    IndexedEvent? Newest { get; }

    /// <summary>Forgets everything.</summary>
    void Reset();

    /// <summary>The stretch with an event before a number, nearest to it; null where nothing before it is known.</summary>
    SeqRange? Below(long before);

    /// <summary>Adds what was read of the log: every event of a stretch, in any order.</summary>
    /// <param name="range">The stretch.</param>
    /// <param name="newestTag">The tag of its newest event.</param>
    /// <param name="events">The words of its events.</param>
    void Add(SeqRange range, string newestTag, IReadOnlyList<EventTerms> events);

    /// <summary>The events of a known stretch that have all terms among what a reader sees, newest first; null when the index has failed.</summary>
    IReadOnlyList<long>? Find(TermQuery query, SeqRange range, int limit);
}

/// <summary>Events from one to another, both among them.</summary>
internal readonly record struct SeqRange(long Low, long High);

/// <summary>An event that is in an index.</summary>
/// <param name="Seq">Its number.</param>
/// <param name="Tag">What distinguishes it from an event of the same number in another history.</param>
internal sealed record IndexedEvent(long Seq, string Tag);

/// <summary>The words of an event.</summary>
/// <param name="Seq">Its number.</param>
/// <param name="Open">Those that everybody in the room reads.</param>
/// <param name="Private">Those that only readers of a private scope read, by scope.</param>
internal sealed record EventTerms(long Seq, IReadOnlyCollection<string> Open, IReadOnlyDictionary<string, IReadOnlyCollection<string>> Private);

/// <summary>What is looked for.</summary>
/// <param name="Terms">All of these; some may go on.</param>
/// <param name="SeesAll">Whether the reader sees every private scope.</param>
/// <param name="Private">Otherwise those it sees.</param>
internal sealed record TermQuery(IReadOnlyList<(string Term, bool IsPrefix)> Terms, bool SeesAll, IReadOnlyList<string> Private);
