using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Files;

namespace Sync.Web.Commands;

/// <summary>Files that commands read and write, named by the operator. What is wrong with one is said of it, not of the data folder.</summary>
internal static class CommandFile
{
    /// <summary>The file to read, or standard input for <c>-</c>.</summary>
    public static Outcome<Stream> Read(string path) =>
        path == "-" ? Console.OpenStandardInput() : Open(path, static path => new FileStream(path, FileMode.Open, FileAccess.Read));

    /// <summary>Writes a new file, or to standard output when <paramref name="path"/> is null. A file that is refused or fails half-way does not stay.</summary>
    public static async Task<Outcome<int>> WriteAsync(string? path, Func<Stream, Task<SyncError?>> write)
    {
        if (path is null)
        {
            await using var output = Console.OpenStandardOutput();
            return await write(output) is { } refused ? refused : 0;
        }

        // An export holds private scopes: only who runs the command may read it.
        if (!Open(path, static path => new FileStream(path, OwnerOnly.File(FileMode.CreateNew, FileAccess.Write, FileShare.Read))).Try(out var file, out var error))
        {
            return error;
        }

        var isWhole = false;
        try
        {
            await using (file)
            {
                error = await write(file);
            }

            isWhole = error is null;
            return isWhole ? 0 : error!; // Not whole: there is an error.
        }
        finally
        {
            if (!isWhole)
            {
                File.Delete(path);
            }
        }
    }

    private static Outcome<Stream> Open(string path, Func<string, Stream> open)
    {
        try
        {
            return open(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return new SyncError(ErrorCode.InvalidParameter, exception switch
            {
                FileNotFoundException or DirectoryNotFoundException => $"There is no {path}.",
                IOException when File.Exists(path) => $"{path} exists already.",
                _ => $"{path} cannot be opened.",
            });
        }
    }
}
