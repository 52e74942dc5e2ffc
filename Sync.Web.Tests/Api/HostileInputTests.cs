using System.Text;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Api;

/// <summary>What nobody should send: each is refused in a clear sentence, and the server goes on.</summary>
public sealed class HostileInputTests(SyncHost host) : IAsyncDisposable
{
    public static TheoryData<string, string> BadBodies => new()
    {
        { "{", "invalid_json" },
        { "{\"expr\":", "invalid_json" },
        { "{\"expr\":\"1\"} trailing", "invalid_json" },
        { "{\"expr\":\"1\",}", "invalid_json" },
        { "{'expr':'1'}", "invalid_json" },
        { "// comment\n{}", "invalid_json" },
        { "[]", "invalid_json" },
        { "null", "invalid_json" },
        { "\"text\"", "invalid_json" },
        { "NaN", "invalid_json" },
        { "\0\0\0", "invalid_json" },
        { "{\"expr\":\"1\",\"expr\":\"2\"}", "invalid_json" },
        { "{\"expr\":\"\\ud800\"}", "invalid_json" },
        { "{\"expr\":\"\\udc00\\ud800\"}", "invalid_json" },
        { "{\"\\ud800\":1}", "invalid_json" },
        { "{\"expr\":\"\\ud83dx\"}", "invalid_json" },
        { "{\"expr\":" + new string('[', 5000) + "}", "invalid_json" },
        { "{\"expr\":" + new string('[', 100) + new string(']', 100) + "}", "invalid_json" },
        { "{\"expr\":1}", "invalid_parameter" },
        { "{\"expr\":[\"1\"]}", "invalid_parameter" },
        { "{}", "missing_param" },
        { "", "missing_param" },
        { "{\"expr\":null}", "missing_param" },
        { "{\"__proto__\":{}}", "unknown_field" },
        { "{\"" + new string('x', 100_000) + "\":1}", "unknown_field" },
    };

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task Body_ThatIsWrong_IsRefusedWithItsReason(string body, string code)
    {
        var room = await host.RoomAsync();

        var reply = await room.Owner.PostRawAsync(room.Path + "/eval", Encoding.UTF8.GetBytes(body));

        reply.AssertRefusal(code, 400);
        Assert.True(reply.Text.Length < 1000);
    }

    [Theory]
    [InlineData(new byte[] { 0x7B, 0xFF, 0x7D })]
    [InlineData(new byte[] { 0x7B, 0x22, 0xED, 0xA0, 0x80, 0x22, 0x3A, 0x31, 0x7D })] // A surrogate as UTF-8.
    [InlineData(new byte[] { 0x7B, 0x22, 0xC0, 0xAF, 0x22, 0x3A, 0x31, 0x7D })] // An overlong slash.
    [InlineData(new byte[] { 0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00 })] // UTF-16.
    public async Task Body_ThatIsNotUtf8_IsRefused(byte[] body)
    {
        var room = await host.RoomAsync();

        (await room.Owner.PostRawAsync(room.Path + "/eval", body)).AssertRefusal("invalid_json", 400);
    }

    [Theory]
    [InlineData("{\"expr\":\"'\\ud83d\\ude00'\"}")]
    [InlineData("{\"expr\":\"'\\\\\\\\ud800'\"}")] // An escaped backslash, then letters.
    [InlineData("\uFEFF{\"expr\":\"'bom'\"}")]
    public async Task Body_ThatOnlyLooksWrong_IsAccepted(string body)
    {
        var room = await host.RoomAsync();

        (await room.Owner.PostRawAsync(room.Path + "/eval", Encoding.UTF8.GetBytes(body))).AssertOk();
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/vnd.api+json; charset=utf-8")]
    [InlineData(null)]
    public async Task Body_OfAnyContentType_IsReadAsJson(string? contentType)
    {
        var room = await host.RoomAsync();

        (await room.Owner.PostRawAsync(room.Path + "/eval", "{\"expr\":\"1\"}"u8.ToArray(), contentType)).AssertOk();
    }

    [Fact]
    public async Task Body_Of40Megabytes_IsRefusedBeforeItIsRead()
    {
        var room = await host.RoomAsync();

        var answer = await RawSocket.ExchangeAsync(
            host.Address,
            $"POST {room.Path}/eval HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {room.RoomToken}\r\nContent-Length: 41943040\r\n\r\n",
            TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("payload_too_large", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_Of40MegabytesWithoutLength_IsRefused()
    {
        var room = await host.RoomAsync();
        using var content = new StreamContent(new Endless(40 * 1024 * 1024));

        var reply = await room.Owner.SendAsync(HttpMethod.Post, room.Path + "/eval", content, ("Transfer-Encoding", "chunked"));

        reply.AssertRefusal("payload_too_large", 413);
    }

    [Fact]
    public async Task Body_SentByHalf_TimesOut()
    {
        await using var hasty = new SyncHost(new() { ["Sync:Limits:BodySeconds"] = "1" });
        await hasty.InitializeAsync();
        var room = await hasty.RoomAsync();

        var answer = await RawSocket.ExchangeAsync(
            hasty.Address,
            $"POST {room.Path}/eval HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {room.RoomToken}\r\nContent-Length: 100\r\n\r\n{{\"expr\":",
            TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 4", answer, StringComparison.Ordinal);
        Assert.Contains("did not arrive in time", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_WithBrokenChunks_IsRefused()
    {
        var room = await host.RoomAsync();

        var answer = await RawSocket.ExchangeAsync(
            host.Address,
            $"POST {room.Path}/eval HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {room.RoomToken}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("invalid_json", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/rooms/../health", 400)]
    [InlineData("/rooms/%2e%2e/health", 400)]
    [InlineData("/rooms/.%2E/health", 400)]
    [InlineData("/rooms/./x", 400)]
    [InlineData("/docs/../../etc/passwd", 400)]
    [InlineData("/docs/%2e%2e%2f%2e%2e%2fetc%2fpasswd", 404)]
    [InlineData("/reference/..%2f..%2fappsettings.json", 404)]
    [InlineData("/rooms/a%00b/context", 400)]
    [InlineData("/rooms/%ff/context", 400)]
    [InlineData("/rooms/%/context", 400)]
    [InlineData("/rooms/%zz/context", 400)]
    [InlineData("/rooms/a%2fb/context", 404)]
    [InlineData("/rooms//context", 404)]
    [InlineData("/rooms/a\\b/context", 404)]
    [InlineData("/rooms/%01/context", 404)]
    [InlineData("//rooms", 404)]
    [InlineData("http://elsewhere/rooms/nothing/context", 404)]
    public async Task Path_WithTricks_IsRefused(string path, int status)
    {
        var token = await host.MintAsync(SyncHost.NewName("user"));

        var answer = await RawSocket.ExchangeAsync(
            host.Address, $"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n", TestContext.Current.CancellationToken);

        // A path that is no more than wrong in its id may be told so, or that there is no such room.
        var told = int.Parse(answer.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains(told, status == 404 ? (int[])[400, 404] : [status]);
        Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\0b")]
    [InlineData("a/b")]
    [InlineData("é")]
    [InlineData("00000000001111111111222222222233333333334444444444555555555566666")]
    public async Task RoomId_OutsideItsAlphabet_IsRefused(string id)
    {
        var user = await host.UserAsync();

        (await user.PostAsync("/rooms", new { id })).AssertRefusal("invalid_id", 400);
    }

    [Theory]
    [InlineData("a\0b")]
    [InlineData("_engine")]
    [InlineData("a b")]
    public async Task AgentId_OutsideItsAlphabet_IsRefused(string id)
    {
        var room = await host.RoomAsync();

        (await room.Owner.PostAsync(room.Path + "/agents", new { id })).AssertRefusal("invalid_id", 400);
    }

    [Theory]
    [InlineData("""{"condition":true}""", "invalid_parameter")]
    [InlineData("""{"condition":"true","timeout":-1}""", "invalid_parameter")]
    [InlineData("""{"condition":"true","timeout":1.5}""", "invalid_parameter")]
    [InlineData("""{"condition":"true","only":{"state":true}}""", "invalid_parameter")]
    [InlineData("""{"condition":"true","nothing":1}""", "unknown_field")]
    [InlineData("""{"timeout":1}""", "missing_param")]
    public async Task WaitBody_WithAWrongValue_IsRefused(string body, string code)
    {
        var room = await host.RoomAsync();

        (await room.Owner.PostRawAsync(room.Path + "/wait", Encoding.UTF8.GetBytes(body))).AssertRefusal(code, 400);
    }

    [Theory]
    [InlineData("/context?messages_limit=-1")]
    [InlineData("/context?messages_limit=99999999999999999999")]
    [InlineData("/context?at=x")]
    [InlineData("/context?nothing=1")]
    [InlineData("/context?depth=lean&depth=full")]
    [InlineData("/wait?condition=true&timeout=-1")]
    [InlineData("/wait?condition=true&timeout=1e3")]
    [InlineData("/wait?condition=true&timeout=30s")]
    [InlineData("/wait?condition=true&timeout_ms=5000")]
    [InlineData("/wait?condition=true&messages=new")]
    [InlineData("/poll?messages_limit=2001")]
    [InlineData("/audit?ok=yes")]
    [InlineData("/audit?after=-1")]
    [InlineData("/history/_shared/k?before=0")]
    [InlineData("/replay/x")]
    [InlineData("/replay/-1")]
    [InlineData("/events?since=x")]
    [InlineData("?x=1")]
    public async Task Query_WithAWrongValue_IsRefused(string rest)
    {
        var room = await host.RoomAsync();

        (await room.Owner.GetAsync(room.Path + rest)).AssertRefusal("invalid_parameter", 400);
    }

    // Whatever a test sent, the server must be fine afterwards and have found nothing worth an error in its log.
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        (await host.Client().GetAsync("/health")).AssertOk();
        Assert.Empty(host.Errors.Entries);
    }

    private sealed class Endless(long length) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, _left);
            buffer.AsSpan(offset, read).Fill((byte)' ');
            _left -= read;
            return read;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
