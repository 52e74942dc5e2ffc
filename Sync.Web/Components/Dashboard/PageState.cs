using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard;

/// <summary>Where a page stands with its room.</summary>
public enum PageStatus
{
    /// <summary>Being opened.</summary>
    Opening,
    /// <summary>Open, and changing by itself.</summary>
    Live,
    /// <summary>Not open: the reader has to say who they are.</summary>
    NeedsToken,
    /// <summary>Not open, and another token would not help.</summary>
    Refused,
    /// <summary>Was open; access or the room has ended, and the model is gone with it.</summary>
    Ended,
    /// <summary>The server failed. The last model, if any, stays.</summary>
    Failed,
}

/// <summary>The state that a page renders: immutable, made by <see cref="RoomPageRefresher"/>, handed over whole.</summary>
/// <param name="Status">Where the page stands.</param>
/// <param name="Model">The room, while <see cref="PageStatus.Live"/> and after a failure.</param>
/// <param name="Viewer">What panels act and look with; there with the model.</param>
/// <param name="IsAudience">Whether the reader watches without a token.</param>
/// <param name="Refusal">Why not, when not open.</param>
public sealed record PageState(PageStatus Status, RoomPageModel? Model, RoomViewer? Viewer, bool IsAudience, SyncError? Refusal)
{
    /// <summary>Before anything is known.</summary>
    public static PageState Opening { get; } = new(PageStatus.Opening, null, null, IsAudience: false, Refusal: null);
}
