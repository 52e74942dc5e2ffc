using System.Collections.Immutable;
using Sync.Engine.Model.Agents;
using Sync.Engine.Reads.Pages;
using Sync.Web.Components.Shared;

namespace Sync.Web.Tests.Components.Dashboard.Agents;

/// <summary>Colours and letters of agents: no two alike in a room, and nobody's changes while a page is open.</summary>
public sealed class AgentLooksTests
{
    [Theory]
    [InlineData("planner", "PL")]
    [InlineData("worker-1", "W1")]
    [InlineData("worker-12", "W12")]
    [InlineData("worker-1234", "W34")]
    [InlineData("Ada Lovelace", "AL")]
    [InlineData("code_reviewer", "CR")]
    [InlineData("x", "X")]
    [InlineData("7", "7")]
    [InlineData("Østen", "ØS")]
    [InlineData("", "?")]
    [InlineData("\u202e", "?")]
    public void Initials_OfAName_AreWhatTellsMost(string name, string initials) => Assert.Equal(initials, AgentLooks.Alone(name).Initials);

    [Fact]
    public void Looks_OfARoom_DifferInColourUpToTwelveAndInLettersBeyond()
    {
        var looks = new AgentLooks();
        looks.Follow(Agents([.. Enumerable.Range(0, Hue.Count).Select(static number => $"same{(char)('a' + number)}")]));
        Assert.Equal(Hue.Count, Enumerable.Range(0, Hue.Count).Select(number => looks.Of($"same{(char)('a' + number)}").Class).Distinct().Count());

        string[] many = [.. Enumerable.Range(1, 100).Select(static number => $"agent-{number}")];
        var fleet = new AgentLooks();
        fleet.Follow(Agents(many));
        Assert.Equal(100, many.Select(id => fleet.Of(id).Initials).Distinct().Count());
        Assert.Equal(4 * Hue.Count, many.Take(4 * Hue.Count).Select(id => fleet.Of(id).Class).Distinct().Count());
    }

    [Theory]
    [InlineData("planner", "platform", "plotter")]
    [InlineData("ab", "AB", "a b", "a-b", "aB ")]
    [InlineData("w1", "w-1", "worker1", "worker 1")]
    [InlineData("a", "a ", " a", "A")]
    public void Looks_OfNamesAlike_Differ(params string[] names)
    {
        var looks = new AgentLooks();
        looks.Follow(Agents(names));

        Assert.Equal(names.Length, names.Select(name => looks.Of(name).Initials).Distinct().Count());
        Assert.Equal(names.Length, names.Select(name => looks.Of(name).Hue).Distinct().Count());
    }

    [Fact]
    public void Look_OfWhoIsThere_StaysWhoeverJoinsOrGoes()
    {
        var looks = new AgentLooks();
        looks.Follow(Agents("carl", "cara", "dora"));
        var (cara, dora) = (looks.Of("cara"), looks.Of("dora"));

        looks.Follow(Agents("aaron", "cara", "cato", "dora"));
        Assert.Equal(cara, looks.Of("cara"));
        Assert.Equal(dora, looks.Of("dora"));

        looks.Follow(Agents("dora"));
        Assert.Equal(dora, looks.Of("dora"));
    }

    [Fact]
    public void Look_GoesByTheOrderOfJoining()
    {
        var (one, other) = (new AgentLooks(), new AgentLooks());
        one.Follow([Agent("planter", 9), Agent("planner", 3)]);
        other.Follow([Agent("planner", 3)]);

        Assert.Equal("PL", one.Of("planner").Initials);
        Assert.Equal(other.Of("planner"), one.Of("planner"));
        Assert.NotEqual("PL", one.Of("planter").Initials);
    }

    private static ImmutableArray<AgentModel> Agents(params string[] ids) => [.. ids.Select(static (id, index) => Agent(id, index + 1))];

    private static AgentModel Agent(string id, long joined) => new(id, id, "agent", AgentStatus.Active, null, null) { JoinedSeq = joined };
}
