using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Sync.Engine.Services;
using Sync.Web.Api;
using Sync.Web.Http.Answers;
using Sync.Web.Options;

namespace Sync.Web.Hosting;

/// <summary>
/// Opens the engine before the server listens. The container closes it, after the server and everything that uses the engine: what the container makes it
/// also disposes, in reverse order, so the engine is handed to it as soon as it is open.
/// </summary>
internal sealed partial class EngineHost(SyncOptions options, IServiceProvider services, StartupLogFilter silence, ILogger<EngineHost> logger) : IHostedLifecycleService
{
    private SyncEngine? _engine;

    /// <summary>The engine. Nothing asks before the host has started.</summary>
    public SyncEngine Engine => _engine ?? throw new InvalidOperationException("The engine is not open yet.");

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            var opened = await SyncEngine.OpenAsync(
                options.ForEngine(),
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILoggerFactory>(),
                cancellationToken);
            if (!opened.Try(out _engine, out var error))
            {
                throw new StartupException([error.HintFor(new HttpSteps(options.PublicUrl)) is { } hint ? $"{error.Message} {hint}" : error.Message]);
            }
        }
        catch (Exception exception) when (StartupException.ExplainFolder(exception, options.DataDirectory) is { } sentence)
        {
            throw new StartupException([sentence]);
        }

        _ = services.GetRequiredService<SyncEngine>();
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        silence.End();
        var addresses = services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        Serving(string.Join(", ", addresses), options.PublicUrl, options.DataDirectory, WireText.Of(options.Rooms.Join));

        // An address that nobody named follows what is listened on, unless the system chose the port.
        var isNamed = services.GetRequiredService<IConfiguration>()["Sync:PublicUrl"] is { Length: > 0 };
        foreach (var problem in ((string?[])[PublicAddress.PasskeyProblem(options.PublicUrl), isNamed ? PublicAddress.LinkProblem(options.PublicUrl, addresses) : null]).OfType<string>())
        {
            Unreachable(problem);
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Information, Message = "Sync listens on {Addresses}, known as {PublicUrl}; data in {DataDirectory}; rooms without a join policy of their own are {Join}")]
    private partial void Serving(string addresses, string publicUrl, string dataDirectory, string join);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Problem}")]
    private partial void Unreachable(string problem);
}
