using System.Text.Json.Nodes;
using Sync.Engine.Primitives.Json;

namespace Sync.Engine.Commands.BuiltIns;

/// <summary>A path of an expression that leads to nothing.</summary>
/// <param name="Path">The path.</param>
/// <param name="Message">What is not there.</param>
/// <param name="Near">What was most likely meant, as an expression, or null.</param>
/// <param name="Otherwise">The hint where nothing is near.</param>
internal sealed record UnknownPath(string Path, string Message, string? Near, string Otherwise = "It reads as null until something writes it.")
{
    // Of a longer expression the whole is no hint any more.
    private const int MaxSource = 500;

    /// <summary>What to do about it.</summary>
    public string Hint => Near is null ? Otherwise : $"Did you mean {Near}?";

    /// <summary>The warning in the expression that reads it: where that is short, with the whole as it was meant.</summary>
    public JsonObject ToWarning(string field, string source)
    {
        var warning = Warnings.Of("unknown_path", field, Message, Near is not null && Mended(source, Near) is { } whole ? $"{Hint} Write `{whole}`." : Hint);
        warning["path"] = Path;
        return warning;
    }

    // The suggestion in its place: a hint that can be taken as it stands.
    private string? Mended(string source, string near)
    {
        var path = Path;
        var at = source.IndexOf(path, StringComparison.Ordinal);
        if (at < 0 && path.LastIndexOf('.') is var dot and > 0)
        {
            path = $"{path[..dot]}[\"{path[(dot + 1)..]}\"]";
            at = source.IndexOf(path, StringComparison.Ordinal);
        }

        var end = at + path.Length;
        return at >= 0 && source.Length < MaxSource && source.Length > path.Length
            && (at == 0 || !(IsName(source[at - 1]) || source[at - 1] == '.')) && (end == source.Length || !IsName(source[end]))
            ? $"{source[..at]}{near}{source[end..]}"
            : null;
    }

    private static bool IsName(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';
}
