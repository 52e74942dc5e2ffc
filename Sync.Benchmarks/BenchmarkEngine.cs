using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services;
using Sync.Engine.Services.Rooms;

namespace Sync.Benchmarks;

/// <summary>The real engine on a temporary folder, and an owner who may do everything in the rooms made here.</summary>
internal sealed class BenchmarkEngine : IAsyncDisposable
{
    private BenchmarkEngine(string directory) => Directory = directory;

    // A value may grow for as long as a measurement lasts.
    private const int ValueBytes = 512 * 1024 * 1024;

    public string Directory { get; }

    public SyncEngine Engine { get; private set; } = null!; // Set by OpenAsync, the only way to get one of these.

    public Caller Owner { get; private set; } = null!; // The same.

    public static Task<BenchmarkEngine> StartAsync() => OpenAsync(Path.Combine(Path.GetTempPath(), "sync-bench-" + Path.GetRandomFileName()));

    /// <summary>Opens the engine on a folder that may hold something already.</summary>
    public static async Task<BenchmarkEngine> OpenAsync(string directory)
    {
        var host = new BenchmarkEngine(directory);
        await host.OpenAsync();
        return host;
    }

    /// <summary>Closes as a server does that is asked to stop, and opens again.</summary>
    public async Task RestartAsync()
    {
        await Engine.DisposeAsync();
        await OpenAsync();
    }

    /// <summary>The folder as a crash would leave it now: the files as they are, nothing flushed, nothing closed.</summary>
    public string CopyAsCrashed()
    {
        var copy = Directory + "-crashed";
        System.IO.Directory.CreateDirectory(copy);
        foreach (var file in System.IO.Directory.EnumerateFiles(Directory, "*.db*"))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return copy;
    }

    /// <summary>Makes a room with the actions <c>add</c> (increment), <c>set</c> (template) and <c>take</c> (guarded).</summary>
    public async Task<BenchmarkRoom> RoomAsync(string id)
    {
        Demand(await Engine.Rooms.CreateAsync(Owner, new CreateRoom(id, Name: null, JoinPolicy.Open), CancellationToken.None));
        var room = new BenchmarkRoom(this, id);
        foreach (var definition in BenchmarkRoom.Actions)
        {
            await room.InvokeAsync("_register_action", definition);
        }

        return room;
    }

    public static T Demand<T>(Outcome<T> outcome) =>
        outcome.Try(out var value, out var error) ? value : throw new InvalidOperationException($"{error.Code.Name}: {error.Message}");

    public static JsonElement Json(string text) => JsonElement.Parse(text);

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private async Task OpenAsync()
    {
        // A wait outlasts every measurement.
        var options = new EngineOptions { DataDirectory = Directory, Limits = new RoomLimits { WaitTimeout = TimeSpan.FromHours(1), ValueBytes = ValueBytes } };
        Engine = Demand(await SyncEngine.OpenAsync(options, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None));
        var minted = Demand(await Engine.Access.MintAsync("olga", "rooms:* create_rooms", label: null, expiresIn: null, CancellationToken.None));
        Owner = Demand(await Engine.Access.AuthenticateAsync(minted.Secret, CancellationToken.None));
    }
}
