using Microsoft.AspNetCore.Components;
using Sync.Engine;
using Sync.Web.Live;

namespace Sync.Web.Components.Dashboard.Actions;

/// <summary>A part of the page from which a person acts. One thing at a time: while the engine answers, nothing else is sent.</summary>
public abstract class SteeringComponent : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _gone = new();

    /// <summary>The room as it is now.</summary>
    [Parameter, EditorRequired]
    public required RoomPicture Picture { get; set; }

    /// <summary>With what the person acts.</summary>
    [CascadingParameter]
    protected RoomSeat? Seat { get; set; }

    /// <summary>Whether the engine is being asked.</summary>
    protected bool Busy { get; private set; }

    /// <summary>Cancelled when the component goes.</summary>
    protected CancellationToken Gone => _gone.Token;

    /// <summary>Whether acting is offered.</summary>
    protected bool CanAct => Seat is not null && RoomSeat.CanAct(Picture);

    /// <summary>Why it is not.</summary>
    protected string WhyNot => Seat is null or { Caller.IsSystem: true } ? "You are watching." : "You may only read this room. To act you need write access: ask one of its owners.";

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of what the component holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _gone.Cancel();
            _gone.Dispose();
        }
    }

    /// <summary>Asks the engine, unless it is being asked already.</summary>
    protected async Task AskAsync(Func<Task> ask)
    {
        if (Busy)
        {
            return;
        }

        Busy = true;
        try
        {
            await ask();
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The page has gone; what was asked may still be done.
        }
        finally
        {
            Busy = false;
        }
    }
}
