namespace Sync.Engine.Tests.Commands.BuiltIns;

/// <summary>Render hints that name what is not there.</summary>
public sealed class SurfaceTests
{
    [Theory]
    [InlineData("1", """{"type":"metrik"}""", "unknown_type", "\"metric\"")]
    [InlineData("[1]", """{"type":"table"}""", "unknown_type", "\"array-table\"")]
    [InlineData("state._tasks", """{"type":"table"}""", "unknown_type", "\"view-table\"")]
    [InlineData("state._tasks.values()", """{"type":"Table"}""", "unknown_type", "\"array-table\"")]
    [InlineData("[1]", """{"type":"bar"}""", "unknown_type", "{\"type\": \"chart\", \"kind\": \"bar\"}")]
    [InlineData("[1]", """{"type":"line"}""", "unknown_type", "{\"type\": \"chart\", \"kind\": \"line\"}")]
    [InlineData("[1]", """{"type":"histogram"}""", "unknown_type", "{\"type\": \"chart\", \"kind\": \"bar\"}")]
    [InlineData("[1]", """{"type":"chart","kind":"bars"}""", "unknown_value", "\"bar\"")]
    [InlineData("[1]", """{"type":"chart","kind":"pie"}""", "unknown_value", "\"bar\"")]
    [InlineData("[1]", """{"type":"chart","kind":"Bar"}""", "unknown_value", "\"bar\"")]
    [InlineData("[1]", """{"type":"chart","kind":"bubble"}""", "unknown_value", "line, bar")]
    [InlineData("[1]", """{"type":"chart","kind":1}""", "unknown_value", "line, bar")]
    [InlineData("1", """{"type":"metric","format":"percentage"}""", "unknown_value", "\"percent\"")]
    [InlineData("1", """{"type":"metric","format":"roman"}""", "unknown_value", "number, percent, duration, currency")]
    [InlineData("1", """{"type":"metric","format":"percnt"}""", "unknown_value", "\"percent\"")]
    [InlineData("1", """{"type":"metric","color":"purple"}""", "unknown_value", "green")]
    [InlineData("1", """{"type":"metric","temporal":"true"}""", "unknown_value", "true or false")]
    [InlineData("1", """{"type":"metric","unit":5}""", "unknown_value", "a string")]
    [InlineData("1", """{"type":"metric","order":"2"}""", "unknown_value", "a number")]
    [InlineData("state._tasks.values()", """{"type":"array-table","layout":"eventlog"}""", "unknown_value", "\"event-log\"")]
    [InlineData("state._tasks.values()", """{"type":"array-table","max_rows":"5"}""", "unknown_value", "a number")]
    [InlineData("true", """{"type":"feed","compose":1}""", "unknown_value", "true or false")]
    [InlineData("true", """{"type":"feed","limit":"5"}""", "unknown_value", "a number")]
    [InlineData("1", """{"type":"hologram"}""", "unknown_type", "array-table")]
    [InlineData("1", """{"type":5}""", "unknown_type", "metric")]
    [InlineData("1", """{"type":"metric","lable":"x"}""", "unknown_field", "'label'")]
    [InlineData("1", """{"type":"metric","title":"x"}""", "unknown_field", "'label'")]
    [InlineData("state._tasks.values()", """{"type":"array-table","columns":["titel"]}""", "unknown_column", "'title'")]
    [InlineData("state._tasks.values()", """{"type":"array-table","columns":[{"key":"title"},{"key":"owner"}]}""", "unknown_column", "Rows have status, title")]
    [InlineData("state._tasks", """{"type":"array-table"}""", "unfit_value", ".values()")]
    [InlineData("state._tasks.values()", """{"type":"metric"}""", "unfit_value", "size(")]
    [InlineData("5", """{"type":"chart"}""", "unfit_value", "a list or a map")]
    [InlineData("5", """{"type":"view-grid"}""", "unfit_value", "a list or a map")]
    [InlineData("5", """{"type":"markdown"}""", "unfit_value", "text")]
    [InlineData("true", """{"type":"action-form","action":"postt"}""", "unknown_action", "'post'")]
    [InlineData("true", """{"type":"action-form","action":"elsewhere"}""", "unknown_action", "Register it")]
    [InlineData("true", """{"type":"action-form"}""", "missing_field", "\"action\"")]
    [InlineData("true", """{"type":"action-bar","actions":["post",{"action":"psot"}]}""", "unknown_action", "'post'")]
    [InlineData("true", """{"type":"action-bar"}""", "missing_field", "\"actions\"")]
    [InlineData("true", """{"type":"action-choice","action":"post","param":"taks"}""", "unknown_param", "'task'")]
    [InlineData("true", """{"type":"action-choice","action":"post"}""", "missing_field", "\"param\"")]
    [InlineData("true", """{"type":"section","views":["cuont"]}""", "unknown_view", "'count'")]
    [InlineData("true", """{"type":"section"}""", "missing_field", "\"views\"")]
    [InlineData("true", """{"type":"section","views":["v"]}""", "unknown_view", "Name the views")]
    [InlineData("true", """{"type":"watch","keys":["objective"]}""", "unknown_key", "\"_shared.objective\"")]
    [InlineData("true", """{"type":"watch","keys":["_shared.objectiv"]}""", "unknown_key", "_shared.objective")]
    [InlineData("true", """{"type":"watch","keys":["_taks.*"]}""", "unknown_key", "_tasks")]
    [InlineData("true", """{"type":"watch"}""", "missing_field", "\"keys\"")]
    public async Task Hint_OfWhatIsNotThere_IsWarnedOf(string expr, string render, string code, string fix)
    {
        await using var host = await EngineHost.StartAsync();
        await RoomAsync(host);

        var answer = await host.ViewAsync(host.Owner, "r", $$"""{"id":"v","expr":"{{expr}}","render":{{render}}}""");

        var warning = Assert.Single(answer["warnings"]!.AsArray())!;
        Assert.Equal(code, warning["code"].Text());
        Assert.Contains(fix, warning["hint"].Text(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", """{"type":"metric","label":"x","unit":"s","format":"number","color":"red","temporal":true,"order":1,"group":"g"}""")]
    [InlineData("[1]", """{"type":"chart","kind":"bar"}""")]
    [InlineData("1", """{"type":"metric","color":"Teal","format":null}""")]
    [InlineData("null", """{"type":"array-table","columns":["title"]}""")]
    [InlineData("[]", """{"type":"array-table","columns":["anything"]}""")]
    [InlineData("state._tasks.values()", """{"type":"array-table","columns":["title","status"],"max_rows":5,"layout":"event-log"}""")]
    [InlineData("state._tasks", """{"type":"view-grid"}""")]
    [InlineData("true", """{"type":"action-form","action":"_send_message"}""")]
    [InlineData("true", """{"type":"action-choice","actions":["post"]}""")]
    [InlineData("true", """{"type":"action-choice","action":"post","param":"task"}""")]
    [InlineData("true", """{"type":"section","views":["count","_contested"]}""")]
    [InlineData("true", """{"type":"watch","keys":["_shared.objective","_tasks.*","_tasks.any"]}""")]
    [InlineData("true", """{"type":"feed","limit":5,"kinds":["chat"],"compose":true}""")]
    public async Task Hint_OfWhatIsThere_HasNoWarning(string expr, string render)
    {
        await using var host = await EngineHost.StartAsync();
        await RoomAsync(host);

        Assert.Null((await host.ViewAsync(host.Owner, "r", $$"""{"id":"v","expr":"{{expr}}","render":{{render}}}"""))["warnings"]);
    }

    [Fact]
    public async Task Surface_WhoseActionOrViewGoes_AsksForAttentionUntilItIsBack()
    {
        await using var host = await EngineHost.StartAsync();
        await RoomAsync(host);
        await host.ViewAsync(host.Owner, "r", """{"id":"form","expr":"true","render":{"type":"action-form","action":"post"}}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"all","expr":"true","render":{"type":"section","views":["count"]}}""");
        Assert.Empty(await BrokenAsync(host));

        await host.InvokeAsync(host.Owner, "r", "_delete_action", """{"id":"post"}""");
        await host.InvokeAsync(host.Owner, "r", "_delete_view", """{"id":"count"}""");

        Assert.Equal(["all", "form"], await BrokenAsync(host));
        await host.RestartAsync();
        Assert.Equal(["all", "form"], await BrokenAsync(host));
        await host.RegisterAsync(host.Owner, "r", """{"id":"post","writes":[]}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"count","expr":"1"}""");
        Assert.Empty(await BrokenAsync(host));
    }

    private static async Task<string[]> BrokenAsync(EngineHost host) =>
        [.. (await host.ContextAsync(host.Owner, "r"))["_context"]!["attention"]!.AsArray().Where(note => note!["kind"].Text() == "broken_surface").Select(note => note!["view"].Text())];

    private static async Task RoomAsync(EngineHost host)
    {
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"post","params":{"task":{},"key":{"default":"t1"}},"writes":[{"scope":"_tasks","key":"${params.key}","value":"${params.task}"},{"key":"objective","value":"done"}]}""");
        await host.InvokeAsync(host.Owner, "r", "post", """{"task":{"title":"one","status":"open"}}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"count","expr":"size(state._tasks)"}""");
    }
}
