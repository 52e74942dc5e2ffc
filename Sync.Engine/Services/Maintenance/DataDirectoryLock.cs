using System.Globalization;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Files;

namespace Sync.Engine.Services.Maintenance;

/// <summary>
/// The right to serve a data folder: a file that the running server holds open exclusively. The system lets go of it when the process
/// ends, however it ends, so there is never a stale lock to remove.
/// </summary>
public sealed class DataDirectoryLock : IDisposable
{
    /// <summary>The file's name in the data folder.</summary>
    public const string FileName = "server.lock";

    private readonly FileStream _file;

    private DataDirectoryLock(FileStream file) => _file = file;

    /// <summary>Takes the lock; creates the folder when absent. <c>unavailable</c> when a server holds it.</summary>
    public static Outcome<DataDirectoryLock> Acquire(string directory)
    {
        OwnerOnly.CreateFolder(Path.GetFullPath(directory));
        var path = Path.Combine(Path.GetFullPath(directory), FileName);
        FileStream file;
        try
        {
            file = new FileStream(path, OwnerOnly.File(FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException) when (File.Exists(path))
        {
            return new SyncError(ErrorCode.Unavailable, $"A Sync server is already using the data folder {Path.GetFullPath(directory)}.")
            {
                Hint = "Stop that server first, or choose another folder with Sync__DataDirectory.",
            };
        }

        // For a person who looks; the lock is the open file, not what it says.
        file.SetLength(0);
        file.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"));
        file.Flush();
        return new DataDirectoryLock(file);
    }

    /// <summary>Lets go.</summary>
    public void Dispose() => _file.Dispose();
}
