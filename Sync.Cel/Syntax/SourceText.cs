namespace Sync.Cel.Syntax;

/// <summary>Turns offsets into issues with line, column and caret.</summary>
internal static class SourceText
{
    private const int MaxLine = 160;

    public static CelIssue Issue(string source, int offset, string message, string? hint, string code = "invalid_cel")
    {
        offset = Math.Clamp(offset, 0, source.Length);
        var lineStart = offset == 0 ? 0 : source.LastIndexOf('\n', offset - 1) + 1;
        var lineEnd = source.IndexOf('\n', offset);
        lineEnd = lineEnd < 0 ? source.Length : lineEnd;
        var line = source.AsSpan(0, lineStart).Count('\n') + 1;
        var column = offset - lineStart + 1;
        return new CelIssue(code, message, line, column, Caret(source.AsSpan(lineStart, lineEnd - lineStart).TrimEnd('\r'), column - 1), hint);
    }

    // A one-line expression of kilobytes would bury the message: show a window around the place.
    private static string Caret(ReadOnlySpan<char> line, int at)
    {
        if (line.Length > MaxLine)
        {
            var from = Math.Clamp(at - MaxLine / 2, 0, line.Length - MaxLine);
            var length = Math.Min(MaxLine, line.Length - from);
            return $"…{line.Slice(from, length)}…\n{new string(' ', Math.Max(0, at - from) + 1)}^";
        }

        // Tabs are kept so that the caret stands under its place at any tab width.
        Span<char> pad = stackalloc char[Math.Min(at, MaxLine)];
        for (var i = 0; i < pad.Length; i++)
        {
            pad[i] = i < line.Length && line[i] == '\t' ? '\t' : ' ';
        }

        return $"{line}\n{pad}^";
    }
}
