using System.Text;
using System.Text.Json;
using Fido2NetLib;
using Fido2NetLib.Objects;
using Sync.Engine.Identity.Users;
using Sync.Web.Accounts;

namespace Sync.Web.Passkeys;

/// <summary>
/// Options and verification of passkeys by the Fido2 library, as this server wants them: user verification and a discoverable credential required, no
/// attestation asked for, EdDSA, ES256 or RS256. A verification that fails is null or false and its reason is in the log; the library's exceptions stay here.
/// </summary>
internal sealed partial class PasskeyVerifier(TrustedOrigins own, ILogger<PasskeyVerifier> logger)
{
    // Most wanted first (WebAuthn §5.4.3): what nearly every authenticator does, then what needs no good random numbers at signing, then what old Windows machines do.
    private static readonly PubKeyCredParam[] s_algorithms =
    [
        new(COSE.Algorithm.ES256, PublicKeyCredentialType.PublicKey),
        new(COSE.Algorithm.EdDSA, PublicKeyCredentialType.PublicKey),
        new(COSE.Algorithm.RS256, PublicKeyCredentialType.PublicKey),
    ];

    private static readonly Dictionary<string, AuthenticatorTransport> s_transports = new(StringComparer.Ordinal)
    {
        ["usb"] = AuthenticatorTransport.Usb,
        ["nfc"] = AuthenticatorTransport.Nfc,
        ["ble"] = AuthenticatorTransport.Ble,
        ["smart-card"] = AuthenticatorTransport.SmartCard,
        ["hybrid"] = AuthenticatorTransport.Hybrid,
        ["internal"] = AuthenticatorTransport.Internal,
    };

    /// <summary>Options to make a passkey for somebody (WebAuthn §5.4).</summary>
    public CredentialCreateOptions CreationOptions(HttpContext http, string userId, string userName, IEnumerable<PasskeyRecord> existing) =>
        Library(http).RequestNewCredential(new RequestNewCredentialParams
        {
            User = new Fido2User { Id = Encoding.UTF8.GetBytes(userId), Name = userName, DisplayName = userName },
            ExcludeCredentials = [.. existing.Select(Descriptor)],
            AuthenticatorSelection = new AuthenticatorSelection
            {
                ResidentKey = ResidentKeyRequirement.Required,
                UserVerification = UserVerificationRequirement.Required,
            },
            AttestationPreference = AttestationConveyancePreference.None,
            PubKeyCredParams = s_algorithms,
        });

    /// <summary>Options to show one of some passkeys, or of none in particular (WebAuthn §5.5).</summary>
    public AssertionOptions RequestOptions(HttpContext http, IEnumerable<PublicKeyCredentialDescriptor> allowed) =>
        Library(http).GetAssertionOptions(new GetAssertionOptionsParams
        {
            AllowedCredentials = [.. allowed],
            UserVerification = UserVerificationRequirement.Required,
        });

    /// <summary>A passkey in a list of those that may be shown.</summary>
    public static PublicKeyCredentialDescriptor Descriptor(PasskeyRecord passkey) => new(
        PublicKeyCredentialType.PublicKey,
        passkey.CredentialId.ToArray(),
        [.. (PasskeyData.FromRecord(passkey).Transports ?? []).Where(s_transports.ContainsKey).Select(static name => s_transports[name])]);

    /// <summary>Verifies a new passkey (WebAuthn §7.1); whether somebody has it already is the engine's to say.</summary>
    public async Task<NewPasskey?> VerifyNewAsync(HttpContext http, Ceremony ceremony, JsonElement credential)
    {
        try
        {
            var response = credential.GetProperty("response");
            var id = IdOf(credential);
            var options = CreationOptions(http, ceremony.UserId ?? "", ceremony.UserName ?? "", []);
            options.Challenge = ceremony.Challenge;
            var made = await Library(http).MakeNewCredentialAsync(
                new MakeNewCredentialParams
                {
                    AttestationResponse = new AuthenticatorAttestationRawResponse
                    {
                        Id = System.Buffers.Text.Base64Url.EncodeToString(id),
                        RawId = id,
                        Type = PublicKeyCredentialType.PublicKey,
                        Response = new()
                        {
                            AttestationObject = Bytes(response, "attestationObject"),
                            ClientDataJson = Bytes(response, "clientDataJSON"),
                            Transports = [],
                        },
                        ClientExtensionResults = new(),
                    },
                    OriginalOptions = options,
                    IsCredentialIdUniqueToUserCallback = static (_, _) => Task.FromResult(true),
                },
                http.RequestAborted);
            return new NewPasskey(made.Id, new PasskeyData
            {
                PublicKey = made.PublicKey,
                SignCount = made.SignCount,
                Transports = TransportsOf(response),
                // Required, so it was.
                IsUserVerified = true,
                IsBackupEligible = made.IsBackupEligible,
                IsBackedUp = made.IsBackedUp,
                AttestationObject = made.AttestationObject,
                ClientDataJson = made.AttestationClientDataJson,
                Aaguid = made.AaGuid,
            });
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // What comes in is anybody's bytes, and the library's parsers throw whatever they meet in them, not only exceptions of its own.
            LogRefused(ceremony.Kind, Reason(exception));
            return null;
        }
    }

    /// <summary>The credential that a body says was used; null when it says none.</summary>
    public static byte[]? CredentialIdOf(JsonElement credential)
    {
        try
        {
            return IdOf(credential);
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Verifies a use of a passkey (WebAuthn §7.2); what is to be kept of it from now on, or null.</summary>
    public async Task<PasskeyData?> VerifyUseAsync(HttpContext http, Ceremony ceremony, JsonElement credential, PasskeyRecord stored, string ownerId)
    {
        try
        {
            var kept = PasskeyData.FromRecord(stored);
            var response = credential.GetProperty("response");
            var authenticatorData = Bytes(response, "authenticatorData");
            var userHandle = response.TryGetProperty("userHandle", out var handle) && handle.ValueKind == JsonValueKind.String ? Bytes(response, "userHandle") : null;
            var owner = Encoding.UTF8.GetBytes(ownerId);
            if (userHandle is null && ceremony.UserId is null)
            {
                // §7.2, step 6: nobody was named before, so the authenticator says who it is.
                LogRefused(ceremony.Kind, "no user handle");
                return null;
            }

            var options = RequestOptions(http, [Descriptor(stored)]);
            options.Challenge = ceremony.Challenge;
            var id = IdOf(credential);
            var used = await Library(http).MakeAssertionAsync(
                new MakeAssertionParams
                {
                    AssertionResponse = new AuthenticatorAssertionRawResponse
                    {
                        Id = System.Buffers.Text.Base64Url.EncodeToString(id),
                        RawId = id,
                        Type = PublicKeyCredentialType.PublicKey,
                        Response = new()
                        {
                            AuthenticatorData = authenticatorData,
                            ClientDataJson = Bytes(response, "clientDataJSON"),
                            Signature = Bytes(response, "signature"),
                            UserHandle = userHandle,
                        },
                        ClientExtensionResults = new(),
                    },
                    OriginalOptions = options,
                    StoredPublicKey = kept.PublicKey,
                    StoredSignatureCounter = kept.SignCount,
                    IsUserHandleOwnerOfCredentialIdCallback = (claimed, _) => Task.FromResult(claimed.UserHandle.AsSpan().SequenceEqual(owner)),
                },
                http.RequestAborted);

            // A copy of the passkey falls behind and is noticed (§6.1.1); whether it may be copied never changes (§6.1.3).
            if (!kept.IsFollowedBy(used.SignCount) || AuthenticatorData.Parse(authenticatorData).IsBackupEligible != kept.IsBackupEligible)
            {
                LogRefused(ceremony.Kind, "the counter fell behind, or the passkey is of another kind than it was");
                return null;
            }

            return kept with { SignCount = used.SignCount, IsUserVerified = true, IsBackedUp = used.IsBackedUp, Aaguid = kept.Model };
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // As above.
            LogRefused(ceremony.Kind, Reason(exception));
            return null;
        }
    }

    // Made for each request: for a server on this machine the origin is that of the port it was asked at. It holds nothing but its configuration.
    private Fido2 Library(HttpContext http) => new(new Fido2Configuration
    {
        RPID = own.Domain,
        RPName = own.Domain,
        Origins = own.CeremonyOrigins(http.Connection.LocalPort),
        AllowCrossOriginRequests = false,
        ChallengeSize = 32,
        Timeout = (uint)CeremonyCookie.Life.TotalMilliseconds,
    });

    private static byte[] IdOf(JsonElement credential) =>
        credential.GetProperty("type").GetString() == "public-key" ? Bytes(credential, "rawId") : throw new FormatException("The credential is no public key.");

    private static byte[] Bytes(JsonElement holder, string name) =>
        System.Buffers.Text.Base64Url.DecodeFromChars(holder.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null."));

    // Browsers come with new ones; those that are not known here are of no use in options.
    private static string[] TransportsOf(JsonElement response) =>
        response.TryGetProperty("transports", out var transports) && transports.ValueKind == JsonValueKind.Array
            ? [.. transports.EnumerateArray().Where(static one => one.ValueKind == JsonValueKind.String).Select(static one => one.GetString()!).Where(s_transports.ContainsKey).Distinct()] // A string has text.
            : [];

    // It quotes what the client sent, which must not look like other lines of the log.
    private static string Reason(Exception failure) =>
        string.Concat($"{failure.GetType().Name}: {failure.Message}".Take(300).Select(static character => char.IsControl(character) ? '\uFFFD' : character));

    [LoggerMessage(LogLevel.Information, "A passkey was refused ({Ceremony}): {Reason}")]
    private partial void LogRefused(string ceremony, string reason);
}

/// <summary>A passkey that was just made.</summary>
internal sealed record NewPasskey(byte[] CredentialId, PasskeyData Data)
{
    /// <summary>As the engine keeps it.</summary>
    public PasskeyRecord ToRecord(string name, DateTimeOffset now) => new() { CredentialId = CredentialId, Name = name, CreatedAt = now, Data = Data.ToJson() };
}
