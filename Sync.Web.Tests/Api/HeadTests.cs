using System.Net.Http.Headers;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Sync.Web.Api;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Api;

/// <summary>HEAD gives what GET would but the body, on every path of the API that GET has. The paths come from the API's own table.</summary>
public sealed class HeadTests(SyncHost host)
{
    // Of the third event of a room.
    private const string Approval = "a3";

    // These differ from one request to the next, whoever asks.
    private static readonly string[] s_moving = ["Date", "ETag"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Heads => [.. ApiTable.All.Where(operation => operation.TakesHead && operation.Name != "events").Select(operation => operation.Name)];

    public static TheoryData<string> Parked => [.. ApiTable.All.Where(operation => operation is { Method: "GET", TakesHead: false }).Select(operation => operation.Name)];

    [Theory]
    [MemberData(nameof(Heads))]
    public async Task Head_OfAnything_IsGetWithoutItsBody(string name)
    {
        var room = await PreparedAsync();
        foreach (var client in (ApiClient[])[room.Owner, host.Client(), host.Client("tok_invented"), await host.UserAsync()])
        {
            var get = await client.GetAsync(PathOf(name, room));
            var head = await client.SendAsync(HttpMethod.Head, PathOf(name, room), content: null);

            Assert.Equal("", head.Text);
            Assert.Equal(get.Status, head.Status);
            if (name.StartsWith("health", StringComparison.Ordinal))
            {
                // Its numbers move.
                continue;
            }

            Assert.Equal(Shown(get), Shown(head));
        }
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public async Task Head_ByTheOwner_Succeeds(string name)
    {
        var room = await PreparedAsync();
        var path = PathOf(name, room);
        if (path.Contains("{id}", StringComparison.Ordinal))
        {
            // Its id is nobody's to choose.
            var made = await room.Owner.PostAsync(path[..path.IndexOf("/{id}", StringComparison.Ordinal)], new { url = "https://receiver.example/hook" });
            path = path.Replace("{id}", made.AssertOk(201)["id"].GetString(), StringComparison.Ordinal);
        }

        (await room.Owner.SendAsync(HttpMethod.Head, path, content: null)).AssertOk();
    }

    [Theory]
    [MemberData(nameof(Parked))]
    public async Task Head_OfWhatParks_IsRefusedAtOnce(string name)
    {
        var room = await PreparedAsync();

        var head = await room.Owner.SendAsync(HttpMethod.Head, PathOf(name, room) + "?condition=false", content: null);

        Assert.Equal(405, head.Status);
        Assert.Equal(["GET", "POST"], head.ContentHeaders.Allow.Order());
        Assert.Equal("", head.Text);
    }

    /// <summary>Every page that the app has, by its own routes, and what pages ask for beside files.</summary>
    [Fact]
    public async Task Head_OfAPage_IsGetWithoutItsBody()
    {
        var pages = host.Services.GetServices<EndpointDataSource>().SelectMany(static source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(static endpoint => endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null)
            .Select(static endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/').Replace("{Room}", "none", StringComparison.Ordinal).Replace("{Section}", "tokens", StringComparison.Ordinal)) // A page has a route.
            .Distinct().ToList();
        Assert.True(pages.Count > 12, string.Join(' ', pages));

        foreach (var path in pages.Concat(["/favicon.ico", "/diagrams/frame", "/nothing/here", "/css/room.css"]))
        {
            var get = await host.Client().SendAsync(HttpMethod.Get, path, content: null, ("Accept", "text/html"));
            var head = await host.Client().SendAsync(HttpMethod.Head, path, content: null, ("Accept", "text/html"));

            Assert.True(get.Status == head.Status, $"{path}: {get.Status} and {head.Status}");
            Assert.Equal("", head.Text);
            Assert.Equal(get.Header("Content-Type"), head.Header("Content-Type"));
            Assert.Equal(get.Header("Cache-Control"), head.Header("Cache-Control"));
            Assert.Equal(get.Header("Location"), head.Header("Location"));
        }
    }

    [Fact]
    public async Task Head_OfTheStream_EndsAtOnce_AndHoldsNone()
    {
        var room = await PreparedAsync();

        for (var i = 0; i < 200; i++)
        {
            var head = await room.Owner.SendAsync(HttpMethod.Head, room.Path + "/events", content: null);

            head.AssertOk();
            Assert.Equal("text/event-stream", head.Header("Content-Type"));
        }

        using var stream = await room.Owner.OpenAsync(room.Path + "/events", Cancel);
        Assert.Equal(200, (int)stream.StatusCode);
        Assert.Equal(401, (await host.Client().SendAsync(HttpMethod.Head, room.Path + "/events", content: null)).Status);
    }

    [Fact]
    public async Task Head_OfTheContext_ReadsNoMessage()
    {
        var room = await PreparedAsync();
        var alice = await room.JoinAsync("alice");
        (await room.InvokeAsync("_send_message", new { body = "hi" })).AssertOk();

        (await alice.SendAsync(HttpMethod.Head, room.Path + "/context", content: null)).AssertOk();

        Assert.Equal(1, (await alice.GetAsync(room.Path + "/context")).AssertOk()["messages"].GetProperty("unread").GetInt64());
        Assert.Equal(0, (await alice.GetAsync(room.Path + "/context")).AssertOk()["messages"].GetProperty("unread").GetInt64());
    }

    private async Task<TestRoom> PreparedAsync()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "gated", writes = new[] { new { key = "g", value = 1 } }, approve = new { by = "person" } });
        Assert.Equal(Approval, (await room.InvokeAsync("gated")).AssertOk(202)["approval"].GetString());
        await room.RegisterAsync(new { id = "put", writes = new[] { new { key = "k", value = 1 } } });
        (await room.InvokeAsync("put")).AssertOk();
        (await room.InvokeAsync("_register_view", new { id = "seen", expr = "state._shared.k" })).AssertOk();
        return room;
    }

    private static string PathOf(string name, TestRoom room) => ApiTable.All.Single(operation => operation.Name == name).Pattern
        .Replace("{room}", room.Id, StringComparison.Ordinal)
        .Replace("{scope}", "_shared", StringComparison.Ordinal)
        .Replace("{**key}", "k", StringComparison.Ordinal)
        .Replace("{**view}", "seen", StringComparison.Ordinal)
        .Replace("{approval}", Approval, StringComparison.Ordinal)
        .Replace("{seq}", "1", StringComparison.Ordinal)
        .Replace("{**doc}", "api", StringComparison.Ordinal)
        .Replace("{**slug}", "api", StringComparison.Ordinal)
        .Replace("{image}", "room.png", StringComparison.Ordinal)
        + (name == "search" ? "?q=k" : "");

    private static List<string> Shown(ApiReply reply) =>
        [.. Lines(reply.Headers).Concat(Lines(reply.ContentHeaders)).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Lines(HttpHeaders headers) =>
        headers.Where(header => !s_moving.Contains(header.Key)).Select(header => $"{header.Key}: {string.Join(", ", header.Value)}");
}
