using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;
using Sync.Web.Mcp.Sessions;

namespace Sync.Web.Tests.Mcp;

/// <summary>The stream of a session's notices, on a clock of the test's.</summary>
public sealed class NotificationStreamTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly NotificationStream _stream;

    public NotificationStreamTests() => _stream = new NotificationStream(_time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_Opened_SaysSomethingAtOnceAndAgainWhileNothingHappens()
    {
        using var client = new Connection(_stream);

        Assert.Equal(": open\n\n", await client.ReadAsync());
        for (var beat = 0; beat < 3; beat++)
        {
            await client.QuietAsync(_time);
            Assert.Equal(": still here\n\n", await client.ReadAsync());
        }
    }

    [Fact]
    public async Task Notice_WhileSomebodyListens_IsAnEvent()
    {
        using var client = new Connection(_stream);
        await client.ReadAsync();

        _stream.Send("{}"u8);

        Assert.Equal("event: message\ndata: {}\n\n", await client.ReadAsync());
    }

    [Fact]
    public async Task Notices_WhileNobodyListens_WaitOnceEachAndTheNewestStay()
    {
        for (var number = 0; number < NotificationStream.MaxWaiting + 10; number++)
        {
            var notice = Encoding.UTF8.GetBytes($"{number}");
            _stream.Send(notice);
            _stream.Send(notice);
        }

        using var client = new Connection(_stream);

        var text = await client.ReadAsync(last: $"data: {NotificationStream.MaxWaiting + 9}\n\n");
        Assert.Equal(NotificationStream.MaxWaiting, text.Split("data: ").Length - 1);
        Assert.Contains("data: 10\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("data: 9\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_Newer_TakesThePlaceOfTheOneBefore()
    {
        using var first = new Connection(_stream);
        await first.ReadAsync();
        using var second = new Connection(_stream);
        await second.ReadAsync();

        await first.Ended.WaitAsync(Cancel);
        _stream.Send("1"u8);

        Assert.Equal("event: message\ndata: 1\n\n", await second.ReadAsync());
        Assert.True(_stream.IsOpen);
    }

    [Fact]
    public async Task Connection_ThatBroke_LeavesTheStreamToTheNext()
    {
        using var first = new Connection(_stream);
        await first.ReadAsync();
        await first.HangUpAsync();
        Assert.False(_stream.IsOpen);
        _stream.Send("1"u8);

        using var second = new Connection(_stream);

        Assert.Equal(": open\n\nevent: message\ndata: 1\n\n", await second.ReadAsync(last: "data: 1\n\n"));
    }

    [Fact]
    public async Task Notice_EqualToOneThatIsBeingWritten_IsNewsToo()
    {
        using var client = new Connection(_stream, writesAheadOfReader: false);
        await client.ReadAsync();
        _stream.Send("1"u8);
        await client.ArrivesAsync();

        // The first is with the reader, and its write has not come back.
        _stream.Send("1"u8);

        Assert.Equal("event: message\ndata: 1\n\n", await client.ReadAsync());
        Assert.Equal("event: message\ndata: 1\n\n", await client.ReadAsync());
    }

    [Fact]
    public async Task Notice_OnItsWayToAConnectionThatBreaks_IsSaidToTheNext()
    {
        using var first = new Connection(_stream, writesAheadOfReader: false);
        await first.ReadAsync();
        _stream.Send("1"u8);
        await first.ArrivesAsync();

        using var second = new Connection(_stream);
        var said = await second.ReadAsync(last: "data: 1\n\n");
        await first.ReadAsync();
        await first.Ended.WaitAsync(Cancel);
        _stream.Send("2"u8);

        Assert.Equal(": open\n\nevent: message\ndata: 1\n\n", said);
        Assert.EndsWith("data: 2\n\n", await second.ReadAsync(last: "data: 2\n\n"), StringComparison.Ordinal);
    }

    private sealed class Connection : IDisposable
    {
        private readonly Pipe _pipe;
        private readonly CancellationTokenSource _hungUp = new();

        public Connection(NotificationStream stream, bool writesAheadOfReader = true)
        {
            _pipe = new Pipe(writesAheadOfReader ? PipeOptions.Default : new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
            var http = new DefaultHttpContext();
            http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(_pipe.Writer.AsStream()));
            Ended = stream.ServeAsync(http.Response, _hungUp.Token);
        }

        public Task Ended { get; }

        /// <summary>What comes next; with <paramref name="last"/>, all until that.</summary>
        public async Task<string> ReadAsync(string? last = null)
        {
            var text = new StringBuilder();
            do
            {
                var read = await _pipe.Reader.ReadAsync(Cancel);
                text.Append(Encoding.UTF8.GetString(read.Buffer));
                _pipe.Reader.AdvanceTo(read.Buffer.End);
                Assert.False(read.IsCompleted);
            }
            while (last is not null && !text.ToString().EndsWith(last, StringComparison.Ordinal));

            return text.ToString();
        }

        /// <summary>Completes when there is something to read, and reads nothing of it.</summary>
        public async Task ArrivesAsync() => _pipe.Reader.AdvanceTo((await _pipe.Reader.ReadAsync(Cancel)).Buffer.Start);

        /// <summary>Lets the clock go on until the stream says something.</summary>
        public async Task QuietAsync(FakeTimeProvider time)
        {
            ReadResult read;
            while (!_pipe.Reader.TryRead(out read))
            {
                time.Advance(TimeSpan.FromSeconds(5));
                await Task.Yield();
            }

            // It is there for who reads next.
            _pipe.Reader.AdvanceTo(read.Buffer.Start);
        }

        public async Task HangUpAsync()
        {
            await _hungUp.CancelAsync();
            await Ended.WaitAsync(Cancel);
        }

        public void Dispose()
        {
            _hungUp.Cancel();
            _hungUp.Dispose();
        }
    }
}
