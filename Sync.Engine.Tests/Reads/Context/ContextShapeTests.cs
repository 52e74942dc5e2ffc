using System.Text.Json.Nodes;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Reads.Context;

namespace Sync.Engine.Tests.Reads.Context;

public sealed class ContextShapeTests
{
    [Theory]
    [InlineData("depth=deep", "depth")]
    [InlineData("depth=", "depth")]
    [InlineData("only=stat", "only")]
    [InlineData("only=", "only")]
    [InlineData("only=state,nothing", "only")]
    [InlineData("actions=no", "actions")]
    [InlineData("messages=0.5", "messages")]
    [InlineData("messages_after=-1", "messages_after")]
    [InlineData("messages_after=x", "messages_after")]
    [InlineData("messages_limit=0", "messages_limit")]
    [InlineData("messages_limit=501", "messages_limit")]
    [InlineData("include=everything", "include")]
    [InlineData("compact=yes", "compact")]
    [InlineData("peek=2", "peek")]
    [InlineData("meta=True", "meta")]
    [InlineData("since=-1", "since")]
    [InlineData("since=1.5", "since")]
    [InlineData("at=now", "at")]
    [InlineData("since=1&at=1", "since")]
    [InlineData("dept=full", "dept")]
    public void Parse_ABadValue_IsRefusedByName(string query, string parameter)
    {
        var error = ContextShape.Parse(query.Split('&').Select(p => KeyValuePair.Create(p.Split('=')[0], p.Split('=', 2)[1]))).Error!;

        Assert.Equal("invalid_parameter", error.Code.Name);
        Assert.Equal(parameter, error.Details!["parameter"].Text());
        Assert.NotNull(error.Hint);
    }

    [Fact]
    public void Parse_MisspeltNames_HintsAtTheNearest()
    {
        Assert.Contains("depth", ContextShape.Parse([KeyValuePair.Create("dept", "full")]).Error!.Hint, StringComparison.Ordinal);
        Assert.Contains("usage", ContextShape.Parse([KeyValuePair.Create("depth", "usge")]).Error!.Hint, StringComparison.Ordinal);
        Assert.Contains("messages", ContextShape.Parse([KeyValuePair.Create("only", "mesages")]).Error!.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("only=state,views", new[] { ContextSection.State, ContextSection.Views })]
    [InlineData("only=messages,state._shared", new[] { ContextSection.State, ContextSection.Messages })]
    [InlineData("include=agents,activity", new[] { ContextSection.Agents })]
    [InlineData("include=activity", new[] { ContextSection.State, ContextSection.Views, ContextSection.Agents, ContextSection.Actions, ContextSection.Messages, ContextSection.Leases })]
    [InlineData("actions=false", new[] { ContextSection.State, ContextSection.Views, ContextSection.Agents, ContextSection.Messages, ContextSection.Leases })]
    public void Parse_NamesOfSections_GivesThemInTheOrderOfAContext(string query, ContextSection[] sections) =>
        Assert.Equal(sections, EngineHost.Shape(query).Sections);

    [Theory]
    [InlineData("include=_audit,_messages", ContextExtras.Audit | ContextExtras.Messages)]
    [InlineData("include=activity&include=private,activity", ContextExtras.Activity | ContextExtras.Private)]
    [InlineData("only=state._audit", ContextExtras.Audit)]
    [InlineData("include=activity&only=state._audit,views", ContextExtras.Activity | ContextExtras.Audit)]
    [InlineData("include=views", ContextExtras.None)]
    public void Parse_NamesOfExtras_AddThem(string query, ContextExtras extras) => Assert.Equal(extras, EngineHost.Shape(query).Include);

    [Theory]
    [InlineData("only=state", null)]
    [InlineData("only=state._shared", ContextSection.State)]
    [InlineData("only=state._shared,state._tasks", null)]
    [InlineData("only=views", ContextSection.Views)]
    [InlineData("only=views&include=activity", null)]
    [InlineData("only=views,agents", null)]
    public void Single_OneSectionOrScopeAlone_IsItsSection(string query, ContextSection? section) => Assert.Equal(section, EngineHost.Shape(query).Single);

    [Theory]
    [InlineData("sections=state", "only")]
    [InlineData("max_tokens=100", "budget")]
    [InlineData("offset=3", "after")]
    [InlineData("page_size=3", "limit")]
    [InlineData("cursor=3", "since")]
    public void Parse_AWordFromElsewhere_HintsAtWhatItIsCalledHere(string query, string parameter)
    {
        var error = ContextShape.Parse([KeyValuePair.Create(query.Split('=')[0], query.Split('=')[1])]).Error!;

        Assert.Equal($"Did you mean '{parameter}'?", error.Hint);
    }

    [Theory]
    [InlineData("_shared", "state._shared")]
    [InlineData("_items.item07", "state._items.item07")]
    [InlineData("action.vote", "actions.vote")]
    [InlineData("States", "state")]
    public void Parse_APartThatIsNamedNearlyRight_HintsAtAPartThatCanBeRead(string only, string hint)
    {
        Assert.Equal($"Did you mean '{hint}'?", ContextShape.Parse([KeyValuePair.Create("only", only)]).Error!.Hint);
        Assert.Null(ContextShape.Parse([KeyValuePair.Create("only", hint)]).Error);
    }

    [Theory]
    [InlineData("messages.unread", "Name the section messages")]
    [InlineData("state._audit.5", "Name state._audit")]
    [InlineData("nothing", "Use state, views")]
    [InlineData("state._a[", "Use state, views")]
    public void Parse_APartThatNothingHas_IsRefusedWithWhatThereIs(string only, string hint) => Assert.StartsWith(hint, ContextShape.Parse([KeyValuePair.Create("only", only)]).Error!.Hint, StringComparison.Ordinal);

    /// <summary>What is asked, and the members of the answer. What the caller left out is not named.</summary>
    [Theory]
    [InlineData("", "state views agents actions messages self _context")]
    [InlineData("only=actions", "actions self _context")]
    [InlineData("only=messages,state", "state messages self _context")]
    [InlineData("actions=false", "state views agents messages self _context")]
    [InlineData("messages=false&actions=false", "state views agents self _context")]
    [InlineData("actions=true", "state views agents actions messages self _context")]
    [InlineData("include=activity", "state views agents actions messages activity self _context")]
    [InlineData("include=views", "views self _context")]
    [InlineData("only=state._shared", "state self _context")]
    public async Task Sections_LeftOut_AreNotNamed(string query, string members)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var context = await host.ContextAsync(host.Owner, "r", query);

        Assert.Equal(members.Split(' '), context.Names());
        Assert.Empty(context["_context"]!["elided"]!.AsArray());
        Assert.Empty(context["_context"]!["_expand"]!.AsArray());
    }

    [Fact]
    public async Task Depth_Lean_GivesAvailabilityAndDescription()
    {
        await using var host = await PopulatedAsync();

        var context = await host.ContextAsync(host.Owner, "r");

        Assert.Equal(["available", "depends_on", "description", "version"], context["actions"]!["set"].Names());
        Assert.Equal((true, "params.key", "Sets."), (context["actions"]!["set"]!["available"].Flag(), context["actions"]!["set"]!["depends_on"]![0].Text(), context["actions"]!["set"]!["description"].Text()));
        JsonAssert.Equal("""{"value":2,"description":"How many."}""", context["views"]!["n"]);
        JsonAssert.Equal("""{"available":true,"builtin":true,"description":"Remove a view."}""", context["actions"]!["_delete_view"]);
        Assert.Equal(["name", "role", "status", "waiting_on", "last_heartbeat"], context["agents"]!["alice"].Names());
        Assert.Equal("lean", context["_context"]!["depth"].Text());
    }

    [Fact]
    public async Task Depth_FullAndUsage_AddDefinitionsAndCounts()
    {
        await using var host = await PopulatedAsync();

        var full = await host.ContextAsync(host.Owner, "r", "depth=full");
        var usage = await host.ContextAsync(host.Owner, "r", "depth=usage");

        Assert.Equal(["available", "depends_on", "description", "version", "params", "if", "writes", "registered_by"], full["actions"]!["set"].Names());
        Assert.Equal(["value", "description", "expr", "scope", "registered_by", "render"], full["views"]!["n"].Names());
        Assert.NotNull(full["actions"]!["_send_message"]!["params"]);
        Assert.NotNull(full["agents"]!["alice"]!["joined_at"]);
        Assert.Equal(2, usage["actions"]!["set"]!["invocations"].Number());
        Assert.NotNull(usage["actions"]!["set"]!["last_invoked_at"]);
    }

    [Fact]
    public async Task Meta_GivesEntriesWithTheirMetadata()
    {
        await using var host = await PopulatedAsync();

        var entry = (await host.ContextAsync(host.Owner, "r", "meta=true"))["state"]!["_shared"]!["k"]!;

        Assert.Equal(["value", "version", "revision", "updated_at", "seq", "writer", "via"], entry.Names());
        JsonAssert.Equal("[1,1,\"alice\",\"set\"]", new JsonArray(entry["value"]!.DeepClone(), entry["revision"]!.DeepClone(), entry["writer"]!.DeepClone(), entry["via"]!.DeepClone()));
    }

    [Fact]
    public async Task Compact_DropsWhatIsEmptyButNothingThatWasWritten()
    {
        await using var host = await PopulatedAsync();
        var alice = await host.JoinAsync("r", "bob");
        foreach (var (key, value) in ((string, string)[])[("none", "null"), ("list", "[]"), ("map", """{"a":null,"b":{}}""")])
        {
            await host.InvokeAsync(alice, "r", "set", $$"""{"key":"{{key}}","v":{{value}} }""");
        }

        await host.InvokeAsync(alice, "r", "_send_message", """{"body":{"x":null,"y":[]}}""");
        await host.InvokeAsync(alice, "r", "_send_message", """{"body":[]}""");
        await host.ViewAsync(alice, "r", """{"id":"empty","expr":"[]"}""");
        await host.ViewAsync(alice, "r", """{"id":"null","expr":"{'a': null}"}""");

        var full = await host.ContextAsync(alice, "r", "depth=full&include=_audit,activity");
        var compact = await host.ContextAsync(alice, "r", "depth=full&include=_audit,activity&compact=true");
        var meta = (await host.ContextAsync(alice, "r", "meta=true&compact=true"))["state"]!["_shared"]!;

        JsonAssert.Equal(full["state"]!["_shared"]!.ToJsonString(), compact["state"]!["_shared"]);
        JsonAssert.Equal(full["messages"]!["recent"]!.ToJsonString(), compact["messages"]!["recent"]);
        JsonAssert.Equal("[]", compact["views"]!["empty"]!["value"]);
        JsonAssert.Equal("""{"a":null}""", compact["views"]!["null"]!["value"]);
        JsonAssert.Equal(full["actions"]!["set"]!["writes"]!.ToJsonString(), compact["actions"]!["set"]!["writes"]);
        Assert.True(compact["activity"]!["recent"]![0]!["params"]!.AsObject().ContainsKey("expr"));
        Assert.True(meta["none"]!.AsObject().ContainsKey("value"));
        JsonAssert.Equal("[]", meta["list"]!["value"]);
        Assert.False(compact["agents"]!["alice"]!.AsObject().ContainsKey("waiting_on"));
        Assert.False(compact["agents"]!["alice"]!.AsObject().ContainsKey("grants"));
        Assert.False(compact["state"]!.AsObject().ContainsKey("self"));
        Assert.False(compact["_context"]!.AsObject().ContainsKey("elided"));
        Assert.True(compact["_context"]!.AsObject().ContainsKey("seq"));
        var watcher = await host.ContextAsync(await host.CallerAsync((await host.RoomAsync("empty")).ViewToken), "empty", "compact=true");
        Assert.Equal(["agents", "actions", "messages", "_context"], watcher.Names().Prepend("agents").Distinct());
    }

    [Fact]
    public async Task Since_GivesOnlyWhatChangedAndWhatWasRemoved()
    {
        await using var host = await PopulatedAsync();
        var alice = await host.JoinAsync("r", "carl");
        await host.ViewAsync(alice, "r", """{"id":"still","expr":"state._tasks.size()"}""");
        await host.ViewAsync(alice, "r", """{"id":"goes","expr":"1","enabled":"state._shared.show == true"}""");
        await host.InvokeAsync(alice, "r", "_send_message", """{"body":"old"}""");
        var seq = (await host.ContextAsync(alice, "r"))["_context"]!["seq"].Number();
        await host.InvokeAsync(alice, "r", "set", """{"key":"fresh","v":1}""");
        await host.InvokeAsync(alice, "r", "set", """{"key":"show","v":true}""");
        await host.InvokeAsync(alice, "r", "drop", """{"key":"k"}""");
        await host.InvokeAsync(host.Owner, "r", "_delete_action", """{"id":"other"}""");
        await host.InvokeAsync(alice, "r", "_send_message", """{"body":"new"}""");

        var context = await host.ContextAsync(alice, "r", $"since={seq}");

        JsonAssert.Equal("""{"_shared":{"fresh":1,"show":true}}""", context["state"]);
        Assert.Equal(["goes", "n"], context["views"].Names());
        Assert.Equal(["drop", "set"], context["actions"].Names());
        Assert.Equal("new", context["messages"]!["recent"]![0]!["body"].Text());
        Assert.Single(context["messages"]!["recent"]!.AsArray());
        JsonAssert.Equal("""[{"scope":"_actions","key":"other"},{"scope":"_shared","key":"k"}]""", new JsonArray([.. context["removed"]!.AsArray().OrderBy(r => r!["scope"].Text()).Select(r => r!.DeepClone())]));
        Assert.Equal(seq, context["_context"]!["since"].Number());
        JsonAssert.Equal("{}", (await host.ContextAsync(alice, "r", $"since={context["_context"]!["seq"].Number()}"))["state"]);
    }

    [Fact]
    public async Task Since_AnActionThatCoolsDown_IsAmongTheChanges()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"act","writes":[],"on_invoke":{"timer":{"ms":60000,"effect":"enable"}}}""");
        var seq = (await host.LoadedAsync("r")).Published.Seq;
        await host.InvokeAsync(host.Owner, "r", "act");

        Assert.False((await host.ContextAsync(host.Owner, "r", $"since={seq}"))["actions"]!["act"]!["available"].Flag());
    }

    [Theory]
    [InlineData("since=1000", "since")]
    [InlineData("at=1000", "at")]
    public async Task Position_InTheFuture_IsRefused(string query, string parameter)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var error = (await host.Engine.Context.ReadAsync(host.Owner, "r", EngineHost.Shape(query), EngineHost.Cancel)).Error!;

        Assert.Equal(("invalid_parameter", parameter), (error.Code.Name, error.Details!["parameter"].Text()));
    }

    [Fact]
    public async Task At_GivesTheRoomAsItWas()
    {
        await using var host = await PopulatedAsync();
        var before = await host.ContextAsync(host.Owner, "r", "only=state,views,actions&depth=full");
        var seq = before["_context"]!["seq"].Number();
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"k","v":99}""");
        await host.InvokeAsync(host.Owner, "r", "_delete_view", """{"id":"n"}""");
        await host.InvokeAsync(host.Owner, "r", "_delete_action", """{"id":"set"}""");

        var then = await host.ContextAsync(host.Owner, "r", $"only=state,views,actions&depth=full&at={seq}");

        JsonAssert.Equal(before["state"]!.ToJsonString(), then["state"]);
        JsonAssert.Equal(before["views"]!.ToJsonString(), then["views"]);
        JsonAssert.Equal(before["actions"]!.ToJsonString(), then["actions"]);
        JsonAssert.Equal("""{"_shared":{}}""", (await host.ContextAsync(host.Owner, "r", "only=state&at=0"))["state"]);
    }

    [Fact]
    public async Task At_APastInWhichAGrantHeld_ShowsNothingOnceItIsTakenBack()
    {
        await using var host = await PopulatedAsync();
        var alice = await host.JoinAsync("r", "anna", ""","state":{"diary":"dear diary"}""");
        var bob = await host.JoinAsync("r", "bob");
        await host.Engine.Agents.UpdateAsync(alice, "r", "anna", EngineHost.Json("""{"grants":["bob"]}"""), EngineHost.Cancel);
        var seq = (await host.ContextAsync(bob, "r"))["_context"]!["seq"].Number();
        Assert.Contains("dear", (await host.ContextAsync(bob, "r")).ToJsonString(), StringComparison.Ordinal);
        await host.Engine.Agents.UpdateAsync(alice, "r", "anna", EngineHost.Json("""{"grants":[]}"""), EngineHost.Cancel);

        Assert.DoesNotContain("dear", (await host.ContextAsync(bob, "r", $"at={seq}")).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Include_AuditAndMessages_AddThem()
    {
        await using var host = await PopulatedAsync();
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"hi"}""");

        var context = await host.ContextAsync(host.Owner, "r", "include=_audit,_messages,activity");

        Assert.Equal("_send_message", context["state"]!["_audit"]![0]!["action"].Text());
        Assert.Equal("hi", context["state"]!["_messages"]!["1"]!["body"].Text());
        Assert.Equal(["seq", "agent", "action", "params", "at"], context["activity"]!["recent"]![0].Names());
    }

    private static async Task<EngineHost> PopulatedAsync()
    {
        var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice", ""","state":{"secret":1}""");
        await host.RegisterAsync(alice, "r", """{"id":"set","description":"Sets.","params":{"key":{"type":"string"},"v":{"default":1},"scope":{"default":"_shared"}},"if":"params.key != 'never'","writes":[{"scope":"${params.scope}","key":"${params.key}","value":"${params.v}"}]}""");
        await host.RegisterAsync(alice, "r", """{"id":"drop","params":{"key":{"type":"string"}},"writes":[{"key":"${params.key}","delete":true},{"scope":"_none","key":"x","delete":true}]}""");
        await host.RegisterAsync(alice, "r", """{"id":"other","writes":[]}""");
        await host.ViewAsync(alice, "r", """{"id":"n","description":"How many.","expr":"size(state._shared) + size(state._tasks)","render":{"type":"metric"}}""");
        await host.InvokeAsync(alice, "r", "set", """{"key":"k"}""");
        await host.InvokeAsync(alice, "r", "set", """{"key":"1","scope":"_tasks"}""");
        return host;
    }
}
