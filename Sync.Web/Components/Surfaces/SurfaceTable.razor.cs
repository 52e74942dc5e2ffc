using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard;

namespace Sync.Web.Components.Surfaces;

/// <summary>
/// A list or an object as a table that sorts, filters and turns its pages, or, where it is one plain object, as its fields. What the reader chose stays when the value changes. A row that is about an
/// entry leads to it.
/// </summary>
public sealed partial class SurfaceTable
{
    private const int MaxFields = 60;
    private const int FullRows = 50;

    // So few rows are seen at once.
    private const int MinFiltered = 10;

    private TableModel? _table;
    private EntryLinks _links = EntryLinks.None;
    private TableQuery _query = new();
    private (ViewModel? View, bool Full) _read;

    /// <summary>The view it shows.</summary>
    [Parameter, EditorRequired]
    public required ViewModel View { get; set; }

    /// <summary>The room, for what its rows lead to.</summary>
    [Parameter, EditorRequired]
    public required RoomPageModel Model { get; set; }

    /// <summary>What to show.</summary>
    [Parameter, EditorRequired]
    public required JsonElement Value { get; set; }

    /// <summary>The render hint.</summary>
    [Parameter, EditorRequired]
    public required JsonElement Hint { get; set; }

    /// <summary>What it is, for screen readers.</summary>
    [Parameter, EditorRequired]
    public required string Label { get; set; }

    /// <summary>Opened to full: longer pages, always with a filter.</summary>
    [Parameter]
    public bool Full { get; set; }

    [CascadingParameter]
    private PageNavigation? Navigation { get; set; }

    private bool IsFields => Value.ValueKind == JsonValueKind.Object && !IsWide(Value);

    /// <summary>Whether a value needs the width of a table.</summary>
    internal static bool IsWide(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array || (value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Any(field => field.Value.ValueKind == JsonValueKind.Object));

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (_read.View == View && _read.Full == Full)
        {
            return;
        }

        _read = (View, Full);
        _table = IsFields ? null : TableModel.Of(Value, Hint, Full ? FullRows : null);
        _links = Navigation is null || IsFields ? EntryLinks.None : EntryLinks.Of(View, Model);
    }

    private string Address(EntryModel entry) => (Navigation!.Location with { Panel = "state", Key = $"{entry.Scope}/{entry.Key}" }).Href(Model.Info.Id); // Rows lead somewhere only with a navigation.

    private void Sort(string column) => _query = _query.SortedBy(column);

    private void Filter(string? text) => _query = _query with { Text = text ?? "", Page = 0 };

    private void Turn(int page) => _query = _query with { Page = page };
}
