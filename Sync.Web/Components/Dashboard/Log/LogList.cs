using System.Collections.Immutable;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Log;

/// <summary>
/// The lines a log panel has: the newest, which come with each model, and stretches fetched from before them. Newest first, without gaps among what the filter takes. Bounded: past
/// its limit the lines at the end away from the reader go, and can be fetched again; while nobody reads back, that is soon, since every open page has its own. On the page's dispatcher only.
/// </summary>
internal sealed class LogList
{
    /// <summary>Most lines kept.</summary>
    public const int Max = 4_000;

    /// <summary>Most lines kept while no older stretch has been asked for.</summary>
    public const int MaxFollowed = 500;

    private readonly List<EventModel> _lines = [];
    private ImmutableArray<EventModel> _seen;
    private (int Generation, ImmutableArray<EventModel> Shown) _shown = (-1, []);
    private LogQuery _filter = new();
    private int _generation;
    private bool _readBack;

    /// <summary>The oldest event looked at: the next stretch lies before it.</summary>
    public long SearchedTo { get; private set; } = 1;

    /// <summary>Whether the first event of the room is among the lines, or was passed.</summary>
    public bool ReachesStart => SearchedTo <= 1;

    /// <summary>Whether the reader has gone so far back that the newest lines were let go of. New ones do not come in before <see cref="Restart"/>.</summary>
    public bool IsBehind { get; private set; }

    /// <summary>The filter. Another one begins with the newest again, since what was fetched is what the old one took.</summary>
    public LogQuery Filter
    {
        get => _filter;
        set
        {
            if (value != _filter)
            {
                _filter = value;
                Restart();
            }
        }
    }

    /// <summary>The lines the filter takes, newest first; the same array until something changes.</summary>
    public ImmutableArray<EventModel> Shown
    {
        get
        {
            if (_shown.Generation != _generation)
            {
                _shown = (_generation, _filter.IsEmpty ? [.. _lines] : [.. _lines.Where(_filter.Takes)]);
            }

            return _shown.Shown;
        }
    }

    /// <summary>Takes the newest events of a model.</summary>
    public void Show(ImmutableArray<EventModel> activity)
    {
        if (activity == _seen)
        {
            return;
        }

        var before = _seen;
        _seen = activity;
        var newest = before.IsDefaultOrEmpty ? 0 : before[0].Seq;
        var goesOn = !before.IsDefaultOrEmpty && !activity.IsEmpty && activity[0].Seq >= newest;
        if (IsBehind && goesOn)
        {
            return;
        }

        // Another moment, or more happened than a model holds: what is between is not known.
        if (!goesOn || activity[^1].Seq > newest + 1 || !activity.Any(e => e.Seq == newest))
        {
            Restart();
            return;
        }

        _lines.InsertRange(0, activity.TakeWhile(e => e.Seq > newest));

        // Refusals fold: the newest event seen before may have been counted up.
        _generation++;
        var max = _readBack ? Max : MaxFollowed;
        if (_lines.Count > max)
        {
            _lines.RemoveRange(max, _lines.Count - max);
            SearchedTo = _lines[^1].Seq;
        }
    }

    /// <summary>Forgets what was fetched and begins with the newest again.</summary>
    public void Restart()
    {
        _readBack = false;
        _lines.Clear();
        _lines.AddRange(_seen.IsDefault ? [] : _seen);
        SearchedTo = _lines.Count == 0 ? 1 : _lines[^1].Seq;
        IsBehind = false;
        _generation++;
    }

    /// <summary>Adds the stretch from before an event; nothing, when the lines have begun anew since it was asked for.</summary>
    public void AddOlder(LogPage page, long before)
    {
        if (before != SearchedTo)
        {
            return;
        }

        _readBack = true;
        _lines.AddRange(page.Events);
        SearchedTo = page.SearchedTo;
        _generation++;
        if (_lines.Count > Max)
        {
            // The reader looks at the old end.
            _lines.RemoveRange(0, _lines.Count - Max);
            IsBehind = true;
        }
    }
}
