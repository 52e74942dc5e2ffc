namespace Sync.Web.Demo;

/// <summary>Runs the demo with the server. Hosted services are constructed before the engine is open, so the demo is asked for only here.</summary>
internal sealed class DemoHost(IServiceProvider services) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => services.GetRequiredService<DemoRoom>().RunAsync(stoppingToken);
}
