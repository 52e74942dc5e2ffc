using Microsoft.AspNetCore.Components;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.History;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.State;

/// <summary>One entry: its value, and every value it had, with what changed between them. Give it another key for another entry.</summary>
public sealed partial class EntryCard
{
    private const int Page = 20;

    // A key that was written more often since the moment looked at than this many pages hold shows no history there.
    private const int MaxPages = 25;

    private List<KeyWrite> _steps = [];
    private long? _next;
    private bool _loaded;
    private (long? Seq, long? AsOf) _of;
    private SyncError? _refusal;

    /// <summary>The scope.</summary>
    [Parameter, EditorRequired]
    public required string Scope { get; set; }

    /// <summary>The key.</summary>
    [Parameter, EditorRequired]
    public required string Key { get; set; }

    /// <summary>The entry as it is; null when there is none.</summary>
    [Parameter, EditorRequired]
    public EntryModel? Entry { get; set; }

    /// <summary>The event the page is turned back to, or null.</summary>
    [Parameter]
    public long? AsOf { get; set; }

    /// <summary>Closes it.</summary>
    [Parameter, EditorRequired]
    public EventCallback Close { get; set; }

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (IsBusy || (_loaded && _of == (Entry?.Seq, AsOf)))
        {
            return;
        }

        _loaded = true;
        do
        {
            // Written again while its history was fetched: once more.
            _of = (Entry?.Seq, AsOf);
            await LoadAsync(before: null, []);
        }
        while (_of != (Entry?.Seq, AsOf) && !Gone.IsCancellationRequested);
    }

    private Task OlderAsync() => LoadAsync(_next, _steps);

    private Task LoadAsync(long? before, List<KeyWrite> known) => AskAsync(async () =>
    {
        if (Viewer is null)
        {
            return;
        }

        var steps = new List<KeyWrite>(known);
        for (var i = 0; i < MaxPages; i++)
        {
            if (!(await Viewer.Engine.History.KeyAsync(Viewer.Caller, Viewer.Room, Scope, Key, before, Page, Gone)).Try(out var page, out _refusal))
            {
                return;
            }

            steps.AddRange(page.Writes.Where(step => AsOf is not { } asOf || step.Seq <= asOf));
            before = page.NextBefore;
            if (steps.Count > known.Count || before is null)
            {
                break;
            }
        }

        (_steps, _next) = (steps, before);
    });
}
