using System.Security.Cryptography;
using System.Text;
using Sync.Engine.Identity.Users;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Primitives.Ids;
using Sync.Engine.Primitives.Options;
using Sync.Engine.Services.Invitations;

namespace Sync.Engine.Services.Users;

/// <content>What entitles to register, and what a passkey may look like.</content>
public sealed partial class UserService
{
    private const string SetupPrefix = "set_";
    private const string UserIdPrefix = "u_";
    private const int UserIdDigits = 24;
    private const int RecoveryCodes = 10;
    private const int LongestPasskeyName = 60;
    private const int LongestPasskeyData = 16 * 1024;

    // WebAuthn §4, credential ID: at least 16 bytes; at most 1023.
    private const int ShortestCredentialId = 16;
    private const int LongestCredentialId = 1_023;

    /// <summary>What the proof entitles to at this moment, decided once: while a request runs somebody else may finish the setup.</summary>
    private async Task<Outcome<Entitlement>> CheckProofAsync(RegistrationProof proof, CancellationToken cancellationToken)
    {
        if (_setup is { } secret)
        {
            // Until the operator is in nobody else is, whatever the policy says.
            return string.IsNullOrEmpty(proof.Setup) ? UserErrors.SetupFirst
                : IsSame(secret, proof.Setup) ? new Entitlement(BySetup: true, Invitation: null)
                : UserErrors.WrongSetup;
        }

        if (!string.IsNullOrEmpty(proof.Setup))
        {
            return UserErrors.SetupUsed;
        }

        if (_options.Registration == RegistrationPolicy.Closed)
        {
            return UserErrors.Closed;
        }

        if (!string.IsNullOrEmpty(proof.Invitation))
        {
            return InvitationSecret.Hash(proof.Invitation) is { } hash && await _invitations.FindAsync(hash, _time.GetUtcNow(), cancellationToken).ConfigureAwait(false) is not null
                ? new Entitlement(BySetup: false, hash)
                : UserErrors.InvitationGone;
        }

        return _options.Registration == RegistrationPolicy.Open ? new Entitlement(BySetup: false, Invitation: null) : UserErrors.InvitationNeeded;
    }

    private static bool IsSame(string secret, string shown) => CryptographicOperations.FixedTimeEquals(Digest(secret), Digest(shown));

    private static byte[] Digest(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    private static bool IsUserId(string id) =>
        id.Length == UserIdPrefix.Length + UserIdDigits
        && id.StartsWith(UserIdPrefix, StringComparison.Ordinal)
        && id.AsSpan(UserIdPrefix.Length).IndexOfAnyExcept("0123456789abcdef") < 0;

    private static SyncError? CheckPasskey(PasskeyRecord passkey) =>
        !IsPasskeyName(passkey.Name) ? UserErrors.InvalidPasskeyName
        : passkey.CredentialId.Length is < ShortestCredentialId or > LongestCredentialId || passkey.Data.Length is 0 or > LongestPasskeyData ? UserErrors.InvalidPasskey
        : null;

    private static bool IsPasskeyName(string name) => Identifiers.IsTitle(name, LongestPasskeyName);

    /// <summary>A proof that held.</summary>
    private sealed record Entitlement(bool BySetup, byte[]? Invitation);
}
