namespace Sync.Engine.Primitives.Ids;

/// <summary>Order of keys within a scope: row numbers by number, before everything else by code unit.</summary>
internal sealed class KeyOrder : IComparer<string>
{
    public static KeyOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var left = IsRow(x!, out var a);
        var right = IsRow(y!, out var b);
        if (left && right)
        {
            return a.CompareTo(b);
        }

        return left == right ? string.CompareOrdinal(x, y) : left ? -1 : 1;
    }

    /// <summary>Whether a key is a row number in canonical form (no sign, no leading zero).</summary>
    public static bool IsRow(string key, out long number)
    {
        number = 0;
        if (key.Length is 0 or > 18 || (key[0] == '0' && key.Length > 1))
        {
            return false;
        }

        foreach (var c in key)
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            number = (number * 10) + (c - '0');
        }

        return true;
    }
}
