using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Sync.Engine;
using Sync.Web.Live;

namespace Sync.Web.Tests.Components.Dashboard;

/// <summary>What an open page is handed from beginning to end.</summary>
public sealed class LivePageTests
{
    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_WhoseTokenIsRevoked_LosesItsPicture()
    {
        await using var bench = await RoomBench.OpenAsync();
        var minted = (await bench.Engine.Tokens.MintAsync(bench.Owner, new MintToken { Scope = "rooms:r:read" }, Cancel)).Value;

        var last = await LastFrameAsync(bench, minted.Secret, () => bench.Engine.Tokens.RevokeAsync(bench.Owner, minted.Info.Id, Cancel));

        Assert.Equal(RoomStage.Ended, last.Stage);
        Assert.Null(last.Picture);
        Assert.Null(last.Seat);
    }

    [Fact]
    public async Task Page_OfARoomThatIsDeleted_LosesItsPicture()
    {
        await using var bench = await RoomBench.OpenAsync();
        var minted = (await bench.Engine.Tokens.MintAsync(bench.Owner, new MintToken { Scope = "rooms:r:read" }, Cancel)).Value;

        var last = await LastFrameAsync(bench, minted.Secret, () => bench.Engine.Rooms.DeleteAsync(bench.Owner, "r", Cancel));

        Assert.Equal(RoomStage.Ended, last.Stage);
        Assert.Null(last.Picture);
    }

    private static async Task<RoomFrame> LastFrameAsync(RoomBench bench, string token, Func<Task> end)
    {
        var frames = Channel.CreateUnbounded<RoomFrame>();

        // Opened with a token: neither the demo nor a signed-in person is asked for.
        await using var loop = new RoomLiveLoop(new RoomEntrance(bench.Engine, null!, null!), TimeProvider.System, NullLogger<RoomLiveLoop>.Instance, frame => frames.Writer.WriteAsync(frame, Cancel).AsTask());
        loop.Start("r", token);
        var frame = await frames.Reader.ReadAsync(Cancel);
        Assert.Equal(RoomStage.Live, frame.Stage);
        Assert.NotNull(frame.Picture);

        await end();

        while (frame.Stage == RoomStage.Live)
        {
            frame = await frames.Reader.ReadAsync(Cancel);
        }

        return frame;
    }
}
