using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Tests.Primitives.Ids;

public sealed class ContextPartTests
{
    /// <summary>A name, the names below its section, and how it is written again where that differs.</summary>
    [Theory]
    [InlineData("state", ContextSection.State, "", null)]
    [InlineData("views", ContextSection.Views, "", null)]
    [InlineData("messages", ContextSection.Messages, "", null)]
    [InlineData("views.tally", ContextSection.Views, "tally", null)]
    [InlineData("state._shared", ContextSection.State, "_shared", null)]
    [InlineData("state.alice.smith", ContextSection.State, "alice|smith", null)]
    [InlineData("state._items.item07.owner", ContextSection.State, "_items|item07|owner", null)]
    [InlineData("""state._items["a.b"]""", ContextSection.State, "_items|a.b", null)]
    [InlineData("""state._items["a,b"].c""", ContextSection.State, "_items|a,b|c", null)]
    [InlineData("""state._items["a\"]b"]""", ContextSection.State, "_items|a\"]b", null)]
    [InlineData("state._items['it\\'s']", ContextSection.State, "_items|it's", """state._items["it's"]""")]
    [InlineData("state._items['plain'].tags[2]", ContextSection.State, "_items|plain|tags|2", "state._items.plain.tags.2")]
    [InlineData("""actions["vote now"]""", ContextSection.Actions, "vote now", "actions.vote now")]
    public void Find_ANameThatAPartHas_GivesThePartThatIsWrittenSo(string name, ContextSection section, string path, string? written)
    {
        var part = ContextPart.Find(name)!;

        Assert.Equal(section, part.Section);
        Assert.Equal(path, string.Join('|', part.Path.Select(one => one.Text)));
        Assert.Equal(written ?? name, part.ToString());
        Assert.Equal(part.Path.Select(one => one.Text), ContextPart.Find(part.ToString())!.Path.Select(one => one.Text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("State")]
    [InlineData("activity")]
    [InlineData("_shared")]
    [InlineData("state.")]
    [InlineData("state..a")]
    [InlineData("state[")]
    [InlineData("state[]")]
    [InlineData("state[a]")]
    [InlineData("""state["a]""")]
    [InlineData("""state["a"b]""")]
    [InlineData("""state[""]""")]
    [InlineData("""state["\q"]""")]
    public void Find_ANameThatNoPartHas_GivesNone(string name) => Assert.Null(ContextPart.Find(name));

    [Theory]
    [InlineData("views,state._a", "views|state._a")]
    [InlineData(" views , ,agents ", "views|agents")]
    [InlineData("""state._a["x,y"],views""", """state._a["x,y"]|views""")]
    [InlineData("""state._a["x\",y"],views""", """state._a["x\",y"]|views""")]
    [InlineData("state._a['x,y'],views", "state._a['x,y']|views")]
    [InlineData("state._a.it's,views", "state._a.it's|views")]
    public void Split_AList_CutsAtCommasThatAreNotQuoted(string list, string parts) => Assert.Equal(parts.Split('|'), ContextPart.Split(list));

    [Fact]
    public void Names_CoverEverySection() => Assert.Equal(Enum.GetValues<ContextSection>(), ContextSections.Names.Select(static name => ContextSections.Find(name)!.Value));
}
