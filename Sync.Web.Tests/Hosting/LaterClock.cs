namespace Sync.Web.Tests.Hosting;

/// <summary>The machine's clock, put forward by as much as a test says. Timers run as ever.</summary>
internal sealed class LaterClock : TimeProvider
{
    private long _ahead;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _ahead));

    public void PutForward(TimeSpan time) => Interlocked.Add(ref _ahead, time.Ticks);
}
