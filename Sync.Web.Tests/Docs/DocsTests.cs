using Sync.Web.Docs;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Docs;

public sealed class DocsTests(SyncHost host)
{
    [Fact]
    public async Task Index_ListsEveryDocument()
    {
        var library = Library();

        var reply = (await host.Client().GetAsync("/docs")).AssertOk();

        Assert.NotEmpty(library.All);
        Assert.All(library.All, file => Assert.Contains($"\"/docs/{file.Slug}\"", reply.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pages_OfEveryDocument_RenderUnderAStrictPolicy()
    {
        foreach (var file in Library().All)
        {
            var reply = (await host.Client().GetAsync("/docs/" + file.Slug)).AssertOk();

            Assert.StartsWith("text/html", reply.Header("Content-Type"), StringComparison.Ordinal);
            Assert.Contains("default-src 'none'", reply.Header("Content-Security-Policy"), StringComparison.Ordinal);
            Assert.DoesNotContain("<script", reply.Text, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("<h1", reply.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Links_BetweenDocuments_LeadSomewhere()
    {
        var broken = new List<string>();
        foreach (var file in Library().All)
        {
            var page = (await host.Client().GetAsync("/docs/" + file.Slug)).AssertOk().Text;
            foreach (var target in page.Split("href=\"").Skip(1).Select(part => part[..part.IndexOf('"', StringComparison.Ordinal)].Split('#')[0]))
            {
                if (target.StartsWith("/docs", StringComparison.Ordinal) && (await host.Client().GetAsync(target)).Status != 200)
                {
                    broken.Add($"{file.Slug}: {target}");
                }
            }
        }

        Assert.Empty(broken.Distinct());
    }

    [Fact]
    public async Task Pictures_OfDocuments_AreServedAndNothingElseIs()
    {
        foreach (var source in Library().All.SelectMany(file => DocsRenderer.ToHtml(file).Split("<img src=\"").Skip(1)).Select(part => part[..part.IndexOf('"', StringComparison.Ordinal)]))
        {
            var reply = (await host.Client().GetAsync("/docs/" + source)).AssertOk();
            Assert.Equal("image/png", reply.Header("Content-Type"));
        }

        Assert.Equal(404, (await host.Client().GetAsync("/docs/images/none.png")).Status);
        Assert.Equal(404, (await host.Client().GetAsync("/docs/images/..%2Froom-page.md")).Status);
    }

    [Theory]
    [InlineData("/reference/api")]
    [InlineData("/reference/api.md")]
    public async Task Reference_WithOrWithoutExtension_IsMarkdown(string path)
    {
        var reply = (await host.Client().GetAsync(path)).AssertOk();

        Assert.StartsWith("text/markdown", reply.Header("Content-Type"), StringComparison.Ordinal);
        Assert.Contains("\n# ", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Llms_LinksToThisServer_LeadSomewhere()
    {
        var reply = (await host.Client().GetAsync("/llms.txt")).AssertOk();

        Assert.StartsWith("text/plain", reply.Header("Content-Type"), StringComparison.Ordinal);
        var targets = reply.Text.Split("](").Skip(1).Select(part => part[..part.IndexOf(')', StringComparison.Ordinal)]).Where(target => target.StartsWith('/')).ToArray();
        Assert.NotEmpty(targets);
        foreach (var target in targets)
        {
            Assert.True((await host.Client().GetAsync(target)).Status == 200, target);
        }
    }

    [Fact]
    public void Read_FrontMatter_GivesTitleSummaryAndOrder()
    {
        var file = DocsFile.Read("x", "---\ntitle: \"A title\"\nsummary: One line.\norder: 3\n---\n\n# Heading\n\nText.\n");

        Assert.Equal(("A title", "One line.", 3), (file.Title, file.Summary, file.Order));
        Assert.DoesNotContain("One line", DocsRenderer.ToHtml(file), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WithoutFrontMatter_TakesHeadingAndParagraph()
    {
        var file = DocsFile.Read("x", "# The `code` heading\n\nFirst *words*.\n\nMore.\n");

        Assert.Equal(("The code heading", "First words.", int.MaxValue), (file.Title, file.Summary, file.Order));
    }

    [Fact]
    public async Task Skill_IsServedAsMarkdown()
    {
        var reply = (await host.Client().GetAsync("/SKILL.md")).AssertOk();

        Assert.StartsWith("text/markdown", reply.Header("Content-Type"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/docs/nothing")]
    [InlineData("/reference/nothing.md")]
    public async Task Document_Unknown_IsNotFound(string path) => (await host.Client().GetAsync(path)).AssertRefusal("not_found", 404);

    [Fact]
    public void Render_HostileMarkdown_LosesItsScripts()
    {
        var file = DocsFile.Read("x", """
            # Title
            <script>alert(1)</script><img src=x onerror=alert(1)> <form action="/rooms"></form>

            [go](javascript:alert(1)) [cel](cel.md#paths) [skill](../SKILL.md)
            """);

        var html = DocsRenderer.ToHtml(file);

        Assert.DoesNotContain("script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("onerror", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<form", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("href=\"/docs/cel#paths\"", html, StringComparison.Ordinal);
        Assert.Contains("href=\"/SKILL.md\"", html, StringComparison.Ordinal);
    }

    private DocsLibrary Library() => (DocsLibrary)host.Services.GetService(typeof(DocsLibrary))!; // The app registers it.
}
