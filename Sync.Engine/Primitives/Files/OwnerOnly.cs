namespace Sync.Engine.Primitives.Files;

/// <summary>
/// Files and folders that only their owner may read, where the system knows such a thing: what holds private scopes, secrets or keys is made through here. On Windows the rights of the
/// folder around them decide, and nothing is done.
/// </summary>
public static class OwnerOnly
{
    private const UnixFileMode FileRights = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode FolderRights = FileRights | UnixFileMode.UserExecute;

    /// <summary>How to open or create such a file; an existing one keeps the rights it has.</summary>
    public static FileStreamOptions File(FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = FileRights;
        }

        return options;
    }

    /// <summary>Creates a folder when absent; an existing one keeps the rights it has.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, FolderRights);
        }
    }

    /// <summary>Closes a folder and everything in it to others: an earlier version left files open, and so does a copy or a restored backup.</summary>
    /// <returns>How many files and folders were open to others.</returns>
    public static int Tighten(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return 0;
        }

        var folder = new DirectoryInfo(path);
        var tightened = 0;
        foreach (var item in folder.EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Where(item => item.LinkTarget is null).Prepend(folder))
        {
            try
            {
                if ((item.UnixFileMode & ~FolderRights) != 0)
                {
                    item.UnixFileMode = item is DirectoryInfo ? FolderRights : FileRights;
                    tightened++;
                }
            }
            catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
            {
                // It has gone meanwhile, or belongs to somebody else, who decides.
            }
        }

        return tightened;
    }
}
