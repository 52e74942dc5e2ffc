using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Sync.E2E;

/// <summary>
/// A page that is held to what holds for every page: nothing on the console, nothing fetched from another host. Disposing it checks.
/// </summary>
public sealed class Visit : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _complaints = new();

    internal Visit(Uri server, IPage page)
    {
        Page = page;
        page.PageError += (_, error) => _complaints.Enqueue(error);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _complaints.Enqueue($"{message.Type}: {message.Text} {message.Location}");
            }
        };
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url) is { Scheme: not "data" } asked && asked.Authority != server.Authority && asked.Authority != Elsewhere?.Authority)
            {
                _complaints.Enqueue($"fetched {request.Url}");
            }
        };
    }

    /// <summary>The page.</summary>
    public IPage Page { get; }

    /// <summary>Another place that the page may be sent to.</summary>
    public Uri? Elsewhere { get; set; }

    /// <summary>Pixels by which the page is wider than the window.</summary>
    public Task<int> SidewaysAsync() => Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - window.innerWidth");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Page.Context.CloseAsync();
        Assert.True(_complaints.IsEmpty, string.Join('\n', _complaints));
    }
}
