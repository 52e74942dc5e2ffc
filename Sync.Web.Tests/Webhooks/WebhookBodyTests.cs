using System.Text;
using System.Text.Json;
using Sync.Engine.Identity.Webhooks;
using Sync.Engine.Services.Webhooks;
using Sync.Web.Webhooks;

namespace Sync.Web.Tests.Webhooks;

/// <summary>What is sent, in each form, and its signature.</summary>
public sealed class WebhookBodyTests
{
    private static readonly WebhookNotice s_notice = new()
    {
        Kind = "question",
        Key = "r/question/7",
        Room = "r",
        RoomName = "Release",
        At = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        From = "builder",
        Title = "builder asks you something",
        Text = "Ship <!channel> & @everyone?\n<https://evil.example|here>",
        Message = 7,
    };

    [Fact]
    public void Json_Always_HasAllThatIsKnown()
    {
        var (address, body) = Of(WebhookFormat.Json, "https://receiver.example/hook");

        Assert.Equal("https://receiver.example/hook", address.AbsoluteUri);
        Assert.Equal(("msg_1", "question", "2026-01-02T03:04:05.000Z"), (body.GetProperty("id").GetString(), body.GetProperty("type").GetString(), body.GetProperty("timestamp").GetString()));
        var data = body.GetProperty("data");
        Assert.Equal(s_notice.Text, data.GetProperty("text").GetString());
        Assert.Equal(7, data.GetProperty("message").GetInt64());
        Assert.Equal("https://sync.example/rooms/r/dashboard?panel=messages&message=7", data.GetProperty("url").GetString());
        Assert.False(data.TryGetProperty("approval", out _));
    }

    [Fact]
    public void Slack_Always_IsTextThatMentionsNobody()
    {
        var (_, body) = Of(WebhookFormat.Slack, "https://hooks.slack.com/services/T/B/X");

        var text = body.GetProperty("text").GetString()!; // It has one.
        Assert.StartsWith("*builder asks you something* in Release\n>Ship &lt;!channel&gt; &amp; @everyone?\n>&lt;https://evil.example|here&gt;\n<https://sync.example/", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Discord_Always_IsAnEmbedThatMentionsNobody()
    {
        var (_, body) = Of(WebhookFormat.Discord, "https://discord.com/api/webhooks/1/x");

        Assert.Equal(0, body.GetProperty("allowed_mentions").GetProperty("parse").GetArrayLength());
        var embed = body.GetProperty("embeds")[0];
        Assert.Equal((s_notice.Title, @"Ship \<!channel\> & @everyone?" + "\n" + @"\<https://evil.example\|here\>"), (embed.GetProperty("title").GetString(), embed.GetProperty("description").GetString()));
        Assert.False(body.TryGetProperty("content", out _));
    }

    [Theory]
    [InlineData("[Approve here](https://evil.example)", @"\[Approve here\]\(https://evil.example\)")]
    [InlineData("**bold** __under__ ~~gone~~ ||hidden|| `code`", @"\*\*bold\*\* \_\_under\_\_ \~\~gone\~\~ \|\|hidden\|\| \`code\`")]
    [InlineData("# big\n> quote\n- item\n<@123> <t:0>", "\\# big\n\\> quote\n\\- item\n\\<@123\\> \\<t:0\\>")]
    [InlineData(@"a \[b](c)", @"a \\\[b\]\(c\)")]
    public void Discord_OfWhatAnAgentWrote_IsNoMarkdown(string text, string sent)
    {
        var (_, body) = WebhookBodies.Of(new WebhookMessage("msg_1", "https://discord.com/api/webhooks/1/x", WebhookFormat.Discord, new byte[] { 1 }, s_notice with { Title = text, Text = text }), "https://sync.example");

        var embed = JsonDocument.Parse(body).RootElement.GetProperty("embeds")[0];
        Assert.Equal((sent, sent), (embed.GetProperty("title").GetString(), embed.GetProperty("description").GetString()));
    }

    [Fact]
    public void Discord_OfTheLongest_IsWithinWhatItTakes()
    {
        var (_, body) = WebhookBodies.Of(
            new WebhookMessage("msg_1", "https://discord.com/api/webhooks/1/x", WebhookFormat.Discord, new byte[] { 1 }, s_notice with { Title = new string('*', 300), Text = string.Concat(Enumerable.Repeat("😀*", 700)) }),
            "https://sync.example");

        var embed = JsonDocument.Parse(body).RootElement.GetProperty("embeds")[0];
        Assert.Equal(string.Concat(Enumerable.Repeat(@"\*", 125)), embed.GetProperty("title").GetString());
        Assert.InRange(embed.GetProperty("description").GetString()!.Length, 2_000, 4_096); // It has one.
    }

    [Theory]
    [InlineData("https://ntfy.sh/my-topic", "https://ntfy.sh/")]
    [InlineData("https://ntfy.example/base/my-topic/?auth=x", "https://ntfy.example/base/?auth=x")]
    public void Ntfy_Always_GoesToTheServerWithTheTopicInside(string url, string server)
    {
        var (address, body) = Of(WebhookFormat.Ntfy, url);

        Assert.Equal(server, address.AbsoluteUri);
        Assert.Equal(("my-topic", s_notice.Title, s_notice.Text), (body.GetProperty("topic").GetString(), body.GetProperty("title").GetString(), body.GetProperty("message").GetString()));
        Assert.Equal(4, body.GetProperty("priority").GetInt32());
    }

    [Fact]
    public void Title_ThatIsLong_IsCutWhereCharactersEnd()
    {
        var message = new WebhookMessage("m", "https://discord.com/x", WebhookFormat.Discord, default, s_notice with { Title = new string('x', 249) + "😀" + new string('y', 500) });

        var title = JsonDocument.Parse(WebhookBodies.Of(message, "https://sync.example").Body).RootElement.GetProperty("embeds")[0].GetProperty("title").GetString();

        Assert.Equal(new string('x', 249), title);
    }

    public static TheoryData<string, string, string> Places => new()
    {
        { "approval", "Approval", "/rooms/r/dashboard?panel=approvals" },
        { "attention", "View", "/rooms/r/dashboard?panel=views&view=v" },
        { "attention", "Action", "/rooms/r/dashboard?panel=actions&action=v" },
        { "attention", "Agent", "/rooms/r/dashboard?panel=agents&agent=v" },
        { "invitation", "", "/rooms" },
        { "test", "", "/manage" },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void Link_OfEachKind_LeadsToWhereItsReaderGoesOn(string kind, string about, string path)
    {
        var notice = s_notice with { Kind = kind, Message = null, Approval = about == "Approval" ? "a1" : null, View = about == "View" ? "v" : null, Action = about == "Action" ? "v" : null, Agent = about == "Agent" ? "v" : null };

        Assert.Equal(path, WebhookBodies.PathOf(notice));
    }

    // The example of the specification: https://github.com/standard-webhooks/standard-webhooks
    [Fact]
    public void Signature_OfTheSpecificationsExample_IsTheSame() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        WebhookSignature.Of(Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", """{"test": 2432232314}"""u8));

    private static (Uri Address, JsonElement Body) Of(WebhookFormat format, string url)
    {
        var (address, body) = WebhookBodies.Of(new WebhookMessage("msg_1", url, format, Encoding.UTF8.GetBytes("k"), s_notice), "https://sync.example");
        return (address, JsonDocument.Parse(body).RootElement);
    }
}
