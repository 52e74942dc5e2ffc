using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Mcp;

/// <summary>Streams of <c>/mcp</c>: the notices of a session, answers that are cancelled, and the end of the server.</summary>
public sealed class StreamTests(SyncHost host)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_Always_SaysSomethingAtOnce()
    {
        using var raw = await OpenAsync(host);

        using var stream = await raw.ListenAsync(await raw.SessionAsync());

        Assert.StartsWith(":", await stream.ReadLineAsync(Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("57")]
    [InlineData("not an id of ours")]
    public async Task Get_Again_TakesThePlaceOfTheFirst(string? lastEventId)
    {
        using var raw = await OpenAsync(host);
        var session = await raw.SessionAsync();
        using var first = await raw.ListenAsync(session);
        await first.ReadLineAsync(Cancel);

        using var second = await raw.ListenAsync(session, ("Last-Event-ID", lastEventId));
        await second.ReadLineAsync(Cancel);

        // The first ends as a whole answer does, and not by a broken connection.
        Assert.Equal("", (await first.ReadToEndAsync(Cancel)).Trim());
    }

    [Fact]
    public async Task Notice_ThatCameBetweenTwoConnections_IsInTheSecond()
    {
        var room = await host.RoomAsync();
        using var raw = new RawMcp(host, room.Owner.Token!); // An owner's client has one.
        var session = await raw.SessionAsync();
        var uri = $"sync://rooms/{room.Id}/context";
        using (var first = await raw.ListenAsync(session))
        {
            await first.ReadLineAsync(Cancel);
        }

        using var subscribed = await raw.SendAsync(HttpMethod.Post, $$$"""{"jsonrpc":"2.0","id":2,"method":"resources/subscribe","params":{"uri":"{{{uri}}}"}}""", ("Mcp-Session-Id", session));
        Assert.True((await RawMcp.JsonAsync(subscribed)).TryGetProperty("result", out _));
        (await room.InvokeAsync("_send_message", new { body = "between" })).AssertOk();

        using var second = await raw.ListenAsync(session);

        Assert.Equal(uri, (await NoticeAsync(second)).GetProperty("params").GetProperty("uri").GetString());
        (await room.InvokeAsync("_send_message", new { body = "after" })).AssertOk();
        Assert.Equal("notifications/resources/updated", (await NoticeAsync(second)).GetProperty("method").GetString());
    }

    [Fact]
    public async Task Stream_OfASessionThatIsEnded_Ends()
    {
        using var raw = await OpenAsync(host);
        var session = await raw.SessionAsync();
        using var stream = await raw.ListenAsync(session);
        await stream.ReadLineAsync(Cancel);

        using var ended = await raw.SendAsync(HttpMethod.Delete, (byte[]?)null, ("Mcp-Session-Id", session));

        Assert.Equal("", (await stream.ReadToEndAsync(Cancel)).Trim());
    }

    [Theory]
    [InlineData(5)]
    [InlineData("five")]
    public async Task Request_ThatIsCancelled_EndsItsAnswerAtOnce(object id)
    {
        var room = await host.RoomAsync();
        using var raw = new RawMcp(host, room.Owner.Token!); // An owner's client has one.
        var session = await raw.SessionAsync();
        using var other = await raw.SendAsync(HttpMethod.Post, RawMcp.Call("other", "sync_wait", Never(room)), ("Mcp-Session-Id", session));
        using var waiting = await raw.SendAsync(HttpMethod.Post, RawMcp.Call(id, "sync_wait", Never(room)), ("Mcp-Session-Id", session));

        using var cancelled = await raw.SendAsync(
            HttpMethod.Post,
            $$$"""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{{{JsonSerializer.Serialize(id)}}},"reason":"enough"}}""",
            ("Mcp-Session-Id", session));

        Assert.Equal(202, (int)cancelled.StatusCode);
        Assert.Equal("", (await waiting.Content.ReadAsStringAsync(Cancel)).Trim());

        // What was not cancelled goes on, and the session too.
        using var lobby = await raw.SendAsync(HttpMethod.Post, RawMcp.Call(6, "sync_lobby"), ("Mcp-Session-Id", session));
        Assert.True((await RawMcp.JsonAsync(lobby)).TryGetProperty("result", out _));
        var rest = other.Content.ReadAsStringAsync(Cancel);
        Assert.False(rest.IsCompleted);
        using var ended = await raw.SendAsync(HttpMethod.Post, """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"other"}}""", ("Mcp-Session-Id", session));
        Assert.Equal("", (await rest).Trim());
    }

    [Fact]
    public async Task Cancellation_OfWhatIsNotUnderWay_IsTaken()
    {
        using var raw = await OpenAsync(host);
        var session = await raw.SessionAsync();
        foreach (var body in (string[])["""{"requestId":99}""", """{"requestId":"nothing"}""", "{}"])
        {
            using var response = await raw.SendAsync(HttpMethod.Post, $$$"""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{{body}}}}""", ("Mcp-Session-Id", session));

            Assert.Equal(202, (int)response.StatusCode);
        }
    }

    [Fact]
    public async Task Server_ThatStops_EndsEveryStreamAsAWholeAnswer()
    {
        await using var own = new SyncHost();
        await own.InitializeAsync();
        var room = await own.RoomAsync();
        using var raw = new RawMcp(own, room.Owner.Token!); // An owner's client has one.
        var session = await raw.SessionAsync();
        using var stream = await raw.ListenAsync(session);
        using var waiting = await raw.SendAsync(HttpMethod.Post, RawMcp.Call(5, "sync_wait", Never(room)), ("Mcp-Session-Id", session));
        using var cancelled = await raw.SendAsync(HttpMethod.Post, RawMcp.Call(6, "sync_wait", Never(room)), ("Mcp-Session-Id", session));
        using var cancel = await raw.SendAsync(HttpMethod.Post, """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":6}}""", ("Mcp-Session-Id", session));

        // What holds up a stop is cut off at its end, and is no whole answer.
        var stopping = own.Services.GetRequiredService<IHost>().StopAsync(Cancel);

        Assert.StartsWith(":", await stream.ReadToEndAsync(Cancel), StringComparison.Ordinal);
        Assert.Contains("unavailable", (await RawMcp.JsonAsync(waiting)).GetRawText(), StringComparison.Ordinal);
        Assert.Equal("", (await cancelled.Content.ReadAsStringAsync(Cancel)).Trim());
        await stopping;
        Assert.Empty(own.Errors.Entries);
    }

    private static string Never(TestRoom room) => $$"""{"room":"{{room.Id}}","condition":"false"}""";

    private static async Task<RawMcp> OpenAsync(SyncHost host) => new(host, await host.MintAsync(SyncHost.NewName("user")));

    private static async Task<JsonElement> NoticeAsync(StreamReader stream)
    {
        while (await stream.ReadLineAsync(Cancel) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return JsonElement.Parse(line["data: ".Length..]);
            }
        }

        throw new InvalidOperationException("The stream has ended.");
    }
}
