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
}
