using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Sync.Engine.Identity.Tokens;
using Sync.Web.Components.Dashboard;

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

        Assert.Equal(PageStatus.Ended, last.Status);
        Assert.Null(last.Model);
        Assert.Null(last.Viewer);
    }

    [Fact]
    public async Task Page_OfARoomThatIsDeleted_LosesItsPicture()
    {
        await using var bench = await RoomBench.OpenAsync();
        var minted = (await bench.Engine.Tokens.MintAsync(bench.Owner, new MintToken { Scope = "rooms:r:read" }, Cancel)).Value;

        var last = await LastFrameAsync(bench, minted.Secret, () => bench.Engine.Rooms.DeleteAsync(bench.Owner, "r", Cancel));

        Assert.Equal(PageStatus.Ended, last.Status);
        Assert.Null(last.Model);
    }

    private static async Task<PageState> LastFrameAsync(RoomBench bench, string token, Func<Task> end)
    {
        var frames = Channel.CreateUnbounded<PageState>();

        // Opened with a token: neither the demo nor a signed-in person is asked for.
        await using var loop = new RoomPageRefresher(new RoomOpener(bench.Engine, null!, null!), TimeProvider.System, NullLogger<RoomPageRefresher>.Instance, state => frames.Writer.WriteAsync(state, Cancel).AsTask());
        loop.Start("r", token);
        var state = await frames.Reader.ReadAsync(Cancel);
        Assert.Equal(PageStatus.Live, state.Status);
        Assert.NotNull(state.Model);

        await end();

        while (state.Status == PageStatus.Live)
        {
            state = await frames.Reader.ReadAsync(Cancel);
        }

        return state;
    }
}
