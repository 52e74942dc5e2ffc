using System.Text.Json.Nodes;
using Sync.Engine.Identity;
using Sync.Engine.Model.Events;
using Sync.Engine.Primitives.Access;

namespace Sync.Engine.Tests.Services.Rooms;

/// <summary>The log names the user who acted as an agent that is not theirs; an agent's own user stays unsaid.</summary>
public sealed class ActedByTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Event_OfAnotherUsersAgent_NamesWhoActed()
    {
        await using var host = await EngineHost.StartAsync();
        var carol = await RoomAsync(host);

        await host.InvokeAsync(carol, "r", "_send_message", """{"body":"mine"}""", agent: "carol");
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"not mine"}""", agent: "carol");
        await host.RefusedAsync(host.Owner, "r", "no_such", agent: "carol");
        await host.RefusedAsync(carol, "r", "no_such", agent: "carol");
        Assert.Null((await host.Engine.Agents.UpdateAsync(host.Owner, "r", "carol", EngineHost.Json("""{"name":"C"}"""), Cancel)).Error);
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"as the room"}""");

        // Counted refusals are logged at the latest when the room stops.
        await host.RestartAsync();

        var log = await LogAsync(host);
        Assert.Equal(["agent_updated", "invoked", "refused"], log.Where(static e => e["by"] is not null).Select(static e => e["kind"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.All(log, e => Assert.True(e["by"] is null || (e["by"]!.GetValue<string>() == host.Owner.UserName && e["agent"]!.GetValue<string>() == "carol")));
        Assert.Equal(2, log.Count(static e => e["kind"]!.GetValue<string>() == "refused"));
    }

    [Fact]
    public void Event_WithWhoActed_IsReadBack_AndOneWithoutHasNoSuchField()
    {
        var e = new RoomEvent { Seq = 1, At = DateTimeOffset.UnixEpoch, Kind = EventKind.Invoked, Agent = "a", Action = "x", By = "ann" };

        var row = new EventRow(1, e.At, "invoked", "a", "x", Ok: true, RoomEventJson.Write(e).Memory.ToArray());

        Assert.Equal("ann", RoomEventJson.Read(row).By);
        Assert.DoesNotContain("\"by\"", RoomEventJson.Write(e with { By = null }).ToString(), StringComparison.Ordinal);
    }

    private static async Task<Caller> RoomAsync(EngineHost host)
    {
        await host.RoomAsync("r");
        var carol = await host.UserAsync("carol", "rooms:*");
        await host.GiveRoleAsync("r", "carol", Role.Participant);
        await host.InvokeAsync(carol, "r", "_send_message", """{"body":"here"}""", agent: "carol");
        return carol;
    }

    private static async Task<List<JsonNode>> LogAsync(EngineHost host)
    {
        var page = EngineHost.Node((await host.Engine.History.AuditAsync(host.Owner, "r", AuditQuery.Newest(100), Cancel)).Value);
        return [.. page["events"]!.AsArray().Select(static e => e!)];
    }
}
