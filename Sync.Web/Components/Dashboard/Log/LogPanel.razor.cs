using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Log;

/// <summary>The log, newest first: filtered, read back to its beginning, any event opened.</summary>
public sealed partial class LogPanel : IDisposable
{
    private const string Done = "done";
    private const string Refused = "refused";
    private const int Page = 200;
    private const int MaxChoices = 300;

    // A search goes on by itself until it has found so many more, and asks after so many stretches of the log whether to go on.
    private const int Enough = 50;
    private const int MaxStretches = 40;

    private readonly LogList _list = new();
    private readonly CancellationTokenSource _gone = new();
    private bool _filtering;
    private CancellationTokenSource? _search;
    private long? _opened;
    private LogQuery _asked = new();
    private SyncError? _refusal;

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    [CascadingParameter]
    private PageNavigation? Navigation { get; set; }

    [Inject]
    private TimeProvider Time { get; set; } = null!; // Set by the framework before anything runs.

    private DateTimeOffset Now => Time.GetUtcNow();

    private ImmutableArray<EventModel> Lines => _list.Shown;

    private int Chosens => (_list.Filter.Agent is null ? 0 : 1) + (_list.Filter.Action is null ? 0 : 1) + (_list.Filter.Ok is null ? 0 : 1);

    // Said once when a search begins and once when it rests: numbers that run are for the eye, on the button.
    private string Progress =>
        _list.Filter.IsEmpty ? ""
        : _search is not null ? "Searching older events…"
        : _list.ReachesStart ? $"Searched back to the first event: {Found}."
        : $"Searched back to #{_list.SearchedTo}: {Found}.";

    private string Found => _list.Shown.Length switch { 0 => "nothing found", 1 => "1 found", var many => $"{many:N0} found" };

    private IEnumerable<string> Names => Model.Actions.Select(action => action.Id)
        .Concat(Model.Activity.Select(e => e.Action).OfType<string>())
        .Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        _list.Show(Model.Activity);
        if (Navigation is null)
        {
            return;
        }

        if (Navigation.Location.Event != _opened)
        {
            _opened = Navigation.Location.Event;
            DrawNext();
        }

        if (Asked(Navigation.Location) is var asked && asked != _asked)
        {
            _asked = asked;
            if (asked != _list.Filter)
            {
                _filtering |= asked is not { Agent: null, Action: null, Ok: null };
                await SearchAsync(asked);
            }
        }
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) => drawn.Activity == now.Activity && (!_filtering || (drawn.Agents == now.Agents && drawn.Actions == now.Actions));

    private static LogQuery Asked(PageLocation location) =>
        new(location.Filter(PageFilters.LogAgent), location.Filter(PageFilters.LogAction), Outcome(location.Filter(PageFilters.LogOutcome)), location.Filter(PageFilters.LogText) ?? "");

    private static bool? Outcome(string? word) => word switch { Done => true, Refused => false, _ => null };

    // What is chosen is offered, also where the room does not have it any more.
    private static IEnumerable<string> Offered(IEnumerable<string> names, string? chosen) =>
        chosen is null || names.Contains(chosen, StringComparer.Ordinal) ? names.Take(MaxChoices) : names.Take(MaxChoices).Prepend(chosen);

    private string AddressOf(long seq) => new PageLocation("log", seq).Href(Model.Info.Id);

    private static string? Chosen(ChangeEventArgs change) => change.Value?.ToString() is { Length: > 0 } text ? text : null;

    private void ToggleFilter()
    {
        _filtering = !_filtering;
        Redraw();
    }

    private void ToNewest()
    {
        StopSearching();
        _list.Restart();
        Redraw();
    }

    private void StopSearching()
    {
        _search?.Cancel();
        _search = null;
        Redraw();
    }

    private void Open(long? seq)
    {
        _opened = seq;
        Navigation?.OpenEvent(seq);
        Redraw();
    }

    private Task FilterAsync(LogQuery filter)
    {
        _asked = filter;
        Navigation?.Go(
            Navigation.Location.WithFilter(PageFilters.LogText, filter.Text)
                .WithFilter(PageFilters.LogAgent, filter.Agent)
                .WithFilter(PageFilters.LogAction, filter.Action)
                .WithFilter(PageFilters.LogOutcome, filter.Ok switch { true => Done, false => Refused, null => null }),
            isStep: false);
        return SearchAsync(filter);
    }

    private async Task SearchAsync(LogQuery filter)
    {
        StopSearching();
        _list.Filter = filter;
        Redraw();
        if (_list.Shown.Length < Enough && !_list.ReachesStart)
        {
            await OlderAsync();
        }
    }

    private async Task OlderAsync()
    {
        if (_search is not null || Viewer is null)
        {
            return;
        }

        using var search = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token);
        (_search, _refusal) = (search, null);
        Redraw();
        try
        {
            var wanted = _list.Shown.Length + Enough;
            for (var i = 0; i < MaxStretches && !_list.ReachesStart && _list.Shown.Length < wanted; i++)
            {
                var before = _list.SearchedTo;
                var answer = await Viewer.Engine.Live.LogAsync(Viewer.Caller, Viewer.Room, _list.Filter, before, Page, search.Token);
                if (search.IsCancellationRequested)
                {
                    return;
                }

                if (!answer.Try(out var page, out _refusal))
                {
                    break;
                }

                _list.AddOlder(page, before);
                Redraw();
            }
        }
        catch (OperationCanceledException) when (search.IsCancellationRequested)
        {
            return;
        }
        finally
        {
            if (_search == search)
            {
                _search = null;
            }
        }

        Redraw();
    }
}
