namespace Sync.Web.Commands;

/// <summary>Prints rows in columns.</summary>
internal static class TextTable
{
    private const string Gap = "  ";

    public static void Write(string[] header, IEnumerable<string[]> rows)
    {
        string[][] all = [header, .. rows];
        var widths = header.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        foreach (var row in all)
        {
            Console.WriteLine(string.Join(Gap, row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }
}
