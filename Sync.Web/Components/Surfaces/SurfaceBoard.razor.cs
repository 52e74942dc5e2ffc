using Microsoft.AspNetCore.Components;
using Sync.Engine;
using Sync.Web.Components.Dashboard;

namespace Sync.Web.Components.Surfaces;

/// <summary>The views that want to be seen, as cards. A view that a section lists stands in that section only.</summary>
public sealed partial class SurfaceBoard
{
    private SurfaceLayout _layout = new(DashboardConfig.None, []);
    private RoomPicture? _read;
    private string? _tab;

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

    private void Choose(string tab)
    {
        _tab = tab;
        DrawNext();
    }
}
