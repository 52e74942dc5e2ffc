using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Sync.Engine;
using Sync.Web.Components.Shared;
using Sync.Web.Live;

namespace Sync.Web.Components.Dashboard.State;

/// <summary>The entries the reader may see, by scope.</summary>
public sealed partial class StatePanel
{
    private string _filter = "";
    private (string Scope, string Key)? _selected;
    private readonly StateTree _tree = new();

    [CascadingParameter]
    private RoomDesk? Desk { get; set; }

    [Inject]
    private TimeProvider Time { get; set; } = null!; // Set by the framework before anything runs.

    private DateTimeOffset Now => Time.GetUtcNow();

    private ImmutableArray<StateRow> Rows => _tree.Rows(Picture.Entries, _filter);

    private EntryPicture? Selected => _selected is { } selected
        ? Picture.Entries.FirstOrDefault(entry => entry.Scope == selected.Scope && entry.Key == selected.Key)
        : null;

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        var place = Desk is null ? _selected : KeyAt(Desk.Place.Key);
        if (place != _selected)
        {
            _selected = place;
            DrawNext();
        }
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPicture drawn, RoomPicture now) => drawn.Entries == now.Entries;

    private static string Short(string value) => Clip.Text(value, Clip.Cell);

    private bool IsSelected(EntryPicture entry) => _selected == (entry.Scope, entry.Key);

    private void Toggle(string scope)
    {
        _tree.Toggle(scope);
        Redraw();
    }

    private void Select(EntryPicture? entry)
    {
        _selected = entry is null || IsSelected(entry) ? null : (entry.Scope, entry.Key);
        Desk?.OpenKey(_selected?.Scope, _selected?.Key);
        Redraw();
    }

    // Scopes hold no slash; keys may.
    private static (string Scope, string Key)? KeyAt(string? text) => text?.IndexOf('/') is > 0 and var at && at < text.Length - 1 ? (text[..at], text[(at + 1)..]) : null;
}
