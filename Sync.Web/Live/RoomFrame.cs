using Sync.Engine;

namespace Sync.Web.Live;

/// <summary>Where a page stands with its room.</summary>
public enum RoomStage
{
    /// <summary>Being opened.</summary>
    Opening,
    /// <summary>Open, and changing by itself.</summary>
    Live,
    /// <summary>Not open: the reader has to say who they are.</summary>
    NeedsToken,
    /// <summary>Not open, and another token would not help.</summary>
    Refused,
    /// <summary>Was open; access or the room has ended, and the picture is gone with it.</summary>
    Ended,
    /// <summary>The server failed. The last picture, if any, stays.</summary>
    Failed,
}

/// <summary>What a page paints: immutable, made by <see cref="RoomLiveLoop"/>, handed over whole.</summary>
/// <param name="Stage">Where the page stands.</param>
/// <param name="Picture">The room, while <see cref="RoomStage.Live"/> and after a failure.</param>
/// <param name="Seat">What panels act and look with; there with the picture.</param>
/// <param name="IsAudience">Whether the reader watches without a token.</param>
/// <param name="Refusal">Why not, when not open.</param>
public sealed record RoomFrame(RoomStage Stage, RoomPicture? Picture, RoomSeat? Seat, bool IsAudience, SyncError? Refusal)
{
    /// <summary>Before anything is known.</summary>
    public static RoomFrame Opening { get; } = new(RoomStage.Opening, null, null, IsAudience: false, Refusal: null);
}
