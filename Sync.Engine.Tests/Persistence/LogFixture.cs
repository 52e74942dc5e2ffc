using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sync.Engine.Persistence;

namespace Sync.Engine.Tests.Persistence;

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

    public async Task<(LogStream Stream, RecordingSink Sink)> CreateStreamAsync(string id = "room")
    {
        var sink = new RecordingSink();
        return (new LogStream((await CreateRoomAsync(id)).Row, sink), sink);
    }

    public static LogAppend Event(LogStream stream, long seq, int epoch = 0, string? requestKey = null, string? agent = "ann", string? action = "vote", bool ok = true) => new()
    {
        Stream = stream,
        Epoch = epoch,
        Seq = seq,
        At = At.AddSeconds(seq),
        Kind = "invoked",
        Agent = agent,
        Action = action,
        Ok = ok,
        RequestKey = requestKey,
        Body = Encoding.UTF8.GetBytes($$"""{"n":{{seq}}}"""),
    };

    public async Task AppendAsync(params LogAppend[] appends)
    {
        foreach (var append in appends)
        {
            Assert.True(await Database.Log.AdmitAsync(Cancel));
            Database.Log.Append(append);
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
