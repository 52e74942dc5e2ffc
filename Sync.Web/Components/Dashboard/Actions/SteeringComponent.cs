using Microsoft.AspNetCore.Components;
using Sync.Engine;
using Sync.Web.Components.Shared;
using Sync.Web.Live;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>A part of the page from which a person acts.</summary>
public abstract class SteeringComponent : AskingComponent
{
    /// <summary>The room as it is now.</summary>
    [Parameter, EditorRequired]
    public required RoomPicture Picture { get; set; }

    /// <summary>With what the person acts.</summary>
    [CascadingParameter]
    protected RoomSeat? Seat { get; set; }

    /// <summary>Whether acting is offered.</summary>
    protected bool CanAct => Seat is not null && RoomSeat.CanAct(Picture);

    /// <summary>Why it is not.</summary>
    protected string WhyNot =>
        Picture.IsPast ? "Nothing can be done in the past."
        : Seat is null or { Caller.IsSystem: true } ? "You are watching."
        : "You may only read this room. To act you need write access: ask one of its owners.";
}
