using System.Text.Json.Nodes;
using Sync.Engine.Identity;
using Sync.Engine.Model.Help;

namespace Sync.Engine.Tests.Model.Help;

public sealed class StandardLibraryTests
{
    [Fact]
    public void Library_HasTheDocumentedActionsInOrder() => Assert.Equal(
        [
            "set", "delete", "increment", "append", "update_objective", "update_status", "claim", "release", "submit_result", "vote", "publish_view", "define_role",
            "fill_role", "vacate_role", "post_task", "claim_task", "next_task", "take_over_task", "complete_task", "reopen_task", "propose", "approve",
        ],
        StandardLibrary.Ids);

    [Fact]
    public async Task Library_AsHelpGivesIt_RegistersAsItIsWithoutAWarning()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var library = (await host.InvokeAsync(alice, "r", "help", """{"key":"standard_library"}"""))["content"]!.AsArray();
        foreach (var definition in library)
        {
            // Each by itself, too: what it reads of others' writes may not be there yet.
            var room = $"only-{definition!["id"]}";
            await host.RoomAsync(room);
            var answer = await host.RegisterAsync(host.Owner, room, definition.ToJsonString());
            Assert.True(answer["warning"] is null && answer["warnings"]?.AsArray().Any(static warning => warning!["code"].Text() != "unknown_path") != true, $"{definition["id"]}: {answer.ToJsonString()}");
        }

        foreach (var definition in library)
        {
            var answer = await host.RegisterAsync(alice, "r", definition!.ToJsonString());
            Assert.True(answer["warning"] is null && answer["warnings"] is null, $"{definition["id"]}: {answer.ToJsonString()}");
        }

        Assert.Equal(library.Count, (await host.LoadedAsync("r")).Published.Actions.Count);
    }

    [Fact]
    public async Task Library_ByName_RegistersTheSame()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        foreach (var id in StandardLibrary.Ids)
        {
            await host.RegisterAsync(alice, "r", $$"""{"from":"standard_library","id":"{{id}}"}""");
        }

        var actions = (await host.LoadedAsync("r")).Published.Actions;
        Assert.All(StandardLibrary.Ids, id => JsonAssert.Equal(StandardLibrary.Find(id)!.Value.GetRawText(), actions[id].Definition.Source.ToNode()));
    }

    /// <summary>Who does what in an empty room, and the refusal's code or null. {0} stands for nothing; steps run in order.</summary>
    [Fact]
    public async Task Library_InAnEmptyRoom_Works()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        foreach (var id in StandardLibrary.Ids)
        {
            await host.RegisterAsync(alice, "r", $$"""{"from":"standard_library","id":"{{id}}"}""");
        }

        (Caller Who, string Action, string Parameters, string? Code)[] steps =
        [
            (alice, "set", """{"key":"topic","value":"42"}""", null),
            (alice, "set", """{"key":"secret","value":1,"scope":"alice"}""", null),
            (bob, "set", """{"key":"secret","value":1,"scope":"alice"}""", "precondition_failed"),
            (bob, "set", """{"key":"secret","value":2,"scope":"self"}""", null),
            (alice, "set", """{"value":1}""", "missing_param"),
            (alice, "set", """{"key":"gone","value":null}""", null),
            (alice, "delete", """{"key":"gone"}""", null),
            (alice, "increment", """{"key":"count"}""", null),
            (alice, "increment", """{"key":"count","by":0.5}""", null),
            (alice, "append", """{"key":"notes","value":{"n":1}}""", null),
            (alice, "append", """{"key":"notes","value":"two"}""", null),
            (alice, "update_objective", """{"objective":"Write the report."}""", null),
            (alice, "update_objective", """{"objective":""}""", "invalid_param"),
            (bob, "update_status", """{"status":"reading"}""", null),
            (alice, "claim", """{"key":"chapter-1"}""", null),
            (bob, "claim", """{"key":"chapter-1"}""", "lease_held"),
            (alice, "claim", """{"key":"chapter-1","note":"still at it"}""", null),
            (bob, "release", """{"key":"chapter-1"}""", "lease_required"),
            (alice, "release", """{"key":"chapter-1"}""", null),
            (bob, "release", """{"key":"nothing"}""", "lease_required"),
            (bob, "claim", """{"key":"chapter-1"}""", null),
            (alice, "submit_result", """{"result":"42"}""", null),
            (alice, "vote", """{"choice":"a"}""", null),
            (bob, "vote", """{"choice":"b"}""", null),
            (alice, "vote", """{"choice":"b"}""", null),
            (alice, "publish_view", """{"name":"mood","value":["good"]}""", null),
            (alice, "define_role", """{"role":"editor","description":"Edits."}""", null),
            (bob, "define_role", """{"role":"editor","description":"Mine."}""", "precondition_failed"),
            (bob, "fill_role", """{"role":"writer"}""", "precondition_failed"),
            (bob, "fill_role", """{"role":"editor"}""", null),
            (alice, "fill_role", """{"role":"editor"}""", "lease_held"),
            (alice, "vacate_role", """{"role":"editor"}""", "lease_required"),
            (bob, "vacate_role", """{"role":"editor"}""", null),
            (alice, "fill_role", """{"role":"editor"}""", null),
            (alice, "post_task", """{"title":"Proof-read"}""", null),
            (bob, "claim_task", """{"id":"2"}""", "precondition_failed"),
            (bob, "complete_task", """{"id":"1","result":true}""", "lease_required"),
            (bob, "take_over_task", """{"id":"1"}""", "precondition_failed"),
            (bob, "claim_task", """{"id":"1"}""", null),
            (alice, "claim_task", """{"id":"1"}""", "lease_held"),
            (alice, "take_over_task", """{"id":"1"}""", "lease_held"),
            (alice, "next_task", "{}", "nothing_to_write"),
            (bob, "reopen_task", """{"id":"1"}""", "precondition_failed"),
            (alice, "complete_task", """{"id":"1","result":true}""", "lease_required"),
            (bob, "complete_task", """{"id":"1","result":{"errors":3}}""", null),
            (bob, "complete_task", """{"id":"1","result":true}""", "lease_required"),
            (alice, "next_task", "{}", "nothing_to_write"),
            (bob, "claim_task", """{"id":"1"}""", "precondition_failed"),
            (alice, "propose", """{"proposal":"Ship it."}""", null),
            (alice, "approve", """{"id":"1"}""", "precondition_failed"),
            (bob, "approve", """{"id":"1"}""", null),
            (host.Owner, "approve", """{"id":"1","note":"if tested"}""", null),
            (bob, "approve", """{"id":"7"}""", "precondition_failed"),
        ];
        JsonObject last = [];
        foreach (var (who, action, parameters, code) in steps)
        {
            var outcome = await host.TryInvokeAsync(who, "r", action, parameters);
            Assert.True(code == outcome.Error?.Code.Name, $"{action} {parameters}: {outcome.Error?.Code.Name} {outcome.Error?.Message}");
            last = outcome.Error is null ? outcome.Value : last;
        }

        JsonAssert.Equal("""{"approvals":2}""", last["result"]);
        var state = (await host.ContextAsync(host.Owner, "r"))["state"]!;
        JsonAssert.Equal(
            """{"topic":"42","count":1.5,"notes":[{"n":1},"two"],"objective":"Write the report.","bob.status":"reading","alice.result":"42","alice.mood":["good"]}""",
            state["_shared"]);
        JsonAssert.Equal("""{"alice":"b","bob":"b"}""", state["_votes"]);
        Assert.Equal("alice", (await host.EvalAsync(alice, "r", "leases['role:editor'].holder")).Text());
        Assert.Null(state["_role_holders"]);
        Assert.Null(state["_claims"]);
        JsonAssert.Equal(
            """{"title":"Proof-read","detail":"","status":"done","posted_by":"alice","posted_at":"2026-03-01T12:00:00Z","claimed_by":"bob","claimed_at":"2026-03-01T12:00:00Z","result":{"errors":3},"completed_at":"2026-03-01T12:00:00Z"}""",
            state["_tasks"]!["1"]);
        await host.AdvanceAsync("r", TimeSpan.FromMinutes(16));
        await host.InvokeAsync(alice, "r", "claim", """{"key":"chapter-1"}""");
    }

    [Theory]
    [InlineData("spend", null)]
    [InlineData("send", null)]
    [InlineData("pay", null)]
    [InlineData("apend", "append")]
    [InlineData("votes", "vote")]
    [InlineData("claimTask", "claim_task")]
    [InlineData("incremet", "increment")]
    [InlineData("set_state", "set")]
    public void Meant_ByAnotherWord_IsGuessedFromOneSlipOrASynonym(string id, string? meant) => Assert.Equal(meant, StandardLibrary.Meant(id));
}
