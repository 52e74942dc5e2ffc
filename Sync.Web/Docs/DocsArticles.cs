using System.Collections.Concurrent;

namespace Sync.Web.Docs;

/// <summary>The documents as articles, each made once. Thread-safe.</summary>
internal sealed class DocsArticles
{
    private readonly ConcurrentDictionary<string, DocsArticle> _articles = new(StringComparer.Ordinal);

    public DocsArticle Of(DocsFile file) => _articles.GetOrAdd(file.Slug, static (_, file) => DocsArticle.Of(file), file);
}
