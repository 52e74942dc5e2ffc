using CsCheck;
using Sync.Engine.Identity;
using Sync.Engine.Reads.Inbox;
using Sync.Engine.Tests.Services.Tokens;

namespace Sync.Engine.Tests.Services.Inbox;

/// <summary>What counts as unread and as unanswered, under random messages, replies, readings and restarts, against a plain list of what was said.</summary>
public sealed class InboxPropertyTests
{
    [Fact]
    public Task Messages_AtRandom_WaitAsAPlainListSays() => Gen.Int[0, 999_999].SampleAsync(RunAsync, iter: 8, threads: 1);

    private static async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        await using var host = await EngineHost.StartAsync();
        await host.RoomAsync("r");
        await host.RegisterAsync(host.Owner, "r", """{"id":"act","writes":[{"key":"k","value":1}]}""");
        var agents = new Dictionary<string, Caller>(StringComparer.Ordinal) { ["ann"] = await host.JoinAsync("r", "ann"), ["ben"] = await host.JoinAsync("r", "ben") };
        List<(string From, bool IsQuestion, string[] To, int? ReplyTo)> said = [];
        var cursor = 0;
        for (var step = 0; step < 60; step++)
        {
            switch (random.Next(12))
            {
                case 0 when said.Count > 0:
                    cursor = Math.Max(cursor, random.Next(said.Count + 1));
                    Assert.Null((await host.Engine.Inbox.MarkReadAsync(host.Owner, "r", cursor, EngineHost.Cancel)).Error);
                    break;
                case 1 when step % 7 == 0:
                    await host.RestartAsync();
                    break;
                default:
                    var from = new[] { "ann", "ben", "olga" }[random.Next(3)];
                    string[] to = [.. new[] { "ann", "ben", "olga" }.Where(_ => random.Next(3) == 0)];
                    var (isQuestion, replyTo) = (random.Next(2) == 0, said.Count > 0 && random.Next(3) == 0 ? random.Next(said.Count) + 1 : (int?)null);
                    await host.InvokeAsync(
                        from == "olga" ? host.Owner : agents[from],
                        "r",
                        "_send_message",
                        $$"""{"body":"{{step}}","kind":"{{(isQuestion ? "question" : "chat")}}","to":[{{string.Join(',', to.Select(static agent => $"\"{agent}\""))}}]{{(replyTo is { } answered ? $",\"reply_to\":{answered}" : "")}}}""");
                    said.Add((from, isQuestion, to, replyTo));
                    break;
            }

            if (step % 10 != 9)
            {
                continue;
            }

            var inbox = await host.InboxAsync(host.Owner);
            var numbered = said.Select(static (message, index) => (Message: message, Number: index + 1)).ToList();
            var toAnswer = numbered.Where(one => one.Message is { IsQuestion: true } && one.Message.From != "olga" && one.Message.To.Contains("olga")
                && !numbered.Any(later => later.Number > one.Number && later.Message.From == "olga" && later.Message.ReplyTo == one.Number)).Select(static one => one.Number).ToHashSet();
            var unread = numbered.Where(one => one.Number > cursor && one.Message.From != "olga").ToList();
            Assert.Equal(toAnswer.Order(), inbox.Items.Where(static item => item.Kind == InboxKind.Question).Select(static item => (int)item.Message!.Value).Order());
            Assert.Equal(
                unread.Where(one => one.Message.To.Contains("olga") && !one.Message.IsQuestion).Select(static one => one.Number),
                inbox.Items.Where(static item => item.Kind == InboxKind.Message).Select(static item => (int)item.Message!.Value).Order());
            Assert.Equal((unread.Count, unread.Count(static one => one.Message.To.Contains("olga"))), ((int)inbox.Of("r").Unread, (int)inbox.Of("r").DirectedUnread));
        }
    }
}
