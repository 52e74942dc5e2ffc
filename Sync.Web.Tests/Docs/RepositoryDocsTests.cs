using System.Text.RegularExpressions;
using System.Xml.Linq;
using Sync.Cel.Tests;

namespace Sync.Web.Tests.Docs;

/// <summary>What the documents of the repository say of the repository.</summary>
public sealed partial class RepositoryDocsTests
{
    private static readonly string s_root = RepositoryFolder.At();

    [Theory]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("SECURITY.md")]
    [InlineData("README.md")]
    [InlineData("docs/architecture.md")]
    [InlineData("docs/operations.md")]
    [InlineData("docs/deploy.md")]
    [InlineData("docs/quick-start.md")]
    [InlineData("docs/performance.md")]
    public void Paths_OfTheRepository_Exist(string document)
    {
        var text = File.ReadAllText(Path.Combine(s_root, document));
        var named = Code().Matches(text).Select(match => match.Groups["path"].Value)
            .Concat(Link().Matches(text).Select(match => Path.Combine(Path.GetDirectoryName(document)!, match.Groups["path"].Value)));

        Assert.All(named, static path => Assert.True(Path.Exists(Path.Combine(s_root, path)), $"There is no {path}."));
    }

    [Fact]
    public void Deploy_FilesInTheDocument_AreThoseOfTheRepository()
    {
        var text = File.ReadAllText(Path.Combine(s_root, "docs/deploy.md"));
        var files = Directory.GetFiles(Path.Combine(s_root, "deploy"));

        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Contains($"\n{File.ReadAllText(file).TrimEnd('\n')}\n```\n", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Changelog_HasTheVersionThatIsBuilt()
    {
        var version = XDocument.Load(Path.Combine(s_root, "Directory.Build.props")).Descendants("Version").Single().Value;

        Assert.Contains($"## [{version}] - ", File.ReadAllText(Path.Combine(s_root, "CHANGELOG.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Decisions_AreListed_WithStatusAndDate()
    {
        var folder = Path.Combine(s_root, "docs/decisions");
        var index = File.ReadAllText(Path.Combine(folder, "README.md"));
        foreach (var record in Directory.GetFiles(folder, "0*.md"))
        {
            Assert.Contains($"({Path.GetFileName(record)})", index, StringComparison.Ordinal);
            Assert.Matches(@"\nStatus: (accepted|replaced by \d{4}) · Date: \d{4}-\d{2}-\d{2}\n", File.ReadAllText(record));
        }
    }

    // `Sync.Engine/Runtime/` and the like in running text: a folder or file below a project, or of the top.
    [GeneratedRegex(@"`(?<path>(Sync\.[A-Za-z0-9]+|docs|\.ci|\.github|\.devcontainer)/[A-Za-z0-9./_-]*)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\]\((?!https?:|#|/|mailto:)(?<path>[^)#\s]+)")]
    private static partial Regex Link();
}
