using System.Text.Json.Nodes;

namespace Sync.Engine.Tests.Commands.Invocations;

public sealed class WriteModeTests
{
    /// <summary>Template, parameters, the value before (or none), the value after.</summary>
    public static TheoryData<string, string, string?, string> Modes => new()
    {
        // value: types are kept
        { """{"value":"${params.p}"}""", """{"p":"42"}""", null, "\"42\"" },
        { """{"value":"${params.p}"}""", """{"p":42}""", null, "42" },
        { """{"value":"${params.p}"}""", """{"p":4.20}""", null, "4.20" },
        { """{"value":"${params.p}"}""", """{"p":true}""", null, "true" },
        { """{"value":"${params.p}"}""", """{"p":null}""", "1", "null" },
        { """{"value":"${params.p}"}""", "{}", "1", "null" },
        { """{"value":"${params.p}"}""", """{"p":{"a":[1,null]}}""", null, """{"a":[1,null]}""" },
        { """{"value":null}""", "{}", "1", "null" },
        { """{"value":[1,"x",{"y":null}]}""", "{}", null, """[1,"x",{"y":null}]""" },

        // templates: one pass, in text and in keys
        { """{"value":"n=${params.p}!"}""", """{"p":5}""", null, "\"n=5!\"" },
        { """{"value":"o=${params.p}"}""", """{"p":{"a":"b"}}""", null, "\"o={\\\"a\\\":\\\"b\\\"}\"" },
        { """{"value":"${params.p}${params.p}"}""", """{"p":"x"}""", null, "\"xx\"" },
        { """{"value":"${params.p}"}""", """{"p":"${self} ${now}"}""", null, "\"${self} ${now}\"" },
        { """{"value":"<${params.p}>"}""", """{"p":"${params.p}"}""", null, "\"<${params.p}>\"" },
        { """{"value":{"${params.p}":{"by":["${self}","${params.p}"]}}}""", """{"p":"k"}""", null, """{"k":{"by":["alice","k"]}}""" },
        { """{"value":"${params.p.a.1}"}""", """{"p":{"a":[5,{"z":6}]}}""", null, """{"z":6}""" },
        { """{"value":"${params.p.none}"}""", """{"p":{}}""", null, "null" },
        { """{"value":"x${params.p}"}""", "{}", null, "\"x\"" },
        { """{"value":"$ {x} $x"}""", "{}", null, "\"$ {x} $x\"" },

        // expressions see the state before
        { """{"expr":true,"value":"state._shared.k + 1"}""", "{}", "1", "2" },
        { """{"expr":true,"value":"params.p + self"}""", """{"p":"hi "}""", null, "\"hi alice\"" },
        { """{"expr":true,"value":"{'was': state._shared.k, 'n': [1, 2.5]}"}""", "{}", null, """{"was":null,"n":[1,2.5]}""" },
        { """{"append":true,"expr":true,"value":"size(state._shared.k)"}""", "{}", "[7,7]", "[7,7,2]" },

        // merge
        { """{"merge":{"a":{"b":1}}}""", "{}", """{"a":{"c":2},"d":3}""", """{"a":{"b":1,"c":2},"d":3}""" },
        { """{"merge":{"a":null,"z":[1]}}""", "{}", """{"a":1,"z":{"y":1}}""", """{"z":[1]}""" },
        { """{"merge":"${params.p}"}""", """{"p":{"a":1}}""", "5", """{"a":1}""" },
        { """{"merge":"${params.p}"}""", "{}", """{"a":1}""", """{"a":1}""" },
        { """{"merge":{"${self}":"${params.p}"}}""", """{"p":1}""", """{"bob":2}""", """{"bob":2,"alice":1}""" },

        // increment
        { """{"increment":true}""", "{}", null, "1" },
        { """{"increment":true}""", "{}", "41", "42" },
        { """{"increment":-2.5}""", "{}", "1", "-1.5" },
        { """{"increment":"${params.p}"}""", """{"p":0.2}""", "0.1", "0.3" },
        { """{"increment":"${params.p}"}""", "{}", "5", "6" },
        { """{"increment":"${params.p}"}""", """{"p":true}""", "5", "6" },

        // append
        { """{"append":true,"value":"${params.p}"}""", """{"p":1}""", null, "[1]" },
        { """{"append":true,"value":"${params.p}"}""", """{"p":[2]}""", "[1]", "[1,[2]]" },
        { """{"append":true,"value":"${params.p}"}""", """{"p":2}""", "1", "[1,2]" },
        { """{"append":true,"value":"${params.p}"}""", """{"p":2}""", "null", "[null,2]" },

        // path
        { """{"path":"owner.name","value":"${params.p}"}""", """{"p":"Bo"}""", null, """{"owner":{"name":"Bo"}}""" },
        { """{"path":"a.0","value":9}""", "{}", """{"a":[1,2]}""", """{"a":[9,2]}""" },
        { """{"path":"n","increment":2}""", "{}", """{"n":1,"m":1}""", """{"n":3,"m":1}""" },
        { """{"path":"list","append":true,"value":1}""", "{}", "{}", """{"list":[1]}""" },
        { """{"path":"o","merge":{"x":null,"y":2}}""", "{}", """{"o":{"x":1}}""", """{"o":{"y":2}}""" },
        { """{"path":"by.${self}","value":1}""", "{}", null, """{"by":{"alice":1}}""" },
    };

    [Fact]
    public async Task Write_EveryMode_LeavesTheDocumentedValue()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.RegisterAsync(alice, "r", """{"id":"put","params":{"v":{"type":"any"}},"writes":[{"key":"k","value":"${params.v}"}]}""");
        await host.RegisterAsync(alice, "r", """{"id":"drop","writes":[{"key":"k","delete":true}]}""");
        foreach (var row in Modes)
        {
            var (write, parameters, before, after) = row.Data;
            await host.InvokeAsync(alice, "r", before is null ? "drop" : "put", before is null ? "{}" : $$"""{"v":{{before}}}""");
            var template = JsonNode.Parse(write)!.AsObject();
            template["key"] = "k";
            await host.RegisterAsync(alice, "r", $$"""{"id":"act","params":{"p":{"type":"any"} },"writes":[{{template.ToJsonString()}}]}""");

            var answer = await host.InvokeAsync(alice, "r", "act", parameters);

            JsonAssert.Equal(after, await host.StoredAsync("r", "_shared", "k"), write);
            JsonAssert.Equal(after, answer["writes"]![0]!["value"], write);
            Assert.Equal((await host.LoadedAsync("r")).Published.Find("_shared", "k")!.Version, answer["writes"]![0]!["version"].Text());
        }
    }

    [Theory]
    [InlineData("""{"increment":true}""", "\"5\"", "invalid_param")]
    [InlineData("""{"increment":"${params.p}"}""", "1", "invalid_param", """{"p":"2"}""")]
    [InlineData("""{"merge":"${params.p}"}""", "{}", "invalid_param", """{"p":[1]}""")]
    [InlineData("""{"path":"a.b","value":1}""", """{"a":5}""", "invalid_param")]
    [InlineData("""{"path":"a","increment":1}""", """{"a":"x"}""", "invalid_param")]
    [InlineData("""{"path":"${params.p}","value":1}""", "{}", "invalid_param", """{"p":"a..b"}""")]
    [InlineData("""{"expr":true,"value":"1 / 0"}""", "1", "cel_error")]
    [InlineData("""{"value":1,"timer":{"ms":"${params.p}","effect":"delete"}}""", "1", "invalid_timer", """{"p":"soon"}""")]
    public async Task Write_ThatCannotBe_IsRefusedAndChangesNothing(string write, string before, string code, string parameters = "{}")
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", $$"""{"id":"put","writes":[{"key":"k","value":{{before}}}]}""");
        await host.InvokeAsync(host.Owner, "r", "put");
        var template = JsonNode.Parse(write)!.AsObject();
        template["key"] = "k";
        await host.RegisterAsync(host.Owner, "r", $$"""{"id":"act","params":{"p":{"type":"any"} },"writes":[{"key":"first","value":1},{{template.ToJsonString()}}]}""");

        Assert.Equal(code, (await host.RefusedAsync(host.Owner, "r", "act", parameters)).Code.Name);
        JsonAssert.Equal(before, await host.StoredAsync("r", "_shared", "k"));
        Assert.Null(await host.StoredAsync("r", "_shared", "first"));
    }

    [Fact]
    public async Task Now_InValue_IsTheTimeOfTheInvocation()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"act","writes":[{"key":"k","value":["${now}","at ${now}"]}]}""");

        await host.InvokeAsync(host.Owner, "r", "act");

        JsonAssert.Equal("""["2026-03-01T12:00:00Z","at 2026-03-01T12:00:00.000Z"]""", await host.StoredAsync("r", "_shared", "k"));
    }

    [Fact]
    public async Task Rows_AfterADelete_ContinueTheNumbers()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"add","writes":[{"scope":"_rows","append":true,"value":1},{"scope":"_rows","append":true,"value":2}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"drop","params":{"key":{"type":"string"}},"writes":[{"scope":"_rows","key":"${params.key}","delete":true}]}""");
        Assert.Equal(["1", "2"], (await host.InvokeAsync(host.Owner, "r", "add"))["writes"]!.AsArray().Select(w => w!["key"].Text()));

        await host.InvokeAsync(host.Owner, "r", "drop", """{"key":"2"}""");
        await host.RestartAsync();

        Assert.Equal(["3", "4"], (await host.InvokeAsync(host.Owner, "r", "add"))["writes"]!.AsArray().Select(w => w!["key"].Text()));
    }

    [Fact]
    public async Task Rows_AreOrderedByNumber()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"add","writes":[{"scope":"_rows","append":true,"value":1}]}""");
        for (var i = 0; i < 11; i++)
        {
            await host.InvokeAsync(host.Owner, "r", "add");
        }

        Assert.Equal(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"], (await host.ContextAsync(host.Owner, "r"))["state"]!["_rows"].Names());
    }

    [Fact]
    public async Task Delete_AnAbsentKey_ChangesNothing()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"drop","writes":[{"key":"k","delete":true}]}""");

        var answer = await host.InvokeAsync(host.Owner, "r", "drop");

        JsonAssert.Equal("""[{"scope":"_shared","key":"k","unchanged":true}]""", answer["writes"]);
    }

    [Fact]
    public async Task Writes_ToOneKey_ApplyOneAfterAnother()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """
            {"id":"act","writes":[{"key":"k","value":[]},{"key":"k","append":true,"value":1},{"key":"k","append":true,"expr":true,"value":"state._shared.k == null"},{"key":"n","increment":1},{"key":"n","increment":1}]}
            """);

        var answer = await host.InvokeAsync(host.Owner, "r", "act");

        JsonAssert.Equal("[1,true]", await host.StoredAsync("r", "_shared", "k"));
        JsonAssert.Equal("2", await host.StoredAsync("r", "_shared", "n"));
        Assert.Equal(1, answer["writes"]!.AsArray()[^1]!["revision"].Number());
    }

    [Theory]
    [InlineData("""{"key":"k"}""", "invalid_template")]
    [InlineData("""{"key":"k","value":1,"merge":{}}""", "invalid_template")]
    [InlineData("""{"key":"k","append":true}""", "invalid_template")]
    [InlineData("""{"key":"k","append":"yes","value":1}""", "invalid_template")]
    [InlineData("""{"value":1}""", "invalid_template")]
    [InlineData("""{"append":true,"value":1,"path":"a"}""", "invalid_template")]
    [InlineData("""{"key":"k","merge":[1]}""", "invalid_template")]
    [InlineData("""{"key":"k","increment":"1"}""", "invalid_template")]
    [InlineData("""{"key":"k","increment":null}""", "invalid_template")]
    [InlineData("""{"key":"k","vlaue":1}""", "invalid_template")]
    [InlineData("""{"key":"k","value":"${params.nope}"}""", "invalid_template")]
    [InlineData("""{"key":"k","value":"${p}"}""", "invalid_template")]
    [InlineData("""{"key":"k","value":"${params.p"}""", "invalid_template")]
    [InlineData("""{"key":"k","value":{"${what}":1}}""", "invalid_template")]
    [InlineData("""{"key":5,"value":1}""", "invalid_template")]
    [InlineData("""{"key":"k","value":1,"expr":true}""", "invalid_template")]
    [InlineData("""{"key":"k","value":"1 +","expr":true}""", "invalid_cel")]
    [InlineData("""{"key":"k","value":1,"enabled":"((("}""", "invalid_cel")]
    [InlineData("""{"key":"k","value":1,"timer":{"ms":1,"ticks":2}}""", "invalid_timer")]
    [InlineData("""{"key":"","value":1}""", "invalid_id")]
    [InlineData("""{"key":"a\u0007b","value":1}""", "invalid_id")]
    [InlineData("""{"key":"k","scope":"no spaces","value":1}""", "invalid_id")]
    [InlineData("""{"key":"k","scope":"_messages","value":1}""", "scope_denied")]
    [InlineData("""{"key":"k","scope":"_actions","value":1}""", "scope_denied")]
    [InlineData("\"k\"", "invalid_template")]
    public async Task Register_WriteThatCannotWork_IsRefused(string write, string code)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var error = await host.RefusedAsync(host.Owner, "r", "_register_action", $$"""{"id":"act","params":{"p":{"type":"any"} },"writes":[{{write}}]}""");

        Assert.Equal(code, error.Code.Name);
        Assert.NotNull(error.Hint);
        Assert.Empty((await host.LoadedAsync("r")).Published.Actions);
    }

    [Theory]
    [InlineData("""{"key":"k","vlaue":1}""", "value")]
    [InlineData("""{"key":"k","value":"${params.coice}"}""", "${params.choice}")]
    [InlineData("""{"key":"k","value":"${choice}"}""", "${params.choice}")]
    [InlineData("""{"key":"k","value":"${slef}"}""", "${self}")]
    public async Task Register_MisspeltTemplate_NamesTheNearest(string write, string meant)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var error = await host.RefusedAsync(host.Owner, "r", "_register_action", $$"""{"id":"act","params":{"choice":{"type":"any"} },"writes":[{{write}}]}""");

        Assert.Contains(meant, error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Increment_OfAnothersPrivateText_DoesNotRevealIt()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice", ""","state":{"diary":"dear diary"}""");
        var bob = await host.JoinAsync("r", "bob");
        await host.RegisterAsync(alice, "r", """{"id":"nudge","scope":"self","writes":[{"scope":"alice","key":"diary","increment":1}]}""");

        var error = await host.RefusedAsync(bob, "r", "nudge");

        Assert.Equal("invalid_param", error.Code.Name);
        Assert.DoesNotContain("dear", error.Message, StringComparison.Ordinal);
    }
}
