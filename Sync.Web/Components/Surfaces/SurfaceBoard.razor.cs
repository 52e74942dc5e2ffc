using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Surfaces;

/// <summary>The views that want to be seen, as cards. A view that a section lists stands in that section only.</summary>
public sealed partial class SurfaceBoard
{
    // Under which name the address says what is enlarged.
    private const string OpenName = "surfaces.open";
    private const int MaxSurfaces = 60;
    private const int MaxCharacters = 400_000;

    private SurfaceLayout _layout = new(DashboardConfig.None, []);
    private RoomPageModel? _read;
    private string? _tab;
    private int _pages = 1;
    private string? _open;
    private SurfaceEnlarging _enlarging = null!; // Made before the first render.

    /// <summary>Only these views, in this order; null shows all.</summary>
    [Parameter]
    public IReadOnlyList<string>? Only { get; set; }

    [CascadingParameter]
    private PageNavigation? Navigation { get; set; }

    private string? Tab => _tab is not null && _layout.Config.Tabs.Any(tab => tab.Id == _tab) ? _tab : _layout.Config.DefaultTab;

    /// <inheritdoc/>
    protected override void OnInitialized() => _enlarging = new SurfaceEnlarging(Enlarge);

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        // On a room's page the address says what is enlarged, so that Back closes it and a link opens it.
        if (Navigation is not null && Named(Navigation.Location) is var named && named != _open)
        {
            _open = named;
            DrawNext();
        }

        if (_read is null || _read.Views != Model.Views || (Only is null && _read.Entries != Model.Entries))
        {
            _read = Model;
            _layout = Only is null ? SurfaceLayout.Of(Model) : SurfaceLayout.Of(Model, Only);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Cards of messages, actions and entries decide for themselves, so the board passes every model on that could concern one.</remarks>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) =>
        drawn.Views == now.Views && drawn.Messages == now.Messages && drawn.Actions == now.Actions && drawn.Entries == now.Entries && drawn.Agents == now.Agents;

    // So many surfaces, and so much of what they show, that opening the page stays light whatever the room holds.
    private (ImmutableArray<Surface> Shown, int Hidden) Fitting(ImmutableArray<Surface> surfaces)
    {
        var (count, characters) = (0, 0L);
        foreach (var surface in surfaces.Take(MaxSurfaces * _pages))
        {
            characters += Math.Min(surface.View.Value.Length, Clip.Surface);
            foreach (var member in surface.Kind == SurfaceKind.Section ? surface.Members() : [])
            {
                characters += Math.Min(Model.Views.FirstOrDefault(view => view.Id == member)?.Value.Length ?? 0, Clip.Surface);
            }

            if (count > 0 && characters > (long)MaxCharacters * _pages)
            {
                break;
            }

            count++;
        }

        return (surfaces[..count], surfaces.Length - count);
    }

    private static string? Named(PageLocation location) => location.Filter(OpenName) is { Length: > 0 } id ? id : null;

    // One that a section gathers is no surface of the board.
    private Surface? Opened(string id) =>
        _layout.Surfaces.FirstOrDefault(surface => surface.View.Id == id)
        ?? (Model.Views.FirstOrDefault(view => view.Id == id) is { } view ? Surface.Read(view.Render is null ? view with { Render = "{}" } : view) : null);

    private void Enlarge(string? id)
    {
        _open = id;
        Navigation?.Go(Navigation.Location.WithFilter(OpenName, id));
        Redraw();
    }

    private void More()
    {
        _pages++;
        DrawNext();
    }

    private void Choose(string tab)
    {
        _tab = tab;
        _pages = 1;
        DrawNext();
    }
}
