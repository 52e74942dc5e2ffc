namespace Sync.Web.Http.Pipeline;

/// <summary>
/// Marks an endpoint, or a page, where a secret can be tried: sign-in, recovery, user codes. It has a small bucket of its own for each address, whatever else the address may do.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class CredentialRateLimit : Attribute
{
    /// <summary>The mark.</summary>
    public static CredentialRateLimit Metadata { get; } = new();
}
