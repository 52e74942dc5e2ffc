using Microsoft.AspNetCore.Components;
using Sync.Engine.Reads.Inbox;

namespace Sync.Web.Components.Inbox;

/// <summary>A part of a page that shows something of the inbox: drawn again when that is something else.</summary>
public abstract class InboxPart : ComponentBase, IDisposable
{
    private bool _follows;

    [Inject]
    internal InboxState State { get; set; } = null!; // Set by the framework before anything runs.

    /// <summary>What waits, or null.</summary>
    protected InboxModel? Model => State.Model;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        // What is drawn before the circuit is drawn once, and waits for nothing.
        if (RendererInfo.IsInteractive)
        {
            _follows = true;
            State.Changed += Redraw;
            await State.StartAsync();
        }
    }

    /// <summary>Lets go of the inbox.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (_follows)
        {
            _follows = false;
            State.Changed -= Redraw;
        }
    }

    /// <summary>Something else waits. On the dispatcher.</summary>
    protected virtual Task ChangedAsync()
    {
        StateHasChanged();
        return Task.CompletedTask;
    }

    private void Redraw()
    {
        if (_follows)
        {
            _ = InvokeAsync(ChangedAsync);
        }
    }
}
