using System.Text;

namespace Sync.Cel.Values;

/// <summary>How names are written in an expression.</summary>
public static class MemberText
{
    /// <summary>A member of a map as it follows the map: <c>.name</c>, or <c>["other text"]</c>.</summary>
    public static string Of(string name) => IsPlain(name) ? $".{name}" : $"[{Quoted(name)}]";

    /// <summary>Whether a name can stand after a dot.</summary>
    public static bool IsPlain(string name) => name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <summary>A text as a literal.</summary>
    public static string Quoted(string text)
    {
        var quoted = new StringBuilder(text.Length + 2);
        ValueText.AppendQuoted(quoted, text);
        return quoted.ToString();
    }
}
