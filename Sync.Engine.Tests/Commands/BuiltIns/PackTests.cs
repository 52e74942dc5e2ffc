using System.Text.Json.Nodes;
using Sync.Engine.Identity;
using Sync.Engine.Model.Entries;
using Sync.Engine.Model.Packs;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Primitives.Json;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Commands.BuiltIns;

/// <summary><c>_install_pack</c> and <c>_uninstall_pack</c>: one event, as if each part had been registered and invoked by who installs it.</summary>
public sealed class PackTests
{
    private const string Notes = """
        {
          "name": "notes", "version": "1.0.0", "description": "Notes.",
          "state": { "_shared": { "limit": 3 }, "_notes": { "1": { "text": "first" } } },
          "roles": { "editor": "Keeps the notes short." },
          "actions": [
            { "id": "note", "params": { "text": { "type": "string", "required": true } }, "if": "size(state._notes) < state._shared.limit", "writes": [{ "scope": "_notes", "append": true, "value": { "text": "${params.text}" } }] },
            { "from": "standard_library", "id": "vote" }
          ],
          "views": [{ "id": "all_notes", "expr": "views.count_notes" }, { "id": "count_notes", "expr": "size(state._notes)" }],
          "help": { "notes": "How notes are written." }
        }
        """;

    [Fact]
    public async Task Install_IntoAnEmptyRoom_IsOneEventWithEveryPart()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var answer = await InstallAsync(host, host.Owner, Notes);

        Assert.Equal(2, answer["seq"]!.GetValue<long>());
        Assert.Equal(2, (await host.LoadedAsync("r")).Published.Seq);
        Assert.Equal(
            ["state._shared.limit", "state._notes.1", "roles.editor", "actions.note", "actions.vote", "views.all_notes", "views.count_notes", "help.notes"],
            Names(answer, "adds"));
        Assert.Null(answer["warnings"]);
        Assert.Null(answer["contests"]);
        Assert.Equal("olga", (await host.StoredAsync("r", "_actions", "note"))!["registered_by"].Text());
        Assert.Equal(1, (await host.EvalAsync(host.Owner, "r", "views.all_notes"))!.GetValue<int>());
        Assert.Equal("olga", (await host.EvalAsync(host.Owner, "r", "state._roles.editor.defined_by")).Text());
        Assert.Equal("How notes are written.", (await host.InvokeAsync(host.Owner, "r", "help", """{"key":"notes"}"""))["content"].Text());
        Assert.True((await host.InvokeAsync(host.Owner, "r", "note", """{"text":"b"}"""))["invoked"]!.GetValue<bool>());
        Assert.Equal("1.0.0", (await host.EvalAsync(host.Owner, "r", "state._packs.notes.version")).Text());
    }

    [Fact]
    public async Task Install_AfterARestart_IsThereAsBefore()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await InstallAsync(host, host.Owner, Notes);
        var before = await host.ContextAsync(host.Owner, "r", "only=state,views,actions&depth=full");

        await host.RestartAsync();

        var after = await host.ContextAsync(host.Owner, "r", "only=state,views,actions&depth=full");
        Assert.Equal(before["actions"]!.ToJsonString(), after["actions"]!.ToJsonString());
        Assert.Equal(before["state"]!.ToJsonString(), after["state"]!.ToJsonString());
        Assert.Equal("1.0.0", (await host.EvalAsync(host.Owner, "r", "state._packs.notes.version")).Text());
    }

    [Fact]
    public async Task Install_DryRun_SaysAddsChangesContestsAndWritesNothing()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"vote","writes":[{"key":"x","value":1}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"ballot","writes":[{"scope":"_votes","key":"${self}","value":"a"}]}""");
        await host.InvokeAsync(host.Owner, "r", "vote");
        var seq = (await host.LoadedAsync("r")).Published.Seq;

        var answer = await InstallAsync(host, host.Owner, Notes, dryRun: true);

        Assert.True(answer["dry_run"]!.GetValue<bool>());
        Assert.Contains("actions.note", Names(answer, "adds"));
        Assert.Equal(["actions.vote"], Names(answer, "changes"));
        Assert.Equal(["ballot", "vote"], answer["contests"]![0]!["actions"]!.AsArray().Select(id => id.Text()));
        Assert.Equal(1, answer["redefinitions"]![0]!["invocation_count"]!.GetValue<int>());
        Assert.Equal(seq, (await host.LoadedAsync("r")).Published.Seq);
        Assert.Null(await host.StoredAsync("r", "_packs", "notes"));
    }

    [Fact]
    public async Task Install_WithABrokenPart_LeavesNothingAndNamesThePart()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var broken = Notes.Replace("size(state._notes) < state._shared.limit", "size(state._notes", StringComparison.Ordinal);

        var refused = (await host.TryInvokeAsync(host.Owner, "r", "_install_pack", Of(broken))).Error!;

        Assert.Equal("invalid_cel", refused.Code.Name);
        Assert.Equal("actions.note", refused.Details!["part"].Text());
        Assert.Empty((await host.LoadedAsync("r")).Published.Actions);
        Assert.Null(await host.StoredAsync("r", "_shared", "limit"));
        Assert.Null(await host.StoredAsync("r", "_packs", "notes"));
    }

    public static TheoryData<string, string, string> Refusals => new()
    {
        { "\"blackbord\"", "pack_not_found", "blackboard" },
        { "7", "invalid_pack", "" },
        { "{}", "invalid_pack", "" },
        { """{"name":"A","version":"1"}""", "invalid_pack", "" },
        { """{"name":"a","version":"1","action":[]}""", "invalid_pack", "actions" },
        { """{"name":"a","version":""}""", "invalid_pack", "" },
        { """{"name":"a","version":"1","actions":{}}""", "invalid_pack", "" },
        { """{"name":"a","version":"1","actions":[{"writes":[]}]}""", "invalid_pack", "" },
        { """{"name":"a","version":"1","actions":[{"from":"standard_library","id":"nothing"}]}""", "invalid_pack", "" },
        { """{"name":"a","version":"1","actions":[{"id":"x"},{"id":"x"}]}""", "invalid_pack", "" },
        { """{"name":"a","version":"1","actions":[{"id":"_batch"}]}""", "reserved_id", "" },
        { """{"name":"a","version":"1","actions":[{"id":"help"}]}""", "reserved_id", "" },
        { """{"name":"a","version":"1","actions":[{"id":"x","writes":[{"scope":"_messages","key":"1","value":1}]}]}""", "scope_denied", "" },
        { """{"name":"a","version":"1","views":[{"id":"x","expr":"views.y"},{"id":"y","expr":"views.x"}]}""", "invalid_cel", "" },
        { """{"name":"a","version":"1","state":{"ann":{"k":1}}}""", "invalid_pack", "" },
        { """{"name":"a","version":"1","state":{"_leases":{"k":1}}}""", "invalid_pack", "" },
        { """{"name":"a","version":"1","state":{"_approvals":{"a1":1}}}""", "invalid_pack", "" },
        { """{"name":"a","version":"1","state":{"_packs":{"k":1}}}""", "invalid_pack", "" },
        { """{"name":"a","version":"1","state":{"_help":{"guide":"x"}}}""", "invalid_pack", "" },
        { """{"name":"a","version":"1","help":{"k":1}}""", "invalid_pack", "" },
        { """{"name":"a","version":"1","roles":{"k":1}}""", "invalid_pack", "" },
        { "\"name: a\\nversion: 1.0.0\\nactions: &x [*x]\"", "invalid_pack", "" },
        { "\"name: a\\n  version: [\"", "invalid_pack", "" },
        { "\"name: a\\nversion: !!str 1\"", "invalid_pack", "" },
        { "\"a: 1\\na: 2\"", "invalid_pack", "" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Install_OfWhatIsNoPack_IsRefused(string pack, string code, string hinted)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var refused = (await host.TryInvokeAsync(host.Owner, "r", "_install_pack", Of(pack))).Error!;

        Assert.Equal(code, refused.Code.Name);
        Assert.Contains(hinted, refused.Hint ?? "", StringComparison.Ordinal);
        Assert.Empty((await host.LoadedAsync("r")).Published.Actions);
    }

    [Fact]
    public async Task Install_FromYaml_IsWhatTheJsonIs()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        const string Yaml = """
            name: notes
            version: "1.0"
            state:
              _shared: {limit: 3, answer: no, pi: 3.14, none: ~, big: 12345678901234567890}
            actions:
              - id: note
                params:
                  text: {type: string, required: true}
                if: >-
                  size(state._notes)
                  < state._shared.limit
                writes:
                  - {scope: _notes, append: true, value: {text: "${params.text}"}}
            """;

        await InstallAsync(host, host.Owner, JsonValue.Create(Yaml)!.ToJsonString());

        Assert.Equal("""{"answer":"no","big":12345678901234567890,"limit":3,"none":null,"pi":3.14}""", (await host.ContextAsync(host.Owner, "r"))["state"]!["_shared"]!.ToJsonString());
        Assert.True((await host.InvokeAsync(host.Owner, "r", "note", """{"text":"b"}"""))["invoked"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Install_ByWhoMayNotChangeAPart_IsRefusedAsTheRegistrationWouldBe()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"note","writes":[{"key":"x","value":1}]}""");
        var ann = await host.JoinAsync("r", "ann");

        var owned = (await host.TryInvokeAsync(ann, "r", "_install_pack", Of(Notes))).Error!;
        var config = (await host.TryInvokeAsync(ann, "r", "_install_pack", Of("""{"name":"a","version":"1","state":{"_config":{"k":1}}}"""))).Error!;
        var reach = (await host.TryInvokeAsync(ann, "r", "_install_pack", Of("""{"name":"a","version":"1","actions":[{"id":"deal","reach":"all","writes":[]}]}"""))).Error!;
        var reader = await host.UserAsync("rita", "rooms:*:read");
        await host.GiveRoleAsync("r", "rita", Role.Observer);
        var read = (await host.TryInvokeAsync(reader, "r", "_install_pack", Of(Notes))).Error!;

        Assert.Equal("action_owned", owned.Code.Name);
        Assert.Equal("scope_denied", config.Code.Name);
        Assert.Equal("scope_denied", reach.Code.Name);
        Assert.Equal("read_only_token", read.Code.Name);
        Assert.Single((await host.LoadedAsync("r")).Published.Actions);
    }

    [Fact]
    public async Task Install_IsNoStepOfABatch()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        foreach (var action in new[] { "_install_pack", "_uninstall_pack" })
        {
            var refused = await host.RefusedAsync(host.Owner, "r", "_batch", $$$"""{"steps":[{"action":"{{{action}}}","params":{"pack":"vote"}}]}""");
            Assert.Equal("invalid_param", refused.Code.Name);
        }
    }

    [Theory]
    [InlineData("room")]
    [InlineData("action:_install_pack")]
    [InlineData("action:_register_action")]
    [InlineData("agent:ann")]
    public async Task Install_OfWhatIsPaused_IsRefused(string what)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var ann = await host.JoinAsync("r", "ann");
        await host.InvokeAsync(host.Owner, "r", "_pause", $$"""{"what":"{{what}}","reason":"Not now."}""");

        Assert.Equal("paused", (await host.TryInvokeAsync(ann, "r", "_install_pack", Of(Notes))).Error!.Code.Name);
        Assert.Empty((await host.LoadedAsync("r")).Published.Actions);
        Assert.Null(await host.StoredAsync("r", "_packs", "notes"));
    }

    [Fact]
    public async Task Install_OverAGatedDefinition_AsksWhatChangingItAsks()
    {
        const string Open = """{"name":"p","version":"1","actions":[{"id":"deploy","writes":[{"key":"deployed","value":true}]}]}""";
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var ann = await host.JoinAsync("r", "ann");
        var person = await host.SessionAsync("olga");
        await host.RegisterAsync(ann, "r", """{"id":"deploy","approve":{"by":"owner"},"writes":[{"key":"deployed","value":true}]}""");

        Assert.NotNull((await host.TryInvokeAsync(ann, "r", "_install_pack", Of(Open))).Error);
        await host.RegisterAsync(person, "r", """{"id":"deploy","approve":{"by":"person"},"writes":[{"key":"deployed","value":true}]}""");
        Assert.Equal("person_required", (await host.TryInvokeAsync(host.Owner, "r", "_install_pack", Of(Open))).Error!.Code.Name);
        Assert.NotNull((await host.StoredAsync("r", "_actions", "deploy"))!["approve"]);
        await InstallAsync(host, person, Open);
    }

    [Fact]
    public async Task Uninstall_OfAGateThatAPersonSet_IsAPersons()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var person = await host.SessionAsync("olga");
        await InstallAsync(host, person, """{"name":"p","version":"1","actions":[{"id":"deploy","approve":{"by":"person"},"writes":[{"key":"deployed","value":true}]}]}""");

        Assert.Equal("person_required", (await host.TryInvokeAsync(host.Owner, "r", "_uninstall_pack", """{"pack":"p"}""")).Error!.Code.Name);
        Assert.Equal("person_required", (await host.TryInvokeAsync(host.Owner, "r", "_install_pack", Of("""{"name":"p","version":"2"}"""))).Error!.Code.Name);
        Assert.NotNull(await host.StoredAsync("r", "_actions", "deploy"));
    }

    [Fact]
    public async Task Install_SameRequestTwice_IsDoneOnceAndAnsweredAlike()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        var first = await host.InvokeAsync(host.Owner, "r", "_install_pack", Of(Notes), requestId: "one");
        var second = await host.InvokeAsync(host.Owner, "r", "_install_pack", Of(Notes), requestId: "one");

        Assert.Equal(first.ToJsonString(), second.ToJsonString());
        Assert.Equal(2, (await host.LoadedAsync("r")).Published.Seq);
    }

    [Fact]
    public async Task Upgrade_ReplacesWhatTheRoomLeftAndListsTheRest()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await InstallAsync(host, host.Owner, """
            {"name":"p","version":"1","actions":[{"id":"left","writes":[{"key":"left","value":1}]},{"id":"ours","writes":[{"key":"ours","value":1}]},{"id":"deleted","writes":[{"key":"deleted","value":1}]},{"id":"same","writes":[{"key":"same","value":1}]},{"id":"dropped","writes":[{"key":"dropped","value":1}]},{"id":"dropped_ours","writes":[{"key":"dropped_ours","value":1}]}],
             "views":[{"id":"v","expr":"1"}],"help":{"h":"one"},"state":{"_shared":{"a":1,"b":1}}}
            """);
        await host.JoinAsync("r", "bob");
        await host.RegisterAsync(host.Owner, "r", """{"id":"ours","writes":[{"key":"ours","value":"room"}]}""", agent: "bob");
        await host.RegisterAsync(host.Owner, "r", """{"id":"same","writes":[{"key":"same","value":"room"}]}""", agent: "bob");
        await host.RegisterAsync(host.Owner, "r", """{"id":"dropped_ours","writes":[{"key":"dropped_ours","value":"room"}]}""", agent: "bob");
        await host.RegisterAsync(host.Owner, "r", """{"id":"fresh","writes":[{"key":"fresh","value":"room"}]}""", agent: "bob");
        await host.InvokeAsync(host.Owner, "r", "_delete_action", """{"id":"deleted"}""");
        const string Two = """
            {"name":"p","version":"2","actions":[{"id":"left","writes":[{"key":"left","value":2}]},{"id":"ours","writes":[{"key":"ours","value":2}]},{"id":"deleted","writes":[{"key":"deleted","value":2}]},{"id":"same","writes":[{"key":"same","value":1}]},{"id":"fresh","writes":[{"key":"fresh","value":2}]},{"id":"added","writes":[{"key":"added","value":2}]}],
             "views":[{"id":"v","expr":"2"}],"help":{"h":"two"},"state":{"_shared":{"a":2,"c":2}}}
            """;

        var preview = await InstallAsync(host, host.Owner, Two, dryRun: true);
        var answer = await InstallAsync(host, host.Owner, Two);

        foreach (var said in new[] { preview, answer })
        {
            Assert.Equal("1", said["previous_version"].Text());
            Assert.Equal(["state._shared.c", "actions.added"], Names(said, "adds"));
            Assert.Equal(["state._shared.a", "actions.left", "views.v", "help.h"], Names(said, "changes"));
            Assert.Equal(["actions.dropped"], Names(said, "removes"));
            Assert.Equal(["actions.ours changed_in_room", "actions.deleted deleted_in_room", "actions.fresh rooms_own"], Reasons(said, "conflicts"));
            Assert.Equal(["actions.same changed_in_room", "actions.dropped_ours changed_in_room"], Reasons(said, "kept"));
        }

        Assert.Equal("bob", (await host.StoredAsync("r", "_actions", "ours"))!["registered_by"].Text());
        Assert.Equal("room", (await host.StoredAsync("r", "_actions", "ours"))!["writes"]![0]!["value"].Text());
        Assert.Null(await host.StoredAsync("r", "_actions", "deleted"));
        Assert.Null(await host.StoredAsync("r", "_actions", "dropped"));
        Assert.Equal(1, (await host.StoredAsync("r", "_shared", "b"))!.GetValue<int>());

        var replaced = await host.InvokeAsync(host.Owner, "r", "_install_pack", $$"""{"pack":{{Two}},"replace":["actions.ours","actions.deleted"]}""");
        Assert.Equal(["actions.ours"], Names(replaced, "changes"));
        Assert.Equal(["actions.deleted"], Names(replaced, "adds"));
        Assert.Equal("olga", (await host.StoredAsync("r", "_actions", "ours"))!["registered_by"].Text());
        Assert.Equal("invalid_param", (await host.RefusedAsync(host.Owner, "r", "_install_pack", $$"""{"pack":{{Two}},"replace":["actions.nothing"]}""")).Code.Name);
    }

    [Fact]
    public async Task Upgrade_BySomebodyElse_IsRefusedToWhoMayNotChangeThePack()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var ann = await host.JoinAsync("r", "ann");
        var bob = await host.JoinAsync("r", "bob");
        await InstallAsync(host, ann, Notes);

        var hollow = (await host.TryInvokeAsync(bob, "r", "_install_pack", Of("""{"name":"notes","version":"2"}"""))).Error!;
        var removed = (await host.TryInvokeAsync(bob, "r", "_uninstall_pack", """{"pack":"notes"}""")).Error!;

        Assert.Equal("action_owned", hollow.Code.Name);
        Assert.Equal("action_owned", removed.Code.Name);
        Assert.True((await InstallAsync(host, host.Owner, Notes.Replace("1.0.0", "2.0.0", StringComparison.Ordinal)))["invoked"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Uninstall_RemovesWhatItPutAndNobodyChanged()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"own","writes":[{"key":"own","value":1}]}""");
        await InstallAsync(host, host.Owner, Notes);
        await host.InvokeAsync(host.Owner, "r", "note", """{"text":"mine"}""");
        await host.RegisterAsync(host.Owner, "r", """{"id":"vote","writes":[{"key":"v","value":1}]}""");
        await host.RegisterAsync(host.Owner, "r", """{"from":"standard_library","id":"set"}""");
        await host.InvokeAsync(host.Owner, "r", "set", """{"key":"limit","value":9}""");
        var seq = (await host.LoadedAsync("r")).Published.Seq;

        var preview = await host.InvokeAsync(host.Owner, "r", "_uninstall_pack", """{"pack":"notes"}""", dryRun: true);
        Assert.Equal(seq, (await host.LoadedAsync("r")).Published.Seq);
        var answer = await host.InvokeAsync(host.Owner, "r", "_uninstall_pack", """{"pack":"notes"}""");

        Assert.Equal(Names(preview, "removes"), Names(answer, "removes"));
        Assert.Equal(["help.notes", "views.all_notes", "views.count_notes", "actions.note", "roles.editor", "state._notes.1"], Names(answer, "removes"));
        Assert.Equal(["actions.vote changed_in_room", "state._shared.limit changed_in_room"], Reasons(answer, "kept"));
        var state = (await host.LoadedAsync("r")).Published;
        Assert.Equal(seq + 1, state.Seq);
        Assert.Equal(["own", "set", "vote"], state.Actions.Keys);
        Assert.Empty(state.Views);
        Assert.Equal(["2"], state.Scope("_notes")!.Entries.Keys);
        Assert.Null(await host.StoredAsync("r", "_packs", "notes"));
        Assert.Equal("pack_not_found", (await host.RefusedAsync(host.Owner, "r", "_uninstall_pack", """{"pack":"notes"}""")).Code.Name);
    }

    [Fact]
    public async Task Install_ByAnAgentThatComesToBeWithIt_IsItsRegistrant()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        await InstallAsync(host, host.Owner, """{"name":"a","version":"1","state":{"_shared":{"k":1}}}""");

        var entry = (await host.LoadedAsync("r")).Published.Find("_shared", "k")!;
        Assert.Equal("olga", entry.Writer);
        Assert.Equal("_install_pack", entry.Via);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("""{"version":"1"}""")]
    [InlineData("""{"version":"1","parts":{"actions.x":7}}""")]
    public void Record_OfAnotherForm_IsNone(string value) => Assert.Null(PackRecord.Read(new Entry { Key = "notes", Value = JsonText.Of(EngineHost.Json(value)), Revision = 1, UpdatedAt = default, Seq = 1 }));

    [Fact]
    public async Task Packs_AreTheEnginesToWrite()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        Assert.Equal("scope_denied", (await host.RefusedAsync(host.Owner, "r", "_register_action", """{"id":"x","writes":[{"scope":"_packs","key":"notes","value":7}]}""")).Code.Name);
    }

    private static Task<JsonObject> InstallAsync(EngineHost host, Caller caller, string pack, bool dryRun = false) => host.InvokeAsync(caller, "r", "_install_pack", Of(pack), dryRun: dryRun);

    private static string Of(string pack) => $$"""{"pack":{{pack}}}""";

    private static IEnumerable<string?> Names(JsonObject answer, string field) => (answer[field]?.AsArray() ?? []).Select(name => name.Text());

    private static IEnumerable<string> Reasons(JsonObject answer, string field) => (answer[field]?.AsArray() ?? []).Select(kept => $"{kept!["part"].Text()} {kept["reason"].Text()}");

    [Fact]
    public async Task PacksOfARoom_AreBounded_AndTheRestIsTheOwners()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        var ann = await host.JoinAsync("r", "ann");
        static string Pack(int number) => """{"pack":{"name":"pN","version":"1.0.0","state":{"_s":{"kN":1}}}}""".Replace("N", $"{number}", StringComparison.Ordinal);
        for (var i = 0; i < 45; i++)
        {
            await host.InvokeAsync(ann, "r", "_install_pack", Pack(i));
        }

        var refused = await host.RefusedAsync(ann, "r", "_install_pack", Pack(45));
        Assert.Equal(("payload_too_large", "packs"), (refused.Code.Name, (string?)refused.Details?["limit"]));
        await host.InvokeAsync(ann, "r", "_install_pack", Pack(0));
        await host.InvokeAsync(host.Owner, "r", "_install_pack", Pack(45));
        await host.InvokeAsync(ann, "r", "_uninstall_pack", """{"pack":"p0"}""");
    }
}
