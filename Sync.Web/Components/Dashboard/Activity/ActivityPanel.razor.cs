using Microsoft.AspNetCore.Components;
using Sync.Engine;

namespace Sync.Web.Components.Dashboard.Activity;

/// <summary>The tail of the log.</summary>
public sealed partial class ActivityPanel
{
    [Inject]
    private TimeProvider Time { get; set; } = null!; // Set by the framework before anything runs.

    private DateTimeOffset Now => Time.GetUtcNow();

    /// <inheritdoc/>
    protected override bool ShowsTheSame(RoomPicture drawn, RoomPicture now) => drawn.Activity == now.Activity;
}
