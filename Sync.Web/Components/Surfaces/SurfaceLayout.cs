using System.Collections.Immutable;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Surfaces;

/// <summary>Which surfaces a room has and in which order they stand.</summary>
internal sealed record SurfaceLayout(DashboardConfig Config, ImmutableArray<Surface> Surfaces)
{
    /// <summary>Whether a room has any.</summary>
    public static bool Any(RoomPageModel model) => model.Views.Concat(DashboardConfig.Read(model).Surfaces).Any(view => Surface.Read(view) is not null);

    /// <summary>Those of the older dashboard entry first, then the views with a render hint. What a section gathers stands in that section only.</summary>
    public static SurfaceLayout Of(RoomPageModel model)
    {
        var config = DashboardConfig.Read(model);
        var configured = config.Surfaces.Select(Surface.Read).OfType<Surface>().ToList();
        var taken = configured.Select(surface => surface.View.Id).ToHashSet(StringComparer.Ordinal);
        var views = model.Shows is null ? model.Views : model.Views.Select(Drawn);
        var own = views.Where(view => !taken.Contains(view.Id)).Select(Surface.Read).OfType<Surface>().ToList();
        var gathered = configured.Concat(own)
            .Where(surface => surface.Kind == SurfaceKind.Section)
            .SelectMany(section => section.Members().Where(id => id != section.View.Id))
            .ToHashSet(StringComparer.Ordinal);

        var order = own.OrderBy(surface => surface.Order).ThenBy(surface => surface.View.Id, StringComparer.Ordinal);
        var shown = configured.OrderBy(surface => surface.Order).Concat(order).Where(surface => !gathered.Contains(surface.View.Id)).ToList();

        // A group stands where its first surface does.
        var groups = shown.Select(surface => surface.Group).Distinct().ToList();
        return new SurfaceLayout(config, [.. shown.OrderBy(surface => groups.IndexOf(surface.Group))]);
    }

    /// <summary>Only these views, in this order.</summary>
    public static SurfaceLayout Of(RoomPageModel model, IReadOnlyList<string> only) => new(
        DashboardConfig.None,
        [.. only.Select(id => model.Views.FirstOrDefault(view => view.Id == id)).OfType<ViewModel>().Select(Surface.Read).OfType<Surface>()]);

    /// <summary>The surfaces of a tab; all without one, and on the first tab also those no tab names.</summary>
    public ImmutableArray<Surface> On(string? tab)
    {
        if (Config.Tabs.FirstOrDefault(candidate => candidate.Id == tab) is not { } chosen)
        {
            return Surfaces;
        }

        var elsewhere = Config.Tabs.Where(other => other != chosen).SelectMany(other => other.Surfaces).ToHashSet(StringComparer.Ordinal);
        var isFirst = Config.Tabs[0] == chosen;
        return [.. Surfaces.Where(surface => chosen.Surfaces.Contains(surface.View.Id) || (isFirst && !elsewhere.Contains(surface.View.Id)))];
    }

    // What a link shows is meant to be seen, also without a hint of its own: the dashboard entry may have given it one.
    private static ViewModel Drawn(ViewModel view) => view.Render is null ? view with { Render = "{}" } : view;
}
