namespace Sync.E2E;

/// <summary>The server that the browser journeys share, with a data folder of its own that goes with it.</summary>
public sealed class SyncServer : IAsyncLifetime
{
    private readonly ServerProcess _server = new();

    /// <summary>A token that may make rooms, minted by the server's own command.</summary>
    public string Token { get; private set; } = null!; // Set before any test runs.

    /// <summary>Where it listens.</summary>
    public Uri Address => _server.Address;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync(CancellationToken.None);
        var (exitCode, output, error) = await _server.CommandAsync(["token", "mint", "--user", "e2e", "--scope", "rooms:* create_rooms"], CancellationToken.None);
        Assert.True(exitCode == 0, error);
        Token = output;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
