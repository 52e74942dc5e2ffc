using System.Collections.Immutable;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Surfaces;

namespace Sync.Web.Components.Dashboard.Sharing;

/// <summary>A surface that a link may show.</summary>
/// <param name="View">The view it draws.</param>
/// <param name="Label">What it is called on the page.</param>
/// <param name="Group">The heading it stands under, or null.</param>
/// <param name="Members">The views that a section gathers.</param>
/// <param name="Beyond">What of it such a link leaves out, or null.</param>
public sealed record ShareChoice(string View, string Label, string? Group, ImmutableArray<string> Members, string? Beyond)
{
    /// <summary>The room's surfaces in the order of the page, each once, those of a section after it.</summary>
    public static IReadOnlyList<ShareChoice> Of(RoomPageModel model)
    {
        var views = model.Views.Where(view => !view.System).ToDictionary(view => view.Id, StringComparer.Ordinal);
        var choices = new List<ShareChoice>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var surface in SurfaceLayout.Of(model).Surfaces)
        {
            Add(surface, surface.Group);
        }

        // A group stands where its first surface does, also with what a section brings along.
        var groups = choices.Select(choice => choice.Group).Distinct().ToList();
        return [.. choices.OrderBy(choice => groups.IndexOf(choice.Group))];

        void Add(Surface surface, string? group)
        {
            // A surface of the dashboard entry draws a view under another id, or none at all.
            var view = views.ContainsKey(surface.View.Id) ? surface.View.Id : surface.Hint.Text("view");
            if (view is null || !views.ContainsKey(view) || !seen.Add(view))
            {
                return;
            }

            ImmutableArray<string> members = surface.Kind == SurfaceKind.Section ? [.. surface.Members().Where(id => id != view && views.ContainsKey(id))] : [];
            choices.Add(new ShareChoice(view, surface.Label, group, members, Surface.Beyond(surface.Kind)));
            foreach (var member in members)
            {
                if (Surface.Read(views[member] with { Render = views[member].Render ?? "{}" }) is { } inner)
                {
                    Add(inner, group);
                }
            }
        }
    }
}
