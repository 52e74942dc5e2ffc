using Sync.Engine.Services;
using Sync.Engine.Services.Webhooks;

namespace Sync.Web.Webhooks;

/// <summary>Webhooks: the engine says what is told and when, this sends it.</summary>
internal static class WebhooksFeature
{
    public static void AddWebhooks(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IWebhookSender, WebhookSender>();
        builder.Services.AddHostedService<WebhookHost>();
    }
}

/// <summary>Has webhooks sent while the server runs; stopped before what sends them is.</summary>
internal sealed class WebhookHost(IServiceProvider services, IWebhookSender sender) : IHostedService
{
    private WebhookService? _webhooks;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _webhooks = services.GetRequiredService<SyncEngine>().Webhooks;
        _webhooks.Start(sender);
        return Task.CompletedTask;
    }

    // Stopped a second time when the host is disposed of, and its services with it.
    public Task StopAsync(CancellationToken cancellationToken) => _webhooks?.DisposeAsync().AsTask() ?? Task.CompletedTask;
}
