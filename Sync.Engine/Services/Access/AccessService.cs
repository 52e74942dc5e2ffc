using Sync.Engine.Authority;
using Sync.Engine.Identity;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Errors;

namespace Sync.Engine.Services.Access;

/// <summary>Authentication, and what an operator of the machine may do about tokens and users.</summary>
public sealed class AccessService
{
    private readonly IdentityCache _table;

    internal AccessService(IdentityCache table) => _table = table;

    /// <summary>
    /// Authenticates a bearer secret. Null or empty: <see cref="Caller.Anonymous"/>. Unknown, expired or revoked: <c>invalid_token</c>.
    /// Completes synchronously for every token the server has seen; an unknown one costs one database look-up, so that tokens
    /// minted beside the running server are honoured at once.
    /// </summary>
    public ValueTask<Outcome<Caller>> AuthenticateAsync(string? bearer, CancellationToken cancellationToken) =>
        _table.AuthenticateAsync(bearer, cancellationToken);

    /// <summary>Mints a token for a user, who is created if need be. For the operator of the machine: no caller is asked.</summary>
    /// <returns>The secret, shown this once.</returns>
    /// <remarks>Errors: <c>invalid_scope</c>; <c>invalid_parameter</c> for a bad user name, label or life time.</remarks>
    public async Task<Outcome<MintedToken>> MintAsync(string userName, string scope, string? label, TimeSpan? expiresIn, CancellationToken cancellationToken) =>
        Scope.Parse(scope).Try(out var parsed, out var error)
            ? await _table.Tokens.MintAsync(userName, parsed, label, expiresIn, cancellationToken).ConfigureAwait(false)
            : error;

    /// <summary>All users, for the operator of the machine.</summary>
    public Task<IReadOnlyList<UserSummary>> ListUsersAsync(CancellationToken cancellationToken) => _table.Users.SummariseAsync(cancellationToken);
}
