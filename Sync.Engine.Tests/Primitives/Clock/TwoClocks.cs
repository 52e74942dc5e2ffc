using Microsoft.Extensions.Time.Testing;

namespace Sync.Engine.Tests.Primitives.Clock;

/// <summary>A machine whose two clocks can be moved apart: what it measures goes on with <see cref="FakeTimeProvider.Advance"/>, the time it tells can be set.</summary>
internal sealed class TwoClocks() : FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero))
{
    private TimeSpan _set;

    /// <summary>Sets the time on or back; nothing has elapsed. A machine that slept looks the same as one whose time was set on.</summary>
    public void Set(TimeSpan by) => _set += by;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _set;

    public override long GetTimestamp() => base.GetUtcNow().UtcTicks;
}
