using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using Sync.Engine.Services;

namespace Sync.Engine.Tests.Primitives.Errors;

/// <summary>The engine knows no HTTP, no MCP and no page: none of its texts names a call of a surface.</summary>
public sealed partial class SurfaceWordsTests
{
    // Parts of patterns that stand for something else, each with its reason.
    private static readonly Dictionary<string, string> s_allowed = new(StringComparer.Ordinal);

    [Theory]
    [InlineData("POST /rooms/{room}/agents")]
    [InlineData("Join with sync_embody.")]
    [InlineData("or the page /manage")]
    [InlineData("http://localhost:5080/auth/elevate?token_id=")]
    [InlineData("&after=")]
    [InlineData("only=state")]
    public void Pattern_OfAWordOfASurface_FindsIt(string text) => Assert.True(IsSurfaceWord(text));

    [Theory]
    [InlineData("DELETE FROM tokens WHERE id = $1")]
    [InlineData("'limit' and 'after' page through one scope or section.")]
    [InlineData("src/engine/rooms")]
    [InlineData("state._tasks[k].done == true")]
    public void Pattern_OfAnythingElse_FindsNothing(string text) => Assert.False(IsSurfaceWord(text));

    [Fact]
    public void Literals_OfTheEngine_NameNoCallOfASurface()
    {
        var literals = Literals().ToList();

        Assert.True(literals.Count > 1_000, "The literals were not read.");
        Assert.DoesNotContain(literals, text => IsSurfaceWord(text) && !s_allowed.ContainsKey(text));
    }

    [Fact]
    public void HelpTexts_NameCallsInMarksOnly()
    {
        var assembly = typeof(SyncEngine).Assembly;
        var texts = assembly.GetManifestResourceNames().Where(name => name.Contains(".Help.Content.", StringComparison.Ordinal)).ToList();

        Assert.True(texts.Count > 8, "The help texts were not found.");
        foreach (var name in texts)
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!); // One of its own names.
            Assert.DoesNotContain(reader.ReadToEnd().Split('\n'), IsSurfaceWord);
        }
    }

    private static bool IsSurfaceWord(string text) => SurfaceWord().IsMatch(text);

    [GeneratedRegex(@"\b(GET|HEAD|POST|PUT|PATCH|DELETE)\s+[/{`…]|\bsync_[a-z]|(?<![\w.])/(rooms|mcp|auth|oauth|manage|invitations|tokens|poll|wait|context|eval|health|docs|openapi|setup|recover|vault)\b|[?&][a-z_]+=|\b(only|depth|include|since|after|before|at|peek|messages_after|messages_limit)=(?!=)|:\d+/auth")]
    private static partial Regex SurfaceWord();

    private static IEnumerable<string> Literals()
    {
        using var file = new PEReader(File.OpenRead(typeof(SyncEngine).Assembly.Location));
        var metadata = file.GetMetadataReader();
        var texts = new List<string>();
        for (var handle = MetadataTokens.UserStringHandle(1); !handle.IsNil; handle = metadata.GetNextHandle(handle))
        {
            texts.Add(metadata.GetUserString(handle));
        }

        return texts;
    }
}
