using System.Text.Json;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Api;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Endpoints;
using Sync.Web.Mcp;
using Sync.Web.Mcp.Tools;
using Sync.Web.Tests.Api;
using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Surfaces;

/// <summary>What a surface advises works when it is taken literally: the call is there and knows each of its fields.</summary>
public sealed class NextStepTests(SyncHost host)
{
    // What a call gets that is not there, or does not know a field.
    private static readonly string[] s_wrong = ["not_found", "unknown_field", "unknown_param", "invalid_parameter", "invalid_json", "missing_param", "invalid_id", "invalid_param", "invalid_param_type"];

    public static TheoryData<StepKind> Kinds => [.. Enum.GetValues<StepKind>()];

    public static TheoryData<string> Codes => [.. ErrorCodeTests.Refused.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Step_SaidOverHttp_IsACallThatWorks(StepKind kind)
    {
        var room = await FurnishedAsync();
        var steps = new HttpSteps(publicUrl: "");
        var step = Sample(kind, room.Id);

        Assert.Equal(kind is StepKind.SignIn or StepKind.WidenToken or StepKind.OpenAccount or StepKind.OpenRooms or StepKind.OpenRoom, !Calls.InHttp(steps.Call(step)).Any());
        Assert.True(kind is StepKind.SignIn or StepKind.WidenToken || steps.Sentence(step).Contains(steps.Call(step), StringComparison.Ordinal) || steps.Address(step) is not null);
        foreach (var (method, path, body) in Calls.InHttp(steps.Sentence(step)))
        {
            await WorksAsync(room.Owner, method, path, body, steps.Sentence(step));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Step_SaidOverMcp_IsAToolThatWorks(StepKind kind)
    {
        var room = await FurnishedAsync();
        var steps = new McpSteps(host.Address.ToString().TrimEnd('/'));
        var step = Sample(kind, room.Id);
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!); // It has one.
        await mcp.OkAsync("sync_embody", new { room = room.Id });

        var text = steps.Sentence(step);
        Assert.DoesNotContain("GET /", text, StringComparison.Ordinal);
        Assert.DoesNotContain("POST /", text.Replace("POST /auth", "", StringComparison.Ordinal), StringComparison.Ordinal);
        foreach (var (tool, arguments) in Calls.InMcp(text))
        {
            await WorksAsync(mcp, tool, arguments);
        }
    }

    /// <summary>Names as far as the rules go: a call that carries one arrives at what it names, over both surfaces.</summary>
    public static TheoryData<string> OddNames => ["a/b", "50%", "50%25", "it's \"so\"", "a b+c", "?x=1&y#z", "größe 😀", "a\\b", "{room}", "(x)|`y`", "x.", "⟦wait⟧", "a,b", "${now}"];

    [Theory]
    [MemberData(nameof(OddNames))]
    public async Task Step_WithAnOddName_ArrivesAtWhatItNames(string name)
    {
        var (user, id) = (SyncHost.NewName("owner"), SyncHost.NewName("a:b.c_") + "-");
        var owner = host.Client(await host.MintAsync(user));
        var created = await owner.PostAsync("/rooms", new { id });
        var made = new TestRoom(host, id, user, owner, created["token"].GetString()!, created["view_token"].GetString()!); // A created room has both.
        await made.JoinAsync("b:o.b");
        await made.RegisterAsync(new { id = name, writes = new[] { new { scope = "_shared", key = name, value = "1" } } });
        Assert.Equal(200, (await made.InvokeAsync("_register_view", new { id = name, expr = "1" })).Status);
        Assert.Equal(200, (await made.InvokeAsync(name, new { })).Status);
        await made.RegisterAsync(new { id = "teach", writes = new[] { new { scope = "_help", key = "${params.k}", value = "text", if_version = "" } }, @params = new { k = new { type = "string" } } });
        Assert.Equal(200, (await made.InvokeAsync("teach", new { k = name })).Status);
        await using var mcp = await McpConnection.OpenAsync(host, made.Owner.Token!); // It has one.
        await mcp.OkAsync("sync_embody", new { room = made.Id });
        var quoted = JsonSerializer.Serialize(name);
        (StepKind Kind, string Arguments)[] steps =
        [
            (StepKind.ReadSamples, $$"""{"room":"{{made.Id}}","view":{{quoted}},"limit":1}"""),
            (StepKind.Explain, $$"""{"room":"{{made.Id}}","action":{{quoted}}}"""),
            (StepKind.Invoke, $$"""{"room":"{{made.Id}}","action":{{quoted}},"params":{} }"""),
            (StepKind.ReadHelp, $$"""{"room":"{{made.Id}}","key":{{quoted}}}"""),
            (StepKind.ReadContext, $$"""{"room":"{{made.Id}}","only":"state._shared","after":{{quoted}}}"""),
            (StepKind.UpdateAgent, $$"""{"room":"{{made.Id}}","agent":"b:o.b"}"""),
            (StepKind.ReadRoom, $$"""{"room":"{{made.Id}}"}"""),
        ];
        foreach (var (kind, arguments) in steps)
        {
            var step = NextStep.Parse($"{kind} {arguments}");
            var said = new HttpSteps(publicUrl: "").Sentence(step);
            var (method, path, body) = Assert.Single(Calls.InHttp(said));
            await WorksAsync(made.Owner, method, path, body, said);
            foreach (var (tool, with) in Calls.InMcp(new McpSteps(host.Address.ToString().TrimEnd('/')).Sentence(step)))
            {
                await WorksAsync(mcp, tool, with);
            }
        }
    }

    /// <summary>A step that leaves out what a tool does without and this step does not: taken literally it must not do something else.</summary>
    [Fact]
    public void RemovingSomebody_OverMcp_IsNotLeavingOneself()
    {
        var said = new McpSteps("http://sync").Sentence(NextStep.RemoveAgent().InRoom("r"));

        Assert.Equal("""sync_disembody {"room":"r","agent":"AGENT","remove":true} removes an agent.""", said);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Step_SaidOnAPage_IsASentenceAndALinkThatOpens(StepKind kind)
    {
        var room = await FurnishedAsync();
        var step = Sample(kind, room.Id);

        Assert.EndsWith(".", PageSteps.Instance.Sentence(step), StringComparison.Ordinal);
        if (PageSteps.Label(step) is not null)
        {
            using var browser = new TestBrowser(host);
            await browser.SignInAsync((await host.Engine.Users.FindByNameAsync(room.OwnerName, TestContext.Current.CancellationToken))!); // It made the room.
            var page = await browser.SendAsync(HttpMethod.Get, PageSteps.Instance.Address(step)![1..], content: null, headers: ("Accept", "text/html")); // A label has an address.
            Assert.Contains(page.Status, kind == StepKind.SignIn ? [302] : new[] { 200 }); // Who is signed in is led on.
        }
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task Refusal_OfEachCode_AdvisesCallsThatAreThere(string code)
    {
        var reply = await ErrorCodeTests.Refused[code](host);
        var hint = reply["hint"].ValueKind == JsonValueKind.String ? reply["hint"].GetString()! : "";

        Assert.DoesNotContain("sync_", hint, StringComparison.Ordinal);
        foreach (var (method, path, body) in Calls.InHttp(hint))
        {
            Assert.NotNull(Find(method, path, body));
        }
    }

    /// <summary>Refusals with next steps: what is sent over MCP, and a tool that the hint names.</summary>
    [Theory]
    [InlineData("sync_read_context", """{"room":"nowhere"}""", "room_not_found", "sync_list_rooms", "sync_create_room")]
    [InlineData("sync_send_message", """{"room":"ROOM","body":"x"}""", "embodiment_required", "sync_embody")]
    [InlineData("sync_delete_view", """{"room":"ROOM","id":"nothing-like-it"}""", "view_not_found", "sync_read_context")]
    [InlineData("sync_disembody", """{"room":"ROOM","remove":true,"agent":"zebra"}""", "agent_not_found", "sync_embody")]
    [InlineData("sync_read_context", """{"room":7}""", "invalid_parameter", "sync_list_rooms")]
    public async Task Refusal_OverMcp_AdvisesToolsThatWork(string tool, string arguments, string code, params string[] tools)
    {
        var room = await FurnishedAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!); // It has one.
        if (code is "view_not_found")
        {
            await mcp.OkAsync("sync_embody", new { room = room.Id });
        }

        var error = await mcp.RefusedAsync(code, tool, Arguments(JsonElement.Parse(arguments.Replace("ROOM", room.Id, StringComparison.Ordinal))));

        var hint = error.GetProperty("hint").GetString()!; // It has one.
        var advised = Calls.InMcp(hint).ToList();
        Assert.Equal(tools, advised.Select(call => call.Tool));
        foreach (var (named, with) in advised)
        {
            await WorksAsync(mcp, named, with);
        }
    }

    [Fact]
    public async Task CutNotes_OverMcp_AreCallsThatGoOn()
    {
        var room = await FurnishedAsync();
        await using var mcp = await McpConnection.OpenAsync(host, room.Owner.Token!); // It has one.

        var context = await mcp.OkAsync("sync_read_context", new { room = room.Id, only = "actions.nothing,views.nothing,state._shared.nothing" });

        var notes = context.GetProperty("_context").GetProperty("elided").EnumerateArray().ToList();
        Assert.NotEmpty(notes);
        foreach (var note in notes)
        {
            var (tool, arguments) = Assert.Single(Calls.InMcp(note.GetProperty("query").GetString()!)); // It is a text.
            Assert.True((await mcp.OkAsync(tool, Arguments(arguments))).TryGetProperty(note.GetProperty("section").GetString()!, out _)); // As is this.
        }
    }

    private static NextStep Sample(StepKind kind, string room) => NextStep.Parse($"{kind} {kind switch
    {
        StepKind.SignIn or StepKind.ListRooms or StepKind.ListInvitations or StepKind.ListTokens or StepKind.RegisterClient or StepKind.OpenAccount or StepKind.OpenRooms => "{}",
        StepKind.CreateRoom => """{"id":"made-ROOM"}""",
        StepKind.WidenToken => """{"token_id":"t_1","room":"ROOM","level":"write"}""",
        StepKind.JoinRoom => """{"room":"ROOM","id":"newcomer"}""",
        StepKind.Invite => """{"room":"ROOM","username":"guest"}""",
        StepKind.UpdateRoom => """{"room":"ROOM","name":"Other","join":"members"}""",
        StepKind.UpdateAgent => """{"room":"ROOM","agent":"bob"}""",
        StepKind.RemoveAgent => """{"room":"ROOM","agent":"bob"}""",
        StepKind.ReadContext => """{"room":"ROOM","only":"state._shared","meta":true,"after":"a b"}""",
        StepKind.ReadSamples => """{"room":"ROOM","view":"one","limit":1}""",
        StepKind.ReadLog => """{"room":"ROOM","ok":true,"before":3}""",
        StepKind.Search => """{"room":"ROOM","q":"note"}""",
        StepKind.Wait => """{"room":"ROOM","condition":"messages.count >= 0","include":"messages"}""",
        StepKind.Evaluate => """{"room":"ROOM","expr":"1 + 1 > 1"}""",
        StepKind.Invoke => """{"room":"ROOM","action":"_send_message","params":{"body":"hi"}}""",
        StepKind.TakeFromLibrary => """{"room":"ROOM","id":"vote"}""",
        StepKind.Explain => """{"room":"ROOM","action":"note"}""",
        StepKind.ReadHelp => """{"room":"ROOM","key":"guide"}""",
        _ => """{"room":"ROOM"}""",
    }}".Replace("ROOM", room, StringComparison.Ordinal));

    /// <summary>The operation that a call names, where it knows every field.</summary>
    private static ApiEndpoint? Find(string method, string call, JsonElement? body)
    {
        var path = call.Split('?')[0];
        if (path is "/oauth/register")
        {
            return ApiTable.All[0];
        }

        var query = call.Contains('?', StringComparison.Ordinal) ? call[(call.IndexOf('?', StringComparison.Ordinal) + 1)..].Split('&').Select(pair => pair.Split('=')[0]).ToList() : [];
        return ApiTable.All.FirstOrDefault(operation =>
            operation.Method == method
            && Fits(operation.Pattern.Split('/'), path.Split('/'))
            && query.TrueForAll(name => operation.Query.Any(parameter => parameter.Name == name))
            && (body is null || operation.Body is not null));
    }

    private static bool Fits(string[] pattern, string[] path) =>
        pattern.Length <= path.Length
        && (pattern.Length == path.Length || pattern[^1].StartsWith("{**", StringComparison.Ordinal))
        && pattern.Zip(path).All(pair => pair.First == pair.Second || (pair.First.StartsWith('{') && pair.Second.Length > 0));

    private static Dictionary<string, object?> Arguments(JsonElement arguments) => arguments.EnumerateObject().ToDictionary(member => member.Name, member => (object?)member.Value);

    private static async Task WorksAsync(ApiClient client, string method, string path, JsonElement? body, string said)
    {
        Assert.NotNull(Find(method, path, body));
        using var content = body is { } json ? new StringContent(json.GetRawText(), System.Text.Encoding.UTF8, "application/json") : null;
        var reply = await client.SendAsync(new HttpMethod(method), path, content);

        Assert.True(reply.Status is not (404 or 405) && !(path != "/oauth/register" && s_wrong.Contains(reply.Error)), $"{said}: {reply.Status} {reply.Text}");
    }

    private static async Task WorksAsync(McpConnection mcp, string tool, JsonElement arguments)
    {
        Assert.NotNull(ToolTable.Find(tool));
        var result = await mcp.CallAsync(tool, Arguments(arguments));

        Assert.True(
            result.IsError != true || !s_wrong.Contains(result.StructuredContent!.Value.GetProperty("error").GetString()), // A refusal has it.
            $"{tool} {arguments.GetRawText()}: {result.StructuredContent}");
    }

    private async Task<TestRoom> FurnishedAsync()
    {
        var room = await host.RoomAsync();
        await room.JoinAsync("bob");
        await room.RegisterAsync(new { id = "note", @params = new { text = new { type = "string" } }, writes = new[] { new { scope = "_shared", key = "note", value = "${params.text}" } } });
        Assert.Equal(200, (await room.InvokeAsync("_register_view", new { id = "one", expr = "1" })).Status);
        return room;
    }
}
