using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Sync.Web.Commands;
using Sync.Web.Options;

namespace Sync.Web.Hosting;

/// <summary>The host: its options, the server's bounds, the engine's life.</summary>
internal static class SyncHosting
{
    /// <summary>A builder whose settings and static files are those beside the program, wherever it is started from.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        if (ServerArguments.Mistakes(args) is { Count: > 0 } mistakes)
        {
            throw new StartupException(mistakes);
        }

        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = [.. args.Select(Setting)],
            ContentRootPath = AppContext.BaseDirectory,
        });

        // Without this a build that was not published finds no static files outside of the Development environment.
        builder.WebHost.UseStaticWebAssets();
        if (PublicAddress.ListenUrl(builder.Configuration) is { } url)
        {
            builder.WebHost.UseUrls(url);
        }

        return builder;
    }

    // The commands' short name for the folder holds for the server as well.
    private static string Setting(string argument) =>
        argument == ServerCommands.DataOption || argument.StartsWith(ServerCommands.DataOption + "=", StringComparison.Ordinal)
            ? "--Sync:DataDirectory" + argument[ServerCommands.DataOption.Length..]
            : argument;

    /// <summary>Reads the options; every mistake at once, as a <see cref="StartupException"/>.</summary>
    public static void AddSyncOptions(this WebApplicationBuilder builder)
    {
        var (options, mistakes) = SyncOptionsReader.Read(builder.Configuration);
        if (mistakes.Count > 0)
        {
            throw new StartupException(mistakes);
        }

        builder.Services.AddSingleton(options);
    }

    /// <summary>The engine, open before the server listens, closed after it has stopped.</summary>
    public static void AddEngine(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        var silence = new StartupLogFilter();
        silence.Install(builder.Logging);
        services.AddSingleton(silence);
        services.AddSingleton<EngineHost>();
        services.AddHostedService(provider => provider.GetRequiredService<EngineHost>());
        services.AddSingleton(provider => provider.GetRequiredService<EngineHost>().Engine);
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
        services.AddOptions<KestrelServerOptions>().Configure<SyncOptions>(static (kestrel, sync) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = sync.Limits.BodyBytes;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            // A wait's condition travels in the request line: the longest expression, percent-encoded.
            kestrel.Limits.MaxRequestLineSize = Math.Max(kestrel.Limits.MaxRequestLineSize, 4096 + (3 * sync.Limits.Room.Cel.SourceLength));
        });
    }

    /// <summary>Runs until told to stop. What keeps the server from starting is a sentence on standard error.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> ServeAsync(this WebApplication app)
    {
        try
        {
            await app.RunAsync();
            return 0;
        }
        catch (Exception exception) when (StartupException.Explain(exception) is { } sentences)
        {
            return await StartupException.ReportAsync(sentences);
        }
    }
}
