using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Packs;

/// <summary>The packs that are installed; one is open, with what it brought along.</summary>
public sealed partial class PacksPanel
{
    private const int MaxPacks = 100;
    private const int MaxParts = 100;

    // So few need no filter.
    private const int MinFiltered = 4;

    private string _filter = "";
    private string? _open;
    private bool _adding;
    private (string? Text, string? Open) _place;

    [CascadingParameter]
    private PageNavigation? Navigation { get; set; }

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    private bool MayAdd => Viewer is not null && RoomViewer.CanAct(Model);

    private List<PackModel> Shown => [.. Model.Packs.Where(pack => _filter.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(word => Mentions(pack, word)))];

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (Navigation is not null && PlaceOf(Navigation.Location) is var asked && asked != _place)
        {
            _place = asked;
            (_filter, _open) = (asked.Text ?? "", asked.Open);
            DrawNext();
        }
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) => drawn.Packs == now.Packs && (_open is null || (drawn.Actions == now.Actions && drawn.Views == now.Views));

    private static (string? Text, string? Open) PlaceOf(PageLocation location) => (location.Filter(PageFilters.PacksText), location.Filter(PageFilters.PacksOpen));

    private static bool Mentions(PackModel pack, string word) =>
        pack.Name.Contains(word, StringComparison.OrdinalIgnoreCase) || pack.Description?.Contains(word, StringComparison.OrdinalIgnoreCase) == true;

    private static IEnumerable<IGrouping<string, PackPartName>> PartsOf(PackModel pack) => pack.Parts.Select(PackPartName.Of).GroupBy(static part => part.Heading, StringComparer.Ordinal);

    // What is on the page can be gone to.
    private Action? Opens(PackPartName part) => part.Heading switch
    {
        _ when Navigation is null => null,
        "Actions" when Model.Actions.Any(action => action.Id == part.Name) => () => Navigation.OpenAction(part.Name),
        "Views" when Model.Views.Any(view => view.Id == part.Name) => () => Navigation.OpenView(part.Name),
        _ => null,
    };

    private void Filter(string? text)
    {
        _filter = text ?? "";
        Tell(PageFilters.PacksText, _filter);
    }

    private void Add(bool adding)
    {
        _adding = adding;
        Redraw();
    }

    private void Toggle(string pack)
    {
        _open = _open == pack ? null : pack;
        Tell(PageFilters.PacksOpen, _open);
    }

    private void Tell(string name, string? value)
    {
        if (Navigation is not null)
        {
            Navigation.SetFilter(name, value);
            _place = PlaceOf(Navigation.Location);
        }

        Redraw();
    }
}
