using System.Collections.Immutable;
using System.Globalization;
using Sync.Engine.Reads.Agents;

namespace Sync.Engine.Tests.Reads.Agents;

/// <summary>What an agent does at each moment, made of the signs of it. Times are seconds.</summary>
public sealed class AgentSpansTests
{
    private static readonly DateTimeOffset s_zero = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<string, string, string> Table => new()
    {
        // Acts: each is work for a minute; what comes within it goes on.
        { "", "", "" },
        { "0 acted", "", "0-60 working, 60- idle" },
        { "0 acted, 30 acted", "", "0-90 working, 90- idle" },
        { "0 acted, 60 acted", "", "0-120 working, 120- idle" },
        { "0 acted, 61 acted", "", "0-60 working, 60-61 idle, 61-121 working, 121- idle" },

        // Refusals: what it tried last decides.
        { "0 refused", "", "0-60 refused, 60- idle" },
        { "0 acted, 10 refused, 20 refused, 30 acted", "", "0-10 working, 10-30 refused, 30-90 working, 90- idle" },
        { "0 acted, 0 refused", "", "0-60 refused, 60- idle" },

        // Waits: for as long as one is parked; a wake is a sign of life.
        { "0 began", "", "0- waiting" },
        { "0 acted, 10 began, 500 ended", "", "0-10 working, 10-500 waiting, 500-560 working, 560- idle" },
        { "0 began, 10 began, 20 ended, 30 ended", "", "0-30 waiting, 30-90 working, 90- idle" },
        { "0 began, 5 acted", "", "0- waiting" },
        { "0 began, 5 ended, 5 began", "", "0- waiting" },
        { "0 refused, 10 began, 20 ended", "", "0-10 refused, 10-20 waiting, 20-80 working, 80- idle" },
        { "0 ended", "", "0-60 working, 60- idle" },

        // Decisions: what it asked for is what it waits for, unless it goes on with something else.
        { "0 asked", "", "0- deciding" },
        { "0 asked, 300 decided", "", "0-300 deciding, 300- idle" },
        { "0 asked, 30 decided", "", "0-30 deciding, 30-60 working, 60- idle" },
        { "0 asked, 10 began, 50 decided, 51 ended", "", "0-50 deciding, 50-51 waiting, 51-111 working, 111- idle" },
        { "0 asked, 10 acted", "", "0-10 deciding, 10-70 working, 70- deciding" },
        { "0 asked, 10 asked, 20 decided", "", "0- deciding" },
        { "0 asked, 10 asked, 20 decided, 100 decided", "", "0-100 deciding, 100- idle" },
        { "0 decided", "", "0- idle" },

        // A moment gone by: what comes after it is not known, and what goes on has no end.
        { "0 acted, 30 refused", "20", "0- working" },
        { "0 acted, 30 refused", "30", "0-30 working, 30- refused" },
        { "0 acted", "60", "0-60 working, 60- idle" },
        { "0 began, 30 ended", "29", "0- waiting" },
        { "0 asked, 30 decided", "10", "0- deciding" },
        { "10 acted", "5", "" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Spans_OfSigns_AreWhatTheTableSays(string signs, string until, string spans) =>
        Assert.Equal(spans, Words(AgentSpans.Of(Read(signs), until.Length == 0 ? null : At(until))));

    [Fact]
    public void Spans_OfAnySigns_LeaveNoGapAndNeverRepeat()
    {
        var random = new Random(20260301);
        for (var round = 0; round < 500; round++)
        {
            var at = 0;
            List<AgentSign> signs = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => new AgentSign(s_zero.AddSeconds(at += random.Next(0, 90)), (AgentSignKind)random.Next(6)))];
            var spans = AgentSpans.Of(signs, until: null);

            Assert.Equal(signs[0].At, spans[0].From);
            Assert.Null(spans[^1].Until);
            for (var index = 1; index < spans.Length; index++)
            {
                Assert.Equal(spans[index - 1].Until, spans[index].From);
                Assert.True(spans[index].From > spans[index - 1].From);
                Assert.NotEqual(spans[index - 1].Activity, spans[index].Activity);
            }

            // Turned back to any moment they say of what was before it what they say now.
            var back = s_zero.AddSeconds(random.Next(0, at + 1));
            var past = AgentSpans.Of(signs, back);
            Assert.Equal(ActivityAt(spans, back), ActivityAt(past, back));
            Assert.Equal(spans.Where(span => span.Until <= back), past.Where(span => span.Until is not null));
        }
    }

    private static AgentActivity? ActivityAt(ImmutableArray<AgentSpan> spans, DateTimeOffset at) => spans.Where(span => span.From <= at).Select(span => (AgentActivity?)span.Activity).LastOrDefault();

    private static IEnumerable<AgentSign> Read(string signs) => signs.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(static sign => new AgentSign(At(sign.Split(' ')[0]), sign.Split(' ')[1] switch
    {
        "acted" => AgentSignKind.Acted,
        "refused" => AgentSignKind.Refused,
        "asked" => AgentSignKind.Asked,
        "decided" => AgentSignKind.Decided,
        "began" => AgentSignKind.WaitBegan,
        _ => AgentSignKind.WaitEnded,
    }));

    private static DateTimeOffset At(string seconds) => s_zero.AddSeconds(int.Parse(seconds, CultureInfo.InvariantCulture));

    private static string Words(IEnumerable<AgentSpan> spans) => string.Join(", ", spans.Select(static span =>
        $"{(span.From - s_zero).TotalSeconds}-{(span.Until is { } until ? (until - s_zero).TotalSeconds.ToString(CultureInfo.InvariantCulture) : "")} {span.Activity.Word()}"));
}
