namespace Sync.Engine.Identity.Tokens;

/// <summary>A token at the moment of minting.</summary>
/// <param name="Id">Its id, which is no secret.</param>
/// <param name="Secret">The bearer secret.</param>
/// <param name="Scope">Its canonical scope.</param>
/// <param name="ExpiresAt">When it dies by itself, or null.</param>
public sealed record MintedToken(string Id, string Secret, string Scope, DateTimeOffset? ExpiresAt);
