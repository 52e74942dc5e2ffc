namespace Sync.Engine;

/// <summary>What a user may be called.</summary>
internal static class UserName
{
    public static bool IsValid(string name)
    {
        if (name.Length is 0 or > 64)
        {
            return false;
        }

        foreach (var character in name)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('.' or '_' or '-'))
            {
                return false;
            }
        }

        return true;
    }
}
