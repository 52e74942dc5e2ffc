using System.Text.RegularExpressions;

namespace Sync.Cel;

/// <summary>Regular expressions of RE2's syntax on .NET's engine that never backtracks, so matching is linear in the text.</summary>
internal static class CelRegex
{
    private const int MaxPattern = 2048;

    /// <summary>The compiled pattern, or null and why not.</summary>
    public static Regex? Compile(string pattern, out string? problem)
    {
        if (pattern.Length > MaxPattern)
        {
            problem = $"The pattern has {pattern.Length} characters; {MaxPattern} are allowed.";
            return null;
        }

        var translated = new Re2Translator(pattern).Translate(out problem);
        if (translated is null)
        {
            return null;
        }

        try
        {
            return new Regex(translated, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (ArgumentException)
        {
            // The engine reports what it refuses only this way.
            problem = $"The pattern `{pattern}` is not a valid regular expression.";
            return null;
        }
        catch (NotSupportedException)
        {
            problem = $"The pattern `{pattern}` is too large or uses what a linear-time engine cannot do.";
            return null;
        }
    }

    public static CelValue IsMatch(Regex regex, string text, ref Evaluation run) =>
        run.Charge(1 + (text.Length >> 3)) ? CelValue.Of(regex.IsMatch(text)) : Errors.Cost;
}
