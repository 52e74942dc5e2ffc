using Microsoft.AspNetCore.Components;
using Sync.Engine;
using Sync.Web.Live;

namespace Sync.Web.Components.Dashboard.Log;

/// <summary>One event: who, what, with which parameters, and each write before and after. Give it another key for another event.</summary>
public sealed partial class EventCard
{
    private const int MostWrites = 50;

    private EventDetails? _detail;
    private SyncError? _refusal;

    /// <summary>The event.</summary>
    [Parameter, EditorRequired]
    public required long Seq { get; set; }

    /// <summary>Closes it.</summary>
    [Parameter, EditorRequired]
    public EventCallback Close { get; set; }

    [CascadingParameter]
    private RoomSeat? Seat { get; set; }

    [CascadingParameter]
    private RoomDesk? Desk { get; set; }

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => AskAsync(async () =>
    {
        if (Seat is not null && (await Seat.Engine.History.EventAsync(Seat.Caller, Seat.Room, Seq, Gone)).Try(out var detail, out _refusal))
        {
            _detail = detail;
        }
    });
}
