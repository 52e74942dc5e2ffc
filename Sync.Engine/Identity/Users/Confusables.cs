using System.Text;

namespace Sync.Engine.Identity.Users;

/// <summary>
/// When two ids or names are taken for each other. Both are folded: letters lose their case; <c>0</c> reads as <c>o</c>; <c>1</c>, <c>i</c> and <c>l</c> as one letter;
/// <c>rn</c> as <c>m</c>, <c>vv</c> as <c>w</c>; the separators <c>. _ - :</c> are alike, count once in a row and not at the ends. What folds alike looks alike.
/// Ids have no characters beyond ASCII, so these are the pairs that matter in common fonts.
/// </summary>
internal static class Confusables
{
    /// <summary>The folded form; empty for nothing but separators.</summary>
    public static string Fold(string name)
    {
        var folded = new StringBuilder(name.Length);
        var separated = false;
        foreach (var character in name)
        {
            var lower = char.ToLowerInvariant(character);
            if (lower is '.' or '_' or '-' or ':')
            {
                separated = folded.Length > 0;
                continue;
            }

            if (separated)
            {
                folded.Append('-');
                separated = false;
            }

            folded.Append(lower switch { '0' => 'o', '1' or 'i' => 'l', _ => lower });
        }

        return folded.Replace("rn", "m").Replace("vv", "w").ToString();
    }
}
