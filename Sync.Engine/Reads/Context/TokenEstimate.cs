namespace Sync.Engine.Reads.Context;

/// <summary>
/// Tokens of a text, as <c>budget</c> counts them: one for every four bytes of UTF-8. Models differ in how they count; English prose and JSON come out at about this.
/// </summary>
public static class TokenEstimate
{
    private const int BytesPerToken = 4;

    /// <summary>The bytes that so many tokens have.</summary>
    public static long BytesOf(int tokens) => (long)tokens * BytesPerToken;

    /// <summary>The tokens of so many bytes.</summary>
    public static long TokensOf(long bytes) => (bytes + BytesPerToken - 1) / BytesPerToken;
}
