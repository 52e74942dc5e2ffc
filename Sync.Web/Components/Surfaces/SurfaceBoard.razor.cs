using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Sync.Engine;
using Sync.Web.Components.Dashboard;

namespace Sync.Web.Components.Surfaces;

/// <summary>The views that want to be seen, as cards. A view that a section lists stands in that section only.</summary>
public sealed partial class SurfaceBoard
{
    private (ImmutableArray<ViewPicture> Views, ImmutableArray<Surface> Surfaces) _read;

    /// <summary>Only these views, in this order; null shows all.</summary>
    [Parameter]
    public IReadOnlyList<string>? Only { get; set; }

    private ImmutableArray<Surface> Shown
    {
        get
        {
            if (_read.Surfaces.IsDefault || _read.Views != Picture.Views)
            {
                _read = (Picture.Views, Read(Picture.Views));
            }

            return _read.Surfaces;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Cards of messages, actions and entries decide for themselves, so the board passes every picture on that could concern one.</remarks>
    protected override bool ShowsTheSame(RoomPicture drawn, RoomPicture now) =>
        drawn.Views == now.Views && drawn.Messages == now.Messages && drawn.Actions == now.Actions && drawn.Entries == now.Entries;

    private ImmutableArray<Surface> Read(ImmutableArray<ViewPicture> views)
    {
        var surfaces = views.Select(Surface.Read).OfType<Surface>().ToList();
        if (Only is not null)
        {
            return [.. Only.Select(id => surfaces.Find(surface => surface.View.Id == id)).OfType<Surface>()];
        }

        var inSections = surfaces.Where(surface => surface.Kind == SurfaceKind.Section).SelectMany(section => section.Members()).ToHashSet(StringComparer.Ordinal);
        var order = surfaces.Where(surface => !inSections.Contains(surface.View.Id)).OrderBy(surface => surface.Order).ThenBy(surface => surface.View.Id, StringComparer.Ordinal).ToList();

        // A group stands where its first surface does.
        var groups = order.Select(surface => surface.Group).Distinct().ToList();
        return [.. order.OrderBy(surface => groups.IndexOf(surface.Group))];
    }
}
