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
    public Task StartAsync(CancellationToken cancellationToken)
    {
        services.GetRequiredService<SyncEngine>().Webhooks.Start(sender);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => services.GetRequiredService<SyncEngine>().Webhooks.DisposeAsync().AsTask();
}
