namespace Sync.Engine.Identity.Users;

/// <summary>The rules of user names.</summary>
internal static class UserName
{
    public static bool IsValid(string name)
    {
        // A name is a segment of paths too, and these two are resolved away there.
        if (name.Length is 0 or > 64 || name is "." or "..")
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
