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
    public async Task Pages_OfEveryDocument_RenderUnderAStrictPolicyAndAreReadWithoutScripts()
    {
        foreach (var file in Library().All)
        {
            var reply = (await host.Client().GetAsync("/docs/" + file.Slug)).AssertOk();

            Assert.StartsWith("text/html", reply.Header("Content-Type"), StringComparison.Ordinal);
            Assert.Contains("default-src 'none'; script-src 'self'", reply.Header("Content-Security-Policy"), StringComparison.Ordinal);
            Assert.DoesNotMatch("<script(?![^>]* src=)[^>]*>", reply.Text);
            var main = reply.Text[reply.Text.IndexOf("<main", StringComparison.Ordinal)..];
            Assert.Contains("<h1", main, StringComparison.Ordinal);
            Assert.Contains(System.Text.Encodings.Web.HtmlEncoder.Default.Encode(file.Title), main, StringComparison.Ordinal);
            Assert.Contains("<nav class=\"docs-nav\"", main, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Fragments_OfEveryDocument_LeadToHeadings()
    {
        var broken = new List<string>();
        foreach (var file in Library().All)
        {
            var page = (await host.Client().GetAsync("/docs/" + file.Slug)).AssertOk().Text;

            // The document's base is the site: a bare fragment would lead to the front page.
            Assert.DoesNotContain("href=\"#\"", page, StringComparison.Ordinal);
            Assert.DoesNotMatch("<article.*href=\"#", page.ReplaceLineEndings(" "));
            foreach (var target in page.Split("href=\"").Skip(1).Select(static part => part[..part.IndexOf('"', StringComparison.Ordinal)]).Where(static target => target.StartsWith("/docs/", StringComparison.Ordinal) && target.Contains('#', StringComparison.Ordinal)).Distinct())
            {
                var parts = target.Split('#');
                if (!(await host.Client().GetAsync(parts[0])).AssertOk().Text.Contains($"id=\"{parts[1]}\"", StringComparison.Ordinal))
                {
                    broken.Add($"{file.Slug}: {target}");
                }
            }
        }

        Assert.Empty(broken);
    }

    [Fact]
    public async Task Index_BeginsWithTheQuickStart_AndHasTheRecordsLast()
    {
        var library = Library();
        var main = (await host.Client().GetAsync("/docs")).AssertOk().Text;
        main = main[main.IndexOf("<article", StringComparison.Ordinal)..];

        Assert.Equal("quick-start", library.Reading[0].Slug);
        Assert.Equal(["Start", "Build", "Reference", "Run", "Background"], library.Parts.Select(static part => part.Title));
        Assert.Equal(library.All.Where(static file => !file.IsAppendix).Select(static file => file.Slug), library.Reading.Where(static file => !file.IsAppendix).Select(static file => file.Slug));
        var record = main.IndexOf("/docs/decisions/0001", StringComparison.Ordinal);
        Assert.All(library.Reading, file => Assert.InRange(main.IndexOf($"/docs/{file.Slug}\"", StringComparison.Ordinal), 0, record));
    }

    [Theory]
    [InlineData("nginx", "deploy")]
    [InlineData("docker", "deploy")]
    [InlineData("reverse proxy", "deploy")]
    [InlineData("systemctl", "deploy")]
    [InlineData("tailscale", "deploy")]
    [InlineData("passw", "access")]
    [InlineData("leas", "api")]
    [InlineData("getting started", "quick-start")]
    [InlineData("backups", "operations")]
    [InlineData("\"quick start\" (OR) NEAR(", "quick-start")]
    public async Task Search_ByWordsPrefixesAndSynonyms_FindsTheDocument(string query, string slug)
    {
        var reply = (await host.Client().GetAsync("/docs?q=" + Uri.EscapeDataString(query))).AssertOk();

        var hits = reply.Text[reply.Text.IndexOf("docs-hits", StringComparison.Ordinal)..].Split("href=\"").Skip(1).Select(static part => part[..part.IndexOf('"', StringComparison.Ordinal)].Split('#')[0]).Take(8);
        Assert.Contains($"/docs/{slug}", hits);
    }

    [Theory]
    [InlineData("xyzzyplugh")]
    [InlineData("\"*()^-:")]
    [InlineData("<script>alert(1)</script>xyzzyplugh")]
    [InlineData("\0\ud83d 測試xyzzy")]
    public async Task Search_WithoutAHit_SaysWhatToDo(string query)
    {
        var reply = (await host.Client().GetAsync("/docs?q=" + Uri.EscapeDataString(query))).AssertOk();

        Assert.DoesNotContain("<script>alert", reply.Text, StringComparison.Ordinal);
        Assert.Contains("<h1>", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Search_OfManyWords_IsBoundedAndRanked()
    {
        var search = (DocsSearch)host.Services.GetService(typeof(DocsSearch))!; // The app registers it.

        Assert.InRange(search.Find(string.Join(' ', Enumerable.Repeat("lease token wait", 70))).Hits.Count, 1, 30);
        Assert.Equal("deploy", search.Find("deploy").Hits[0].Slug);
        Assert.DoesNotContain(search.Find("leases").Hits.Take(5), static hit => hit.Slug.StartsWith("decisions/", StringComparison.Ordinal));
        var some = search.Find("caddy xyzzyplugh");
        Assert.False(some.HasAll);
        Assert.NotEmpty(some.Hits);
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
