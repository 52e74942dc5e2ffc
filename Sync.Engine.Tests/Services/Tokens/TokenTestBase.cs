using Microsoft.Extensions.Time.Testing;
using Sync.Engine.Identity;
using Sync.Engine.Services.Tokens;

namespace Sync.Engine.Tests.Services.Tokens;

/// <summary>Two rooms of olga, and a browser in which she is signed in.</summary>
public abstract class TokenTestBase : IAsyncLifetime
{
    protected FakeTimeProvider Time { get; } = EngineHost.Clock();

    private protected EngineHost Host { get; private set; } = null!;

    /// <summary>A browser in which olga, who owns two rooms, is signed in.</summary>
    protected Caller Session { get; private set; } = null!;

    protected static CancellationToken Cancel => EngineHost.Cancel;

    protected TokenService Tokens => Host.Engine.Tokens;

    public async ValueTask InitializeAsync()
    {
        Host = await EngineHost.StartAsync(Time);
        await Host.RoomAsync("a");
        await Host.RoomAsync("b");
        Session = await Host.SessionAsync("olga");
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
