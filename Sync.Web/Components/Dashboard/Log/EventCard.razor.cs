using Microsoft.AspNetCore.Components;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.History;

namespace Sync.Web.Components.Dashboard.Log;

/// <summary>One event: who, what, with which parameters, and each write before and after. Give it another key for another event.</summary>
public sealed partial class EventCard
{
    private const int MaxWrites = 50;

    private const int MaxLinks = 12;

    private EventDetails? _detail;
    private SyncError? _refusal;

    /// <summary>The event.</summary>
    [Parameter, EditorRequired]
    public required long Seq { get; set; }

    /// <summary>Closes it.</summary>
    [Parameter, EditorRequired]
    public EventCallback Close { get; set; }

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    [CascadingParameter]
    private PageNavigation? Navigation { get; set; }

    private static string Named(Cause cause) => cause.Kind switch
    {
        CauseKind.Message => $"message {cause.Number}",
        CauseKind.Approval => $"the approval a{cause.Number}",
        CauseKind.Wake => "which ended its wait",
        _ => "",
    };

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => AskAsync(async () =>
    {
        if (Viewer is not null && (await Viewer.Engine.History.EventAsync(Viewer.Caller, Viewer.Room, Seq, Gone)).Try(out var detail, out _refusal))
        {
            _detail = detail;
        }
    });
}
