using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Dashboard.State;

/// <summary>The entries the reader may see, by scope.</summary>
public sealed partial class StatePanel
{
    private string _filter = "";
    private (string Scope, string Key)? _selected;
    private readonly StateTree _tree = new();

    [CascadingParameter]
    private PageNavigation? Navigation { get; set; }

    [Inject]
    private TimeProvider Time { get; set; } = null!; // Set by the framework before anything runs.

    private DateTimeOffset Now => Time.GetUtcNow();

    private ImmutableArray<StateRow> Rows => _tree.Rows(Model.Entries, _filter);

    private EntryModel? Selected => _selected is { } selected
        ? Model.Entries.FirstOrDefault(entry => entry.Scope == selected.Scope && entry.Key == selected.Key)
        : null;

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        var place = Navigation is null ? _selected : KeyAt(Navigation.Location.Key);
        if (place != _selected)
        {
            _selected = place;
            DrawNext();
        }
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) => drawn.Entries == now.Entries;

    private static string Short(string value) => Clip.Text(value, Clip.Cell);

    private bool IsSelected(EntryModel entry) => _selected == (entry.Scope, entry.Key);

    private void Toggle(string scope)
    {
        _tree.Toggle(scope);
        Redraw();
    }

    private void Select(EntryModel? entry)
    {
        _selected = entry is null || IsSelected(entry) ? null : (entry.Scope, entry.Key);
        Navigation?.OpenKey(_selected?.Scope, _selected?.Key);
        Redraw();
    }

    // Scopes hold no slash; keys may.
    private static (string Scope, string Key)? KeyAt(string? text) => text?.IndexOf('/') is > 0 and var at && at < text.Length - 1 ? (text[..at], text[(at + 1)..]) : null;
}
