using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Base64 = System.Buffers.Text.Base64Url;

namespace Sync.Web.Tests.Hosting;

/// <summary>An authenticator with one passkey (ES256, no attestation), and the browser before it, each of which can be told to misbehave.</summary>
internal sealed class SoftwarePasskey : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _id = RandomNumberGenerator.GetBytes(32);
    private byte[] _userHandle = [];
    private uint _uses;

    /// <summary>The credential's id in base64url.</summary>
    public string Id => Base64.EncodeToString(_id);

    /// <summary>Whether it has looked at a fingerprint or the like.</summary>
    public bool VerifiesUser { get; init; } = true;

    /// <summary>Answers to creation options (WebAuthn §7.1).</summary>
    public JsonObject Create(JsonElement options, string origin, bool crossOrigin = false, string? rpId = null)
    {
        _userHandle = Base64.DecodeFromChars(options.GetProperty("user").GetProperty("id").GetString());
        var point = _key.ExportParameters(includePrivateParameters: false).Q;
        byte[] cose = [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20, .. point.X!, 0x22, 0x58, 0x20, .. point.Y!]; // A P-256 key has both.
        byte[] authenticatorData =
            [.. AuthenticatorData(rpId ?? options.GetProperty("rp").GetProperty("id").GetString()!, attested: true), .. new byte[16], 0, (byte)_id.Length, .. _id, .. cose]; // Always there.
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
        var signature = _key.SignData([.. authenticatorData, .. SHA256.HashData(clientData)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return Credential(new JsonObject
        {
            ["clientDataJSON"] = Base64.EncodeToString(clientData),
            ["authenticatorData"] = Base64.EncodeToString(authenticatorData),
            ["signature"] = Base64.EncodeToString(signature),
            ["userHandle"] = Base64.EncodeToString(_userHandle),
        });
    }

    public void Dispose() => _key.Dispose();

    private byte[] AuthenticatorData(string rpId, bool attested)
    {
        var counter = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(counter, _uses);
        var flags = (byte)(0x01 | (VerifiesUser ? 0x04 : 0) | (attested ? 0x40 : 0));
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
