using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Packs;

/// <summary>The packs that are installed.</summary>
public sealed partial class PacksPanel
{
    private const int MaxPacks = 100;

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPageModel drawn, RoomPageModel now) => drawn.Packs == now.Packs;
}
