using System.Diagnostics;

namespace Sync.E2E.Crash;

/// <summary>A file system of its own in memory (tmpfs), small enough to be filled to the last byte. Mounting takes root; it is unmounted when disposed, whatever came before.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly DirectoryInfo _place;

    private SmallDisk(DirectoryInfo place) => _place = place;

    /// <summary>Where it is.</summary>
    public string Path => _place.FullName;

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    /// <summary>Mounts one; where that is not allowed the test is skipped and says why.</summary>
    public static async Task<SmallDisk> MountAsync(int megabytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "tmpfs is Linux's.");
        var place = Directory.CreateTempSubdirectory("sync-disk-");
        var (exitCode, error) = await RunAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0700", "tmpfs", place.FullName);
        if (exitCode != 0)
        {
            place.Delete();
            Assert.Skip($"A small file system cannot be mounted here, which takes root (CAP_SYS_ADMIN): {error}");
        }

        return new SmallDisk(place);
    }

    /// <summary>Takes every byte that is left.</summary>
    public void Fill()
    {
        using var ballast = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[64 * 1024];
        for (var size = block.Length; size > 0;)
        {
            try
            {
                ballast.Write(block, 0, size);
            }
            catch (IOException)
            {
                // ENOSPC: a smaller piece may still fit.
                size /= 2;
            }
        }
    }

    /// <summary>Gives it back.</summary>
    public void Free() => File.Delete(Ballast);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Lazily, should a process still have a file open there: the mount must not outlive the test.
        var (exitCode, error) = await RunAsync("umount", Path);
        if (exitCode != 0)
        {
            (exitCode, error) = await RunAsync("umount", "-l", Path);
        }

        Assert.True(exitCode == 0, error);
        _place.Delete();
    }

    private static async Task<(int ExitCode, string Error)> RunAsync(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })
                ?? throw new InvalidOperationException($"{program} did not start.");
            var error = await process.StandardError.ReadToEndAsync(CancellationToken.None);
            await process.WaitForExitAsync(CancellationToken.None);
            return (process.ExitCode, error.Trim());
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return (-1, missing.Message);
        }
    }
}
