using System.Text.Json.Nodes;
using Sync.Engine.Identity;
using Sync.Engine.Model.Messages;
using Sync.Engine.Reads.Context;

namespace Sync.Engine.Tests.Model.Messages;

public sealed class MessageTests
{
    [Fact]
    public async Task Send_NumbersMessagesApartFromEvents()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");

        var first = await host.InvokeAsync(alice, "r", "_send_message", """{"body":"hi"}""");
        var second = await host.InvokeAsync(alice, "r", "_send_message", """{"body":{"n":1},"kind":"task","to":["bob","alice","bob"]}""");

        Assert.Equal((1, 2), (first["message_seq"].Number(), second["message_seq"].Number()));
        Assert.Equal(first["seq"].Number() + 1, second["seq"].Number());
        JsonAssert.Equal(
            """[{"seq":1,"from":"alice","kind":"chat","body":"hi","at":"2026-03-01T12:00:00Z","unread":false},{"seq":2,"from":"alice","kind":"task","body":{"n":1},"to":["bob","alice"],"at":"2026-03-01T12:00:00Z","unread":false}]""",
            (await host.ContextAsync(alice, "r"))["messages"]!["recent"]);
        Assert.Equal("unknown_agent", second["warnings"]![0]!["code"].Text());
    }

    [Theory]
    [InlineData("{}", "missing_param")]
    [InlineData("""{"body":"x","kind":""}""", "invalid_param")]
    [InlineData("""{"body":"x","kind":5}""", "invalid_param_type")]
    [InlineData("""{"body":"x","to":5}""", "invalid_param_type")]
    [InlineData("""{"body":"x","to":["a",1]}""", "invalid_param_type")]
    [InlineData("""{"body":"x","to":"_shared"}""", "invalid_id")]
    [InlineData("""{"body":"x","text":"y"}""", "unknown_param")]
    public async Task Send_BadParameters_IsRefused(string parameters, string code)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");

        Assert.Equal(code, (await host.RefusedAsync(host.Owner, "r", "_send_message", parameters)).Code.Name);
    }

    /// <summary>What a sender writes in <c>to</c>, and whom the message is directed to then.</summary>
    public static TheoryData<string, string> Recipients => new()
    {
        { "\"bob\"", """["bob"]""" },
        { """["bob"]""", """["bob"]""" },
        { """["bob","carol","bob"]""", """["bob","carol"]""" },
        { "\"[\\\"bob\\\",\\\"carol\\\"]\"", """["bob","carol"]""" },
        { "\"nobody-yet\"", """["nobody-yet"]""" },
        { "[]", "null" },
        { "\"\"", "null" },
        { "\"  \"", "null" },
        { "null", "null" },
    };

    [Theory]
    [MemberData(nameof(Recipients))]
    public async Task Send_To_IsAListOrAbsentOnEveryRead(string to, string expected)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        await host.JoinAsync("r", "carol");

        var sent = await host.InvokeAsync(alice, "r", "_send_message", $$"""{"body":"x","to":{{to}} }""");
        var seq = sent["seq"].Number();
        await host.InvokeAsync(alice, "r", "_send_message", """{"body":"later"}""");

        await AssertEverywhereAsync();
        await host.RestartAsync();
        bob = await host.CallerAsync(await TokenAsync(host, "bob"));
        await AssertEverywhereAsync();

        async Task AssertEverywhereAsync()
        {
            foreach (var message in (JsonNode?[])
            [
                (await host.ContextAsync(bob, "r", "peek=true"))["messages"]!["recent"]![0],
                (await host.ContextAsync(bob, "r", "peek=true&messages=unread"))["messages"]!["recent"]![0],
                (await host.ContextAsync(bob, "r", "peek=true&messages_after=0"))["messages"]!["recent"]![0],
                (await host.ContextAsync(bob, "r", $"at={seq}"))["messages"]!["recent"]![0],
                (await host.WaitAsync(bob, "r", "true", query: "peek=true"))["context"]!["messages"]!["recent"]![0],
                EngineHost.Node((await host.Engine.Context.PollAsync(bob, "r", MessageSelection.Unread, 10, 10, EngineHost.Cancel)).Value)["messages"]!["recent"]![0],
            ])
            {
                Assert.True(message!["unread"].Flag());
                JsonAssert.Equal(expected, message["to"]);
            }

            JsonAssert.Equal(expected, await host.EvalAsync(bob, "r", "state._messages['1'].to"));
            JsonAssert.Equal(expected, (await host.ContextAsync(bob, "r", "peek=true&include=_messages"))["state"]!["_messages"]!["1"]!["to"]);
            JsonAssert.Equal(expected, EngineHost.Node((await host.Engine.History.KeyAsync(bob, "r", "_messages", "1", null, 10, EngineHost.Cancel)).Value)["history"]![0]!["value"]!["to"]);
        }
    }

    [Theory]
    [InlineData("\"all\"", "Leave 'to' out to speak to all.")]
    [InlineData("\"Everyone\"", "Leave 'to' out to speak to all.")]
    [InlineData("\"*\"", "Leave 'to' out to speak to all.")]
    [InlineData("\"room\"", "Leave 'to' out to speak to all.")]
    [InlineData("\"@everyone\"", "Leave 'to' out to speak to all.")]
    [InlineData("""["bob","all"]""", "Leave 'to' out to speak to all.")]
    [InlineData("\"@bob\"", "Did you mean 'bob'?")]
    [InlineData("\"bob, carol\"", "Send a list: {\"to\": [\"bob\", \"carol\"]}.")]
    [InlineData("5", "Send {\"to\": [\"bob\", \"carol\"]}, or leave 'to' out to speak to all.")]
    public async Task Send_ToWhatIsNoAgent_SaysWhatIsMeant(string to, string hint)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.JoinAsync("r", "bob");

        Assert.Equal(hint, (await host.RefusedAsync(alice, "r", "_send_message", $$"""{"body":"x","to":{{to}} }""")).Hint);
    }

    [Fact]
    public async Task Send_ToAnAgentNamedLikeEverybody_ReachesIt()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.JoinAsync("r", "team");

        JsonAssert.Equal("""["team"]""", (await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"x","to":"team"}"""))["writes"]![0]!["value"]!["to"]);
    }

    [Theory]
    [InlineData("alicf", null)]
    [InlineData("bobb", "Did you mean 'bob'?")]
    public async Task Send_ToAnUnknownAgent_NeverMeansTheSender(string to, string? hint)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.JoinAsync("r", "bob");

        var warning = (await host.InvokeAsync(alice, "r", "_send_message", $$"""{"body":"x","to":"{{to}}"}"""))["warnings"]![0]!;

        Assert.Equal(("unknown_agent", hint), (warning["code"].Text(), warning["hint"]?.Text()));
    }

    [Theory]
    [InlineData("99", "Send the 'seq' of the message as it stands in messages.recent, from 1 to 2; or leave 'reply_to' out.")]
    [InlineData("0", "Send the 'seq' of the message as it stands in messages.recent, from 1 to 2; or leave 'reply_to' out.")]
    [InlineData("EVENT", "Event EVENT of the log sent message 2. Send \"reply_to\": 2.")]
    [InlineData("\"2\"", "Send \"reply_to\": 2.")]
    [InlineData("\"#2\"", "Send \"reply_to\": 2.")]
    [InlineData("1.5", "Send the 'seq' of the message as it stands in messages.recent, from 1 to 2; or leave 'reply_to' out.")]
    public async Task Reply_ToNoMessage_SaysWhichThereAre(string replyTo, string hint)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.JoinAsync("r", "alice");
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"1"}""");
        var seq = (await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"2"}"""))["seq"].Number().ToString(System.Globalization.CultureInfo.InvariantCulture);

        var refused = await host.RefusedAsync(host.Owner, "r", "_send_message", $$"""{"body":"x","reply_to":{{replyTo.Replace("EVENT", seq, StringComparison.Ordinal)}} }""");

        Assert.Equal(hint.Replace("EVENT", seq, StringComparison.Ordinal), refused.Hint);
    }

    [Fact]
    public async Task Reply_ToAMessageThatMemoryHasLetGoOf_IsTaken()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"old","kind":"question","to":"alice"}""");
        Assert.Equal(1, (await host.EvalAsync(alice, "r", "size(messages.to_answer)")).Number());
        foreach (var chunk in Enumerable.Range(1, MessageWindow.Capacity).Chunk(200))
        {
            await Task.WhenAll(chunk.Select(n => host.InvokeAsync(host.Owner, "r", "_send_message", $$"""{"body":{{n}} }""")));
        }

        // What memory does not hold cannot be asked for any more, and can be answered still.
        Assert.Equal(0, (await host.EvalAsync(alice, "r", "size(messages.to_answer)")).Number());
        Assert.Equal(1, (await host.InvokeAsync(alice, "r", "_send_message", """{"body":"new","to":"olga","reply_to":1}"""))["writes"]![0]!["value"]!["reply_to"].Number());
    }

    [Fact]
    public async Task ToAnswer_IsAListOfMessages()
    {
        await using var host = await EngineHost.StartAsync(EngineHost.Clock());
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        foreach (var message in (string[])
        [
            """{"body":"for all","kind":"question"}""",
            """{"body":{"n":1},"kind":"question","to":"bob"}""",
            """{"body":"no question","to":"bob"}""",
            """{"body":"second","kind":"question","to":["bob","alice"]}""",
        ])
        {
            await host.InvokeAsync(alice, "r", "_send_message", message);
        }

        JsonAssert.Equal("[2,4]", (await host.ContextAsync(bob, "r"))["messages"]!["to_answer"]);
        JsonAssert.Equal("[]", (await host.ContextAsync(alice, "r"))["messages"]!["to_answer"]);
        JsonAssert.Equal("""[{"seq":2,"from":"alice","kind":"question","body":{"n":1},"to":["bob"],"at":"2026-03-01T12:00:00Z"}]""", await host.EvalAsync(bob, "r", "messages.to_answer.filter(m, m.seq == 2)"));
        JsonAssert.Equal("[2,4]", await host.EvalAsync(bob, "r", "messages.to_answer.map(m, m.seq)"));
        JsonAssert.Equal("true", await host.EvalAsync(bob, "r", "messages.to_answer.exists(m, m.from == 'alice' && m.body == 'second')"));
        await host.InvokeAsync(bob, "r", "_send_message", """{"body":"an answer to nothing","to":"alice"}""");
        Assert.Contains("directed_messages", (await host.ContextAsync(bob, "r", "peek=true"))["_context"]!["help"].Texts());
        await host.InvokeAsync(bob, "r", "_send_message", """{"body":"yes","to":"alice","reply_to":2}""");
        await host.InvokeAsync(bob, "r", "_send_message", """{"body":"yes","reply_to":4}""");
        JsonAssert.Equal("[]", await host.EvalAsync(bob, "r", "messages.to_answer"));
    }

    public static TheoryData<string, string?> Replies => new()
    {
        { """{"body":"yes","reply_to":1}""", """["alice"]""" },
        { """{"body":"yes","reply_to":1,"to":""}""", """["alice"]""" },
        { """{"body":"yes","reply_to":1,"to":null}""", """["alice"]""" },
        { """{"body":"yes","reply_to":1,"to":[]}""", null }, // Said to be for everyone.
        { """{"body":"yes","reply_to":1,"to":"carol"}""", """["carol"]""" },
        { """{"body":"and","reply_to":2}""", null }, // One's own message.
        { """{"body":"gone","reply_to":3}""", null }, // Its sender has left.
        { """{"body":"you","reply_to":4}""", """["olga"]""" },
        { """{"body":"new"}""", null },
    };

    [Theory]
    [MemberData(nameof(Replies))]
    public async Task Reply_WithoutRecipients_IsDirectedToWhoAsked(string reply, string? directed)
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        var gone = await host.JoinAsync("r", "gone");
        await host.InvokeAsync(alice, "r", "_send_message", """{"body":"who?","kind":"question"}""");
        await host.InvokeAsync(bob, "r", "_send_message", """{"body":"hm"}""");
        await host.InvokeAsync(gone, "r", "_send_message", """{"body":"bye"}""");
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"hear"}""");
        Assert.Null((await host.Engine.Agents.RemoveAsync(host.Owner, "r", "gone", free: false, EngineHost.Cancel)).Error);

        await host.InvokeAsync(bob, "r", "_send_message", reply);

        var sent = (await host.ContextAsync(bob, "r", "peek=true"))["messages"]!["recent"]!.AsArray().Single(message => message!["seq"].Number() == 5)!;
        JsonAssert.Equal(directed ?? "null", sent["to"]);
        Assert.Equal(directed == """["alice"]""" ? 1 : 0, (await host.ContextAsync(alice, "r", "peek=true"))["messages"]!["directed_unread"].Number());
        await host.RestartAsync();
        Assert.Equal(directed == """["alice"]""" ? "1" : "0", (await host.EvalAsync(alice, "r", "messages.directed_unread"))!.ToJsonString());
    }

    [Fact]
    public async Task ToAnswer_OfManyQuestions_NamesSomeAndSaysHowToGetTheRest()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var bob = await host.JoinAsync("r", "bob");
        await Task.WhenAll(Enumerable.Range(1, 130).Select(n => host.InvokeAsync(host.Owner, "r", "_send_message", $$"""{"body":{{n}},"kind":"question","to":"bob"}""")));

        var context = await host.ContextAsync(bob, "r", "only=messages&compact=true");

        Assert.Equal(100, context["messages"]!["to_answer"]!.AsArray().Count);
        var cut = context["_context"]!["elided"]!.AsArray().Single(note => note!["section"].Text() == "messages.to_answer")!;
        Assert.Equal((100, 30), (cut["shown"].Number(), cut["missing"].Number()));
        Assert.Equal(130, (await host.EvalAsync(bob, "r", Sync.Engine.Primitives.Errors.NextStep.Parse(cut["query"].Text()).Text("expr")!))!.AsArray().Count);
    }

    [Fact]
    public async Task UnreadOnly_GivesEachMessageOnce_OldestFirst()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        for (var n = 1; n <= 5; n++)
        {
            await host.InvokeAsync(n == 3 ? alice : host.Owner, "r", "_send_message", $$"""{"body":{{n}} }""");
        }

        var first = await host.ContextAsync(alice, "r", "only=state._shared&messages=unread&messages_limit=2");
        Assert.Equal([1, 2], Numbers(first));
        Assert.All(first["messages"]!["recent"]!.AsArray(), message => Assert.True(message!["unread"].Flag()));
        var cut = first["_context"]!["elided"]!.AsArray().Single(note => note!["section"].Text() == "messages")!;
        Assert.Equal(2, cut["missing"].Number());
        Assert.Equal([4, 5], Numbers(await host.ContextAsync(alice, "r", EngineHost.QueryOf(cut["query"].Text()))));
        Assert.Empty(Numbers(await host.WaitAsync(alice, "r", "true", query: "messages=unread")));
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":6}""");
        Assert.Equal([6], Numbers(await host.WaitAsync(alice, "r", "messages.unread > 0", query: "messages=unread&peek=true")));
        Assert.Equal(["false", "false", "false", "false", "false", "true"], (await host.ContextAsync(alice, "r", "peek=true"))["messages"]!["recent"]!.AsArray().Select(message => message!["unread"]!.ToJsonString()));

        static IEnumerable<long> Numbers(JsonNode answer) => (answer["context"] ?? answer)["messages"]!["recent"]!.AsArray().Select(message => message!["seq"].Number());
    }

    [Fact]
    public async Task Page_SaysWhatItsReaderHasRead()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"1","to":"alice","kind":"question"}""");
        await host.ContextAsync(alice, "r");
        await host.InvokeAsync(host.Owner, "r", "_send_message", """{"body":"2","reply_to":1}""");

        var messages = (await host.Engine.Context.MessagesAsync(alice, "r", 0, 10, EngineHost.Cancel)).Value;

        Assert.Equal([(false, null), (true, 1L)], messages.Select(message => (message.IsUnread, message.ReplyTo)));
        Assert.Equal(["alice"], messages[0].To);
    }

    [Fact]
    public async Task Unread_CountsOthersMessagesAfterTheCursor()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        await SendAsync(bob, "1");
        await SendAsync(alice, "2");
        await SendAsync(bob, "3", "alice");
        await SendAsync(host.Owner, "4");

        Assert.Equal((3, 1), await CountsAsync(alice, "peek=true"));
        Assert.Equal((3, 1), await CountsAsync(alice, "messages=false"));
        Assert.Contains("directed_messages", (await host.ContextAsync(alice, "r", "peek=true"))["_context"]!["help"].Texts());
        Assert.Equal((2, 0), await CountsAsync(bob, "peek=true"));
        Assert.Equal((3, 1), await CountsAsync(alice, "messages_after=0&messages_limit=2"));
        Assert.Equal((2, 1), await CountsAsync(alice, ""));
        Assert.Equal((0, 0), await CountsAsync(alice, ""));
        await SendAsync(bob, "5", "alice");
        await host.RestartAsync();
        alice = await host.CallerAsync(await TokenAsync(host, "alice"));
        Assert.Equal((1, 1), await CountsAsync(alice, "peek=true"));

        Task SendAsync(Caller caller, string body, string? to = null) =>
            host.InvokeAsync(caller, "r", "_send_message", to is null ? $$"""{"body":"{{body}}"}""" : $$"""{"body":"{{body}}","to":"{{to}}"}""");

        async Task<(long Unread, long Directed)> CountsAsync(Caller caller, string query)
        {
            var messages = query == "messages=false" ? null : (await host.ContextAsync(caller, "r", query))["messages"];
            if (messages is null)
            {
                await host.ContextAsync(caller, "r", query);
                messages = (await host.ContextAsync(caller, "r", "peek=true"))["messages"];
            }

            return (messages!["unread"].Number(), messages["directed_unread"].Number());
        }
    }

    [Fact]
    public async Task Paging_BeyondMemory_GivesEveryMessageOnce()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        var alice = await host.JoinAsync("r", "alice");
        var bob = await host.JoinAsync("r", "bob");
        const int Count = MessageWindow.Capacity + 150;
        foreach (var chunk in Enumerable.Range(1, Count).Chunk(200))
        {
            await Task.WhenAll(chunk.Select(n => host.InvokeAsync(bob, "r", "_send_message", $$"""{"body":{{n}},"kind":"{{(n % 500 == 7 ? "rare" : "chat")}}"}""")));
        }

        Assert.Equal(Enumerable.Range(1, Count).Select(n => (long)n), await PageAsync("messages_limit=400", "messages_after=0"));
        Assert.Equal(5, (await PageAsync("messages_limit=50&messages_kinds=rare", "messages_after=0")).Count);
        Assert.Equal([Count], await PageAsync("", $"messages_after={Count - 1}"));
        Assert.Empty(await PageAsync("", $"messages_after={Count}"));
        Assert.Empty(await PageAsync("", "messages_after=9223372036854775807"));
        var newest = await host.ContextAsync(alice, "r", "messages_limit=10&peek=true");
        Assert.Equal(Count - 10, newest["_context"]!["elided"]![0]!["missing"].Number());
        Assert.Contains("context_shaping", newest["_context"]!["help"].Texts());
        Assert.Equal((Count, Count), (newest["messages"]!["count"].Number(), newest["messages"]!["unread"].Number()));
        await host.RestartAsync();
        Assert.Equal(Count, (await host.LoadedAsync("r")).Published.Messages.Count);

        async Task<List<long>> PageAsync(string query, string start)
        {
            var numbers = new List<long>();
            for (var more = start; more is not null;)
            {
                var context = await host.ContextAsync(alice, "r", $"only=messages&peek=true&{query}&{more}".TrimEnd('&').Replace("&&", "&", StringComparison.Ordinal));
                numbers.AddRange(context["messages"]!["recent"]!.AsArray().Select(m => m!["seq"].Number()));
                var next = context["_context"]!["elided"]!.AsArray().FirstOrDefault(e => e!["section"].Text() == "messages") is { } cut ? EngineHost.QueryOf(cut["query"].Text()) : null;
                Assert.NotEqual(more, next);
                more = next;
            }

            return numbers;
        }
    }

    [Fact]
    public async Task Kinds_Filter()
    {
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        foreach (var kind in (string[])["chat", "task", "note"])
        {
            await host.InvokeAsync(host.Owner, "r", "_send_message", $$"""{"body":1,"kind":"{{kind}}"}""");
        }

        Assert.Equal(["chat", "note"], (await host.ContextAsync(host.Owner, "r", "messages_kinds=note,chat"))["messages"]!["recent"]!.AsArray().Select(m => m!["kind"].Text()));
    }

    private static async Task<string> TokenAsync(EngineHost host, string agent)
    {
        var joined = (await host.Engine.Agents.JoinAsync(host.Owner, "r", EngineHost.Json($$"""{"id":"{{agent}}"}"""), EngineHost.Cancel)).Value;
        return EngineHost.Node(joined.Json)["token"].Text();
    }
}
