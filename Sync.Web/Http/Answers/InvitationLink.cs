namespace Sync.Web.Http.Answers;

/// <summary>The link that takes an invitation up.</summary>
internal static class InvitationLink
{
    /// <summary>The link with its secret.</summary>
    public static string Of(string publicUrl, string secret) => $"{publicUrl}/auth/register?invitation={secret}";
}
