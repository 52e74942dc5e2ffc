using Microsoft.AspNetCore.Components;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Reads.Pages;
using Sync.Engine.Services.Tokens;

namespace Sync.Web.Components.Dashboard.Members;

/// <summary>The room's own tokens that live, for its owners: from its creation, and from joins.</summary>
public sealed partial class RoomTokensList : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private IReadOnlyList<RoomTokenInfo> _tokens = [];
    private RoomPageModel? _read;
    private SyncError? _refused;
    private bool _busy;

    /// <summary>The room; what changes in it may have made tokens.</summary>
    [Parameter, EditorRequired]
    public required RoomPageModel Model { get; set; }

    [CascadingParameter]
    private RoomViewer? Viewer { get; set; }

    [Inject]
    private TimeProvider Time { get; set; } = null!; // Set by the framework before anything runs.

    /// <inheritdoc/>
    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (Viewer is not null && (_read is not { } read || read.Agents != Model.Agents))
        {
            _read = Model;
            await ReadAsync(Viewer);
        }
    }

    private async Task RevokeAsync(RoomTokenInfo token)
    {
        if (Viewer is null || _busy)
        {
            return;
        }

        _busy = true;
        try
        {
            if ((await Viewer.Engine.RoomTokens.RevokeAsync(Viewer.Caller, Viewer.Room, token.Id, _gone.Token)).Try(out _, out _refused))
            {
                await ReadAsync(Viewer);
            }
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The panel was closed.
        }
        finally
        {
            _busy = false;
        }
    }

    private async Task ReadAsync(RoomViewer viewer)
    {
        try
        {
            if ((await viewer.Engine.RoomTokens.ListAsync(viewer.Caller, viewer.Room, _gone.Token)).Try(out var tokens, out _refused))
            {
                _tokens = [.. tokens.Where(token => !token.Revoked && !(token.ExpiresAt <= Time.GetUtcNow()))];
            }
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The panel was closed.
        }
    }
}
