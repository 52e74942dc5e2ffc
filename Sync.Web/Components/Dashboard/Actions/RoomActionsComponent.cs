using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Shared;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>A part of the page from which a person acts.</summary>
public abstract class RoomActionsComponent : AskingComponent
{
    /// <summary>The room as it is now.</summary>
    [Parameter, EditorRequired]
    public required RoomPageModel Model { get; set; }

    /// <summary>With what the person acts.</summary>
    [CascadingParameter]
    protected RoomViewer? Viewer { get; set; }

    /// <summary>Whether acting is offered.</summary>
    protected bool CanAct => Viewer is not null && RoomViewer.CanAct(Model);

    /// <summary>Why it is not.</summary>
    protected string WhyNot =>
        Model.IsPast ? "Nothing can be done in the past."
        : Viewer is null or { Caller.IsSystem: true } ? "You are watching."
        : "You may only read this room. To act you need write access: ask one of its owners.";
}
