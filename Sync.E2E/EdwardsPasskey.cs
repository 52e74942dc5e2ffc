using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Playwright;
using NSec.Cryptography;

namespace Sync.E2E;

/// <summary>A passkey with an Ed25519 key (EdDSA), which Chromium's virtual authenticator cannot make but can use.</summary>
internal sealed class EdwardsPasskey : IDisposable
{
    private readonly byte[] _id = RandomNumberGenerator.GetBytes(32);
    private readonly Key _key = Key.Create(SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });

    /// <summary>Adds it to the account of who is signed in, by the page's own ceremony with this in the place of the browser's authenticator.</summary>
    public async Task AddAsync(IPage page)
    {
        // The page's script posts what the browser's call gives, so that call is what is replaced.
        var authenticatorData = Convert.ToBase64String(
        [
            .. SHA256.HashData("localhost"u8), 0x45, 0, 0, 0, 0,
            .. Guid.Parse("d548826e-79b4-db40-a3d8-11116f7e8349").ToByteArray(bigEndian: true), 0, (byte)_id.Length, .. _id,
            // A COSE_Key: OKP, EdDSA, Ed25519 (RFC 9053 §7.2).
            0xA4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20, .. _key.PublicKey.Export(KeyBlobFormat.RawPublicKey),
        ]);
        await page.EvaluateAsync(
            """
            ([id, data]) => {
              const bytes = text => Uint8Array.from(atob(text), char => char.charCodeAt(0));
              const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
              const head = [0xA3, 0x63, 0x66, 0x6D, 0x74, 0x64, 0x6E, 0x6F, 0x6E, 0x65, 0x67, 0x61, 0x74, 0x74, 0x53, 0x74, 0x6D, 0x74, 0xA0, 0x68, 0x61, 0x75, 0x74, 0x68, 0x44, 0x61, 0x74, 0x61];
              const authData = bytes(data);
              const attestationObject = new Uint8Array([...head, 0x58, authData.length, ...authData]).buffer;
              const create = navigator.credentials.create;
              navigator.credentials.create = async ({ publicKey }) => {
                navigator.credentials.create = create;
                const clientData = { type: 'webauthn.create', challenge: text(publicKey.challenge), origin: location.origin, crossOrigin: false };
                return {
                  id: text(bytes(id)),
                  rawId: bytes(id).buffer,
                  type: 'public-key',
                  getClientExtensionResults: () => ({}),
                  response: { clientDataJSON: new TextEncoder().encode(JSON.stringify(clientData)).buffer, attestationObject, getTransports: () => ['internal'] },
                };
              };
            }
            """,
            new[] { Convert.ToBase64String(_id), authenticatorData });
        await page.GetByLabel("Name optional").FillAsync("Edwards");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Edwards", new() { Exact = true })).ToBeVisibleAsync();
    }

    /// <summary>As a virtual authenticator takes it.</summary>
    public JsonElement Export(string userHandle) => JsonSerializer.SerializeToElement(new
    {
        credentialId = Convert.ToBase64String(_id),
        isResidentCredential = true,
        rpId = "localhost",
        privateKey = Convert.ToBase64String(_key.Export(KeyBlobFormat.PkixPrivateKey)),
        userHandle,
        signCount = 1,
    });

    public void Dispose() => _key.Dispose();
}
