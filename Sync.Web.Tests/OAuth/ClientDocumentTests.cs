using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Sync.Web.OAuth;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.OAuth;

/// <summary>Clients whose id is the address of a document about them.</summary>
public sealed class ClientDocumentTests(SyncHost shared, ClientDocumentTests.Documents served) : IClassFixture<ClientDocumentTests.Documents>
{
    private readonly SyncHost _host = served.Host;

    [Fact]
    public async Task Authorize_ByADocument_WorksAndFetchesItOnce()
    {
        var id = Serve(address => $$"""{"client_id":"{{address}}","client_name":"A document","redirect_uris":["{{Journey.Redirect}}"],"token_endpoint_auth_method":"none"}""");
        using var journey = await Journey.StartAsync(_host, clientId: id);

        var tokens = (await journey.ExchangeAsync(await journey.CodeAsync(["create_rooms"]))).AssertOk();

        Assert.Equal("create_rooms", tokens["scope"].GetString());
        Assert.Equal(1, served.Fetches(id));
        Assert.Contains("\"label\":\"A document\"", (await journey.User.GetAsync("/tokens")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Authorize_ByADocumentForNobody_FetchesNothing()
    {
        var id = Serve(address => $$"""{"client_id":"{{address}}","redirect_uris":["{{Journey.Redirect}}"]}""");
        using var journey = await Journey.StartAsync(_host, clientId: id, signedIn: false);

        Assert.StartsWith("/auth/sign-in", (await journey.AuthorizeAsync()).Header("Location"), StringComparison.Ordinal);
        Assert.Equal(400, (await journey.AuthorizeAsync(("code_challenge", null))).Status);

        Assert.Equal(0, served.Fetches(id));
    }

    [Theory]
    [InlineData("""{"client_id":"https://elsewhere.example/c","redirect_uris":["https://client.example/callback"]}""")]
    [InlineData("""{"redirect_uris":["https://client.example/callback"]}""")]
    [InlineData("""{"client_id":"ID"}""")]
    [InlineData("""{"client_id":"ID","redirect_uris":["javascript:alert(1)"]}""")]
    [InlineData("""{"client_id":"ID","redirect_uris":["https://client.example/other"]}""")]
    [InlineData("""{"client_id":"ID","redirect_uris":["https://client.example/callback"],"token_endpoint_auth_method":"client_secret_basic"}""")]
    [InlineData("""{"client_id":"ID","redirect_uris":["https://client.example/callback"],"client_secret":"s"}""")]
    [InlineData("""["ID"]""")]
    [InlineData("""<html>""")]
    [InlineData("")]
    public async Task Document_ThatIsWrong_IsAPage(string json)
    {
        var id = Serve(address => json.Replace("ID", address, StringComparison.Ordinal));
        using var journey = await Journey.StartAsync(_host, clientId: id);

        Assert.Equal(400, (await journey.AuthorizeAsync()).Status);
    }

    [Fact]
    public async Task Document_OfAnotherTypeStatusOrSize_IsAPage()
    {
        string[] addresses =
        [
            served.Serve(_ => http => WriteAsync(http, "{}", "text/html")),
            served.Serve(address => http =>
            {
                http.Response.Redirect(address);
                return Task.CompletedTask;
            }),
            served.Serve(_ => http => WriteAsync(http, "{\"x\":\"" + new string('x', 70_000) + "\"}")),
            served.Serve(_ => async http =>
            {
                http.Response.ContentType = "application/json";
                http.Response.ContentLength = 1000;
                await http.Response.WriteAsync("{");
                await http.Response.Body.FlushAsync();
                http.Abort();
            }),
            served.Serve(_ => http =>
            {
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            }),
        ];
        foreach (var address in addresses)
        {
            using var journey = await Journey.StartAsync(_host, clientId: address);

            Assert.Equal(400, (await journey.AuthorizeAsync()).Status);
            Assert.Equal(1, served.Fetches(address));
        }

        Assert.Empty(_host.Errors.Entries);
    }

    [Fact]
    public async Task Document_ThatDoesNotCome_IsGivenUp()
    {
        var time = new FakeTimeProvider();
        using var fetch = new ClientDocumentFetch(new ClientDocumentOptions(AllowLoopback: true), time);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var id = served.Serve(_ => http =>
        {
            arrived.SetResult();
            return Task.Delay(Timeout.Infinite, http.RequestAborted);
        });

        var fetching = fetch.GetAsync(new Uri(id), TestContext.Current.CancellationToken);
        await arrived.Task;
        time.Advance(TimeSpan.FromSeconds(6));

        Assert.Contains("five seconds", (await fetching).Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Document_PastItsTime_IsFetchedAgain()
    {
        var time = new FakeTimeProvider();
        var options = new ClientDocumentOptions(AllowLoopback: true);
        using var fetch = new ClientDocumentFetch(options, time);
        using var documents = new ClientDocuments(fetch, options, time);
        var id = Serve(address => $$"""{"client_id":"{{address}}","redirect_uris":["{{Journey.Redirect}}"]}""", maxAge: 120);

        Assert.Null((await documents.FindAsync(id, TestContext.Current.CancellationToken)).Error);
        time.Advance(TimeSpan.FromSeconds(119));
        Assert.Null((await documents.FindAsync(id, TestContext.Current.CancellationToken)).Error);
        Assert.Equal(1, served.Fetches(id));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Null((await documents.FindAsync(id, TestContext.Current.CancellationToken)).Error);
        Assert.Equal(2, served.Fetches(id));
    }

    [Fact]
    public async Task Document_OnThisMachine_IsNeverFetchedUnlessTestsSaySo()
    {
        var id = Serve(address => $$"""{"client_id":"{{address}}","redirect_uris":["{{Journey.Redirect}}"]}""");
        foreach (var address in (string[])[id, id.Replace("http:", "https:", StringComparison.Ordinal), id.Replace("127.0.0.1", "localhost", StringComparison.Ordinal).Replace("http:", "https:", StringComparison.Ordinal)])
        {
            using var journey = await Journey.StartAsync(shared, clientId: address);

            Assert.Equal(400, (await journey.AuthorizeAsync()).Status);
        }

        Assert.Equal(0, served.Fetches(id));
    }

    [Theory]
    [InlineData("https://client.example")]
    [InlineData("https://client.example/")]
    [InlineData("https://client.example/a#b")]
    [InlineData("https://client.example/a/../b")]
    [InlineData("https://CLIENT.example/a")]
    [InlineData("https://user@client.example/a")]
    [InlineData("ftp://client.example/a")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://[::1]/a")]
    public async Task Document_AtAnAddressThatCannotBe_IsAPage(string id)
    {
        using var journey = await Journey.StartAsync(shared, clientId: id);

        Assert.Equal(400, (await journey.AuthorizeAsync()).Status);
    }

    // Each test has a path of its own: what a document said is remembered.
    private string Serve(Func<string, string> json, int? maxAge = null) => served.Serve(address => http =>
    {
        if (maxAge is { } seconds)
        {
            http.Response.Headers.CacheControl = string.Create(CultureInfo.InvariantCulture, $"max-age={seconds}");
        }

        return WriteAsync(http, json(address));
    });

    private static Task WriteAsync(HttpContext http, string text, string type = "application/json")
    {
        http.Response.ContentType = type;
        return http.Response.WriteAsync(text, http.RequestAborted);
    }

    /// <summary>A server of documents, and a host that takes them from this machine.</summary>
    public sealed class Documents : IAsyncLifetime
    {
        private readonly ConcurrentDictionary<string, Func<HttpContext, Task>> _answers = new(StringComparer.Ordinal);
        private readonly ConcurrentDictionary<string, int> _fetches = new(StringComparer.Ordinal);
        private WebApplication _server = null!; // Started before any test.

        internal SyncHost Host { get; } = new([], services => services.AddSingleton(new ClientDocumentOptions(AllowLoopback: true)));

        public async ValueTask InitializeAsync()
        {
            await Host.InitializeAsync();
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            _server = builder.Build();
            _server.Run(http =>
            {
                var path = http.Request.Path.Value!; // A request has a path.
                _fetches.AddOrUpdate(path, 1, static (_, count) => count + 1);
                if (_answers.TryGetValue(path, out var answer))
                {
                    return answer(http);
                }

                http.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            });
            await _server.StartAsync(TestContext.Current.CancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await _server.DisposeAsync();
            await Host.DisposeAsync();
        }

        /// <summary>Serves at a new address, which it gives.</summary>
        internal string Serve(Func<string, Func<HttpContext, Task>> answer)
        {
            var path = "/" + SyncHost.NewName("client");
            var address = _server.Urls.Single() + path;
            _answers[path] = answer(address);
            return address;
        }

        /// <summary>How often an address was asked.</summary>
        internal int Fetches(string address) => _fetches.GetValueOrDefault(new Uri(address).AbsolutePath);
    }
}
