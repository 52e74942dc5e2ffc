using System.Text.Json.Nodes;
using Sync.Engine.Reads.Context;

namespace Sync.Engine.Tests.Reads.Context;

/// <summary>Reading single parts: what is given, and what is said of those that are not there.</summary>
public sealed class ContextPartReadTests
{
    /// <summary>What <c>only</c> says, and the sections that are given.</summary>
    [Theory]
    [InlineData("state._items.item07", """{"state":{"_items":{"item07":{"owner":"bob","tags":["x","y"]}}}}""")]
    [InlineData("state._items.item07.owner", """{"state":{"_items":{"item07":{"owner":"bob"}}}}""")]
    [InlineData("state._items.item07.owner,state._items.item08.owner", """{"state":{"_items":{"item07":{"owner":"bob"},"item08":{"owner":"eve"}}}}""")]
    [InlineData("state._items.item07.tags[1]", """{"state":{"_items":{"item07":{"tags":{"1":"y"}}}}}""", "state._items.item07.tags[1],state._items.item07.tags.1")]
    [InlineData("""state._items["a.b"]""", """{"state":{"_items":{"a.b":1}}}""")]
    [InlineData("""state["_items"]["a.b"]""", """{"state":{"_items":{"a.b":1}}}""")]
    [InlineData("state._items.a.b", """{"state":{"_items":{"a.b":1}}}""")]
    [InlineData("state._items,state._items.item07", """{"state":{"_items":{"a.b":1,"item07":{"owner":"bob","tags":["x","y"]},"item08":{"owner":"eve"}}}}""")]
    [InlineData("state.self.x", """{"state":{"self":{"x":7}}}""")]
    [InlineData("state.alice.x", """{"state":{"self":{"x":7}}}""")]
    [InlineData("state,state._items.item07", """{"state":{"_items":{"a.b":1,"item07":{"owner":"bob","tags":["x","y"]},"item08":{"owner":"eve"}},"_shared":{},"self":{"x":7}}}""")]
    [InlineData("views.tally", """{"views":{"tally":{"value":3}}}""")]
    [InlineData("views.tally.value", """{"views":{"tally":{"value":3}}}""")]
    public async Task Only_Parts_GivesThoseAndNothingElse(string only, string sections, string? all = null)
    {
        await using var host = await HostAsync();
        var alice = await host.JoinAsync("r", "alice", ""","state":{"x":7}""");

        foreach (var query in (all ?? only).Split(",state._items.item07.tags"))
        {
            var context = await host.ContextAsync(alice, "r", $"only={(query.StartsWith('.') ? "state._items.item07.tags" + query : query)}");

            JsonAssert.Equal(sections, Sections(context));
            Assert.Empty(context["_context"]!["elided"]!.AsArray());
        }
    }

    [Fact]
    public async Task Only_PartsOfAllSections_GivesEach()
    {
        await using var host = await HostAsync();
        var alice = await host.JoinAsync("r", "alice");
        await host.JoinAsync("r", "bob");

        var context = await host.ContextAsync(alice, "r", "only=state._items.item08,actions.put,views.tally,agents.bob,messages&depth=full");

        Assert.Equal(["_items"], context["state"].Names());
        Assert.Equal(["item08"], context["state"]!["_items"].Names());
        Assert.Equal(["put"], context["actions"].Names());
        Assert.NotNull(context["actions"]!["put"]!["writes"]);
        Assert.Equal(["tally"], context["views"].Names());
        Assert.Equal(["bob"], context["agents"].Names());
        Assert.NotNull(context["messages"]!["recent"]);
        Assert.Empty(context["_context"]!["elided"]!.AsArray());
    }

    [Fact]
    public async Task Only_ABuiltInAction_GivesIt()
    {
        await using var host = await HostAsync();

        Assert.Equal(["_send_message"], (await host.ContextAsync(host.Owner, "r", "only=actions._send_message"))["actions"].Names());
    }

    [Fact]
    public async Task Only_AMemberWithMeta_HasTheEntrysMetadata()
    {
        await using var host = await HostAsync();

        var entry = (await host.ContextAsync(host.Owner, "r", "only=state._items.item07.owner&meta=true"))["state"]!["_items"]!["item07"]!;

        JsonAssert.Equal("""{"owner":"bob"}""", entry["value"]);
        Assert.NotNull(entry["version"]);
    }

    /// <summary>What is asked for, the note's section, scope and name, and what it suggests.</summary>
    [Theory]
    [InlineData("state._items.itm07", "state", "_items", "itm07", "state._items.item07")]
    [InlineData("state._items.zzz", "state", "_items", "zzz", null)]
    [InlineData("state._items.item07.onwer", "state", "_items", "item07.onwer", "state._items.item07.owner")]
    [InlineData("state._items.item07.owner.name", "state", "_items", "item07.owner.name", null)]
    [InlineData("state._items.item07.tags[9]", "state", "_items", "item07.tags.9", null)]
    [InlineData("state._items.a.c", "state", "_items", "a", """state._items["a.b"]""")]
    [InlineData("state.self.x", "state", "self", "x", null)]
    [InlineData("state._config", "state", "_config", null, null)]
    [InlineData("state.bob", "state", "bob", null, null)]
    [InlineData("views.taly", "views", null, "taly", "views.tally")]
    [InlineData("actions.pu", "actions", null, "pu", "actions.put")]
    [InlineData("agents.bop", "agents", null, "bop", "agents.bob")]
    [InlineData("agents.nobody-at-all", "agents", null, "nobody-at-all", null)]
    public async Task Only_WhatIsNotThere_IsNamedWithAQueryThatWorks(string only, string section, string? scope, string? name, string? suggestion)
    {
        await using var host = await HostAsync();
        var alice = await host.JoinAsync("r", "alice");
        await host.JoinAsync("r", "bob", ""","state":{"diary":1}""");

        var context = await host.ContextAsync(alice, "r", $"only={only}");

        var note = Assert.Single(context["_context"]!["elided"]!.AsArray())!;
        Assert.Equal((section, scope, name), (note["section"].Text(), note["scope"]?.Text(), note["name"]?.Text()));
        Assert.Equal(suggestion, note["did_you_mean"]?.Text());
        Assert.Equal(only == "state.bob" ? "not_readable" : "absent", note["reason"].Text());
        Assert.Equal(note["query"].Text(), Assert.Single(context["_context"]!["_expand"]!.AsArray()).Text());
        Assert.Null(note["missing"]);
        if (suggestion is not null)
        {
            Assert.Empty((await host.ContextAsync(alice, "r", EngineHost.QueryOf(note["query"].Text())))["_context"]!["elided"]!.AsArray());
        }

        Assert.DoesNotContain("diary", context.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_ManyThatAreNotThere_AreNamedUpToANumber()
    {
        await using var host = await HostAsync();

        var notes = (await host.ContextAsync(host.Owner, "r", $"only={string.Join(',', Enumerable.Range(0, 50).Select(i => $"state._items.zz{i:00}"))}"))["_context"]!["elided"]!.AsArray();

        Assert.Equal(20, notes.Count);
        Assert.Equal(31, notes[^1]!["further_absent"].Number());
    }

    [Theory]
    [InlineData("state._itms.item07", "state._items.item07")]
    [InlineData("state._itmes", "state._items")]
    [InlineData("state.slef.x", "state.self.x")]
    public async Task Only_AScopeThatNothingCanWrite_IsRefusedWithTheNearest(string only, string meant)
    {
        await using var host = await HostAsync();
        var alice = await host.JoinAsync("r", "alice");

        foreach (var error in new[]
        {
            (await host.Engine.Context.ReadAsync(alice, "r", EngineHost.Shape($"only={only}"), EngineHost.Cancel)).Error!,
            (await host.Engine.Waits.WaitAsync(alice, "r", "false", TimeSpan.FromSeconds(30), EngineHost.Shape($"only={only}"), EngineHost.Cancel)).Error!,
        })
        {
            Assert.Equal(("invalid_parameter", "only"), (error.Code.Name, error.Details!["parameter"].Text()));
            Assert.Equal($"Did you mean '{meant}'?", error.Hint);
        }
    }

    [Fact]
    public async Task Only_AScopeThatAnActionWrites_IsAbsentUntilItIsThere()
    {
        await using var host = await HostAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"begin","writes":[{"scope":"_itemz","key":"k","value":1}]}""");

        var before = await host.ContextAsync(host.Owner, "r", "only=state._itemz.k");
        await host.InvokeAsync(host.Owner, "r", "begin");
        var after = await host.ContextAsync(host.Owner, "r", "only=state._itemz.k");

        Assert.Equal("absent", before["_context"]!["elided"]![0]!["reason"].Text());
        JsonAssert.Equal("""{"_itemz":{"k":1}}""", after["state"]);
    }

    [Fact]
    public async Task Only_AnEntryThatIsNotLive_IsAbsent()
    {
        await using var host = await HostAsync();
        await host.RegisterAsync(host.Owner, "r", """{"id":"hide","writes":[{"scope":"_items","key":"hidden","value":1,"enabled":"false"}]}""");
        await host.InvokeAsync(host.Owner, "r", "hide");

        var context = await host.ContextAsync(host.Owner, "r", "only=state._items.hidden");

        Assert.Equal("absent", context["_context"]!["elided"]![0]!["reason"].Text());
        Assert.DoesNotContain("1", context["state"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("state._items", """[{"scope":"_items","key":"item07"}]""")]
    [InlineData("state._items.item07", """[{"scope":"_items","key":"item07"}]""")]
    [InlineData("state._items.item08", "[]")]
    [InlineData("state._shared", "[]")]
    [InlineData("state.self", """[{"scope":"self","key":"mine"}]""")]
    [InlineData("state.alice.mine", """[{"scope":"self","key":"mine"}]""")]
    [InlineData("actions", """[{"scope":"_actions","key":"other"}]""")]
    [InlineData("actions.other", """[{"scope":"_actions","key":"other"}]""")]
    [InlineData("actions.put", "[]")]
    [InlineData("views", """[{"scope":"_views","key":"gone"}]""")]
    [InlineData("views.gone,agents", """[{"scope":"_views","key":"gone"}]""")]
    [InlineData("messages", "[]")]
    public async Task Since_WithOnly_NamesRemovalsOfWhatIsAskedFor(string only, string removed)
    {
        await using var host = await HostAsync();
        var alice = await host.JoinAsync("r", "alice", ""","state":{"mine":1}""");
        await host.RegisterAsync(alice, "r", """{"id":"other","writes":[]}""");
        await host.RegisterAsync(alice, "r", """{"id":"drop","writes":[{"scope":"_items","key":"item07","delete":true},{"scope":"${self}","key":"mine","delete":true}]}""");
        await host.ViewAsync(alice, "r", """{"id":"gone","expr":"1"}""");
        var seq = (await host.LoadedAsync("r")).Published.Seq;
        await host.InvokeAsync(alice, "r", "drop");
        await host.InvokeAsync(alice, "r", "_delete_action", """{"id":"other"}""");
        await host.InvokeAsync(alice, "r", "_delete_view", """{"id":"gone"}""");

        JsonAssert.Equal(removed, (await host.ContextAsync(alice, "r", $"only={only}&since={seq}"))["removed"]);
    }

    internal static JsonObject Sections(JsonObject context) =>
        new(context.Where(static member => ContextShape.Default.Sections.Any(section => member.Key == section.ToString().ToLowerInvariant())).Select(static member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));

    private static async Task<EngineHost> HostAsync()
    {
        var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"put","params":{"key":{"type":"string"},"v":{}},"writes":[{"scope":"_items","key":"${params.key}","value":"${params.v}"}]}""");
        await host.InvokeAsync(host.Owner, "r", "put", """{"key":"item07","v":{"owner":"bob","tags":["x","y"]} }""");
        await host.InvokeAsync(host.Owner, "r", "put", """{"key":"item08","v":{"owner":"eve"} }""");
        await host.InvokeAsync(host.Owner, "r", "put", """{"key":"a.b","v":1}""");
        await host.ViewAsync(host.Owner, "r", """{"id":"tally","expr":"state._items.size()"}""");
        return host;
    }
}
