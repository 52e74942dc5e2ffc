using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Sync.Engine;
using Sync.Web.Live;

namespace Sync.Web.Components.Dashboard.Log;

/// <summary>The log, newest first: filtered, read back to its beginning, any event opened.</summary>
public sealed partial class LogPanel : IDisposable
{
    private const string Done = "done";
    private const int Page = 200;

    // A search for a rare word reads so many pages before it asks whether to go on.
    private const int MostPages = 10;

    private readonly LogList _list = new();
    private readonly CancellationTokenSource _gone = new();
    private bool _filtering;
    private bool _fetching;
    private int _turn;
    private long? _opened;
    private SyncError? _refusal;

    [CascadingParameter]
    private RoomSeat? Seat { get; set; }

    [CascadingParameter]
    private RoomDesk? Desk { get; set; }

    [Inject]
    private TimeProvider Time { get; set; } = null!; // Set by the framework before anything runs.

    private DateTimeOffset Now => Time.GetUtcNow();

    private ImmutableArray<LogLine> Lines => _list.Shown;

    private IEnumerable<string> Names => Picture.Actions.Select(action => action.Id)
        .Concat(Picture.Activity.Select(e => e.Action).OfType<string>())
        .Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        _list.Show(Picture.Activity);
        if (Desk is not null && Desk.Place.Event != _opened)
        {
            _opened = Desk.Place.Event;
            DrawNext();
        }
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPicture drawn, RoomPicture now) => drawn.Activity == now.Activity && (!_filtering || (drawn.Agents == now.Agents && drawn.Actions == now.Actions));

    private static string? Chosen(ChangeEventArgs change) => change.Value?.ToString() is { Length: > 0 } text ? text : null;

    private void ToggleFilter()
    {
        _filtering = !_filtering;
        if (!_filtering)
        {
            _list.Filter = new LogFilter();
        }

        Redraw();
    }

    private void Open(long? seq)
    {
        _opened = seq;
        Desk?.OpenEvent(seq);
        Redraw();
    }

    private async Task FilterAsync(LogFilter filter)
    {
        _list.Filter = filter;
        _turn++;
        _fetching = false;
        Redraw();
        if (_list.Shown.Length < 20 && !_list.ReachesStart)
        {
            await OlderAsync();
        }
    }

    private async Task OlderAsync()
    {
        if (_fetching || Seat is null)
        {
            return;
        }

        (_fetching, _refusal) = (true, null);
        var turn = _turn;
        Redraw();
        try
        {
            var had = _list.Shown.Length;
            for (var i = 0; i < MostPages && !_list.ReachesStart && _list.Shown.Length < had + 20; i++)
            {
                var filter = _list.Filter;
                var query = new AuditQuery(After: null, Page, filter.Agent, filter.Action, filter.Ok) { Before = _list.Before };
                var answer = await Seat.Engine.History.AuditAsync(Seat.Caller, Seat.Room, query, _gone.Token);
                if (turn != _turn)
                {
                    return;
                }

                if (!answer.Try(out var json, out _refusal))
                {
                    break;
                }

                _list.AddOlder(LogLine.ReadAll(json), Page);
            }
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            return;
        }
        finally
        {
            if (turn == _turn)
            {
                _fetching = false;
            }
        }

        Redraw();
    }
}
