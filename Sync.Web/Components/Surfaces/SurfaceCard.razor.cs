using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Dashboard;

namespace Sync.Web.Components.Surfaces;

/// <summary>One surface.</summary>
public sealed partial class SurfaceCard
{
    /// <summary>Sections within sections; deeper ones are left out, and with them those that contain themselves.</summary>
    private const int Deepest = 3;

    private Surface? _surface;
    private ImmutableArray<ViewModel> _members = [];
    private int _hidden;
    private DateTimeOffset _changed = DateTimeOffset.MinValue;
    private int _turn;

    /// <summary>The view to draw.</summary>
    [Parameter, EditorRequired]
    public required ViewModel View { get; set; }

    /// <summary>In how many sections it stands.</summary>
    [Parameter]
    public int Depth { get; set; }

    /// <summary>How many cards may stand in it, those within sections of it included: sections that list one another would multiply.</summary>
    [Parameter]
    public int Allowance { get; set; } = 40;

    /// <summary>Opened to full, where its name stands above it.</summary>
    [Parameter]
    public bool Enlarged { get; set; }

    /// <summary>Shown before the view is there: no surface of the room.</summary>
    [Parameter]
    public bool Preview { get; set; }

    [CascadingParameter]
    private SurfaceEnlarging? Enlarging { get; set; }

    [CascadingParameter]
    private PageNavigation? Navigation { get; set; }

    [Inject]
    private TimeProvider Time { get; set; } = null!; // Set by the framework before anything runs.

    private DateTimeOffset Now => Time.GetUtcNow();

    private string ViewAddress => (Navigation!.Location with { Panel = "views", View = View.Id }).Href(Model.Info.Id); // Shown only with a navigation.

    private string CssName => _surface!.Kind switch
    {
        _ when View.Error is not null => "plain",
        SurfaceKind.Metric => "metric",
        SurfaceKind.Chart when _surface.Hint.Text("kind") != "bar" => "chart",
        SurfaceKind.ArrayTable when _surface.Hint.Text("layout") == "event-log" => "log",
        SurfaceKind.ViewTable or SurfaceKind.ArrayTable when SurfaceTable.IsWide(_surface.Value) => "table",
        SurfaceKind.ViewGrid => "grid",
        SurfaceKind.Section => "section",
        SurfaceKind.Feed => "feed",
        _ => "plain",
    };

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (_surface is not null && _surface.View == View)
        {
            return;
        }

        if (_surface is not null && _surface.View.Value != View.Value)
        {
            _changed = Now;
            _turn++;
        }

        _surface = Surface.Read(View);
        DrawNext();
    }

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) =>
        _surface?.Kind switch
        {
            SurfaceKind.Feed => drawn.Messages == now.Messages && drawn.Agents == now.Agents,
            SurfaceKind.ActionBar or SurfaceKind.ActionForm or SurfaceKind.ActionChoice => drawn.Actions == now.Actions && drawn.Info == now.Info,
            SurfaceKind.Watch => drawn.Entries == now.Entries,
            SurfaceKind.Section => drawn.Views == now.Views && drawn.Messages == now.Messages && drawn.Actions == now.Actions && drawn.Entries == now.Entries,
            _ => true,
        };

    private ActionModel? Named(string? id) => Model.Actions.FirstOrDefault(action => action.Id == id);

    private void Gather(Surface section)
    {
        ImmutableArray<ViewModel> all = Depth >= Deepest
            ? []
            : [.. section.Members()
                .Where(id => id != View.Id)
                .Select(id => Model.Views.FirstOrDefault(view => view.Id == id))
                .OfType<ViewModel>()
                .Select(view => view.Render is null ? view with { Render = "{}" } : view)];
        _members = [.. all.Take(Math.Max(Allowance, 0))];
        _hidden = all.Length - _members.Length;
    }
}
