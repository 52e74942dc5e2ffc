using Sync.Engine;
using Sync.Web.Demo;

namespace Sync.Web.Live;

/// <summary>How a page gets into a room: with a token, or, into the demo room alone, as its audience.</summary>
internal sealed class RoomEntrance(SyncEngine engine, DemoStage demo)
{
    public async Task<Outcome<OpenRoom>> OpenAsync(string room, string? token, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(token))
        {
            return await demo.WatchAsync(room, cancellationToken) is { } audience
                ? audience
                : new SyncError(ErrorCode.AuthenticationRequired, "This room is read with a token.");
        }

        var authenticated = await engine.Access.AuthenticateAsync(token.Trim(), cancellationToken);
        if (!authenticated.Try(out var caller, out var error))
        {
            return error;
        }

        var watched = await engine.Live.WatchAsync(caller, room, cancellationToken);
        return watched.Try(out var watch, out error) ? new OpenRoom(watch, Seat: null) : error;
    }
}

/// <summary>A room that a page holds open. Disposing lets it go.</summary>
/// <param name="Watch">The engine's watch.</param>
/// <param name="Seat">A place in the demo's audience, or null in a room opened with a token.</param>
internal sealed record OpenRoom(RoomWatch Watch, IDisposable? Seat) : IDisposable
{
    /// <summary>Whether this reader watches without being anybody: shown as watching, whatever the watch itself could do.</summary>
    public bool IsAudience => Seat is not null;

    public void Dispose()
    {
        Watch.Dispose();
        Seat?.Dispose();
    }
}
