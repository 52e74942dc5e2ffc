using Sync.Engine.Services;
using Sync.Web.Mcp.Sessions;
using Sync.Web.Options;

namespace Sync.Web.Mcp;

/// <summary>What tools, resources and prompts use. They are made before the engine is open, so they get it with each request.</summary>
internal sealed class McpServices(SyncEngine engine, McpSessions sessions, SyncOptions options, McpSteps steps, TimeProvider time, IHostApplicationLifetime lifetime, IServiceScopeFactory scopes, ILogger<McpServices> logger)
{
    public SyncEngine Engine { get; } = engine;

    public McpSessions Sessions { get; } = sessions;

    public SyncOptions Options { get; } = options;

    /// <summary>How refusals, notes and help say calls here: as tools.</summary>
    public McpSteps Steps { get; } = steps;

    public IServiceScopeFactory Scopes { get; } = scopes;

    public TimeProvider Time { get; } = time;

    public CancellationToken Stopping => lifetime.ApplicationStopping;

    public ILogger Logger { get; } = logger;
}
