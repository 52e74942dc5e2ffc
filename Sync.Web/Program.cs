using Sync.Web.Accounts;
using Sync.Web.Api;
using Sync.Web.Commands;
using Sync.Web.Components;
using Sync.Web.Demo;
using Sync.Web.Docs;
using Sync.Web.Hosting;
using Sync.Web.Mcp;
using Sync.Web.OAuth;
using Sync.Web.Options;
using Sync.Web.Passkeys;
using Sync.Web.Webhooks;

if (ServerCommands.Handles(args))
{
    return await ServerCommands.RunAsync(args);
}

try
{
    var builder = SyncHosting.CreateBuilder(args);
    builder.AddSyncOptions();
    builder.AddEngine();
    builder.AddApi();
    builder.AddAccounts();
    builder.AddPasskeys();
    builder.AddOAuth();
    builder.AddMcpEndpoint();
    builder.AddWebhooks();
    builder.AddDocs();
    builder.AddPages();
    builder.AddDemo();

    var app = builder.Build();
    app.UsePipeline();
    app.MapApi();
    app.MapAccounts();
    app.MapPasskeys();
    app.MapOAuth();
    app.MapMcpEndpoint();
    app.MapPages();
    return await app.ServeAsync();
}
catch (StartupException exception)
{
    return await StartupException.ReportAsync(exception.Sentences);
}
