namespace Sync.Web.Accounts;

/// <summary>Addresses of the account pages.</summary>
internal static class AccountPaths
{
    public const string SignIn = "/auth/sign-in";
    public const string SignOut = "/auth/sign-out";
    public const string SignedOut = "/auth/signed-out";
    public const string Register = "/auth/register";
    public const string Accept = "/auth/invitation/accept";
    public const string Setup = "/setup";
    public const string Recover = "/recover";
    public const string Manage = "/manage";
    public const string PasskeyLink = "/auth/passkey-link";
    public const string Admin = "/admin";

    /// <summary>The sign-in page, which leads on to <paramref name="local"/>.</summary>
    public static string SignInFor(string? local) =>
        LocalPath.Of(local) is { } path ? $"{SignIn}?return={Uri.EscapeDataString(path)}" : SignIn;

    /// <summary>A path of this server as pages say it: below their base, wherever that is. The dot keeps <c>/a:b</c> from being read as an address of scheme <c>a</c>.</summary>
    public static string Below(string path) => "." + path;

    /// <summary>The address of a link for a new passkey.</summary>
    public static string PasskeyLinkFor(string publicUrl, string secret) => $"{publicUrl}{PasskeyLink}?code={Uri.EscapeDataString(secret)}";

    /// <summary>A room's page.</summary>
    public static string Room(string room) => $"/rooms/{Uri.EscapeDataString(room)}/dashboard";
}
