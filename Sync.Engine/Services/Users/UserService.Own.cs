using Sync.Engine.Identity;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Clock;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Options;

namespace Sync.Engine.Services.Users;

/// <content>
/// What a signed-in person does to how they sign in. An open browser is not enough for what would let somebody else in for good: for that they have shown a
/// passkey in it not long ago.
/// </content>
public sealed partial class UserService
{
    /// <summary>
    /// Whether the caller may change how they sign in: null, or the refusal they would get. <c>confirmation_required</c> when they signed in, or were asked
    /// again, longer ago than <see cref="EngineOptions.ConfirmedFor"/>, or before the server started.
    /// </summary>
    public SyncError? ConfirmationRefusal(Caller caller) => OwnerConfirmed(caller).Try(out _, out var error) ? null : error;

    /// <summary>Notes that the person of a session has shown a passkey of theirs again, which whoever calls has verified.</summary>
    /// <param name="caller">The session.</param>
    /// <param name="userId">Whose passkey it was.</param>
    /// <remarks>Errors: <c>authentication_required</c> without a session; <c>invalid_parameter</c> for somebody else's passkey.</remarks>
    public Outcome<string> Confirm(Caller caller, string userId)
    {
        if (!Owner(caller).Try(out var owner, out var error))
        {
            return error;
        }

        if (owner != userId)
        {
            return UserErrors.PasskeyOfAnother;
        }

        _access.Sessions.Confirm(caller);
        return owner;
    }

    /// <summary>Adds a passkey to the caller's. At most 20 each user.</summary>
    /// <remarks>
    /// Errors: <c>authentication_required</c> without a session; <c>confirmation_required</c>; <c>invalid_parameter</c> for a bad name, one too many, or a
    /// credential that is registered already.
    /// </remarks>
    public async Task<Outcome<PasskeyRecord>> AddPasskeyAsync(Caller caller, PasskeyRecord passkey, CancellationToken cancellationToken)
    {
        if (!OwnerConfirmed(caller).Try(out var owner, out var error))
        {
            return error;
        }

        return CheckPasskey(passkey) is { } invalid ? invalid : await _users.AddPasskeyAsync(owner, passkey, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Renames a passkey of the caller's.</summary>
    /// <remarks>Errors: <c>authentication_required</c> without a session; <c>not_found</c>; <c>invalid_parameter</c> unless 1 to 60 printable characters.</remarks>
    public async Task<Outcome<PasskeyRecord>> RenamePasskeyAsync(Caller caller, ReadOnlyMemory<byte> credentialId, string name, CancellationToken cancellationToken)
    {
        if (!Owner(caller).Try(out var owner, out var error))
        {
            return error;
        }

        return IsPasskeyName(name)
            ? await _users.RenamePasskeyAsync(owner, credentialId.ToArray(), name, cancellationToken).ConfigureAwait(false)
            : UserErrors.InvalidPasskeyName;
    }

    /// <summary>Removes a passkey of the caller's; browsers stay signed in.</summary>
    /// <remarks>
    /// Errors: <c>authentication_required</c> without a session; <c>confirmation_required</c>; <c>not_found</c>; <c>last_passkey</c>: without one nobody could sign in.
    /// </remarks>
    public async Task<Outcome<PasskeyRecord>> RemovePasskeyAsync(Caller caller, ReadOnlyMemory<byte> credentialId, CancellationToken cancellationToken) =>
        OwnerConfirmed(caller).Try(out var owner, out var error)
            ? await _users.RemovePasskeyAsync(owner, credentialId.ToArray(), cancellationToken).ConfigureAwait(false)
            : error;

    /// <summary>Makes ten new recovery codes for the caller, shown this once; the ones before are dead.</summary>
    /// <remarks>Errors: <c>authentication_required</c> without a session; <c>confirmation_required</c>.</remarks>
    public async Task<Outcome<IReadOnlyList<string>>> NewRecoveryCodesAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (!OwnerConfirmed(caller).Try(out var owner, out var error))
        {
            return error;
        }

        string[] codes = [.. Enumerable.Range(0, RecoveryCodes).Select(static _ => RecoveryCode.New())];
        await _users.ReplaceRecoveryCodesAsync(owner, [.. codes.Select(code => RecoveryCode.Hash(owner, code))], _time.UtcNowToMillisecond(), cancellationToken).ConfigureAwait(false);
        return codes;
    }

    /// <summary>The live link with which somebody could make a passkey for the caller's account, or null: they see that there is one, and who made it.</summary>
    /// <remarks>Errors: <c>authentication_required</c> without a session.</remarks>
    public async Task<Outcome<PasskeyLinkInfo?>> PasskeyLinkAsync(Caller caller, CancellationToken cancellationToken) =>
        Owner(caller).Try(out var owner, out var error)
            ? Outcome<PasskeyLinkInfo?>.Of(await _links.OfAsync(owner, _time.GetUtcNow(), cancellationToken).ConfigureAwait(false))
            : error;

    /// <summary>Ends that link.</summary>
    /// <remarks>Errors: <c>authentication_required</c> without a session; <c>not_found</c>.</remarks>
    public async Task<Outcome<string>> EndPasskeyLinkAsync(Caller caller, CancellationToken cancellationToken) =>
        !Owner(caller).Try(out var owner, out var error) ? error
        : await _links.RemoveAsync(owner, cancellationToken).ConfigureAwait(false) ? owner
        : UserErrors.NoPasskeyLink;

    private Outcome<string> Owner(Caller caller) =>
        caller.IsSession && _access.Current(caller)?.User is { } user ? user.Id : ScopeErrors.NeedsSession;

    private Outcome<string> OwnerConfirmed(Caller caller)
    {
        if (!Owner(caller).Try(out var owner, out var error))
        {
            return error;
        }

        return _access.Sessions.ConfirmedAt(caller) + _options.ConfirmedFor > _time.GetUtcNow() ? owner : UserErrors.ConfirmationRequired;
    }
}
