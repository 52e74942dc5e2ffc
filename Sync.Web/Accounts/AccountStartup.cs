using Sync.Engine.Primitives.Files;
using Sync.Engine.Services;
using Sync.Web.Options;

namespace Sync.Web.Accounts;

/// <summary>Makes the folder of the keys that protect cookies, readable by its owner only, and prints the link of the first user while there is none.</summary>
internal sealed class AccountStartup(SyncOptions options, IServiceProvider services) : IHostedLifecycleService
{
    /// <summary>The folder of the keys.</summary>
    public static DirectoryInfo KeyFolder(SyncOptions options) => new(Path.Combine(options.DataDirectory, "keys"));

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        var folder = KeyFolder(options).FullName;
        OwnerOnly.CreateFolder(folder);

        // It may have been there before, restored from a backup with other rights.
        OwnerOnly.Tighten(folder);
        return Task.CompletedTask;
    }

    /// <summary>Prints the setup link: to standard output and not to the log, which may go to other machines.</summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (services.GetRequiredService<SyncEngine>().Users.SetupSecret is { } secret)
        {
            await Console.Out.WriteLineAsync($"Nobody is registered yet. Open this link to be the first: {options.PublicUrl}{AccountPaths.Setup}?code={Uri.EscapeDataString(secret)}");
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
