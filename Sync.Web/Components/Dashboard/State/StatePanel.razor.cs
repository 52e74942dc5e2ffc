using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Sync.Engine;

namespace Sync.Web.Components.Dashboard.State;

/// <summary>The entries the reader may see, by scope.</summary>
public sealed partial class StatePanel
{
    private string _filter = "";
    private (string Scope, string Key)? _selected;
    private (ImmutableArray<EntryPicture> Entries, string Filter, ImmutableArray<StateRow> Rows) _listed;

    [Inject]
    private TimeProvider Time { get; set; } = null!; // Set by the framework before anything runs.

    private DateTimeOffset Now => Time.GetUtcNow();

    private ImmutableArray<StateRow> Rows
    {
        get
        {
            if (_listed.Rows.IsDefault || _listed.Entries != Picture.Entries || _listed.Filter != _filter)
            {
                _listed = (Picture.Entries, _filter, StateRow.List(Picture.Entries, _filter));
            }

            return _listed.Rows;
        }
    }

    private EntryPicture? Selected => _selected is { } selected
        ? Picture.Entries.FirstOrDefault(entry => entry.Scope == selected.Scope && entry.Key == selected.Key)
        : null;

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPicture drawn, RoomPicture now) => drawn.Entries == now.Entries;

    private static string Short(string value) => value.Length <= 240 ? value : string.Concat(value.AsSpan(0, 240), "…");

    private bool IsSelected(EntryPicture entry) => _selected == (entry.Scope, entry.Key);

    private void Select(EntryPicture? entry)
    {
        _selected = entry is null || IsSelected(entry) ? null : (entry.Scope, entry.Key);
        Redraw();
    }
}
