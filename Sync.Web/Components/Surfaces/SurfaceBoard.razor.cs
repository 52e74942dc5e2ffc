using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Sync.Engine;
using Sync.Web.Components.Dashboard;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Surfaces;

/// <summary>The views that want to be seen, as cards. A view that a section lists stands in that section only.</summary>
public sealed partial class SurfaceBoard
{
    private const int MostSurfaces = 60;
    private const int MostCharacters = 400_000;

    private SurfaceLayout _layout = new(DashboardConfig.None, []);
    private RoomPicture? _read;
    private string? _tab;
    private int _pages = 1;

    /// <summary>Only these views, in this order; null shows all.</summary>
    [Parameter]
    public IReadOnlyList<string>? Only { get; set; }

    private string? Tab => _tab is not null && _layout.Config.Tabs.Any(tab => tab.Id == _tab) ? _tab : _layout.Config.DefaultTab;

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (_read is null || _read.Views != Picture.Views || (Only is null && _read.Entries != Picture.Entries))
        {
            _read = Picture;
            _layout = Only is null ? SurfaceLayout.Of(Picture) : SurfaceLayout.Of(Picture, Only);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Cards of messages, actions and entries decide for themselves, so the board passes every picture on that could concern one.</remarks>
    protected override bool ShowsTheSame(RoomPicture drawn, RoomPicture now) =>
        drawn.Views == now.Views && drawn.Messages == now.Messages && drawn.Actions == now.Actions && drawn.Entries == now.Entries && drawn.Agents == now.Agents;

    // So many surfaces, and so much of what they show, that opening the page stays light whatever the room holds.
    private (ImmutableArray<Surface> Shown, int Hidden) Fitting(ImmutableArray<Surface> surfaces)
    {
        var (count, characters) = (0, 0L);
        foreach (var surface in surfaces.Take(MostSurfaces * _pages))
        {
            characters += Math.Min(surface.View.Value.Length, Clip.Surface);
            foreach (var member in surface.Kind == SurfaceKind.Section ? surface.Members() : [])
            {
                characters += Math.Min(Picture.Views.FirstOrDefault(view => view.Id == member)?.Value.Length ?? 0, Clip.Surface);
            }

            if (count > 0 && characters > (long)MostCharacters * _pages)
            {
                break;
            }

            count++;
        }

        return (surfaces[..count], surfaces.Length - count);
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
