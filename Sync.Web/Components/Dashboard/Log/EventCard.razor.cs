using Microsoft.AspNetCore.Components;
using Sync.Engine;
using Sync.Web.Live;

namespace Sync.Web.Components.Dashboard.Log;

/// <summary>One event: who, what, with which parameters, and each write before and after. Give it another key for another event.</summary>
public sealed partial class EventCard : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private EventDetail? _detail;
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
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        if (Seat is null)
        {
            return;
        }

        try
        {
            if ((await Seat.Engine.History.EventAsync(Seat.Caller, Seat.Room, Seq, _gone.Token)).Try(out var json, out _refusal))
            {
                _detail = EventDetail.Read(json);
            }
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // Closed before it came.
        }
    }
}
