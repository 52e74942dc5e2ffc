using Sync.Engine.Model.Actions;

namespace Sync.Engine.Tests.Commands.BuiltIns;

/// <summary>What other systems call a lease, a decision, a stop leads to the engine's own action.</summary>
public sealed class MeantBuiltInTests
{
    public static TheoryData<string, string> Words => new(new (string Id, string Names)[]
    {
        (BuiltInIds.Claim, "lock acquire take checkout check_out reserve lease acquireLock take-lease lock_file reserve_files _lock hold"),
        (BuiltInIds.Renew, "renew heartbeat keepalive keep_alive extend_lease refresh renew_lease"),
        (BuiltInIds.Release, "unlock release_lease give_back unclaim checkin free"),
        (BuiltInIds.HandOver, "handoff hand_off transfer handOver delegate"),
        (BuiltInIds.Pause, "pause stop halt freeze suspend emergency_stop pauseRoom"),
        (BuiltInIds.Resume, "resume unpause unfreeze continue"),
        (BuiltInIds.Decide, "decide accept confirm deny reject approve_request"),
        (BuiltInIds.Revert, "revert undo rollback roll_back"),
        (BuiltInIds.InstallPack, "install install_pack use_template applyTemplate"),
    }.SelectMany(static meaning => meaning.Names.Split(' ').Select(name => (name, meaning.Id))));

    [Theory]
    [MemberData(nameof(Words))]
    public async Task Word_OfAnotherSystem_LeadsToTheActionThatIsMeant(string word, string meant)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var refused = await host.RefusedAsync(host.Owner, "r", word);

        Assert.Equal("action_not_found", refused.Code.Name);
        Assert.Equal(meant, refused.Details!["did_you_mean"].Text()); // It has a suggestion.
    }

    [Fact]
    public async Task Word_ThatTheRoomUses_MeansTheRoomsOwn()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"unlock_door","writes":[{"key":"door","value":"open"}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"lock","writes":[{"key":"door","value":"shut"}]}""");

        Assert.True((await host.InvokeAsync(host.Owner, "r", "lock"))["invoked"]!.GetValue<bool>());
        Assert.Equal("unlock_door", (await host.RefusedAsync(host.Owner, "r", "unlock_dor")).Details!["did_you_mean"].Text()); // It has a suggestion.
    }

    [Fact]
    public async Task Approve_InARoomWithApprovals_NamesTheOneThatWaits()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"deploy","writes":[{"key":"live","value":true}],"approve":{"by":"owner"}}""");
        var id = (await host.InvokeAsync(await host.JoinAsync("r", "bob"), "r", "deploy"))["approval"].Text();

        var refused = await host.RefusedAsync(host.Owner, "r", "approve");

        Assert.Contains(refused.Next, step => step.ToString().Contains($"\"approval\":\"{id}\"", StringComparison.Ordinal));
    }
}
