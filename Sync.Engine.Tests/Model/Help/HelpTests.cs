using Sync.Engine.Model.Actions;
using Sync.Engine.Model.Help;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Model.Help;

public sealed class HelpTests
{
    [Fact]
    public async Task Help_WithoutAKey_ListsTheKeys()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var answer = await host.InvokeAsync(host.Owner, "r", "help");

        Assert.True(answer["invoked"].Flag());
        Assert.Equal(
            ["guide", "standard_library", "vocabulary_bootstrap", "contested_actions", "directed_messages", "context_shaping", "if_version", "expressions", "errors", "surfaces", "leases", "gates", "packs", "roles", "cooldown", "recipes"],
            answer["keys"].Texts());
        Assert.NotEmpty(answer["usage"].Text());
    }

    [Fact]
    public async Task Help_OfEveryKey_HasAText()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        foreach (var key in HelpTexts.Keys)
        {
            var answer = await host.InvokeAsync(host.Owner, "r", "help", $$"""{"key":"{{key}}"}""");
            Assert.Equal(("system", 0L), (answer["source"].Text(), answer["revision"].Number()));
            Assert.Equal(16, answer["version"].Text().Length);
            Assert.True(answer["content"]!.ToJsonString().Length > 100, key);
        }
    }

    [Fact]
    public async Task Help_OfAnUnknownKey_NamesWhatThereIs()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var error = await host.RefusedAsync(host.Owner, "r", "help", """{"key":"expresions"}""");

        Assert.Equal("help_key_not_found", error.Code.Name);
        Assert.Contains("guide", error.Details!["available"].Texts());
        Assert.Contains("'expressions'", error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("protect", "gates")]
    [InlineData("undo", "gates")]
    [InlineData("approve", "gates")]
    [InlineData("_revert", "gates")]
    [InlineData("Lock", "leases")]
    [InlineData("_claim", "leases")]
    [InlineData("fork", "packs")]
    [InlineData("template", "packs")]
    [InlineData("messages", "directed_messages")]
    public async Task Help_OfAnotherWordForAKey_NamesTheKey(string word, string key)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        Assert.Contains($"'{key}'", (await host.RefusedAsync(host.Owner, "r", "help", $$"""{"key":"{{word}}"}""")).Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Guide_NamesEveryKeyAndBuiltIn()
    {
        var guide = HelpTexts.Read("guide.md");
        Assert.All(HelpTexts.Keys.Where(static key => key != "guide"), key => Assert.Contains($"`{key}`", guide, StringComparison.Ordinal));
        Assert.All(BuiltInIds.All, id => Assert.Contains($"`{id}`", guide, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Help_ReadByAWatcher_IsGivenAndLeavesNoEvent()
    {
        await using var host = await EngineHost.StartAsync();
        var watcher = await host.CallerAsync((await host.RoomAsync("r")).ViewToken);
        var before = (await host.LoadedAsync("r")).Published.Seq;

        await host.InvokeAsync(watcher, "r", "help", """{"key":"guide"}""");

        await host.SettleAsync("r");
        Assert.Equal(before, (await host.LoadedAsync("r")).Published.Seq);
    }

    [Fact]
    public async Task Override_OfASystemText_NeedsProofOfRead()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"teach","params":{"key":{"type":"string"},"text":{"type":"string"},"version":{"type":"string"}},"writes":[{"scope":"_help","key":"${params.key}","value":"${params.text}","if_version":"${params.version}"}]}""");
        var version = (await host.InvokeAsync(host.Owner, "r", "help", """{"key":"guide"}"""))["version"].Text();

        Assert.Equal("version_conflict", (await TeachAsync("guide", "")).Error!.Code.Name);
        Assert.Equal("version_conflict", (await TeachAsync("guide", "0000000000000000")).Error!.Code.Name);
        var written = (await TeachAsync("guide", version)).Value["writes"]![0]!["version"].Text();
        var answer = await host.InvokeAsync(host.Owner, "r", "help", """{"key":"guide"}""");
        Assert.Equal(("text of guide", "room", 1L, written), (answer["content"].Text(), answer["source"].Text(), answer["revision"].Number(), answer["version"].Text()));
        Assert.Equal("version_conflict", (await TeachAsync("guide", version)).Error!.Code.Name);
        Assert.Null((await TeachAsync("guide", written)).Error);
        Assert.Null((await TeachAsync("house_rules", "")).Error);
        Assert.Contains("house_rules", (await host.InvokeAsync(host.Owner, "r", "help"))["keys"].Texts());

        Task<Outcome<System.Text.Json.Nodes.JsonObject>> TeachAsync(string key, string expected) =>
            host.TryInvokeAsync(host.Owner, "r", "teach", $$"""{"key":"{{key}}","text":"text of {{key}}","version":"{{expected}}"}""");
    }
}
