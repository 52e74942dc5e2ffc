namespace Sync.Engine.Tests.Commands.BuiltIns;

public sealed class RegistrationTests
{
    [Fact]
    public async Task Competing_Targets_AreWarnedOfAndStandInAViewWhileTheyLast()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        Assert.Null((await host.RegisterAsync(alice, "r", """{"id":"alice_submit","writes":[{"scope":"_shared","key":"answer","value":1}]}"""))["warning"]);

        var second = await host.RegisterAsync(bob, "r", """{"id":"bob_submit","writes":[{"key":"answer","value":2}]}""");

        Assert.Equal("competing_write_targets", second["warning"].Text());
        Assert.Equal(["_shared:answer"], second["contested_targets"].Texts());
        JsonAssert.Equal("""[{"target":"_shared:answer","actions":["alice_submit","bob_submit"]}]""", second["competing_actions"]);
        Assert.Equal("contested_actions", second["help"].Text());
        var context = await host.ContextAsync(alice, "r");
        JsonAssert.Equal("""{"value":{"_shared:answer":["alice_submit","bob_submit"]},"system":true}""", context["views"]!["_contested"]);
        Assert.Contains("contested_actions", context["_context"]!["help"].Texts());
        JsonAssert.Equal("[]", context["_context"]!["attention"]);
        JsonAssert.Equal("[\"alice_submit\",\"bob_submit\"]", await host.EvalAsync(alice, "r", "views[\"_contested\"][\"_shared:answer\"]"));

        await host.InvokeAsync(bob, "r", "_delete_action", """{"id":"bob_submit"}""");
        Assert.Null((await host.ContextAsync(alice, "r"))["views"]!["_contested"]);
        JsonAssert.Equal("null", await host.EvalAsync(alice, "r", "views[\"_contested\"]"));
    }

    [Theory]
    [InlineData("""{"key":"${params.k}","value":1}""", """{"key":"${params.k}","value":2}""", true)]
    [InlineData("""{"key":"${self}.x","value":1}""", """{"key":"${self}.x","value":2}""", true)]
    [InlineData("""{"key":"a","value":1}""", """{"key":"b","value":1}""", false)]
    [InlineData("""{"scope":"_a","key":"a","value":1}""", """{"scope":"_b","key":"a","value":1}""", false)]
    [InlineData("""{"scope":"_rows","append":true,"value":1}""", """{"scope":"_rows","append":true,"value":1}""", false)]
    public async Task Competing_MeansTheSameTargetText(string first, string second, bool contested)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", $$"""{"id":"a","params":{"k":{} },"writes":[{{first}}]}""");

        var answer = await host.RegisterAsync(host.Owner, "r", $$"""{"id":"b","params":{"k":{} },"writes":[{{second}}]}""");

        Assert.Equal(contested, answer["warning"] is not null);
    }

    [Fact]
    public async Task Redefined_Action_SaysTheRisk()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "agent-a");
        await host.RegisterAsync(alice, "r", """{"id":"act","writes":[{"key":"a","value":1}]}""");
        Assert.Null((await host.RegisterAsync(alice, "r", """{"id":"act","description":"the same","writes":[{"value":1.0,"key":"a"}]}"""))["warning"]);
        var unused = await host.RegisterAsync(alice, "r", """{"id":"act","writes":[{"key":"a","value":2}]}""");
        Assert.StartsWith("low", unused["redefinition"]!["risk"].Text(), StringComparison.Ordinal);
        for (var i = 0; i < 3; i++)
        {
            await host.InvokeAsync(alice, "r", "act");
        }

        var used = await host.RegisterAsync(host.Owner, "r", """{"id":"act","writes":[{"key":"a","value":3}]}""");

        Assert.Equal("action_redefined", used["warning"].Text());
        JsonAssert.Equal(
            """{"previous_registrant":"agent-a","writes_changed":true,"params_changed":false,"invocation_count":3,"previous_writes":[{"key":"a","value":2}],"risk":"high — action has been invoked and write behavior changed"}""",
            used["redefinition"]);
        var parameters = await host.RegisterAsync(host.Owner, "r", """{"id":"act","params":{"x":{}},"writes":[{"key":"a","value":3}]}""");
        Assert.True(parameters["redefinition"]!["params_changed"].Flag());
        Assert.StartsWith("medium", parameters["redefinition"]!["risk"].Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task View_OfAnotherRegistrant_Replaced_NamesItAndWhatChanged()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "agent-a");
        await host.ViewAsync(alice, "r", """{"id":"v","expr":"1"}""");
        Assert.Null((await host.ViewAsync(alice, "r", """{"id":"v","expr":"2"}"""))["warning"]); // One's own.
        Assert.Null((await host.ViewAsync(host.Owner, "r", """{"id":"v","expr":"2","scope":"_shared"}"""))["warning"]); // The same.
        await host.ViewAsync(alice, "r", """{"id":"w","expr":"2"}""");

        var replaced = await host.ViewAsync(host.Owner, "r", """{"id":"w","expr":"3","render":{"type":"metric","label":"W"}}""");

        Assert.Equal("view_redefined", replaced["warning"].Text());
        JsonAssert.Equal("""{"previous_registrant":"agent-a","changed":["expr","render"],"previous_expr":"2"}""", replaced["redefinition"]);
    }

    [Fact]
    public async Task Redefined_AndCompeting_GivesBothWarnings()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"a","writes":[{"key":"k","value":1}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"b","writes":[{"key":"other","value":1}]}""");

        var answer = await host.RegisterAsync(host.Owner, "r", """{"id":"b","writes":[{"key":"k","value":1}]}""");

        Assert.Equal(["competing_write_targets", "action_redefined"], answer["warning"].Texts());
    }

    [Theory]
    [InlineData("""{"id":"x","if":"state._shared.objectve != null","writes":[]}""", "state._shared.objective")]
    [InlineData("""{"id":"x","if":"params.chioce == 1","params":{"choice":{}},"writes":[]}""", "params.choice")]
    [InlineData("""{"id":"x","enabled":"actions.sett.available","writes":[]}""", "actions.set")]
    [InlineData("""{"id":"x","result":"views.resluts","writes":[]}""", "views.results")]
    [InlineData("""{"id":"x","if":"agents.alcie.status == 'active'","writes":[]}""", "agents.alice")]
    [InlineData("""{"id":"x","if":"messages.unraed > 0","writes":[]}""", "messages.unread > 0")]
    public async Task Expression_OfAPathThatNothingHas_IsWarnedOf(string definition, string meant)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.JoinAsync("r", "alice");
        await host.RegisterAsync(host.Owner, "r", """{"id":"set","writes":[{"key":"objective","value":1}]}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"results","expr":"1"}""");

        var warning = (await host.RegisterAsync(host.Owner, "r", definition))["warnings"]![0]!;

        Assert.Equal("unknown_path", warning["code"].Text());
        Assert.Contains(meant, warning["hint"].Text(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"writes":[]}""", "missing_param")]
    [InlineData("""{"id":5}""", "invalid_param_type")]
    [InlineData("""{"id":""}""", "invalid_id")]
    [InlineData("""{"id":"_mine"}""", "invalid_id")]
    [InlineData("""{"id":"a\nb"}""", "invalid_id")]
    [InlineData("""{"id":"x","wirtes":[]}""", "unknown_param")]
    [InlineData("""{"id":"x","writes":{}}""", "invalid_param_type")]
    [InlineData("""{"id":"x","if":"1 +"}""", "invalid_cel")]
    [InlineData("""{"id":"x","enabled":true}""", "invalid_param_type")]
    [InlineData("""{"id":"x","timer":{"ms":-1}}""", "invalid_timer")]
    [InlineData("""{"id":"x","on_invoke":{"timer":{"ms":5}}}""", "invalid_timer")]
    [InlineData("""{"id":"x","on_invoke":{"tmier":{}}}""", "invalid_param_type")]
    [InlineData("""{"from":"standard_library"}""", "missing_param")]
    [InlineData("""{"from":"elsewhere","id":"vote"}""", "invalid_param")]
    [InlineData("""{"from":"standard_library","id":"vot"}""", "action_not_found")]
    [InlineData("""{"from":"standard_library","id":"vote","writes":[]}""", "unknown_param")]
    public async Task Register_BadDefinition_IsRefused(string definition, string code)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        Assert.Equal(code, (await host.RefusedAsync(host.Owner, "r", "_register_action", definition)).Code.Name);
    }

    [Theory]
    [InlineData("_delete_action", """{"id":"submt"}""", "action_not_found", "'submit'")]
    [InlineData("_delete_action", """{"id":"help"}""", "invalid_id", null)]
    [InlineData("_delete_action", "{}", "missing_param", null)]
    [InlineData("_delete_action", """{"name":"submit"}""", "unknown_param", null)]
    [InlineData("_delete_view", """{"id":"reslts"}""", "view_not_found", "'results'")]
    [InlineData("_delete_view", """{"id":5}""", "invalid_param_type", null)]
    public async Task Delete_WhatIsNot_IsRefused(string action, string parameters, string code, string? meant)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"submit","writes":[]}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"results","expr":"1"}""");

        var error = await host.RefusedAsync(host.Owner, "r", action, parameters);

        Assert.Equal(code, error.Code.Name);
        Assert.Contains(meant ?? "", error.Hint ?? "", StringComparison.Ordinal);
    }
}
