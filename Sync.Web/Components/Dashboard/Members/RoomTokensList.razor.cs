using Microsoft.AspNetCore.Components;
using Sync.Engine;
using Sync.Web.Live;

namespace Sync.Web.Components.Dashboard.Members;

/// <summary>The room's own tokens that live, for its owners: from its creation, and from joins.</summary>
public sealed partial class RoomTokensList : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private IReadOnlyList<RoomTokenInfo> _tokens = [];
    private RoomPicture? _read;
    private SyncError? _refused;
    private bool _busy;

    /// <summary>The room; what changes in it may have made tokens.</summary>
    [Parameter, EditorRequired]
    public required RoomPicture Picture { get; set; }

    [CascadingParameter]
    private RoomSeat? Seat { get; set; }

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
        if (Seat is not null && (_read is not { } read || read.Agents != Picture.Agents))
        {
            _read = Picture;
            await ReadAsync(Seat);
        }
    }

    private async Task RevokeAsync(RoomTokenInfo token)
    {
        if (Seat is null || _busy)
        {
            return;
        }

        _busy = true;
        try
        {
            if ((await Seat.Engine.RoomTokens.RevokeAsync(Seat.Caller, Seat.Room, token.Id, _gone.Token)).Try(out _, out _refused))
            {
                await ReadAsync(Seat);
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

    private async Task ReadAsync(RoomSeat seat)
    {
        try
        {
            if ((await seat.Engine.RoomTokens.ListAsync(seat.Caller, seat.Room, _gone.Token)).Try(out var tokens, out _refused))
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
