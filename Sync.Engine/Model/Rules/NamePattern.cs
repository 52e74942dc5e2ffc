namespace Sync.Engine.Model.Rules;

/// <summary>A pattern of names: <c>*</c> stands for any run of characters, <c>?</c> for one, everything else for itself.</summary>
/// <param name="Text">As it was written.</param>
internal readonly record struct NamePattern(string Text)
{
    /// <summary>The longest pattern.</summary>
    public const int MaxLength = 256;

    /// <summary>The most runs (<c>*</c>) of one pattern.</summary>
    public const int MaxRuns = 8;

    /// <summary>Whether it may match another name than itself.</summary>
    public bool HasWildcards => Text.AsSpan().ContainsAny('*', '?');

    /// <summary>How many runs it has.</summary>
    public int Runs => Text.AsSpan().Count('*');

    /// <summary>Whether a name matches. At most as many steps as the product of both lengths.</summary>
    public bool Matches(string name)
    {
        var (at, pattern, star, resume) = (0, 0, -1, 0);
        while (at < name.Length)
        {
            if (pattern < Text.Length && Text[pattern] == '*')
            {
                (star, resume) = (pattern++, at);
            }
            else if (pattern < Text.Length && (Text[pattern] == '?' || Text[pattern] == name[at]))
            {
                pattern++;
                at++;
            }
            else if (star >= 0)
            {
                // The run of the last star is one longer.
                (pattern, at) = (star + 1, ++resume);
            }
            else
            {
                return false;
            }
        }

        return Text.AsSpan(pattern).TrimStart('*').IsEmpty;
    }
}
