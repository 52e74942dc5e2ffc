using System.Text;
using System.Text.Json.Nodes;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Rooms;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Expressions;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Services.Rooms;

namespace Sync.Engine.Tests.Services.Rooms;

/// <summary>What any earlier version has written is read; what a later one has written is refused, and never misread. A whole folder of an earlier version is in OldDataTests.</summary>
public sealed class StoredFormatTests
{
    private static readonly DateTimeOffset s_at = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Bodies of events as they have been written since the first version, and the value of <c>_shared.k</c> after them.</summary>
    public static TheoryData<string, string, string?> Events => new()
    {
        { "a whole value with its version", """{"params":{"v":2},"writes":[{"scope":"_shared","key":"k","value":{"n":2},"version":"0123456789abcdef","revision":2,"previous_seq":1,"previous_version":"fedcba9876543210"}]}""", """{"n":2}""" },
        { "a whole value", """{"writes":[{"scope":"_shared","key":"k","value":[1,2],"revision":2,"previous_seq":1}]}""", "[1,2]" },
        { "an edit", """{"writes":[{"scope":"_shared","key":"k","edits":[{"members":{"n":3}}],"revision":2,"previous_seq":1}]}""", """{"n":3}""" },
        { "an edit at a path", """{"writes":[{"scope":"_shared","key":"k","edits":[{"path":"n","by":2,"sum":3}],"revision":2,"previous_seq":1}]}""", """{"n":3}""" },
        { "an edit with its value", """{"writes":[{"scope":"_shared","key":"k","edits":[{"members":{"m":1}}],"value":{"n":1,"m":1},"revision":2}]}""", """{"n":1,"m":1}""" },
        { "a timer", """{"writes":[{"scope":"_shared","key":"k","value":1,"revision":2,"timer":{"effect":"delete","at":"2030-01-01T00:00:00Z"},"enabled":"true"}]}""", "1" },
        { "a timer that fired", """{"writes":[{"scope":"_shared","key":"k","timer_only":true,"fired":true}]}""", """{"n":1}""" },
        { "a deletion", """{"writes":[{"scope":"_shared","key":"k","deleted":true,"previous_seq":1}]}""", null },
        { "a refusal", """{"error":"precondition_failed","message":"No.","count":7}""", """{"n":1}""" },
        { "an answer kept for a retry", """{"request":"abc","answer":{"invoked":true},"writes":[{"scope":"_shared","key":"k","value":5,"revision":2}]}""", "5" },
        { "format 1, said", """{"format":1,"writes":[{"scope":"_shared","key":"k","value":6,"revision":2}]}""", "6" },
    };

    [Theory]
    [MemberData(nameof(Events))]
    public void Event_OfAnEarlierVersion_IsRead(string what, string body, string? expected)
    {
        var before = RoomState.Empty.Apply(Read(1, """{"writes":[{"scope":"_shared","key":"k","value":{"n":1},"version":"00","revision":1}]}"""));

        var after = before.Apply(Read(2, body, what == "a refusal" ? "refused" : "invoked"));

        Assert.Equal(expected, after.Find("_shared", "k")?.Text);
        Assert.Equal(2, after.Seq);
    }

    /// <summary>Every kind of event has had its name since it came to be.</summary>
    [Theory]
    [InlineData("room_created")]
    [InlineData("room_updated")]
    [InlineData("agent_joined")]
    [InlineData("agent_updated")]
    [InlineData("agent_removed")]
    [InlineData("invoked")]
    [InlineData("refused")]
    [InlineData("timer_fired")]
    public void Event_OfEachKind_IsRead(string kind) => Assert.Equal(kind, RoomEventJson.Name(Read(1, "{}", kind).Kind));

    public static TheoryData<string, string> Snapshots => new()
    {
        { "format 1", """{"format":1,"seq":7,"at":"2026-01-01T00:00:00Z","scopes":[SCOPE],"uses":{},"expired":[],"messages":{"count":0,"tallies":{}}}""" },
        { "format 1, not said", """{"seq":7,"at":"2026-01-01T00:00:00Z","scopes":[SCOPE],"uses":{},"expired":[],"messages":{"count":0,"tallies":{}}}""" },
        { "format 2", """{"format":2,"seq":7,"at":"2026-01-01T00:00:00Z","scopes":[SCOPE],"uses":{"vote":{"count":3}},"expired":["old"],"messages":{"count":0,"tallies":{"ann":[1,0]}},"removed_agents":[],"fresh_agents":[]}""" },
        { "format 2, before agents were remembered", """{"format":2,"seq":7,"at":"2026-01-01T00:00:00Z","scopes":[SCOPE],"uses":{},"expired":[],"messages":{"count":0,"tallies":{}}}""" },
    };

    [Theory]
    [MemberData(nameof(Snapshots))]
    public void Snapshot_OfAnEarlierVersion_IsRead(string what, string json)
    {
        var scope = """{"name":"_shared","next":1,"entries":[{"key":"k","value":9007199254740993,"version":"0123456789abcdef","revision":4,"updated_at":"2026-01-01T00:00:00Z","seq":6,"writer":"ann","via":"set"}]}""";

        var state = SnapshotJson.Read(Encoding.UTF8.GetBytes(json.Replace("SCOPE", scope, StringComparison.Ordinal)), RoomLanguage.Standard);

        var entry = state.Find("_shared", "k")!;
        Assert.Equal((7, "9007199254740993", 4, 6), (state.Seq, entry.Text, entry.Revision, entry.Seq));
        Assert.Equal(what.StartsWith("format 1", StringComparison.Ordinal) ? CanonicalJson.Version(entry.Value) : "0123456789abcdef", entry.Version);
    }

    [Theory]
    [InlineData("4")]
    [InlineData("99999999999")]
    [InlineData("0")]
    [InlineData("\"1\"")]
    public void Event_OfALaterFormat_IsRefused(string format)
    {
        var refused = Assert.Throws<NewerFormatException>(() => Read(7, $$"""{"format":{{format}},"writes":[{"scope":"_shared","key":"k","value":1,"revision":1}]}"""));

        Assert.Contains("Event 7", refused.Message, StringComparison.Ordinal);
        Assert.Contains("newer version", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Snapshot_OfALaterFormat_IsRefused() =>
        Assert.Throws<NewerFormatException>(() => SnapshotJson.Read(Encoding.UTF8.GetBytes("""{"format":3,"seq":1}"""), RoomLanguage.Standard));

    [Fact]
    public void Written_SaysItsFormat()
    {
        Assert.Equal(StoredFormat.Snapshot, JsonNode.Parse(SnapshotJson.Write(RoomState.Empty))!["format"]!.GetValue<int>());

        // Format 1 is said by saying nothing: an event is written once per write, for ever.
        Assert.Equal(3, StoredFormat.Event);
        Assert.Contains("\"format\":2", RoomEventJson.Write(Read(1, """{"writes":[{"scope":"s","key":"k","value":1,"revision":1}],"format":2,"steps":[{"action":"a","writes":1}]}""")).ToString(), StringComparison.Ordinal);
        Assert.Contains("\"format\":3", RoomEventJson.Write(Read(1, """{"writes":[{"scope":"s","key":"k","value":1,"revision":1}],"format":3,"steps":[{"action":"a","writes":1,"agent":"b"}]}""")).ToString(), StringComparison.Ordinal);
        Assert.False(EngineHost.Json(Encoding.UTF8.GetString(RoomEventJson.Write(Read(1, "{}")).Span)).TryGetProperty("format", out _));
    }

    [Theory]
    [InlineData("events", """{"format":4}""")]
    [InlineData("snapshots", """{"format":3,"seq":1}""")]
    public async Task Room_OfALaterFormat_IsRefusedInOneSentence(string table, string body)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RoomAsync("other");
        var row = (await host.LoadedAsync("r")).Record.Row;
        await host.RestartAsync();
        await host.Engine.Database.ExecuteAsync(
            session => table == "events"
                ? session.Execute("UPDATE events SET body = $2 WHERE room = $1", row, Encoding.UTF8.GetBytes(body))
                : session.Execute("INSERT INTO snapshots (room, seq, body) VALUES ($1, 1, $2)", row, Encoding.UTF8.GetBytes(body)),
            EngineHost.Cancel);

        var refused = (await host.Engine.Context.ReadAsync(host.Owner, "r", EngineHost.Shape(""), EngineHost.Cancel)).Error;

        Assert.Equal(ErrorCode.Unavailable, refused?.Code);
        Assert.Contains("newer version", refused!.Message, StringComparison.Ordinal);
        Assert.NotNull(await host.ContextAsync(host.Owner, "other"));
        Assert.Contains(Sync.Engine.Services.Maintenance.Maintenance.Check(host.Directory).Value.Problems, problem => problem.Contains("'r'", StringComparison.Ordinal));
    }

    /// <summary>Every way into a room says the same sentence, and the room can still be listed and deleted.</summary>
    [Fact]
    public async Task Room_OfALaterFormat_IsRefusedByEveryService()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.JoinAsync("r", "bob");
        var row = (await host.LoadedAsync("r")).Record.Row;
        await host.GiveRoleAsync("r", (await host.UserAsync("pat", "rooms:*")).UserName!, Role.Participant);
        await host.RestartAsync();
        await host.Engine.Database.ExecuteAsync(session => session.Execute("UPDATE events SET body = $2 WHERE room = $1", row, """{"format":4}"""u8.ToArray()), EngineHost.Cancel);
        var participant = await host.UserAsync("pat", "rooms:*");

        SyncError?[] refused =
        [
            (await host.Engine.Agents.JoinAsync(Caller.Anonymous, "r", EngineHost.Json("""{"id":"alice"}"""), EngineHost.Cancel)).Error,
            (await host.Engine.Rooms.ClaimAsync(host.Owner, "r", roomToken: null, EngineHost.Cancel)).Error,
            (await host.Engine.Rooms.PatchAsync(host.Owner, "r", new RoomPatch("named", Join: null), EngineHost.Cancel)).Error,
            (await host.TryInvokeAsync(host.Owner, "r", "help")).Error,
            (await host.Engine.Waits.WaitAsync(host.Owner, "r", "true", TimeSpan.FromSeconds(1), EngineHost.Shape(""), EngineHost.Cancel)).Error,
            (await host.Engine.Tokens.MintAsync(participant, new MintToken { Scope = "rooms:r:write", AgentId = "bob" }, EngineHost.Cancel)).Error,
        ];

        Assert.All(refused, static error => Assert.Equal((ErrorCode.Unavailable, true), (error?.Code, error?.Message.Contains("newer version", StringComparison.Ordinal))));
        Assert.Equal(1, host.Engine.Rooms.Page(host.Owner, after: null, limit: 10).Value.Total);
        Assert.Null((await host.Engine.Rooms.DeleteAsync(host.Owner, "r", EngineHost.Cancel)).Error);
    }

    private static RoomEvent Read(long seq, string body, string kind = "invoked") =>
        RoomEventJson.Read(new EventRow(seq, s_at, kind, Agent: "ann", Action: "set", Ok: kind != "refused", Encoding.UTF8.GetBytes(body)));
}
