using Microsoft.AspNetCore.Components;

namespace Sync.Web.Components.Shared;

/// <summary>
/// A component that asks the engine. One thing at a time: while an answer is under way nothing else is asked. What is under way is given up when the component goes.
/// </summary>
public abstract class AskingComponent : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _gone = new();

    /// <summary>Makes it.</summary>
    protected AskingComponent() => Gone = _gone.Token;

    /// <summary>Whether an answer is under way: buttons wait.</summary>
    protected bool IsBusy { get; private set; }

    /// <summary>Cancelled when the component goes.</summary>
    protected CancellationToken Gone { get; }

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
        if (IsBusy)
        {
            return;
        }

        IsBusy = true;
        try
        {
            await ask();
        }
        catch (OperationCanceledException) when (Gone.IsCancellationRequested)
        {
            // The page has gone; what was asked may still be done.
        }
        finally
        {
            IsBusy = false;
        }
    }
}
