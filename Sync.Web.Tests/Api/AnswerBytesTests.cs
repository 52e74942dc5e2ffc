using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Sync.Web.Api;
using Sync.Web.Tests.Hosting;
using Sync.Web.Tests.Mcp;

namespace Sync.Web.Tests.Api;

/// <summary>
/// Every answer is bounded in bytes and names what it leaves out. The table of reads is the API's own: an operation that is not in it fails the test, so that a new one
/// cannot be forgotten.
/// </summary>
public sealed class AnswerBytesTests(SmallAnswersHost host) : IClassFixture<SmallAnswersHost>
{
    // Where each operation that reads is asked about the large room. What is not here is in the other list.
    private static readonly Dictionary<string, string[]> s_reads = new()
    {
        ["listRooms"] = ["/rooms", "/rooms?limit=1000"],
        ["getRoom"] = ["{room}"],
        ["listMembers"] = ["{room}/members", "{room}/members?limit=1000"],
        ["listInvitations"] = ["{room}/invitations?limit=1000"],
        ["listOwnInvitations"] = ["/invitations?limit=1000"],
        ["listRoomTokens"] = ["{room}/tokens?limit=1000"],
        ["listTokens"] = ["/tokens", "/tokens?limit=1000"],
        ["readContext"] =
        [
            "{room}/context", "{room}/context?depth=full&meta=true", "{room}/context?depth=usage&include=_audit,_messages,activity", "{room}/context?compact=true",
            "{room}/context?only=state", "{room}/context?only=state._big", "{room}/context?only=state._big&meta=true&limit=3&after=k05", "{room}/context?only=actions&depth=full",
            "{room}/context?only=agents&depth=full", "{room}/context?only=messages", "{room}/context?messages_after=0&messages_limit=500", "{room}/context?since=1", "{room}/context?at={seq}",
        ],
        ["wait"] = ["{room}/wait?condition=true"],
        ["poll"] = ["{room}/poll?messages_limit=2000&audit_limit=2000"],
        ["events"] = [],
        ["keyHistory"] = ["{room}/history/_big/k00?limit=500"],
        ["replay"] = ["{room}/replay/{seq}"],
        ["readEvent"] = ["{room}/events/{seq}", "{room}/events/{seq}?limit=500"],
        ["timeline"] = ["{room}/timeline", "{room}/timeline?at={seq}"],
        ["viewSamples"] = ["{room}/samples/big?limit=500"],
        ["search"] = ["{room}/search?q=k&limit=100", "{room}/search?q=big&limit=100"],
        ["approvals"] = ["{room}/approvals", "{room}/approvals?status=pending"],
        ["approval"] = ["{room}/approvals/{approval}"],
        ["exportPack"] = ["{room}/pack"],
        ["inbox"] = ["/inbox", "/inbox?limit=200"],
        ["listWebhooks"] = ["/webhooks?limit=1000"],
        ["listRoomWebhooks"] = ["{room}/webhooks?limit=1000"],

        // The last twenty messages of one webhook, of which only titles are shown.
        ["listWebhookDeliveries"] = [],
        ["listRoomWebhookDeliveries"] = [],
        ["audit"] = ["{room}/audit?limit=2000", "{room}/audit?after=0&limit=2000", "{room}/audit?ok=false&limit=2000"],
    };

    // What is of one size whoever asks: documents of the server itself, health.
    private static readonly HashSet<string> s_ofOneSize =
        ["health", "healthLive", "healthReady", "openApi", "skill", "llms", "reference", "docsImage", "vault"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Reads => [.. ApiTable.All.Where(operation => operation.Method is null or "GET").Select(operation => operation.Name)];

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task Read_OfALargeRoom_StaysWithinTheBytes(string operation)
    {
        if (s_ofOneSize.Contains(operation))
        {
            return;
        }

        Assert.True(s_reads.TryGetValue(operation, out var paths), $"'{operation}' reads, and nobody says how large its answers may be.");
        foreach (var path in paths)
        {
            var reply = (await host.Large.Owner.GetAsync(host.Path(path))).AssertOk();

            AssertWithin(operation is "readContext" or "wait" ? SmallAnswersHost.ContextBytes : SmallAnswersHost.AnswerBytes, reply, path);
        }
    }

    [Theory]
    [InlineData("state._big")]
    [InlineData("state._wide")]
    [InlineData("views")]
    [InlineData("actions")]
    [InlineData("agents")]
    public async Task Context_FollowedByItsQueries_GivesEveryPart(string only)
    {
        var section = only.Split('.')[0];
        var seen = new HashSet<string>();
        var query = "only=" + only;
        for (var pages = 0; query is not null; pages++)
        {
            Assert.True(pages < 200, "It never ends.");
            var reply = (await host.Large.Owner.GetAsync($"{host.Large.Path}/context?{query}")).AssertOk();
            var parts = section == "state" ? reply["state"].GetProperty(only["state.".Length..]) : reply[section];
            // One part alone may have more than a context: nobody would get past it otherwise.
            AssertWithin(parts.EnumerateObject().Count() == 1 ? SmallAnswersHost.AnswerBytes : SmallAnswersHost.ContextBytes, reply, query);
            var before = seen.Count;
            seen.UnionWith(parts.EnumerateObject().Select(part => part.Name));
            query = QueryFor(reply.Json, section);
            Assert.True(query is null || seen.Count > before, "A page without anything new.");
        }

        var all = section switch
        {
            "state" => host.Entries(only["state.".Length..]),
            "views" => host.Views,
            "actions" => host.Actions,
            _ => host.Agents,
        };
        Assert.Empty(all.Except(seen));
    }

    [Fact]
    public async Task Context_OfALargeRoom_NamesWhatItCutAndLeavesEachSectionAShare()
    {
        var context = (await host.Large.Owner.GetAsync(host.Large.Path + "/context?peek=true")).AssertOk();

        var cut = context["_context"].GetProperty("elided").EnumerateArray().ToList();
        Assert.Contains(cut, one => one.GetProperty("section").GetString() == "state" && one.GetProperty("scope").GetString() == "_big" && one.GetProperty("shown").GetInt32() == 0);
        Assert.All(["views", "actions", "agents", "messages"], section => Assert.Contains(cut, one => one.GetProperty("section").GetString() == section));
        Assert.NotEmpty(context["actions"].EnumerateObject());
        Assert.NotEmpty(context["agents"].EnumerateObject());
        Assert.NotEmpty(context["messages"].GetProperty("recent").EnumerateArray());
        Assert.Equal("hello", context["state"].GetProperty("_shared").GetProperty("small").GetString());
        Assert.Contains("context_shaping", context["_context"].GetProperty("help").EnumerateArray().Select(key => key.GetString()));
    }

    [Theory]
    [InlineData("context?include=_audit", "_audit")]
    [InlineData("context?include=activity&only=agents", "activity")]
    [InlineData("poll?audit_limit=2000", "audit")]
    public async Task CutOfTheLog_NamesTheQueryOfTheOlderEvents(string query, string section)
    {
        var room = await host.RoomAsync();
        var ada = await room.JoinAsync("ada");
        for (var i = 0; i < 60; i++)
        {
            (await room.InvokeAsync("_send_message", new { body = new string('m', 3_000) }, ada)).AssertOk();
        }

        var reply = (await room.Owner.GetAsync($"{room.Path}/{query}")).AssertOk();
        var shown = section switch
        {
            "audit" => reply["audit"],
            "activity" => reply["activity"].GetProperty("recent"),
            _ => reply["state"].GetProperty("_audit"),
        };
        var notes = section == "audit" ? reply["elided"] : reply["_context"].GetProperty("elided");
        var next = notes.EnumerateArray().First(note => note.GetProperty("section").GetString() == section).GetProperty("query").GetString();
        var older = (await room.Owner.GetAsync($"{room.Path}/{next}")).AssertOk()["events"].EnumerateArray().ToList();

        var oldest = shown.EnumerateArray().Last().GetProperty("seq").GetInt64();
        Assert.Equal(oldest - 1, older[0].GetProperty("seq").GetInt64());
    }

    [Fact]
    public async Task Context_ThatCutsMessages_MovesTheCursorToTheNewestItGave()
    {
        var room = await host.RoomAsync();
        var bob = await room.JoinAsync("bob");
        var ada = await room.JoinAsync("ada");
        for (var i = 0; i < 8; i++)
        {
            (await room.InvokeAsync("_send_message", new { body = new string('m', 4_000) }, ada)).AssertOk();
        }

        var forward = (await bob.GetAsync(room.Path + "/context?only=messages&messages_after=0")).AssertOk();
        var shown = forward["messages"].GetProperty("recent").EnumerateArray().Select(message => message.GetProperty("seq").GetInt64()).ToList();
        var then = (await bob.GetAsync(room.Path + "/context?only=messages&peek=true")).AssertOk();

        Assert.InRange(shown.Count, 1, 7);
        Assert.Equal(8 - shown[^1], then["messages"].GetProperty("unread").GetInt64());
        Assert.Equal($"only=messages&messages_after={shown[^1]}", forward["_context"].GetProperty("elided")[0].GetProperty("query").GetString());
    }

    [Fact]
    public async Task Lists_FollowedByTheirPages_GiveEverything()
    {
        await AssertWholeAsync("/rooms?limit=50", "rooms", "id", host.RoomIds);
        await AssertWholeAsync(host.Large.Path + "/members?limit=7", "members", "user", host.Members);
        await AssertWholeAsync("/tokens?limit=1000", "tokens", "id", host.Tokens);

        (await host.Large.Owner.GetAsync("/rooms?after=never-was")).AssertRefusal("invalid_parameter", 400);
        (await host.Large.Owner.GetAsync("/tokens?after=never-was")).AssertRefusal("invalid_parameter", 400);
        (await host.Large.Owner.GetAsync("/rooms?limit=0")).AssertRefusal("invalid_parameter", 400);
        (await host.Large.Owner.GetAsync("/rooms?limit=1001")).AssertRefusal("invalid_parameter", 400);

        async Task AssertWholeAsync(string path, string list, string id, IEnumerable<string> all)
        {
            var seen = new List<string>();
            string? after = null;
            do
            {
                var reply = (await host.Large.Owner.GetAsync(path + (after is null ? "" : "&after=" + Uri.EscapeDataString(after)))).AssertOk();
                AssertWithin(SmallAnswersHost.AnswerBytes, reply, path);
                seen.AddRange(reply[list].EnumerateArray().Select(item => item.GetProperty(id).GetString() ?? ""));
                after = reply.Json.TryGetProperty("next_after", out var next) ? next.GetString() : null;
                Assert.True(reply["total"].GetInt32() >= seen.Count);
            }
            while (after is not null);
            Assert.Equal(seen.Distinct().Count(), seen.Count);
            Assert.Empty(all.Except(seen));
        }
    }

    [Theory]
    [InlineData("after=0", "next_after", "after")]
    [InlineData("limit=2000", "next_before", "before")]
    public async Task Audit_FollowedByItsPages_GivesEveryEvent(string first, string next, string name)
    {
        var newest = (await host.Large.Owner.GetAsync(host.Large.Path)).AssertOk()["seq"].GetInt64();
        var seen = new List<long>();
        for (var query = first; query is not null;)
        {
            var page = (await host.Large.Owner.GetAsync($"{host.Large.Path}/audit?{query}")).AssertOk();
            AssertWithin(SmallAnswersHost.AnswerBytes, page, query);
            seen.AddRange(page["events"].EnumerateArray().Select(e => e.GetProperty("seq").GetInt64()));
            query = page.Json.TryGetProperty(next, out var on) ? $"limit=2000&{name}={on.GetInt64()}" : null;
        }

        Assert.Equal(Enumerable.Range(1, (int)newest).Select(seq => (long)seq), seen.Order());
        (await host.Large.Owner.GetAsync(host.Large.Path + "/audit?after=1&before=3")).AssertRefusal("invalid_parameter", 400);
    }

    [Fact]
    public async Task History_OfAKeyFollowedByItsPages_GivesEveryWrite()
    {
        var seen = new List<long>();
        for (var query = ""; query is not null;)
        {
            var page = (await host.Large.Owner.GetAsync($"{host.Large.Path}/history/_big/k00?limit=500{query}")).AssertOk();
            AssertWithin(SmallAnswersHost.AnswerBytes, page, "history");
            seen.AddRange(page["history"].EnumerateArray().Select(step => step.GetProperty("revision").GetInt64()));
            query = page.Json.TryGetProperty("next_before", out var on) ? $"&before={on.GetInt64()}" : null;
        }

        Assert.Equal(Enumerable.Range(1, SmallAnswersHost.Rewrites + 1).Select(revision => (long)revision).Reverse(), seen);
    }

    [Theory]
    [InlineData("state")]
    [InlineData("[state._big, state._big]")]
    [InlineData("views")]
    public async Task Eval_ToAValueThatIsTooLong_IsRefusedWithAWayToAskForLess(string expression)
    {
        var refused = await host.Large.Owner.PostAsync(host.Large.Path + "/eval", new { expr = expression });

        refused.AssertRefusal("cel_limit_exceeded", 400);
        Assert.True(refused.Text.Length < 2_000);
        (await host.Large.Owner.PostAsync(host.Large.Path + "/eval", new { expr = "state._big.k00.size()" })).AssertOk();
    }

    [Fact]
    public async Task Events_OfALargeRoom_AreEachWithinTheBytes()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "fill", @params = new { v = new { type = "string" } }, writes = Enumerable.Range(0, 8).Select(i => new { scope = "_big", key = "k" + i, value = "${params.v}" }) });
        (await room.InvokeAsync("fill", new { v = new string('x', 12_000) })).AssertOk();
        var newest = (await room.Owner.GetAsync(room.Path)).AssertOk()["seq"].GetInt64();

        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Address, room.Path + "/events?since=0"));
        request.Headers.Authorization = new("Bearer", room.RoomToken);
        using var http = new HttpClient();
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancel));
        JsonElement last = default;
        while (last.ValueKind == JsonValueKind.Undefined || last.GetProperty("seq").GetInt64() < newest)
        {
            var line = await reader.ReadLineAsync(Cancel) ?? throw new EndOfStreamException("The stream ended before the newest event.");
            Assert.True(line.Length <= SmallAnswersHost.AnswerBytes + 100);
            last = line.StartsWith("data: {\"", StringComparison.Ordinal) ? JsonElement.Parse(line["data: ".Length..]) : last;
        }

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(last.GetProperty("cut").GetBoolean());
        Assert.Equal(8, last.GetProperty("writes").GetArrayLength());
        Assert.True(last.GetProperty("bytes").GetInt64() > SmallAnswersHost.AnswerBytes);
    }

    [Fact]
    public async Task Mcp_OfALargeRoom_StaysWithinItsOwnBytes()
    {
        await using var mcp = await McpConnection.OpenAsync(host, host.LargeToken);
        (string Tool, object Arguments, int Bytes)[] calls =
        [
            ("sync_read_context", new { room = host.Large.Id }, SmallAnswersHost.LeanContextBytes),
            ("sync_read_context", new { room = host.Large.Id, depth = "full", meta = true }, SmallAnswersHost.LeanContextBytes),
            ("sync_read_context", new { room = host.Large.Id, only = "state._wide" }, SmallAnswersHost.LeanContextBytes),
            ("sync_wait", new { room = host.Large.Id, condition = "true" }, SmallAnswersHost.LeanContextBytes + 200),
            ("sync_list_rooms", new { }, SmallAnswersHost.AnswerBytes),
            ("sync_lobby", new { }, SmallAnswersHost.AnswerBytes),
        ];
        foreach (var (tool, arguments, bytes) in calls)
        {
            var text = (await mcp.OkAsync(tool, arguments)).GetRawText();
            Assert.True(Encoding.UTF8.GetByteCount(text) <= bytes, $"{tool}: {text.Length} bytes");
        }

        await mcp.RefusedAsync("cel_limit_exceeded", "sync_eval_cel", new { room = host.Large.Id, expr = "state" });
        var resource = await mcp.Client.ReadResourceAsync($"sync://rooms/{host.Large.Id}/context", cancellationToken: Cancel);
        Assert.True(resource.Contents.OfType<ModelContextProtocol.Protocol.TextResourceContents>().Single().Text.Length <= SmallAnswersHost.LeanContextBytes);
    }

    [Fact]
    public async Task SharedView_ThatDoesNotFit_IsNamed()
    {
        var link = (await host.Large.Owner.PostAsync("/tokens", new { scope = $"rooms:{host.Large.Id}:view:big rooms:{host.Large.Id}:view:v01 rooms:{host.Large.Id}:view:v02 rooms:{host.Large.Id}:view:v03 rooms:{host.Large.Id}:view:v04 rooms:{host.Large.Id}:view:v05" })).AssertOk(201)["token"].GetString();

        var context = (await host.Client(link).GetAsync(host.Large.Path + "/context")).AssertOk();

        AssertWithin(SmallAnswersHost.ContextBytes, context, "shared view");
        Assert.Contains("big", context["_context"].GetProperty("elided").EnumerateArray().Select(cut => cut.GetProperty("view").GetString()));
    }

    private static string? QueryFor(JsonElement context, string section) =>
        context.GetProperty("_context").GetProperty("elided").EnumerateArray()
            .Where(cut => cut.GetProperty("section").GetString() == section && cut.TryGetProperty("shown", out _))
            .Select(cut => cut.GetProperty("query").GetString())
            .FirstOrDefault();

    private static void AssertWithin(int bytes, ApiReply reply, string path)
    {
        var length = Encoding.UTF8.GetByteCount(reply.Text);
        Assert.True(length <= bytes, string.Create(CultureInfo.InvariantCulture, $"{path}: {length} bytes where {bytes} are allowed."));
    }
}

/// <summary>A server whose answers may have few bytes, with one room that has much more of everything.</summary>
public sealed class SmallAnswersHost : SyncHost
{
    public const int AnswerBytes = 64 * 1024;
    public const int ContextBytes = 24 * 1024;
    public const int LeanContextBytes = 12 * 1024;
    public const int Rewrites = 15;

    public SmallAnswersHost()
        : base(new()
        {
            ["Sync:Limits:AnswerBytes"] = $"{AnswerBytes}",
            ["Sync:Limits:ContextBytes"] = $"{ContextBytes}",
            ["Sync:Limits:LeanContextBytes"] = $"{LeanContextBytes}",
        })
    {
    }

    private long _seq;
    private string _approval = "";

    internal TestRoom Large { get; private set; } = null!; // Set before any test runs, like those below.

    internal string LargeToken { get; private set; } = null!;

    internal List<string> RoomIds { get; } = [];

    internal List<string> Tokens { get; } = [];

    internal List<string> Members { get; } = [];

    internal IEnumerable<string> Views => Names("v", 12).Append("big");

    internal IEnumerable<string> Actions => Names("a", 30);

    internal IEnumerable<string> Agents => Names("agent", 30);

    internal IEnumerable<string> Entries(string scope) => scope == "_big" ? Names("k", 12) : Enumerable.Range(0, 10).SelectMany(ten => Names("w" + ten, 40));

    internal string Path(string path) => path.Replace("{room}", Large.Path, StringComparison.Ordinal).Replace("{approval}", _approval, StringComparison.Ordinal).Replace("{seq}", _seq.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Large = await RoomAsync();
        LargeToken = await MintAsync(Large.OwnerName);
        await Large.RegisterAsync(new
        {
            id = "put",
            @params = new { scope = new { type = "string" }, key = new { type = "string" }, value = new { } },
            writes = new[] { new { scope = "${params.scope}", key = "${params.key}", value = "${params.value}" } },
        });
        await PutAsync("_shared", "small", "hello");
        await Large.RegisterAsync(new
        {
            id = "gated",
            @params = new { key = new { type = "string" }, value = new { } },
            writes = new[] { new { scope = "_gated", key = "${params.key}", value = "${params.value}" }, new { scope = "_gated", key = "${params.key}2", value = "${params.value}" } },
            approve = new { by = "person" },
        });
        for (var i = 0; i < 20; i++)
        {
            _approval = (await Large.InvokeAsync("gated", new { key = "g" + i, value = new string('g', 40_000) })).AssertOk(202)["approval"].GetString()!; // It asks.
        }

        foreach (var key in Entries("_big"))
        {
            await PutAsync("_big", key, new string('b', 7_000));
        }

        for (var i = 0; i < Rewrites; i++)
        {
            await PutAsync("_big", "k00", new string((char)('c' + i), 7_000));
        }

        await Large.RegisterAsync(new { id = "widen", writes = Enumerable.Range(0, 40).Select(i => new { scope = "_wide", key = "${params.from}" + i.ToString("00", CultureInfo.InvariantCulture), value = new string('w', 100) }), @params = new { from = new { type = "string" } } });
        foreach (var ten in Enumerable.Range(0, 10))
        {
            (await Large.InvokeAsync("widen", new { from = "w" + ten })).AssertOk();
        }

        foreach (var view in Names("v", 12))
        {
            (await Large.InvokeAsync("_register_view", new { id = view, expr = "state._big.k01.substring(0, 3000)", description = "A long value." })).AssertOk();
        }

        (await Large.InvokeAsync("_register_view", new { id = "big", expr = "state._big.k00 + state._big.k01 + state._big.k02 + state._big.k03" })).AssertOk();
        foreach (var action in Actions)
        {
            await Large.RegisterAsync(new { id = action, description = new string('d', 600), writes = new[] { new { scope = "_wide", key = "x" + action, value = 1 } } });
        }

        foreach (var agent in Agents)
        {
            Assert.Equal(201, (await Client().PostAsync(Large.Path + "/agents", new { id = agent, meta = new { about = new string('m', 1_500) } })).Status);
        }

        for (var i = 0; i < 30; i++)
        {
            (await Large.InvokeAsync("_send_message", new { body = new string('t', 3_000) })).AssertOk();
            (await Large.InvokeAsync("put", new { scope = "_actions", key = "x", value = new string('r', 3_000) })).AssertRefusal("scope_denied", 403);
        }

        for (var i = 0; i < 60; i++)
        {
            Members.Add(NewName("member-of-the-large-room"));
            var member = Client(await MintAsync(Members[^1]));
            (await Large.Owner.PostAsync(Large.Path + "/invite", new { username = Members[^1], role = "observer" })).AssertOk();
            (await member.PostAsync("/invitations/" + Large.Id, new { accept = true })).AssertOk();
        }

        RoomIds.Add(Large.Id);
        for (var i = 0; i < 120; i++)
        {
            RoomIds.Add(NewName("one-of-many-rooms"));
            Assert.Equal(201, (await Large.Owner.PostAsync("/rooms", new { id = RoomIds[^1], name = new string('n', 150) })).Status);
        }

        for (var i = 0; i < 250; i++)
        {
            if (i < 60)
            {
                (await Large.Owner.PostAsync(Large.Path + "/invitations", new { role = "observer" })).AssertOk(201);
            }

            Tokens.Add((await Large.Owner.PostAsync("/tokens", new { scope = $"rooms:{Large.Id}:read", label = new string('l', 180) })).AssertOk(201)["id"].GetString() ?? "");
        }

        _seq = (await Large.Owner.GetAsync(Large.Path)).AssertOk()["seq"].GetInt64();
    }

    private async Task PutAsync(string scope, string key, string value) => (await Large.InvokeAsync("put", new { scope, key, value })).AssertOk();

    private static IEnumerable<string> Names(string prefix, int count) => Enumerable.Range(0, count).Select(i => prefix + i.ToString(count > 100 ? "000" : "00", CultureInfo.InvariantCulture));
}
