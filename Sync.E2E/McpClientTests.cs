using System.Globalization;

namespace Sync.E2E;

/// <summary>
/// MCP clients that other people wrote (folder <c>clients</c>), with a token, through the life of a connection: tools, calls, the stream of notices and its reconnection, calls that are given up, calls
/// at once, and the end of the server. They need Node; without it they are skipped.
/// </summary>
public sealed class McpClientTests(NodeClients clients)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData("transport.mjs", "sdk")]
    [InlineData("transport.mjs", "client")]
    [InlineData("remote.mjs")]
    [InlineData("inspector.mjs")]
    [InlineData("workers.mjs")]
    public async Task Client_OfAnotherMaker_LivesThroughAConnection(string script, params string[] more)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(s_patience);
        await using var server = new ServerProcess(("Sync__Demo", "false"));
        await server.StartAsync(limit.Token);
        var (exitCode, token, error) = await server.CommandAsync(["token", "mint", "--user", "visitor", "--scope", "rooms:* create_rooms"], limit.Token);
        Assert.True(exitCode == 0, error);
        var stopped = Task.FromResult(0);

        var (code, output) = await clients.RunAsync(
            script,
            [string.Create(CultureInfo.InvariantCulture, $"http://{server.Address.Host}:{server.Address.Port}"), token, .. more],
            line =>
            {
                if (line == "STOP")
                {
                    // Not awaited here: what the script says meanwhile must be read.
                    stopped = server.StopAsync(limit.Token);
                }

                return Task.CompletedTask;
            },
            limit.Token);

        Assert.True(code == 0 && output.Contains("DONE", StringComparison.Ordinal), output);
        Assert.Equal(0, await stopped);
    }
}
