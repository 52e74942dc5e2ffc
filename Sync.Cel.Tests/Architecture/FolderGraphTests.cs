namespace Sync.Cel.Tests.Architecture;

/// <summary>The check of folders can fail: it sees each kind of use, an arrow that goes up, and a circle.</summary>
public sealed class FolderGraphTests
{
    private static readonly string[] s_layers = ["Low", "Middle", "Side", "High"];

    [Fact]
    public void NotDown_ArrowUp_IsReportedWithTypesAndMember() =>
        Assert.Equal(["Low -> High: P.Low.Part.One.Run uses P.High.Two"], Graph(("P.Low.Part.One", "P.High.Two"), ("P.High.Two", "P.Low.Part.Other")).NotDown(s_layers));

    [Fact]
    public void NotDown_ArrowBetweenForbiddenPairs_IsReported() =>
        Assert.Equal(["Side -> Middle: P.Side.A.Run uses P.Middle.B"], Graph(("P.Side.A", "P.Middle.B")).NotDown(s_layers, ("Middle", "Side")));

    [Fact]
    public void NotDown_FolderThatIsNoLayer_IsReported() =>
        Assert.Equal(["Low -> New: P.Low.A.Run uses P.New.B"], Graph(("P.Low.A", "P.New.B")).NotDown(s_layers));

    [Fact]
    public void NotDown_ArrowsDown_AreNone() => Assert.Empty(Graph(("P.High.A", "P.Low.B"), ("P.Middle.A", "P.Low.B"), ("P.Low.A", "P.Low.Part.B")).NotDown(s_layers));

    [Fact]
    public void Circles_OfThreeFolders_AreReportedArrowByArrow() =>
        Assert.Equal(
            ["(root) -> A: P.X.Run uses P.A.X", "A -> B: P.A.X.Run uses P.B.X", "B -> (root): P.B.X.Run uses P.X"],
            Graph(("P.A.X", "P.B.X"), ("P.B.X", "P.X"), ("P.X", "P.A.X"), ("P.A.X", "P.C.X")).Circles());

    [Fact]
    public void Circles_OfAChain_AreNone() => Assert.Empty(Graph(("P.A.X", "P.B.X"), ("P.B.X", "P.C.X"), ("P.A.X", "P.C.X")).Circles());

    [Fact]
    public void Uses_OfEveryKind_AreSeen()
    {
        var uses = CompiledUses.Of(typeof(FolderGraphTests).Assembly).Where(static use => use.From == typeof(SampleUser).FullName).Select(static use => $"{use.Member}: {use.To.Split('.')[^1]}").ToHashSet();

        Assert.Superset(
            new HashSet<string>
            {
                "declaration: SampleBase", "declaration: ISampleRole", "declaration: SampleMarkAttribute", "_field: SampleField", "Take: SampleParameter", "Take: SampleAnswer",
                "Take: SampleMade", "Take: SampleArgument", "Take: SampleCalled", "Take: SampleListed",
            },
            uses);
    }

    private static FolderGraph Graph(params (string From, string To)[] uses) => new("P", uses.Select(static use => new TypeUse(use.From, "Run", use.To)));
}
