namespace Sync.Web.Demo;

/// <summary>
/// Runs the demo once the server listens: a server that finds its port taken makes no room, and has nothing to say about one. Hosted services are constructed before the engine is open, so the
/// demo is asked for only here.
/// </summary>
internal sealed class DemoHost(IServiceProvider services, IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var listens = lifetime.ApplicationStarted.Register(started.SetResult);
        try
        {
            await started.Task.WaitAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The server has not come to listen.
            return;
        }

        await services.GetRequiredService<DemoRoom>().RunAsync(stoppingToken);
    }
}
