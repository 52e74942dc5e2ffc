using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Api;
using Sync.Web.Options;

namespace Sync.Web.Commands;

/// <summary>Opens the data folder for a command and turns what goes wrong into a sentence and an exit code.</summary>
internal static class DataFolder
{
    private const int Failed = 1;

    /// <summary>Runs <paramref name="action"/> on the database of the folder that the arguments, the environment or the settings name.</summary>
    /// <returns>The exit code.</returns>
    public static Task<int> UseAsync(
        ParseResult arguments,
        Option<string?> data,
        bool create,
        Func<Sync.Engine.Services.Maintenance.Maintenance, CancellationToken, Task<Outcome<int>>> action,
        CancellationToken cancellationToken) =>
        UseAsync(arguments, data, options => OpenAsync(options, create, action, cancellationToken));

    /// <summary>Runs <paramref name="action"/> on the database of the options' folder.</summary>
    /// <returns>The exit code, or what it refuses.</returns>
    public static async Task<Outcome<int>> OpenAsync(
        SyncOptions options,
        bool create,
        Func<Sync.Engine.Services.Maintenance.Maintenance, CancellationToken, Task<Outcome<int>>> action,
        CancellationToken cancellationToken)
    {
        if (!(await Sync.Engine.Services.Maintenance.Maintenance.OpenAsync(options.DataDirectory, create, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken)).Try(out var maintenance, out var error))
        {
            return error;
        }

        await using (maintenance)
        {
            return await action(maintenance, cancellationToken);
        }
    }

    /// <summary>Runs <paramref name="action"/> on the folder itself, with the server's options.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> UseAsync(ParseResult arguments, Option<string?> data, Func<SyncOptions, Task<Outcome<int>>> action)
    {
        var (options, mistakes) = SyncOptionsReader.Read(Configuration(arguments.GetValue(data)));
        if (mistakes.Count > 0)
        {
            return await StartupException.ReportAsync(mistakes);
        }

        try
        {
            return (await action(options)).Try(out var exitCode, out var error) ? exitCode : await RefuseAsync(error);
        }
        catch (Exception exception) when (StartupException.ExplainFolder(exception, options.DataDirectory) is { } sentence)
        {
            return await StartupException.ReportAsync([sentence]);
        }
    }

    private static async Task<int> RefuseAsync(SyncError error)
    {
        await Console.Error.WriteLineAsync(error.HintFor(new HttpSteps(publicUrl: "")) is { } hint ? $"{error.Message} {hint}" : error.Message);
        return Failed;
    }

    private static IConfigurationRoot Configuration(string? directory)
    {
        var configuration = new ConfigurationBuilder()
            .SetBasePath(AppContext.BaseDirectory)
            .AddJsonFile("appsettings.json", optional: true)
            .AddEnvironmentVariables();
        return directory is null
            ? configuration.Build()
            : configuration.AddInMemoryCollection([new("Sync:DataDirectory", directory)]).Build();
    }
}
