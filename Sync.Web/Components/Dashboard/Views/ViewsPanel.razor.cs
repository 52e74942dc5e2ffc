using Sync.Engine;

namespace Sync.Web.Components.Dashboard.Views;

/// <summary>What the room's participants have declared to read, with its value now.</summary>
public sealed partial class ViewsPanel
{
    private string? _opened;

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPicture drawn, RoomPicture now) => drawn.Views == now.Views;

    private static string Clip(string value, int length) => value.Length <= length ? value : string.Concat(value.AsSpan(0, length), "…");

    private void Open(string view)
    {
        _opened = _opened == view ? null : view;
        Redraw();
    }
}
