using System.Formats.Cbor;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fido2NetLib;
using Fido2NetLib.Objects;
using Sync.Engine.Identity.Users;

namespace Sync.Web.Passkeys;

/// <summary>
/// What is kept of a passkey beside its id, name and dates: a record of our own, so that a new version of the library cannot change what is stored. Rows of
/// servers before 2026-12 have no AAGUID; it is read out of the attestation object, which they keep, and written at the passkey's next use.
/// </summary>
internal sealed record PasskeyData
{
    /// <summary>The key as a COSE_Key (RFC 9052 §7), whichever library verified it.</summary>
    public required byte[] PublicKey { get; init; }

    public required uint SignCount { get; init; }

    public string[]? Transports { get; init; }

    public bool IsUserVerified { get; init; }

    public bool IsBackupEligible { get; init; }

    public bool IsBackedUp { get; init; }

    public required byte[] AttestationObject { get; init; }

    public required byte[] ClientDataJson { get; init; }

    /// <summary>The model of the authenticator (WebAuthn §6.5.1); zeroes where it does not say.</summary>
    public Guid? Aaguid { get; init; }

    /// <summary>The model, also of a passkey that was stored without it.</summary>
    [JsonIgnore]
    public Guid Model => Aaguid ?? AttestedModel();

    /// <summary>The engine's <see cref="PasskeyRecord.Data"/>.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, PasskeyJson.Default.PasskeyData);

    public static PasskeyData FromRecord(PasskeyRecord record) =>
        JsonSerializer.Deserialize(record.Data, PasskeyJson.Default.PasskeyData) ?? throw new InvalidDataException("A stored passkey is empty.");

    /// <summary>Whether a use comes after what is kept: the counter has moved on, or is one that never counts (WebAuthn §7.2, step 22).</summary>
    public bool IsFollowedBy(uint signCount) => signCount > SignCount || (signCount == 0 && SignCount == 0);

    private Guid AttestedModel()
    {
        try
        {
            return AuthenticatorAttestationResponse.Parse(new AuthenticatorAttestationRawResponse
            {
                // The parser reads the response alone; the credential's own members are asked for by the type.
                Id = "",
                RawId = [],
                Type = PublicKeyCredentialType.PublicKey,
                Response = new() { AttestationObject = AttestationObject, ClientDataJson = ClientDataJson, Transports = [] },
                ClientExtensionResults = new(),
            }).AttestationObject.AuthData.AttestedCredentialData?.AaGuid ?? Guid.Empty;
        }
        catch (Exception exception) when (exception is Fido2VerificationException or CborContentException)
        {
            // Another library took it once. A name for a list is not worth a sign-in.
            return Guid.Empty;
        }
    }
}

/// <summary>The JSON form of <see cref="PasskeyData"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PasskeyData))]
internal sealed partial class PasskeyJson : JsonSerializerContext;
