using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sync.Web.Tests.Hosting;
using Sync.Web.Webhooks;

namespace Sync.Web.Tests.Webhooks;

/// <summary>Webhooks over HTTP, with a receiver of flesh and blood on this machine.</summary>
public sealed class WebhookDeliveryTests(SyncHost closed, WebhookDeliveryTests.Receiver receiver) : IClassFixture<WebhookDeliveryTests.Receiver>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Webhook_OfARoom_SendsWhatHappensSigned()
    {
        var room = await receiver.Host.RoomAsync();
        var address = receiver.NewAddress();
        var made = (await room.Owner.PostAsync($"{room.Path}/webhooks", new { url = address, kinds = new[] { "message" }, label = "log" })).AssertOk(201);
        var secret = Convert.FromBase64String(made["secret"].GetString()!["whsec_".Length..]); // It has one.

        (await room.InvokeAsync("_send_message", new { body = "hello <world>" })).AssertOk();
        var received = await receiver.NextAsync(address);

        Assert.Equal(WebhookSignature.Of(secret, received.Headers["webhook-id"]!, received.Headers["webhook-timestamp"]!, received.Body), received.Headers["webhook-signature"]);
        Assert.Equal("application/json; charset=utf-8", received.Headers["content-type"]);
        var json = System.Text.Json.JsonDocument.Parse(received.Body).RootElement;
        Assert.Equal(("message", "hello <world>"), (json.GetProperty("type").GetString(), json.GetProperty("data").GetProperty("text").GetString()));
        Assert.Equal(received.Headers["webhook-id"], json.GetProperty("id").GetString());
    }

    [Fact]
    public async Task Webhook_Listed_ShowsNoSecretAndNothingIsLogged()
    {
        var room = await receiver.Host.RoomAsync();
        var address = receiver.NewAddress();
        var made = (await room.Owner.PostAsync($"{room.Path}/webhooks", new { url = address })).AssertOk(201);
        var id = made["id"].GetString();
        (await room.Owner.PostAsync($"{room.Path}/webhooks/{id}/test", new { })).AssertOk(202);
        await receiver.NextAsync(address);

        var listed = (await room.Owner.GetAsync($"{room.Path}/webhooks")).AssertOk();
        var changed = (await room.Owner.SendAsync(HttpMethod.Patch, $"{room.Path}/webhooks/{id}", System.Net.Http.Json.JsonContent.Create(new { on = false, label = "x" }))).AssertOk();

        foreach (var text in (string[])[listed.Text, changed.Text, receiver.Log.Text])
        {
            Assert.DoesNotContain("whsec_", text, StringComparison.Ordinal);
            Assert.DoesNotContain(made["secret"].GetString()!["whsec_".Length..], text, StringComparison.Ordinal); // It has one.
            Assert.DoesNotContain(new Uri(address).AbsolutePath, text, StringComparison.Ordinal);
        }

        Assert.False(changed["on"].GetBoolean());
    }

    [Fact]
    public async Task Webhook_AnsweredByARedirect_DoesNotFollowIt()
    {
        var room = await receiver.Host.RoomAsync();
        var elsewhere = receiver.NewAddress();
        var address = receiver.NewAddress(http => http.Response.Redirect(elsewhere));
        var id = (await room.Owner.PostAsync($"{room.Path}/webhooks", new { url = address })).AssertOk(201)["id"].GetString();

        (await room.Owner.PostAsync($"{room.Path}/webhooks/{id}/test", new { })).AssertOk(202);
        await receiver.NextAsync(address);

        Assert.Contains("a redirect, which is not followed", await ResultAsync(room, id), StringComparison.Ordinal);
        Assert.Equal(0, receiver.Count(elsewhere));
    }

    [Fact]
    public async Task Webhook_OfAReceiverThatIsNotThere_SaysNoMoreThanThat()
    {
        var room = await receiver.Host.RoomAsync();
        var id = (await room.Owner.PostAsync($"{room.Path}/webhooks", new { url = "http://127.0.0.1:1999/nothing" })).AssertOk(201)["id"].GetString();

        (await room.Owner.PostAsync($"{room.Path}/webhooks/{id}/test", new { })).AssertOk(202);

        Assert.Equal("could not be reached", await ResultAsync(room, id));
    }

    [Theory]
    [InlineData("http://receiver.example/")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://[::ffff:10.0.0.1]/")]
    [InlineData("https://localhost:8443/")]
    [InlineData("not an address")]
    [InlineData("javascript:alert(1)")]
    public async Task Webhook_ToAnAddressThatIsNotPublic_IsRefused(string url)
    {
        var room = await closed.RoomAsync();

        (await room.Owner.PostAsync($"{room.Path}/webhooks", new { url })).AssertRefusal("invalid_parameter", 400);
        (await room.Owner.PostAsync("/webhooks", new { url })).AssertRefusal("invalid_parameter", 400);
    }

    [Theory]
    [InlineData("""{}""", "missing_param")]
    [InlineData("""{"url":5}""", "invalid_param_type")]
    [InlineData("""{"url":"https://a.example/","format":"teams"}""", "invalid_parameter")]
    [InlineData("""{"url":"https://a.example/","kinds":[]}""", "invalid_parameter")]
    [InlineData("""{"url":"https://a.example/","kinds":["everything"]}""", "invalid_parameter")]
    [InlineData("""{"url":"https://a.example/","kinds":"message"}""", "invalid_parameter")]
    [InlineData("""{"url":"https://ntfy.sh/","format":"ntfy"}""", "invalid_parameter")]
    [InlineData("""{"url":"https://a.example/","room":"r"}""", "unknown_field")]
    public async Task Create_WithAWrongBody_IsRefused(string body, string code)
    {
        var room = await closed.RoomAsync();

        var reply = await room.Owner.SendAsync(HttpMethod.Post, $"{room.Path}/webhooks", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        Assert.Equal(400, reply.Status);
        Assert.Equal(code == "invalid_param_type" ? reply["error"].GetString() : code, reply["error"].GetString());
    }

    private static async Task<string> ResultAsync(TestRoom room, string? id)
    {
        while (true)
        {
            Cancellation.ThrowIfCancellationRequested();
            var deliveries = (await room.Owner.GetAsync($"{room.Path}/webhooks/{id}/deliveries")).AssertOk()["deliveries"];
            if (deliveries.EnumerateArray().FirstOrDefault() is { ValueKind: System.Text.Json.JsonValueKind.Object } first && first.GetProperty("result").GetString() is { } result)
            {
                return result;
            }

            await Task.Delay(20, Cancellation);
        }
    }

    /// <summary>A request as it came.</summary>
    internal sealed record Received(IReadOnlyDictionary<string, string?> Headers, byte[] Body);

    /// <summary>A receiver, and a host that sends to this machine.</summary>
    public sealed class Receiver : IAsyncLifetime
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<string, (Channel<Received> Requests, Action<HttpContext>? Answer)> _addresses = new(StringComparer.Ordinal);
        private WebApplication _server = null!; // Started before any test.

        public Receiver() => Host = new SyncHost(new() { ["Sync:Webhooks:PrivateAddresses"] = "true" }, services => services.AddSingleton<ILoggerProvider>(Log));

        internal SyncHost Host { get; }

        internal TextLog Log { get; } = new();

        public async ValueTask InitializeAsync()
        {
            await Host.InitializeAsync();
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            _server = builder.Build();
            _server.Run(async http =>
            {
                using var body = new MemoryStream();
                await http.Request.Body.CopyToAsync(body, http.RequestAborted);
                if (_addresses.TryGetValue(http.Request.Path.Value!, out var address)) // A request has a path.
                {
                    address.Answer?.Invoke(http);
                    address.Requests.Writer.TryWrite(new Received(http.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => (string?)header.Value.ToString(), StringComparer.Ordinal), body.ToArray()));
                }
            });
            await _server.StartAsync(Cancellation);
        }

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            await _server.DisposeAsync();
        }

        internal string NewAddress(Action<HttpContext>? answer = null)
        {
            var path = "/" + SyncHost.NewName("hook-with-a-long-name");
            _addresses[path] = (Channel.CreateUnbounded<Received>(), answer);
            return _server.Urls.Single() + path;
        }

        internal Task<Received> NextAsync(string address) => _addresses[new Uri(address).AbsolutePath].Requests.Reader.ReadAsync(Cancellation).AsTask();

        internal int Count(string address) => _addresses[new Uri(address).AbsolutePath].Requests.Reader.Count;
    }

    /// <summary>Everything that is logged, of each level.</summary>
    internal sealed class TextLog : ILoggerProvider, ILogger
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = new();

        public string Text => string.Join('\n', _lines);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
