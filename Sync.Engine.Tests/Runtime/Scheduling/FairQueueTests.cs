using Sync.Engine.Identity.Rooms;
using Sync.Engine.Runtime.Scheduling;

namespace Sync.Engine.Tests.Runtime.Scheduling;

public sealed class FairQueueTests
{
    [Theory]
    [InlineData("u:a1 u:a2 u:a3 v:b1", "a1 b1 a2 a3")]
    [InlineData("u:a1 u:a2 v:b1 v:b2 w:c1", "a1 b1 c1 a2 b2")]
    [InlineData("u:a1 u:a2 u:a3 u:b1 u:b2", "a1 b1 a2 b2 a3")]
    [InlineData("g:a1 g:b1 g:c1 g:d1 u:o1 u:o2", "a1 o1 b1 o2 c1 d1")]
    [InlineData("u:a1", "a1")]
    [InlineData("", "")]
    public void TryTake_Items_ComeByPayerThenAgentInTurn(string items, string order)
    {
        var queue = new FairQueue<string>(max: 100, maxPerAgent: 100);
        foreach (var item in items.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var (payer, name) = (item.Split(':')[0], item.Split(':')[1]);
            Assert.Equal(QueueAnswer.Taken, queue.TryAdd(new WorkSource(payer, name[..1]), name, out _));
        }

        Assert.Equal(order, string.Join(' ', Drain(queue)));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void TryAdd_OverABound_RefusesAndDropsNothing()
    {
        var queue = new FairQueue<string>(max: 3, maxPerAgent: 2);
        Assert.Equal(QueueAnswer.Taken, queue.TryAdd(new WorkSource("u", "a"), "1", out _));
        Assert.Equal(QueueAnswer.Taken, queue.TryAdd(new WorkSource("u", "a"), "2", out _));
        Assert.Equal(QueueAnswer.AgentFull, queue.TryAdd(new WorkSource("u", "a"), "3", out _));
        Assert.Equal(QueueAnswer.Taken, queue.TryAdd(new WorkSource("v", "b"), "4", out _));
        Assert.Equal(QueueAnswer.Full, queue.TryAdd(new WorkSource("w", "c"), "5", out _));

        Assert.Equal(["1", "4", "2"], Drain(queue));
    }

    /// <summary>Against a list that is searched: whose turn it is, is worked out anew each time from who was served last.</summary>
    [Fact]
    public void TryRemoveAndTryTake_AnyOrder_LoseNothingAndServeEachPayerInTurn()
    {
        var random = new Random(7);
        var queue = new FairQueue<string>(max: 64, maxPerAgent: 8);
        var waiting = new Dictionary<string, (WorkSource Source, FairQueue<string>.Place Place)>();
        var served = new Dictionary<string, int>();
        for (var step = 0; step < 20_000; step++)
        {
            switch (random.Next(3))
            {
                case 0:
                    var source = new WorkSource($"p{random.Next(4)}", $"a{random.Next(3)}");
                    var item = $"{step}";
                    var room = waiting.Count < 64;
                    var lane = waiting.Values.Count(w => w.Source == source) < 8;
                    var answer = queue.TryAdd(source, item, out var place);
                    Assert.Equal(!room ? QueueAnswer.Full : !lane ? QueueAnswer.AgentFull : QueueAnswer.Taken, answer);
                    if (answer == QueueAnswer.Taken)
                    {
                        waiting[item] = (source, place);
                    }

                    break;
                case 1 when waiting.Count > 0:
                    var (gone, (_, where)) = waiting.ElementAt(random.Next(waiting.Count));
                    Assert.True(queue.TryRemove(where));
                    Assert.False(queue.TryRemove(where));
                    waiting.Remove(gone);
                    break;
                default:
                    Assert.Equal(waiting.Count > 0, queue.TryTake(out var next));
                    if (next is not null)
                    {
                        var payer = waiting[next].Source.Payer;
                        var behind = waiting.Values.Where(w => w.Source.Payer != payer).Select(w => w.Source.Payer).Distinct();

                        // Nobody is served twice while somebody who was there before has not been.
                        Assert.All(behind, other => Assert.True(served.GetValueOrDefault(other) >= served.GetValueOrDefault(payer) || !WasThere(other, served.GetValueOrDefault(payer))));
                        served[payer] = step;
                        waiting.Remove(next);
                    }

                    break;
            }

            Assert.Equal(waiting.Count, queue.Count);
        }

        // Whether a payer has had something waiting without a break since a step.
        bool WasThere(string payer, int since) => waiting.Any(w => w.Value.Source.Payer == payer && int.Parse(w.Key, System.Globalization.CultureInfo.InvariantCulture) < since);
    }

    private static List<string> Drain(FairQueue<string> queue)
    {
        var all = new List<string>();
        while (queue.TryTake(out var item))
        {
            all.Add(item!);
        }

        return all;
    }
}
