namespace Sync.Cel.Tests;

/// <summary>The folder that the solution stands in, for tests that read sources and documents.</summary>
internal static class RepositoryFolder
{
    /// <summary>Its path; null where the tests run outside of the repository.</summary>
    public static string? Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Sync.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName;
    }

    /// <summary>The path of something in it.</summary>
    /// <exception cref="InvalidOperationException">The tests run outside of the repository.</exception>
    public static string At(params ReadOnlySpan<string> path) =>
        Path.Combine([Find() ?? throw new InvalidOperationException("The tests run outside of the repository."), .. path]);
}
