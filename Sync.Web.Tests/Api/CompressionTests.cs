using System.IO.Compression;
using System.Text.Json;
using Sync.Web.Api;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Api;

/// <summary>Long answers that only read are compressed; those that may carry a secret, streams and short ones are not.</summary>
public sealed class CompressionTests(SyncHost host)
{
    private static readonly (string, string) s_accepts = ("Accept-Encoding", "br, gzip");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task Context_ThatIsLong_IsCompressed(string encoding)
    {
        var room = await LargeAsync();

        using var response = await room.Owner.OpenAsync(room.Path + "/context", Cancel, ("Accept-Encoding", encoding));

        Assert.Equal([encoding], response.Content.Headers.ContentEncoding);
        Assert.Contains("Accept-Encoding", response.Headers.Vary);
        Assert.Contains("Authorization", response.Headers.Vary);
        var sent = await response.Content.ReadAsByteArrayAsync(Cancel);
        using var plain = new MemoryStream();
        await using (Stream inner = encoding == "br" ? new BrotliStream(new MemoryStream(sent), CompressionMode.Decompress) : new GZipStream(new MemoryStream(sent), CompressionMode.Decompress))
        {
            await inner.CopyToAsync(plain, Cancel);
        }

        Assert.True(sent.Length * 5 < plain.Length, $"{sent.Length} of {plain.Length}");
        Assert.Equal(new string('x', 20_000), JsonElement.Parse(plain.ToArray()).GetProperty("state").GetProperty("_shared").GetProperty("k").GetString());
    }

    [Theory]
    [InlineData("/SKILL.md")]
    [InlineData("/reference/api")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/css/base.css")]
    [InlineData("{room}/context")]
    [InlineData("{room}/poll")]
    public async Task Head_SaysTheEncodingOfGet(string path)
    {
        var room = await LargeAsync();
        path = path.Replace("{room}", room.Path, StringComparison.Ordinal);
        using var get = await room.Owner.OpenAsync(path, Cancel, s_accepts);

        var head = await room.Owner.SendAsync(HttpMethod.Head, path, content: null, s_accepts);

        Assert.NotEmpty(get.Content.Headers.ContentEncoding);
        Assert.Equal(get.Content.Headers.ContentEncoding, head.ContentHeaders.ContentEncoding);
        Assert.Equal(get.Headers.Vary.Order(), head.Headers.Vary.Order());
    }

    [Fact]
    public async Task Tag_OfOneEncoding_HoldsForAnother()
    {
        var room = await LargeAsync();
        using var compressed = await room.Owner.OpenAsync(room.Path + "/context?only=state", Cancel, s_accepts);

        var again = await room.Owner.SendAsync(HttpMethod.Get, room.Path + "/context?only=state", content: null, ("If-None-Match", compressed.Headers.ETag!.ToString())); // It has one.

        Assert.Equal(304, again.Status);
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/auth/sign-in")]
    [InlineData("/docs/images/room-large.png")]
    [InlineData("{room}/events")]
    public async Task ShortAnswersPagesPicturesAndStreams_AreNot(string path)
    {
        var room = await LargeAsync();

        using var response = await room.Owner.OpenAsync(path.Replace("{room}", room.Path, StringComparison.Ordinal), Cancel, s_accepts);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Empty(response.Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task AnswersThatCarryASecret_AreNot()
    {
        var room = await LargeAsync();

        // As long as it can be made: the label comes back.
        var minted = await room.Owner.PostAsync("/tokens", new { scope = string.Join(' ', Enumerable.Range(0, 40).Select(i => $"rooms:{room.Id}:view:{new string('v', 40)}{i}")), label = new string('l', 100), with_refresh = true }, s_accepts);

        minted.AssertOk(201);
        Assert.True(minted.Text.Length > 1_024);
        Assert.Empty(minted.ContentHeaders.ContentEncoding);
    }

    [Fact]
    public void Operations_ThatMakeSomething_AreNotCompressed()
    {
        string[] makeOrChange = ["createRoom", "forkRoom", "joinRoom", "mintToken", "changeToken", "refreshToken", "mintRoomToken", "createInvitation", "startDevice", "deviceToken", "claimRoom", "transferRoom", "invokeAction", "events", "createWebhook", "createRoomWebhook"];

        Assert.All(makeOrChange, name => Assert.False(ApiTable.All.Single(operation => operation.Name == name).IsCompressed));
        Assert.All(ApiTable.All.Where(operation => operation.IsCompressed), operation => Assert.True(operation.Method == "GET" || operation.Name is "waitFor" or "evaluate", operation.Name));
    }

    private async Task<TestRoom> LargeAsync()
    {
        var room = await host.RoomAsync();
        await room.RegisterAsync(new { id = "put", writes = new[] { new { key = "k", value = new string('x', 20_000) } } });
        (await room.InvokeAsync("put")).AssertOk();
        return room;
    }
}
