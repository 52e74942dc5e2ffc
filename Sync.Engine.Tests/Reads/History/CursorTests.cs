using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Maintenance;

namespace Sync.Engine.Tests.Reads.History;

/// <summary>A cursor is of one history of a room: made anew, restored from a backup, or cut short, it is told so.</summary>
public sealed class CursorTests
{
    private const string Set = """{"id":"set","params":{"v":{}},"writes":[{"key":"k","value":"${params.v}"}]}""";

    /// <summary>Every door that takes a cursor, and the parameter it takes it in.</summary>
    private static readonly Dictionary<string, Func<EngineHost, string, Task<SyncError?>>> s_doors = new()
    {
        ["context since"] = async (host, cursor) => (await host.Engine.Context.ReadAsync(host.Owner, "r", EngineHost.Shape($"since={cursor}"), EngineHost.Cancel)).Error,
        ["context at"] = async (host, cursor) => (await host.Engine.Context.ReadAsync(host.Owner, "r", EngineHost.Shape($"at={cursor}"), EngineHost.Cancel)).Error,
        ["wait since"] = async (host, cursor) => (await host.Engine.Waits.WaitAsync(host.Owner, "r", "true", TimeSpan.FromSeconds(5), EngineHost.Shape($"since={cursor}"), EngineHost.Cancel)).Error,
        ["events since"] = async (host, cursor) => (await host.Engine.Live.EventsAsync(host.Owner, "r", EventCursor.Parse(cursor), parameter: "since", EngineHost.Cancel)).Error,
        ["audit after"] = async (host, cursor) => (await host.Engine.History.AuditAsync(host.Owner, "r", new AuditQuery(EventCursor.Parse(cursor), 10, null, null, null), EngineHost.Cancel)).Error,
        ["samples since"] = async (host, cursor) => (await host.Engine.History.SamplesAsync(host.Owner, "r", "n", EventCursor.Parse(cursor), 10, EngineHost.Cancel)).Error,
    };

    public static TheoryData<string> Doors => [.. s_doors.Keys];

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Cursor_OfARoomThatWasMadeAnew_IsResetAndTheHintWorks(string door)
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await MakeAsync(host, writes: 5);
        var old = await CursorAsync(host);
        Assert.Null(await s_doors[door](host, old));
        await host.Engine.Rooms.DeleteAsync(host.Owner, "r", EngineHost.Cancel);
        ((FakeTimeProvider)host.Time).Advance(TimeSpan.FromSeconds(1));
        await MakeAsync(host, writes: 8);

        var error = await s_doors[door](host, old);

        Assert.Equal(("cursor_reset", ErrorKind.Gone), (error!.Code.Name, error.Code.Kind));
        Assert.Contains($"'{door.Split(' ')[1]}'", error.Hint, StringComparison.Ordinal);
        Assert.Null(await s_doors[door](host, await CursorAsync(host)));
        Assert.Null(await s_doors[door](host, old.Split('.')[0]));
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Cursor_BeyondTheLog_IsReset(string door)
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await MakeAsync(host, writes: 5);
        var old = await CursorAsync(host);
        await host.Engine.Rooms.DeleteAsync(host.Owner, "r", EngineHost.Cancel);
        await MakeAsync(host, writes: 1);

        Assert.Equal("cursor_reset", (await s_doors[door](host, old))?.Code.Name);
        Assert.Equal("cursor_reset", (await s_doors[door](host, "0." + old.Split('.')[1]))?.Code.Name);
    }

    [Fact]
    public async Task Cursor_StaysTheSame_AfterRestartSnapshotExportAndImport()
    {
        await using var host = await EngineHost.StartAsync();
        await MakeAsync(host, writes: 10);
        var cursors = new List<EventCursor>();
        await foreach (var e in (await host.Engine.Live.EventsAsync(host.Owner, "r", since: 0, parameter: "since", EngineHost.Cancel)).Value)
        {
            cursors.Add(e.Cursor);
            if (e.Seq == (await host.LoadedAsync("r")).Published.Seq)
            {
                break;
            }
        }

        Assert.Equal(cursors.Count, cursors.Select(c => c.Tag).Distinct().Count());
        Assert.Equal(cursors[^1].ToString(), await CursorAsync(host));
        using var copy = new MemoryStream();
        await host.Engine.History.ExportAsync(host.Owner, "r", copy, EngineHost.Cancel);
        copy.Position = 0;
        Assert.Null((await RoomImport.RunAsync(host.Engine.Database, copy, "copy", EngineHost.Cancel)).Error);
        var room = await host.LoadedAsync("r");
        await host.Engine.Database.Rooms.SaveSnapshotAsync(room.Record.Row, room.Published.Seq, SnapshotJson.Write(room.Published), EngineHost.Cancel);
        await host.RestartAsync();

        Assert.Equal(cursors[^1].ToString(), await CursorAsync(host));
        foreach (var cursor in cursors)
        {
            foreach (var (door, ask) in s_doors)
            {
                Assert.True(await ask(host, cursor.ToString()) is null, door);
            }

            Assert.Equal(cursor.ToString(), (await host.ContextAsync(host.Owner, "r", $"at={cursor.Seq}"))["_context"]!["cursor"].Text());
        }

        var imported = (await host.Engine.Database.Rooms.LoadAllAsync(EngineHost.Cancel)).Single(r => r.Id == "copy");
        Assert.Equal(cursors[^1], (await host.Engine.Directory.ReadStateAsync(imported.Row, long.MaxValue, EngineHost.Cancel)).Cursor);
    }

    /// <summary>Restored from a backup and written on: same room, same numbers, another history from there on.</summary>
    [Fact]
    public async Task Cursor_OfEventsAfterABackup_IsResetWhereItWasRestored()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await MakeAsync(host, writes: 3);
        var shared = await CursorAsync(host);
        var backup = Path.Combine(host.Directory, "backup.db");
        await using (var maintenance = (await Sync.Engine.Services.Maintenance.Maintenance.OpenAsync(host.Directory, create: false, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, EngineHost.Cancel)).Value)
        {
            Assert.Null((await maintenance.BackupAsync(backup, EngineHost.Cancel)).Error);
        }

        await host.InvokeAsync(host.Owner, "r", "set", """{"v":"lost"}""");
        var lost = await CursorAsync(host);
        var folder = Directory.CreateTempSubdirectory("sync-restored-").FullName;
        File.Move(backup, Path.Combine(folder, "sync.db"));
        await using var restored = await EngineHost.StartAsync(host.Time, directory: folder);
        await restored.InvokeAsync(restored.Owner, "r", "set", """{"v":"instead"}""");
        await restored.InvokeAsync(restored.Owner, "r", "set", """{"v":"and on"}""");

        foreach (var (door, ask) in s_doors)
        {
            Assert.True(await ask(restored, shared) is null, door);
            Assert.True((await ask(restored, lost))?.Code.Name == "cursor_reset", door);
        }
    }

    [Fact]
    public async Task Audit_PagedByItsCursor_GivesEveryEventOnce()
    {
        await using var host = await EngineHost.StartAsync();
        await MakeAsync(host, writes: 10);
        var seqs = new List<long>();
        for (EventCursor? after = 0; ;)
        {
            var page = EngineHost.Node((await host.Engine.History.AuditAsync(host.Owner, "r", new AuditQuery(after, 4, null, null, null), EngineHost.Cancel)).Value);
            if (page["events"]!.AsArray().Count == 0)
            {
                Assert.Equal(after!.Value.ToString(), page["cursor"].Text());
                break;
            }

            seqs.AddRange(page["events"]!.AsArray().Select(e => e!["seq"].Number()));
            after = EventCursor.Parse(page["cursor"].Text());
        }

        Assert.Equal(Enumerable.Range(1, seqs.Count).Select(i => (long)i), seqs);
        Assert.Equal(seqs[^1], (await host.LoadedAsync("r")).Published.Seq);
    }

    /// <summary>Log, request keys, invitations and the room's own tokens are of one incarnation.</summary>
    [Fact]
    public async Task Room_MadeAnew_KnowsNothingOfTheOneBefore()
    {
        await using var host = await EngineHost.StartAsync();
        var first = await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        var alice = await host.JoinAsync("r", "alice");
        await host.InvokeAsync(host.Owner, "r", "set", """{"v":1}""", requestId: "once");
        var row = (await host.LoadedAsync("r")).Record.Row;
        await host.Engine.Rooms.DeleteAsync(host.Owner, "r", EngineHost.Cancel);
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);

        Assert.True((await host.LoadedAsync("r")).Record.Row > row);
        await host.InvokeAsync(host.Owner, "r", "set", """{"v":2}""", requestId: "once");
        JsonAssert.Equal("2", await host.StoredAsync("r", "_shared", "k"));
        Assert.NotNull((await host.Engine.Access.AuthenticateAsync(first.RoomToken, EngineHost.Cancel)).Error);
        Assert.NotNull((await host.TryInvokeAsync(alice, "r", "set", """{"v":3}""")).Error);
    }

    [Theory]
    [InlineData("57", 57, null)]
    [InlineData("0", 0, null)]
    [InlineData("57.0123456789ab", 57, "0123456789ab")]
    [InlineData("57.", -1, null)]
    [InlineData("57.0123456789AB", -1, null)]
    [InlineData("57.0123456789abc", -1, null)]
    [InlineData("-1", -1, null)]
    [InlineData("", -1, null)]
    [InlineData(".0123456789ab", -1, null)]
    [InlineData("99999999999999999999", -1, null)]
    [InlineData("5 7", -1, null)]
    public void Parse_Text_IsACursorOrNot(string text, long seq, string? tag)
    {
        var cursor = EventCursor.Parse(text);

        Assert.Equal(seq < 0 ? null : new EventCursor(seq, tag), cursor);
        Assert.Equal(seq < 0 ? null : text, cursor?.ToString());
    }

    [Fact]
    public void Tag_OfAnEvent_ChangesWithEverythingInIt()
    {
        var at = EngineHost.Clock().GetUtcNow();
        string[] tags =
        [
            EventCursor.TagOf(1, at, "invoked", "a", "b", "{}"u8),
            EventCursor.TagOf(2, at, "invoked", "a", "b", "{}"u8),
            EventCursor.TagOf(1, at.AddMilliseconds(1), "invoked", "a", "b", "{}"u8),
            EventCursor.TagOf(1, at, "refused", "a", "b", "{}"u8),
            EventCursor.TagOf(1, at, "invoked", "x", "b", "{}"u8),
            EventCursor.TagOf(1, at, "invoked", null, "b", "{}"u8),
            EventCursor.TagOf(1, at, "invoked", "a", "x", "{}"u8),
            EventCursor.TagOf(1, at, "invoked", "a", "b", "{ }"u8),
            EventCursor.TagOf(1, at, "invoked", "a", new string('\u20ac', 256), "{}"u8),
        ];

        Assert.Equal(tags.Length, tags.Distinct().Count());
        Assert.All(tags, tag => Assert.Matches("^[0-9a-f]{12}$", tag));
    }

    private static async Task MakeAsync(EngineHost host, int writes)
    {
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", Set);
        await host.ViewAsync(host.Owner, "r", """{"id":"n","expr":"state._shared.k"}""");
        for (var i = 0; i < writes; i++)
        {
            await host.InvokeAsync(host.Owner, "r", "set", $$"""{"v":{{i}}}""");
        }
    }

    private static async Task<string> CursorAsync(EngineHost host) => (await host.ContextAsync(host.Owner, "r", "peek=true"))["_context"]!["cursor"].Text();
}
