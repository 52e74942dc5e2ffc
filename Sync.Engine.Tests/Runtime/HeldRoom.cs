using Sync.Engine.Commands;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Runtime;
using Sync.Engine.Tests.Services.Rooms;

namespace Sync.Engine.Tests.Runtime;

/// <summary>Keeps a room at one decision until let go, so that what comes meanwhile stands in line.</summary>
internal sealed class HeldRoom : IAsyncDisposable
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _go = new();
    private readonly Task _held;

    private HeldRoom(RoomReplica room)
    {
        Room = room;
        _held = Task.Factory.StartNew(
            () => room.ExecuteAsync(
                WorkSource.Engine,
                _ =>
                {
                    _reached.TrySetResult();
                    _go.Wait(TimeSpan.FromSeconds(30));
                    return Decision.Reply(JsonText.Null);
                },
                CancellationToken.None),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap();
    }

    public RoomReplica Room { get; }

    public static async Task<HeldRoom> HoldAsync(EngineHost host, string room)
    {
        var held = new HeldRoom(await host.LoadedAsync(room));
        await held._reached.Task.WaitAsync(TimeSpan.FromSeconds(30), EngineHost.Cancel);
        return held;
    }

    public void LetGo() => _go.Set();

    public async ValueTask DisposeAsync()
    {
        _go.Set();
        await _held;
        _go.Dispose();
    }
}
