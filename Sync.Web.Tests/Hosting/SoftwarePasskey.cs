using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Base64 = System.Buffers.Text.Base64Url;

namespace Sync.Web.Tests.Hosting;

/// <summary>An authenticator with one passkey (no attestation), and the browser before it, each of which can be told to misbehave.</summary>
internal sealed class SoftwarePasskey(PasskeyKey key) : IDisposable
{
    private byte[] _id = RandomNumberGenerator.GetBytes(32);
    private byte[] _userHandle = [];
    private uint _uses;

    public SoftwarePasskey()
        : this(PasskeyKey.Es256())
    {
    }

    /// <summary>A passkey that was made elsewhere.</summary>
    public static SoftwarePasskey Of(PasskeyKey key, byte[] id, string userId) => new(key) { _id = id, _userHandle = Encoding.UTF8.GetBytes(userId) };

    /// <summary>The credential's id in base64url.</summary>
    public string Id => Base64.EncodeToString(_id);

    /// <summary>Whether it has looked at a fingerprint or the like.</summary>
    public bool VerifiesUser { get; init; } = true;

    /// <summary>Which model it says it is.</summary>
    public Guid Model { get; init; }

    /// <summary>Whether it can be copied to another device; may change, which no authenticator's should.</summary>
    public bool IsBackupEligible { get; set; }

    /// <summary>Whether it says whose it is when it is used.</summary>
    public bool TellsUser { get; init; } = true;

    /// <summary>Answers to creation options (WebAuthn §7.1).</summary>
    public JsonObject Create(JsonElement options, string origin, bool crossOrigin = false, string? rpId = null)
    {
        _userHandle = Base64.DecodeFromChars(options.GetProperty("user").GetProperty("id").GetString());
        byte[] authenticatorData =
            [.. AuthenticatorData(rpId ?? options.GetProperty("rp").GetProperty("id").GetString()!, attested: true), .. Model.ToByteArray(bigEndian: true), 0, (byte)_id.Length, .. _id, .. key.Cose]; // Always there.
        byte[] attestation =
        [
            0xA3, 0x63, .. "fmt"u8, 0x64, .. "none"u8, 0x67, .. "attStmt"u8, 0xA0, 0x68, .. "authData"u8,
            0x59, (byte)(authenticatorData.Length >> 8), (byte)authenticatorData.Length, .. authenticatorData,
        ];
        return Credential(new JsonObject
        {
            ["clientDataJSON"] = Base64.EncodeToString(ClientData("webauthn.create", options, origin, crossOrigin)),
            ["attestationObject"] = Base64.EncodeToString(attestation),
            ["transports"] = new JsonArray("internal"),
        });
    }

    /// <summary>Answers to request options (WebAuthn §7.2).</summary>
    public JsonObject Use(JsonElement options, string origin, uint? uses = null)
    {
        _uses = uses ?? _uses + 1;
        var authenticatorData = AuthenticatorData(options.GetProperty("rpId").GetString()!, attested: false); // Always there.
        var clientData = ClientData("webauthn.get", options, origin, crossOrigin: false);
        var signature = key.Sign([.. authenticatorData, .. SHA256.HashData(clientData)]);
        return Credential(new JsonObject
        {
            ["clientDataJSON"] = Base64.EncodeToString(clientData),
            ["authenticatorData"] = Base64.EncodeToString(authenticatorData),
            ["signature"] = Base64.EncodeToString(signature),
            ["userHandle"] = TellsUser ? Base64.EncodeToString(_userHandle) : null,
        });
    }

    public void Dispose() => key.Dispose();

    private byte[] AuthenticatorData(string rpId, bool attested)
    {
        var counter = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(counter, _uses);
        var flags = (byte)(0x01 | (VerifiesUser ? 0x04 : 0) | (IsBackupEligible ? 0x08 : 0) | (attested ? 0x40 : 0));
        return [.. SHA256.HashData(Encoding.UTF8.GetBytes(rpId)), flags, .. counter];
    }

    private static byte[] ClientData(string type, JsonElement options, string origin, bool crossOrigin) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["type"] = type,
        ["challenge"] = options.GetProperty("challenge").GetString(),
        ["origin"] = origin,
        ["crossOrigin"] = crossOrigin,
    }.ToJsonString());

    private JsonObject Credential(JsonObject response) => new()
    {
        ["id"] = Id,
        ["rawId"] = Id,
        ["type"] = "public-key",
        ["clientExtensionResults"] = new JsonObject(),
        ["response"] = response,
    };
}
