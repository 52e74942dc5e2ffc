using System.Text.Json.Nodes;
using Sync.Engine.Identity;
using Sync.Engine.Services.Embodiments;

namespace Sync.Engine.Tests.Model.Help;

/// <summary>Rooms that registered the standard library when it kept holders in scopes instead of leases: its texts of then go on doing what they did.</summary>
public sealed class LibraryOfBeforeTests
{
    private static readonly string[] s_texts =
    [
        """{"id":"claim","description":"Take a named thing for yourself for 15 minutes, before you work on it; claim it again to renew.","params":{"key":{"type":"string","required":true,"min_length":1,"max_length":256,"description":"Name of the thing, agreed on in the room."},"note":{"type":"string","default":"","max_length":500,"description":"What you want it for."}},"if":"state._claims[params.key] == null || state._claims[params.key].by == self","shares":["release"],"writes":[{"scope":"_claims","key":"${params.key}","value":{"by":"${self}","at":"${now}","note":"${params.note}"},"timer":{"ms":900000,"effect":"delete"}}]}""",
        """{"id":"release","description":"Give back a thing you claimed, as soon as you are done with it.","params":{"key":{"type":"string","required":true,"min_length":1,"max_length":256,"description":"Name of the thing you hold."}},"if":"state._claims[params.key].by == self","shares":["claim"],"writes":[{"scope":"_claims","key":"${params.key}","delete":true}]}""",
        """{"id":"define_role","description":"Describe a role that one agent may fill, before anyone fills it; only its definer changes it later.","params":{"role":{"type":"string","required":true,"min_length":1,"max_length":128,"description":"Name of the role."},"description":{"type":"string","required":true,"min_length":1,"description":"What whoever fills it does."}},"if":"state._roles[params.role] == null || state._roles[params.role].defined_by == self","writes":[{"scope":"_roles","key":"${params.role}","value":{"description":"${params.description}","defined_by":"${self}","defined_at":"${now}"}}]}""",
        """{"id":"fill_role","description":"Take a defined role that is vacant; everyone sees who holds it in state._role_holders.","params":{"role":{"type":"string","required":true,"min_length":1,"max_length":128,"description":"Name of a defined role."}},"if":"state._roles[params.role] != null && (state._role_holders[params.role] == null || state._role_holders[params.role].agent == self)","shares":["vacate_role"],"writes":[{"scope":"_role_holders","key":"${params.role}","value":{"agent":"${self}","since":"${now}"}}]}""",
        """{"id":"vacate_role","description":"Leave a role you hold, so that another agent can fill it.","params":{"role":{"type":"string","required":true,"min_length":1,"max_length":128,"description":"Name of the role you hold."}},"if":"state._role_holders[params.role].agent == self","shares":["fill_role"],"writes":[{"scope":"_role_holders","key":"${params.role}","delete":true}]}""",
        """{"id":"post_task","description":"Put a task into the queue; the answer's writes[0].key is the id that claim_task and complete_task take.","params":{"title":{"type":"string","required":true,"min_length":1,"max_length":500,"description":"The task in one line."},"detail":{"type":"any","default":"","description":"Whatever one needs to do it: text or data."}},"writes":[{"scope":"_tasks","append":true,"value":{"title":"${params.title}","detail":"${params.detail}","status":"open","posted_by":"${self}","posted_at":"${now}"}}]}""",
        """{"id":"claim_task","description":"Take an open task before you work on it; refused when it is missing, done or claimed by another.","params":{"id":{"type":"string","required":true,"min_length":1,"max_length":256,"description":"Key of the task in _tasks, as a string."}},"if":"state._tasks[params.id] != null && state._tasks[params.id].status != \"done\" && (state._tasks[params.id].claimed_by == null || state._tasks[params.id].claimed_by == self)","shares":["complete_task"],"writes":[{"scope":"_tasks","key":"${params.id}","merge":{"status":"claimed","claimed_by":"${self}","claimed_at":"${now}"}}]}""",
        """{"id":"complete_task","description":"Mark a task you claimed as done and leave its result with it.","params":{"id":{"type":"string","required":true,"min_length":1,"max_length":256,"description":"Key of the task in _tasks, as a string."},"result":{"type":"any","required":true,"description":"What came out; true when there is nothing else to say."}},"if":"state._tasks[params.id].claimed_by == self && state._tasks[params.id].status != \"done\"","shares":["claim_task"],"writes":[{"scope":"_tasks","key":"${params.id}","path":"result","value":"${params.result}"},{"scope":"_tasks","key":"${params.id}","merge":{"status":"done","completed_at":"${now}"}}]}""",
    ];

    private readonly Dictionary<string, string> _tokens = [];

    [Fact]
    public async Task Library_OfBefore_WorksAsItDid_AlsoAfterARestart()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        var (alice, bob) = await StartAsync(host);
        await RunAsync(
            host,
            (alice, "claim", """{"key":"chapter-1"}""", null),
            (bob, "claim", """{"key":"chapter-1"}""", "precondition_failed"),
            (alice, "claim", """{"key":"chapter-1","note":"still at it"}""", null),
            (bob, "release", """{"key":"chapter-1"}""", "precondition_failed"),
            (alice, "release", """{"key":"chapter-1"}""", null),
            (bob, "claim", """{"key":"chapter-1"}""", null),
            (alice, "define_role", """{"role":"editor","description":"Edits."}""", null),
            (bob, "fill_role", """{"role":"writer"}""", "precondition_failed"),
            (bob, "fill_role", """{"role":"editor"}""", null),
            (alice, "fill_role", """{"role":"editor"}""", "precondition_failed"),
            (alice, "vacate_role", """{"role":"editor"}""", "precondition_failed"),
            (bob, "vacate_role", """{"role":"editor"}""", null),
            (alice, "fill_role", """{"role":"editor"}""", null),
            (alice, "post_task", """{"title":"Proof-read"}""", null),
            (bob, "complete_task", """{"id":"1","result":true}""", "precondition_failed"),
            (bob, "claim_task", """{"id":"1"}""", null),
            (alice, "claim_task", """{"id":"1"}""", "precondition_failed"));
        Assert.Equal(0, (await host.LoadedAsync("r")).Published.Leases.Count);

        await host.RestartAsync();
        (alice, bob) = (await host.CallerAsync(_tokens["alice"]), await host.CallerAsync(_tokens["bob"]));
        await RunAsync(
            host,
            (alice, "complete_task", """{"id":"1","result":true}""", "precondition_failed"),
            (bob, "complete_task", """{"id":"1","result":{"errors":3}}""", null),
            (bob, "fill_role", """{"role":"editor"}""", "precondition_failed"),
            (alice, "claim", """{"key":"chapter-1"}""", "precondition_failed"));
        var state = (await host.ContextAsync(host.Owner, "r"))["state"]!;
        JsonAssert.Equal("""{"agent":"alice","since":"2026-03-01T12:00:00Z"}""", state["_role_holders"]!["editor"]);
        Assert.Equal("bob", state["_claims"]!["chapter-1"]!["by"].Text());
        await host.AdvanceAsync("r", TimeSpan.FromMinutes(15));
        await RunAsync(host, (alice, "claim", """{"key":"chapter-1"}""", null));
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("done")]
    public async Task HolderThatWasNoted_IsGoneWithItsAgent(string end)
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        var (alice, bob) = await StartAsync(host);
        await RunAsync(host, (alice, "define_role", """{"role":"editor","description":"Edits."}""", null), (alice, "fill_role", """{"role":"editor"}""", null));

        Assert.Null(end == "removed"
            ? (await host.Engine.Agents.RemoveAsync(host.Owner, "r", "alice", free: false, EngineHost.Cancel)).Error
            : (await host.Engine.Agents.UpdateAsync(alice, "r", "alice", EngineHost.Json("""{"status":"done"}"""), EngineHost.Cancel)).Error);

        Assert.Null(await host.StoredAsync("r", "_role_holders", "editor"));
        await RunAsync(host, (bob, "fill_role", """{"role":"editor"}""", null));
    }

    [Fact]
    public async Task HolderThatWasNoted_IsNotWhoFillsTheRole()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        var (alice, _) = await StartAsync(host);
        await RunAsync(host, (alice, "define_role", """{"role":"editor","description":"Edits."}""", null), (alice, "fill_role", """{"role":"editor"}""", null));
        var nina = await host.UserAsync("nina", "rooms:*");

        var filled = (await host.Engine.Embodiments.EmbodyAsync(nina.In(host.Engine.Embodiments.Open(nina, "probe")), "r", new EmbodyRequest { Role = "editor" }, EngineHost.Cancel)).Value;

        Assert.Equal(filled.Agent, (await host.EvalAsync(host.Owner, "r", "leases['role:editor'].holder")).Text());
        Assert.Equal("alice", (await host.EvalAsync(host.Owner, "r", "state._role_holders.editor.agent")).Text());
    }

    [Fact]
    public async Task Library_RegisteredAnew_TakesOver()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        var (alice, bob) = await StartAsync(host);
        await RunAsync(host, (alice, "post_task", """{"title":"Proof-read"}""", null), (alice, "claim_task", """{"id":"1"}""", null));
        foreach (var id in (string[])["claim_task", "next_task", "complete_task", "reopen_task"])
        {
            await host.RegisterAsync(host.Owner, "r", $$"""{"from":"standard_library","id":"{{id}}"}""");
        }

        // What was claimed before is claimed by nobody who could complete it; who takes it can.
        await RunAsync(
            host,
            (alice, "complete_task", """{"id":"1","result":true}""", "lease_required"),
            (bob, "next_task", "{}", null),
            (alice, "claim_task", """{"id":"1"}""", "lease_held"),
            (bob, "complete_task", """{"id":"1","result":true}""", null));
    }

    private async Task<(Caller Alice, Caller Bob)> StartAsync(EngineHost host)
    {
        await host.RoomAsync("r");
        foreach (var name in (string[])["alice", "bob"])
        {
            var joined = (await host.Engine.Agents.JoinAsync(Caller.Anonymous, "r", EngineHost.Json($$"""{"id":"{{name}}"}"""), EngineHost.Cancel)).Value;
            _tokens[name] = JsonNode.Parse(joined.Json.Span)!["token"].Text();
        }

        foreach (var text in s_texts)
        {
            await host.RegisterAsync(host.Owner, "r", text);
        }

        return (await host.CallerAsync(_tokens["alice"]), await host.CallerAsync(_tokens["bob"]));
    }

    private static async Task RunAsync(EngineHost host, params (Caller Who, string Action, string Parameters, string? Code)[] steps)
    {
        foreach (var (who, action, parameters, code) in steps)
        {
            var outcome = await host.TryInvokeAsync(who, "r", action, parameters);
            Assert.True(code == outcome.Error?.Code.Name, $"{action} {parameters}: {outcome.Error?.Code.Name} {outcome.Error?.Message}");
        }
    }
}
