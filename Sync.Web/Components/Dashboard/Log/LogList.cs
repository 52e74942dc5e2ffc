using System.Collections.Immutable;
using Sync.Engine;

namespace Sync.Web.Components.Dashboard.Log;

/// <summary>
/// The lines a log panel has: the newest, which come with each picture, and pages fetched from before them. Newest first, without gaps among what the filter takes. Bounded: past
/// its limit the oldest go and can be fetched again; while nobody reads back, that is soon, since every open page has its own. On the page's dispatcher only.
/// </summary>
internal sealed class LogList
{
    /// <summary>Most lines kept.</summary>
    public const int Most = 4_000;

    /// <summary>Most lines kept while no older page has been asked for.</summary>
    public const int MostFollowed = 500;

    private readonly List<LogLine> _lines = [];
    private ImmutableArray<EventPicture> _seen;
    private (LogFilter Filter, int Generation, ImmutableArray<LogLine> Shown) _shown = (new LogFilter(), -1, []);
    private LogFilter _filter = new();
    private int _generation;
    private bool _readBack;

    /// <summary>Whether the first event of the room is among the lines, or was passed.</summary>
    public bool ReachesStart { get; private set; }

    /// <summary>The filter.</summary>
    public LogFilter Filter
    {
        get => _filter;
        set
        {
            if (!value.FetchesLike(_filter))
            {
                // Fetched pages hold what the old filter took.
                _filter = value;
                Restart();
            }

            _filter = value;
        }
    }

    /// <summary>Where the next older page begins: before this event.</summary>
    public long? Before => _lines.Count == 0 ? null : _lines[^1].Seq;

    /// <summary>The lines the filter takes, newest first; the same array until something changes.</summary>
    public ImmutableArray<LogLine> Shown
    {
        get
        {
            if (_shown.Generation != _generation || _shown.Filter != _filter)
            {
                _shown = (_filter, _generation, _filter.IsEmpty ? [.. _lines] : [.. _lines.Where(_filter.Takes)]);
            }

            return _shown.Shown;
        }
    }

    /// <summary>Takes the newest events of a picture.</summary>
    public void Show(ImmutableArray<EventPicture> activity)
    {
        if (activity == _seen)
        {
            return;
        }

        var before = _seen;
        _seen = activity;
        var newest = before.IsDefaultOrEmpty ? 0 : before[0].Seq;

        // Another moment, or more happened than a picture holds: what is between is not known.
        if (before.IsDefaultOrEmpty || activity.IsEmpty || activity[0].Seq < newest || activity[^1].Seq > newest + 1 || !activity.Any(e => e.Seq == newest))
        {
            Restart();
            return;
        }

        _lines.InsertRange(0, activity.TakeWhile(e => e.Seq > newest).Select(LogLine.Of));

        // Refusals fold: the newest event seen before may have been counted up.
        _generation++;
        var most = _readBack ? Most : MostFollowed;
        if (_lines.Count > most)
        {
            _lines.RemoveRange(most, _lines.Count - most);
            ReachesStart = false;
        }
    }

    /// <summary>Forgets what was fetched and begins with the newest again.</summary>
    public void Restart()
    {
        _readBack = false;
        _lines.Clear();
        _lines.AddRange((_seen.IsDefault ? [] : _seen).Select(LogLine.Of));
        ReachesStart = _lines.Count == 0 || _lines[^1].Seq <= 1;
        _generation++;
    }

    /// <summary>Adds a page from before <see cref="Before"/>; a short one is the last.</summary>
    public void AddOlder(IReadOnlyList<LogLine> page, int asked)
    {
        _readBack = true;
        var oldest = Before ?? long.MaxValue;
        _lines.AddRange(page.Where(line => line.Seq < oldest));
        ReachesStart = page.Count < asked || _lines.Count == 0 || _lines[^1].Seq <= 1;
        _generation++;
        if (_lines.Count > Most)
        {
            // The reader looks at the old end: there the page stays, and following begins anew from the top.
            _lines.RemoveRange(0, _lines.Count - Most);
        }
    }
}
