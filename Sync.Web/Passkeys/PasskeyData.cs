using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Identity;
using Sync.Engine;

namespace Sync.Web.Passkeys;

/// <summary>What is kept of a passkey beside its id, name and dates: a record of our own, so that a new version of the library cannot change what is stored.</summary>
internal sealed record PasskeyData
{
    public required byte[] PublicKey { get; init; }

    public required uint SignCount { get; init; }

    public string[]? Transports { get; init; }

    public bool IsUserVerified { get; init; }

    public bool IsBackupEligible { get; init; }

    public bool IsBackedUp { get; init; }

    public required byte[] AttestationObject { get; init; }

    public required byte[] ClientDataJson { get; init; }

    /// <summary>A new passkey as the engine keeps it.</summary>
    public static PasskeyRecord ToRecord(UserPasskeyInfo passkey, string name) => new()
    {
        CredentialId = passkey.CredentialId,
        Name = name,
        CreatedAt = passkey.CreatedAt,
        Data = ToJson(passkey),
    };

    /// <summary>The engine's <see cref="PasskeyRecord.Data"/> of a passkey.</summary>
    public static string ToJson(UserPasskeyInfo passkey) => JsonSerializer.Serialize(
        new PasskeyData
        {
            PublicKey = passkey.PublicKey,
            SignCount = passkey.SignCount,
            Transports = passkey.Transports,
            IsUserVerified = passkey.IsUserVerified,
            IsBackupEligible = passkey.IsBackupEligible,
            IsBackedUp = passkey.IsBackedUp,
            AttestationObject = passkey.AttestationObject,
            ClientDataJson = passkey.ClientDataJson,
        },
        PasskeyJson.Default.PasskeyData);

    /// <summary>Whether a use comes after what is kept: the counter has moved on, or is one that never counts (WebAuthn §7.2, step 22).</summary>
    public static bool Follows(PasskeyRecord kept, UserPasskeyInfo used)
    {
        var before = FromRecord(kept).SignCount;
        return used.SignCount > before || (used.SignCount == 0 && before == 0);
    }

    /// <summary>A passkey as the library wants it.</summary>
    public static UserPasskeyInfo FromRecord(PasskeyRecord record)
    {
        var data = JsonSerializer.Deserialize(record.Data, PasskeyJson.Default.PasskeyData)
            ?? throw new InvalidDataException("A stored passkey is empty.");
        return new UserPasskeyInfo(
            record.CredentialId.ToArray(),
            data.PublicKey,
            record.CreatedAt,
            data.SignCount,
            data.Transports,
            data.IsUserVerified,
            data.IsBackupEligible,
            data.IsBackedUp,
            data.AttestationObject,
            data.ClientDataJson)
        {
            Name = record.Name,
        };
    }
}

/// <summary>How <see cref="PasskeyData"/> is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PasskeyData))]
internal sealed partial class PasskeyJson : JsonSerializerContext;
