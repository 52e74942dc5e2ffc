using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Dashboard.State;

/// <summary>The entries the reader may see, by scope.</summary>
public sealed partial class StatePanel
{
    private string _filter = "";
    private (string Text, string Closed) _place = ("", "");
    private (string Scope, string Key)? _selected;
    private readonly StateTree _tree = new();

    [CascadingParameter]
    private PageNavigation? Navigation { get; set; }

    [Inject]
    private TimeProvider Time { get; set; } = null!; // Set by the framework before anything runs.

    private DateTimeOffset Now => Time.GetUtcNow();

    private ImmutableArray<StateRow> Rows => _tree.Rows(Model.Entries, _filter);

    private int Taken
    {
        get
        {
            _ = Rows;
            return _tree.Taken;
        }
    }

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

        if (Navigation is not null && PlaceOf(Navigation.Location) is var asked && asked != _place)
        {
            _place = asked;
            _filter = asked.Text;
            _tree.CloseOnly(asked.Closed.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            DrawNext();
        }
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) => drawn.Entries == now.Entries;

    private static string Short(string value) => Clip.Text(value, Clip.Cell);

    private bool IsSelected(EntryModel entry) => _selected == (entry.Scope, entry.Key);

    private static (string Text, string Closed) PlaceOf(PageLocation location) => (location.Filter(PageFilters.StateText) ?? "", location.Filter(PageFilters.StateClosed) ?? "");

    private void Toggle(string scope)
    {
        _tree.Toggle(scope);
        Tell(PageFilters.StateClosed, string.Join(' ', _tree.Closed));
        Redraw();
    }

    private void Select(EntryModel? entry)
    {
        _selected = entry is null || IsSelected(entry) ? null : (entry.Scope, entry.Key);
        Navigation?.OpenKey(_selected?.Scope, _selected?.Key);
        Redraw();
    }

    private void Filter(string? text)
    {
        _filter = text ?? "";
        Tell(PageFilters.StateText, _filter);
        Redraw();
    }

    // What the address cannot hold stays here only, and the next thing that it says is still news.
    private void Tell(string name, string? value)
    {
        if (Navigation is not null)
        {
            Navigation.SetFilter(name, value);
            _place = PlaceOf(Navigation.Location);
        }
    }

    // Scopes hold no slash; keys may.
    private static (string Scope, string Key)? KeyAt(string? text) => text?.IndexOf('/') is > 0 and var at && at < text.Length - 1 ? (text[..at], text[(at + 1)..]) : null;
}
