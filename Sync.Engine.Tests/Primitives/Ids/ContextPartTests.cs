using Sync.Engine.Primitives.Ids;

namespace Sync.Engine.Tests.Primitives.Ids;

public sealed class ContextPartTests
{
    [Theory]
    [InlineData("state", ContextSection.State, null)]
    [InlineData("views", ContextSection.Views, null)]
    [InlineData("agents", ContextSection.Agents, null)]
    [InlineData("actions", ContextSection.Actions, null)]
    [InlineData("messages", ContextSection.Messages, null)]
    [InlineData("state._shared", ContextSection.State, "_shared")]
    [InlineData("state.alice.smith", ContextSection.State, "alice.smith")]
    public void Find_ANameThatAPartHas_GivesThePartThatIsWrittenSo(string name, ContextSection section, string? scope)
    {
        var part = ContextPart.Find(name);

        Assert.Equal(new ContextPart(section, scope), part);
        Assert.Equal(name, part.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("State")]
    [InlineData("activity")]
    [InlineData("views.n")]
    [InlineData("_shared")]
    public void Find_ANameThatNoPartHas_GivesNone(string name) => Assert.Null(ContextPart.Find(name));

    [Fact]
    public void Names_CoverEverySection() => Assert.Equal(Enum.GetValues<ContextSection>(), ContextSections.Names.Select(static name => ContextSections.Find(name)!.Value));
}
