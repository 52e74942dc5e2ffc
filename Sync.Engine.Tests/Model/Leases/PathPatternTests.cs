using System.Text.Json;
using Sync.Engine.Model.Leases;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Tests.Model.Leases;

public sealed class PathPatternTests
{
    [Theory]
    [InlineData("src/engine/**", "src/engine/**")]
    [InlineData(@"src\engine\Rooms.cs", "src/engine/Rooms.cs")]
    [InlineData("/src//engine/./a", "src/engine/a")]
    [InlineData("src/engine/", "src/engine/**")]
    [InlineData("src/**/", "src/**")]
    [InlineData("src/**/**/a", "src/**/a")]
    [InlineData("src/../lib/a", "lib/a")]
    [InlineData("src/..", "**")]
    [InlineData("src/.", "src/**")]
    [InlineData(".", "**")]
    [InlineData("/", "**")]
    [InlineData("{{name}}/[id].tsx", "{{name}}/[id].tsx")]
    [InlineData("a b/c", "a b/c")]
    [InlineData("...", "...")]
    public void Parse_Pattern_HasANormalForm(string given, string expected)
    {
        var pattern = PathPattern.Parse(given).Value;

        Assert.Equal(expected, pattern.Text);
        Assert.Equal(pattern, PathPattern.Parse(pattern.Text).Value);
        Assert.Equal(pattern.Text, PathPattern.Parse(pattern.Text).Value.Text);
    }

    [Theory]
    [InlineData("", "**")]
    [InlineData("  ", "**")]
    [InlineData("src/\u202Ea", "src/engine/**")]
    [InlineData("src/\ud800", "src/engine/**")]
    [InlineData("../a", "src/engine/**")]
    [InlineData("a/../../b", "src/engine/**")]
    [InlineData("**/../b", "src/engine/**")]
    [InlineData("!src/a", null)]
    [InlineData("src/**.cs", "**/*.cs")]
    [InlineData("src**", "src*/**")]
    [InlineData("a**b/c", "a*/**/*b")]
    [InlineData("x/***", "**")]
    [InlineData("src/{a,b}.cs", "src/a.cs\", \"src/b.cs")]
    [InlineData("{a,b{1,2}}/x", "a/x\", \"b1/x\", \"b2/x")]
    public void Parse_WhatIsNoPattern_IsRefusedWithWhatToWrite(string given, string? written)
    {
        var refused = PathPattern.Parse(given).Error!;

        Assert.Equal((ErrorCode.InvalidParam, "paths"), (refused.Code, (string?)refused.Details!["param"]));
        Assert.NotNull(refused.Hint);
        if (written is not null)
        {
            Assert.Contains($"\"{written}\"", refused.Hint);
            Assert.All(written.Split("\", \""), text => Assert.Null(PathPattern.Parse(text).Error));
        }
    }

    [Fact]
    public void Parse_AtItsBounds_IsTakenAndBeyondRefused()
    {
        Assert.Null(PathPattern.Parse(new string('a', PathPattern.MaxLength)).Error);
        Assert.NotNull(PathPattern.Parse(new string('a', PathPattern.MaxLength + 1)).Error);
        Assert.NotNull(PathPattern.Parse(new string('a', PathPattern.MaxLength - 1) + "/").Error);
        Assert.Null(PathPattern.Parse(string.Join('/', Enumerable.Repeat("a", PathPattern.MaxSegments))).Error);
        Assert.NotNull(PathPattern.Parse(string.Join('/', Enumerable.Repeat("a", PathPattern.MaxSegments + 1))).Error);
    }

    [Theory]
    [InlineData("null", 0)]
    [InlineData("\"src/a\"", 1)]
    [InlineData("[\"src/a\", \"SRC/A\", \"b\"]", 2)]
    [InlineData("[]", null)]
    [InlineData("[1]", null)]
    [InlineData("{}", null)]
    [InlineData("[\"a\", \"..\"]", null)]
    public void Read_OfABody_TakesAListOrOneText(string json, int? count)
    {
        using var document = JsonDocument.Parse(json);

        Assert.Equal(count, PathPatterns.Read(document.RootElement).Try(out var patterns, out _) ? patterns.Length : null);
    }

    [Fact]
    public void Read_MorePatternsThanALeaseHas_IsRefused()
    {
        Assert.Equal(PathPatterns.Max, PathPatterns.Read(ListOf(PathPatterns.Max)).Value.Length);
        Assert.Equal(ErrorCode.InvalidParam, PathPatterns.Read(ListOf(PathPatterns.Max + 1)).Error?.Code);
    }

    private static JsonElement ListOf(int count) => JsonSerializer.SerializeToElement(Enumerable.Range(0, count).Select(static n => $"a{n}"));
}
