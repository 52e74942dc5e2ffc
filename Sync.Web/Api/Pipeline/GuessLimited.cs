namespace Sync.Web.Api.Pipeline;

/// <summary>
/// Marks an endpoint where a secret can be tried: sign-in, recovery, user codes. It has a small bucket of its own for each address, whatever else the address may do.
/// </summary>
internal sealed class GuessLimited
{
    private GuessLimited()
    {
    }

    /// <summary>The mark.</summary>
    public static GuessLimited Metadata { get; } = new();
}
