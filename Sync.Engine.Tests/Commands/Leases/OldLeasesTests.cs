using System.Text.Json;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Events;
using Sync.Engine.Model.Leases;
using Sync.Engine.Model.State;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Tests.Commands.Leases;

/// <summary>In rooms of before, anything may stand in a scope of the name that leases have now.</summary>
public sealed class OldLeasesTests
{
    private static readonly DateTimeOffset s_at = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private const string Good = """{"mode":"exclusive","holds":[{"agent":"ann","since":1,"fence":1,"taken_at":"2026-03-01T12:00:00Z","began":"2026-03-01T12:00:00Z"}]}""";

    public static TheoryData<string> Others =>
    [
        "null", "7", "[]", "\"ann\"", "{}",
        """{"holder":"ann","until":"2026-03-02"}""",
        """{"mode":"exclusive","holds":[]}""",
        """{"mode":"mine","holds":[{"agent":"ann","since":1,"fence":1,"taken_at":"2026-03-01T12:00:00Z","began":"2026-03-01T12:00:00Z"}]}""",
        """{"mode":"exclusive","holds":[7]}""",
        """{"mode":"exclusive","holds":{"agent":"ann"}}""",
        """{"mode":"exclusive","holds":[{"agent":"","since":1,"fence":1,"taken_at":"2026-03-01T12:00:00Z","began":"2026-03-01T12:00:00Z"}]}""",
        """{"mode":"exclusive","holds":[{"agent":"ann","since":1.5,"fence":1,"taken_at":"2026-03-01T12:00:00Z","began":"2026-03-01T12:00:00Z"}]}""",
        """{"mode":"exclusive","holds":[{"agent":"ann","since":1,"fence":2,"taken_at":"2026-03-01T12:00:00Z","began":"2026-03-01T12:00:00Z"}]}""",
        """{"mode":"exclusive","holds":[{"agent":"ann","since":1,"fence":1,"taken_at":"yesterday","began":"2026-03-01T12:00:00Z"}]}""",
        """{"mode":"exclusive","holds":[{"agent":"ann","since":1,"fence":1,"taken_at":"2026-03-01T12:00:00Z","began":"9999-12-31T23:59:59Z"}]}""",
        """{"mode":"shared","holds":[{"agent":"ann","since":1,"fence":1,"taken_at":"2026-03-01T12:00:00Z","began":"2026-03-01T12:00:00Z"},{"agent":"ann","since":1,"fence":1,"taken_at":"2026-03-01T12:00:00Z","began":"2026-03-01T12:00:00Z"}]}""",
        """{"mode":"exclusive","holds":[{"agent":"ann","since":1,"fence":1,"taken_at":"2026-03-01T12:00:00Z","began":"2026-03-01T12:00:00Z"},{"agent":"bob","since":1,"fence":1,"taken_at":"2026-03-01T12:00:00Z","began":"2026-03-01T12:00:00Z"}]}""",
    ];

    [Theory]
    [MemberData(nameof(Others))]
    public void Entry_OfAnotherForm_IsNobodysLease(string value)
    {
        var state = Of(value);

        Assert.Equal(0, state.Leases.Count);
        Assert.NotNull(state.Find(ReservedScopes.Leases, "k"));
        Assert.Equal(0, SnapshotJson.Read(SnapshotJson.Write(state), state.Language).Leases.Count);
    }

    [Theory]
    [InlineData("\"ttl_ms\":\"long\",\"paths\":7,\"note\":{},\"on_lapse\":[],\"stops\":-1")]
    [InlineData("\"ttl_ms\":1e30,\"paths\":[\"../x\"],\"on_lapse\":{\"action\":7}")]
    [InlineData("\"stopped_at\":7,\"offered_to\":false")]
    public void Entry_WithStrangeMembers_IsALeaseWithoutThem(string members)
    {
        var hold = Of(Good.Replace("\"since\"", members + ",\"since\"", StringComparison.Ordinal)).Leases.Find("k")!.First;

        Assert.Equal(("ann", null, null, null), (hold.Agent, hold.Ttl, hold.Note, hold.OnLapse));
        Assert.Empty(hold.Paths);
    }

    [Fact]
    public void Losses_OfManyKeys_AreBounded_AndTheOldestGo()
    {
        var losses = LeaseLosses.None;
        for (var i = 1; i <= 12_000; i++)
        {
            losses = losses.Add(new LeaseLoss($"k{i}", "ann", 1, i));
        }

        Assert.Equal(10_000, losses.All.Count());
        Assert.Equal("k2001", losses.All.First().Key);
    }

    private static RoomState Of(string value) => RoomState.Empty.Apply(new RoomEvent
    {
        Seq = 1,
        At = s_at,
        Kind = EventKind.Invoked,
        Agent = "ann",
        Action = "old",
        Changes = [new EntryChange { Kind = ChangeKind.Put, Scope = ReservedScopes.Leases, Key = "k", Value = JsonText.Of(JsonDocument.Parse(value).RootElement), Revision = 1 }],
    });
}
