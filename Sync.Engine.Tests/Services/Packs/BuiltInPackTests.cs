using System.Text.Json.Nodes;
using Sync.Engine.Model.Packs;

namespace Sync.Engine.Tests.Services.Packs;

/// <summary>Packs that come with Sync install into any room without a doubt, and say nothing wrong where nothing has happened yet.</summary>
public sealed class BuiltInPackTests
{
    public static TheoryData<string> Names => [.. BuiltInPacks.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Install_IntoAnEmptyRoom_HasNothingToWarnOf(string name)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var answer = await host.InvokeAsync(host.Owner, "r", "_install_pack", $$"""{"pack":"{{name}}"}""");

        Assert.Equal("", (answer["warnings"] ?? answer["contests"])?.ToJsonString() ?? "");
        var context = await host.ContextAsync(host.Owner, "r", "depth=full");
        Assert.Empty(context["_context"]!["attention"]!.AsArray());
        Assert.All(context["views"]!.AsObject(), static view => Assert.DoesNotContain("_error", view.Value!.ToJsonString(), StringComparison.Ordinal));
        Assert.Equal("[]", (await host.EvalAsync(host.Owner, "r", "views.todo"))!.ToJsonString());
    }

    [Fact]
    public async Task Install_OfAllThatGoTogether_HasOneTodo()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var names = BuiltInPacks.Names.Where(static name => name != "coding_fleet").ToList();

        foreach (var name in names)
        {
            var answer = await host.InvokeAsync(host.Owner, "r", "_install_pack", $$"""{"pack":"{{name}}"}""");
            Assert.Null(answer["changes"]);
            Assert.Null(answer["contests"]);
        }

        // The one that they share goes with the last of them.
        foreach (var name in names)
        {
            Assert.NotNull(await host.EvalAsync(host.Owner, "r", "views.todo"));
            var answer = await host.InvokeAsync(host.Owner, "r", "_uninstall_pack", $$"""{"pack":"{{name}}"}""");
            Assert.Equal(name == names[^1] ? [] : ["views.todo other_pack"], (answer["kept"]?.AsArray() ?? []).Select(static kept => $"{kept!["part"].Text()} {kept["reason"].Text()}"));
        }

        Assert.Empty((await host.LoadedAsync("r")).Published.Views);
        Assert.Empty((await host.LoadedAsync("r")).Published.Actions);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Install_Again_ChangesNothing(string name)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.InvokeAsync(host.Owner, "r", "_install_pack", $$"""{"pack":"{{name}}"}""");

        var answer = await host.InvokeAsync(host.Owner, "r", "_install_pack", $$"""{"pack":"{{name}}"}""");

        Assert.Equal(BuiltInPacks.Find(name)!.Parts.Length, ((JsonArray)answer["unchanged"]!).Count);
        Assert.All(["adds", "changes", "removes", "kept", "conflicts"], field => Assert.Null(answer[field]));
    }

    [Theory]
    [InlineData("task_queue", "next_task", "complete_task", """{"id":"1","result":true}""")]
    [InlineData("coding_fleet", "next_task", "submit_task", """{"id":"1","commit":"4f2a01","summary":"Done."}""")]
    public async Task Task_OfASilentWorker_IsOpenAgainAndTheRevenantIsRefused(string pack, string take, string end, string result)
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        await host.InvokeAsync(host.Owner, "r", "_install_pack", $$"""{"pack":"{{pack}}"}""");
        var (ann, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"));
        await host.InvokeAsync(host.Owner, "r", "post_task", """{"title":"One"}""");
        await host.InvokeAsync(ann, "r", take, """{"ttl_ms":60000}""");
        Assert.Equal("nothing_to_write", (await host.RefusedAsync(bob, "r", take)).Code.Name);

        await host.AdvanceAsync("r", TimeSpan.FromSeconds(61));

        Assert.Equal("open", (await host.StoredAsync("r", "_tasks", "1"))!["status"].Text());
        Assert.Equal("1", (await host.InvokeAsync(bob, "r", take))["writes"]![0]!["key"].Text());
        Assert.Contains((await host.RefusedAsync(ann, "r", end, result)).Code.Name, new[] { "lease_required", "lease_lost", "lease_held" });
        await host.InvokeAsync(bob, "r", end, result);
    }

    [Theory]
    [InlineData("task_queue", "post_task", "next_task", """{"title":"T"}""")]
    [InlineData("review", "submit_work", "next_review", """{"title":"T","content":"C"}""")]
    public async Task Next_WhileTheCallerHoldsOthers_GivesTheOneJustTaken(string pack, string post, string next, string work)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.InvokeAsync(host.Owner, "r", "_install_pack", $$"""{"pack":"{{pack}}"}""");
        var (ann, bob) = (await host.JoinAsync("r", "ann"), await host.JoinAsync("r", "bob"));
        for (var i = 0; i < 3; i++)
        {
            await host.InvokeAsync(ann, "r", post, work);
        }

        for (var i = 0; i < 3; i++)
        {
            var taken = await host.InvokeAsync(bob, "r", next);
            Assert.Equal(taken["writes"]![0]!["key"].Text(), taken["result"]!["id"].Text());
        }
    }

    [Fact]
    public async Task Upgrade_OfARoomThatChangedItsPack_KeepsWhatItChanged()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.InvokeAsync(host.Owner, "r", "_install_pack", """{"pack":"task_queue"}""");
        await host.InvokeAsync(host.Owner, "r", "post_task", """{"title":"One"}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"open_tasks","expr":"42"}""");
        var next = BuiltInPacks.Find("task_queue")!.ToJson().ToNode()!.AsObject(); // It is built in.
        next["version"] = "2.0.0";
        foreach (var view in next["views"]!.AsArray().Where(static view => view!["id"].Text() is "open_tasks" or "claimed_tasks"))
        {
            view!["description"] = "Of the second version.";
        }

        var answer = await host.InvokeAsync(host.Owner, "r", "_install_pack", new JsonObject { ["pack"] = next }.ToJsonString());

        Assert.Equal(["views.claimed_tasks"], answer["changes"]!.AsArray().Select(static part => part.Text()));
        Assert.Equal("views.open_tasks", Assert.Single(answer["conflicts"]!.AsArray())!["part"].Text());
        Assert.Equal(42, (await host.EvalAsync(host.Owner, "r", "views.open_tasks"))!.GetValue<int>());
        Assert.Equal("One", (await host.EvalAsync(host.Owner, "r", "state._tasks['1'].title")).Text());
    }
}
