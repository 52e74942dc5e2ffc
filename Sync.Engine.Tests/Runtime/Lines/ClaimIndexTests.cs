using System.Collections.Immutable;
using Sync.Cel.Values.Limits;
using Sync.Engine.Commands;
using Sync.Engine.Commands.Invocations;
using Sync.Engine.Commands.Leases;
using Sync.Engine.Identity;
using Sync.Engine.Model.Leases;
using Sync.Engine.Primitives.Access;
using Sync.Engine.Runtime.Lines;
using Sync.Engine.Runtime.Waits;

namespace Sync.Engine.Tests.Runtime.Lines;

/// <summary>Who stands behind whom among those that want leases.</summary>
public sealed class ClaimIndexTests
{
    private static readonly string[] s_patterns = ["**", "a/*", "a/b", "a/b/**", "b/?", "*/c", "b"];

    private static readonly EvaluationAccount s_account = new(new CelLimits(), TimeProvider.System);

    [Theory]
    [InlineData("x", false, "x", false, true)]
    [InlineData("x", true, "x", false, true)]
    [InlineData("x", false, "x", true, true)]
    [InlineData("x", true, "x", true, false)]
    [InlineData("x", false, "y", false, false)]
    public void Claims_OfAKey_ConflictUnlessBothShareIt(string one, bool oneShares, string other, bool otherShares, bool expected) =>
        Assert.Equal(expected, new WantedLease(one, oneShares, []).Conflicts(new WantedLease(other, otherShares, [])));

    [Fact]
    public void Paths_ConflictWhereTheyOverlap_WhateverTheKeys()
    {
        var all = Wanted("k1", isShared: false, "src/**");

        Assert.True(all.Conflicts(Wanted("k2", isShared: true, "src/engine/*.cs")));
        Assert.False(all.Conflicts(Wanted("k2", isShared: false, "docs/**")));
    }

    [Fact]
    public void Calls_StandBehindTheLastBeforeThem_AsAComparisonOfAllWithAllFinds()
    {
        var random = new Random(7);
        for (var round = 0; round < 40; round++)
        {
            var index = new ClaimIndex();
            var present = new List<ParkedCall>();
            for (var step = 1L; step <= 60; step++)
            {
                if (present.Count > 3 && random.Next(3) == 0)
                {
                    var leaving = present[random.Next(present.Count)];
                    present.Remove(leaving);
                    index.Remove(leaving);
                }
                else
                {
                    var call = Call(step, [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => Any(random))]);
                    present.Add(call);
                    index.Add(call);
                }

                var asked = Any(random);
                var arrival = random.NextInt64(1, step + 2);
                Assert.Equal(present.LastOrDefault(other => other.Arrival < arrival && other.Obstacle.Wanted.Any(asked.Conflicts)), index.Ahead([asked], arrival));
                foreach (var one in present)
                {
                    Assert.Equal(present.Where(other => other.Arrival > one.Arrival && Conflict(one, other)), index.Behind(one));
                }
            }

            present.ForEach(index.Remove);
            Assert.True(index.IsEmpty);
        }
    }

    private static bool Conflict(ParkedCall one, ParkedCall other) => one.Obstacle.Wanted.Any(wanted => other.Obstacle.Wanted.Any(wanted.Conflicts));

    private static WantedLease Any(Random random) =>
        random.Next(2) == 0 ? new WantedLease($"k{random.Next(4)}", random.Next(2) == 0, []) : Wanted($"p{random.Next(100)}", random.Next(2) == 0, s_patterns[random.Next(s_patterns.Length)]);

    private static WantedLease Wanted(string key, bool isShared, params string[] paths) => new(key, isShared, [.. paths.Select(static path => PathPattern.Parse(path).Value)]);

    private static ParkedCall Call(long arrival, ImmutableArray<WantedLease> wanted) => new(
        new InvokeCommand { Caller = new CallerIdentity(Token: null, "test", AccessLevel.Admin, Session: null), Action = "_claim", Request = new InvokeRequest() },
        self: null,
        new Parking(new Obstacle { Wanted = wanted, Condition = "", Reads = [] }, RequestKey: null, RequestHash: null),
        arrival,
        s_account);
}
