using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Maintenance;
using Sync.Engine.Storage.Sqlite;

namespace Sync.Engine.Tests.Storage.Sqlite;

/// <summary>A database in a folder of its own, with short ways to make rooms and appends.</summary>
internal sealed class LogFixture : IAsyncDisposable
{
    private readonly TempFolder _folder;

    private LogFixture(TempFolder folder, Database database)
    {
        _folder = folder;
        Database = database;
    }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static DateTimeOffset At { get; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public Database Database { get; private set; }

    public string Folder => _folder.Path;

    public static async Task<LogFixture> OpenAsync()
    {
        var folder = new TempFolder();
        return new LogFixture(folder, await OpenAsync(folder.Path));
    }

    public static Task<Database> OpenAsync(string folder) => Database.OpenAsync(folder, TimeProvider.System, NullLogger.Instance, Cancel);

    public async Task<RoomRecord> CreateRoomAsync(string id = "room") =>
        await Database.Rooms.CreateAsync(id, name: null, JoinPolicy.Open, ownerUserId: null, At, [], Cancel)
        ?? throw new InvalidOperationException("The room exists.");

    /// <summary>Creates a room and becomes its writer.</summary>
    public async Task<RecordingWriter> CreateWriterAsync(string id = "room") => await AcquireAsync((await CreateRoomAsync(id)).Row);

    public async Task<RecordingWriter> AcquireAsync(long room) =>
        new(Database.Log, room, (await Database.Log.AcquireAsync(room, Cancel) ?? throw new InvalidOperationException("The room is gone.")).Epoch);

    public static TestAppend Event(RecordingWriter writer, long seq, string? requestKey = null, string? agent = "ann", string? action = "vote", bool ok = true) =>
        Logged(writer, seq, $$"""{"n":{{seq}}}""", requestKey, agent, action, ok, At.AddSeconds(seq));

    public static TestAppend Logged(
        RecordingWriter writer,
        long seq,
        string body,
        string? requestKey = null,
        string? agent = null,
        string? action = null,
        bool ok = true,
        DateTimeOffset? at = null,
        string kind = "invoked",
        params (string, string)[] keys) =>
        new(writer, seq, new ExportedEvent(at ?? At, kind, agent, action, ok, requestKey, Encoding.UTF8.GetBytes(body), [], [.. keys]));

    public async Task AppendAsync(params TestAppend[] appends)
    {
        foreach (var append in appends)
        {
            Assert.True(await Database.Log.ReserveAsync(Cancel));
            append.Writer.Send(append.Seq, append.Event);
        }
    }

    /// <summary>Closes the database and opens it again, as a restart would.</summary>
    public async Task ReopenAsync()
    {
        await Database.DisposeAsync();
        Database = await OpenAsync(Folder);
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        _folder.Dispose();
    }
}
