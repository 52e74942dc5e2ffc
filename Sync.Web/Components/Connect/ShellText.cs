namespace Sync.Web.Components.Connect;

/// <summary>Texts as a POSIX shell takes them.</summary>
internal static class ShellText
{
    /// <summary>The text as one word: nothing in it is expanded.</summary>
    public static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
