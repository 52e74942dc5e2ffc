using System.Text.Json;
using AngleSharp.Dom;
using Bunit;
using Sync.Engine.Commands.Invocations;
using Sync.Web.Components.Dashboard;
using Sync.Web.Components.Dashboard.Messages;

namespace Sync.Web.Tests.Components.Dashboard;

/// <summary>The messages of a room that has talked for long.</summary>
public sealed class MessageTests
{
    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task Panel_ReadBackThroughTwoThousand_IsBoundedAndMissesNone()
    {
        await using var bench = await RoomBench.OpenAsync();
        await SayAsync(bench, 1, 2_000);
        var panel = bench.Show<MessagesPanel>(await bench.ModelAsync());
        var read = new HashSet<string>(Bodies(panel), StringComparer.Ordinal);

        while (Button(panel, "Show earlier") is { } earlier)
        {
            var first = Bodies(panel)[0];
            await earlier.ClickAsync(new());
            await panel.WaitForAssertionAsync(() => Assert.NotEqual(first, Bodies(panel)[0]));
            var bodies = Bodies(panel);
            Assert.InRange(bodies.Count, 1, MessageHistory.Max);
            Assert.Equal(Enumerable.Range(int.Parse(bodies[0][1..], System.Globalization.CultureInfo.InvariantCulture), bodies.Count).Select(i => $"m{i}"), bodies);
            read.UnionWith(bodies);
        }

        Assert.Equal(2_000, read.Count);
        Assert.Equal("m1", Bodies(panel)[0]);

        await Button(panel, "Show later")!.ClickAsync(new()); // Behind, so there is one.
        await panel.WaitForAssertionAsync(() => Assert.Equal("m400", Bodies(panel)[^1]));
        Assert.Equal("m101", Bodies(panel)[0]);

        await Button(panel, "Back to the newest")!.ClickAsync(new());
        Assert.Equal("m2000", Bodies(panel)[^1]);
        Assert.Equal(MessageHistory.Page, Bodies(panel).Count);
        Assert.Empty(panel.FindAll(".newest"));
    }

    [Fact]
    public async Task Panel_PointedAtAMessageFarBack_ShowsItWithItsNeighboursAndNewerOnesWait()
    {
        await using var bench = await RoomBench.OpenAsync();
        await SayAsync(bench, 1, 1_200);
        bench.Navigation = new PageNavigation(new PageLocation("messages") { Message = 200 }, (_, _) => { });

        var panel = bench.Show<MessagesPanel>(await bench.ModelAsync());

        await panel.WaitForAssertionAsync(() => Assert.NotEmpty(panel.FindAll("#message-200.pointed")));
        Assert.Equal(("m150", "m250"), (Bodies(panel)[0], Bodies(panel)[^1]));
        Assert.NotNull(Button(panel, "Back to the newest, 950"));
        await Button(panel, "Back to the newest")!.ClickAsync(new()); // As just seen.
        Assert.Null(bench.Navigation.Location.Message);
        Assert.Equal("m1200", Bodies(panel)[^1]);
    }

    [Theory]
    [InlineData("olga", 2, "3")]
    [InlineData("olga", 4, null)]
    [InlineData("olga", 0, "1")]
    [InlineData(null, 2, null)]
    public async Task Panel_Opened_MarksWhereTheReadersAgentHadReadTo(string? self, long read, string? expected)
    {
        await using var bench = await RoomBench.OpenAsync();
        var model = await bench.ModelAsync() with
        {
            Self = self,
            Messages = [.. Enumerable.Range(1, 4).Select(i => new Sync.Engine.Reads.Pages.MessageModel(i, "cleo", "chat", $"m{i}", [], DateTimeOffset.UnixEpoch))],
            MessageCount = 4,
            ReadUpTo = read,
        };

        var panel = bench.Show<MessagesPanel>(model);
        Assert.Equal(expected, panel.Find("sync-thread").QuerySelector(".unread-mark + .message")?.GetAttribute("data-message"));

        // Read meanwhile: the mark stays where it was when they came.
        panel.Render(parameters => parameters.Add(p => p.Model, model with { ReadUpTo = 4, Messages = [.. model.Messages] }));
        Assert.Equal(expected, panel.Find("sync-thread").QuerySelector(".unread-mark + .message")?.GetAttribute("data-message"));
    }

    [Fact]
    public async Task Panel_Filtered_FindsWordsFarBack()
    {
        await using var bench = await RoomBench.OpenAsync();
        await SayAsync(bench, 1, 1_200);
        bench.Navigation = new PageNavigation(new PageLocation("messages").WithFilter("messages.text", "m7"), (_, _) => { });
        var panel = bench.Show<MessagesPanel>(await bench.ModelAsync());

        while (Button(panel, "Show earlier") is { } earlier)
        {
            var low = Bodies(panel).Count;
            await earlier.ClickAsync(new());
            await panel.WaitForAssertionAsync(() => Assert.True(Bodies(panel).Count > low || Button(panel, "Show earlier") is null));
        }

        Assert.Contains("m7", Bodies(panel));
        Assert.All(Bodies(panel), body => Assert.StartsWith("m7", body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Panel_WhileTheReaderIsBack_KeepsWhatTheyReadAndCountsWhatCame()
    {
        await using var bench = await RoomBench.OpenAsync();
        await SayAsync(bench, 1, 600);
        var panel = bench.Show<MessagesPanel>(await bench.ModelAsync());
        for (var i = 0; i < 4; i++)
        {
            var first = Bodies(panel)[0];
            await Button(panel, "Show earlier")!.ClickAsync(new()); // 600 are more than four pages.
            await panel.WaitForAssertionAsync(() => Assert.NotEqual(first, Bodies(panel)[0]));
        }

        var before = Bodies(panel);
        await SayAsync(bench, 601, 3);
        var now = await bench.ModelAsync();
        panel.Render(parameters => parameters.Add(p => p.Model, now));

        Assert.Equal(before, Bodies(panel));
        Assert.Contains("203 further on", panel.Find(".newest").TextContent, StringComparison.Ordinal);
        Assert.Equal("off", panel.Find("sync-thread").GetAttribute("aria-live"));
    }

    [Fact]
    public async Task Panel_AtTheNewest_MovesWithIt()
    {
        await using var bench = await RoomBench.OpenAsync();
        await SayAsync(bench, 1, 150);
        var panel = bench.Show<MessagesPanel>(await bench.ModelAsync());

        await SayAsync(bench, 151, 2);
        var now = await bench.ModelAsync();
        panel.Render(parameters => parameters.Add(p => p.Model, now));

        Assert.Equal(("m53", "m152"), (Bodies(panel)[0], Bodies(panel)[^1]));
    }

    [Fact]
    public async Task Panel_OfOneRareKind_FindsItFarBack()
    {
        await using var bench = await RoomBench.OpenAsync();
        await bench.InvokeAsync("_send_message", """{"body":"needle","kind":"rare"}""");
        await SayAsync(bench, 1, 1_500);
        await bench.InvokeAsync("_send_message", """{"body":"thread","kind":"rare"}""");
        var panel = bench.Show<MessagesPanel>(await bench.ModelAsync());

        await panel.Find("select[aria-label='Kind of message']").ChangeAsync("rare");
        Assert.Equal(["thread"], Bodies(panel));
        await Button(panel, "Show earlier")!.ClickAsync(new()); // The page model does not reach back that far.

        await panel.WaitForAssertionAsync(() => Assert.Equal(["needle", "thread"], Bodies(panel)));
        Assert.Null(Button(panel, "Show earlier"));
    }

    [Fact]
    public async Task Panel_TurnedBack_ShowsWhatHadBeenSaidThen()
    {
        await using var bench = await RoomBench.OpenAsync();
        await SayAsync(bench, 1, 2);
        var then = (await bench.ModelAsync()).Seq;
        await SayAsync(bench, 3, 2);
        var panel = bench.Show<MessagesPanel>(await bench.ModelAsync());

        var past = await bench.PastAsync(then);
        panel.Render(parameters => parameters.Add(p => p.Model, past));

        Assert.Equal(["m1", "m2"], Bodies(panel));
    }

    private static List<string> Bodies(IRenderedComponent<MessagesPanel> panel) => [.. panel.FindAll(".message > p").Select(body => body.TextContent)];

    private static IElement? Button(IRenderedComponent<MessagesPanel> panel, string text) => panel.FindAll("button").FirstOrDefault(button => button.TextContent.StartsWith(text, StringComparison.Ordinal));

    private static async Task SayAsync(RoomBench bench, int from, int count)
    {
        // Many at once, so that they share commits, and never more than one agent may have waiting; their numbers are those of their order.
        foreach (var batch in Enumerable.Range(from, count).Chunk(100))
        {
            var sent = await Task.WhenAll(batch.Select(i => bench.Engine.Actions.InvokeAsync(
                bench.Owner, "r", "_send_message", new InvokeRequest { Params = JsonSerializer.SerializeToElement(new { body = $"m{i}" }) }, Cancel)));
            Assert.All(sent, answer => Assert.Null(answer.Error));
        }
    }
}
