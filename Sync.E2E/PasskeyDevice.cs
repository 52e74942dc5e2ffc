using System.Text.Json;
using Microsoft.Playwright;

namespace Sync.E2E;

/// <summary>A virtual authenticator in a page's browser: it has the person's finger on it all the time, and knows them (WebAuthn §11, by Chromium's own protocol).</summary>
internal sealed class PasskeyDevice
{
    private readonly ICDPSession _protocol;
    private readonly string _id;

    private PasskeyDevice(ICDPSession protocol, string id)
    {
        _protocol = protocol;
        _id = id;
    }

    /// <summary>Gives the page a device without passkeys.</summary>
    public static async Task<PasskeyDevice> AttachAsync(IPage page)
    {
        var protocol = await page.Context.NewCDPSessionAsync(page);
        await protocol.SendAsync("WebAuthn.enable");
        var added = await protocol.SendAsync("WebAuthn.addVirtualAuthenticator", new()
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = true,
                ["automaticPresenceSimulation"] = true,
            },
        });
        return new PasskeyDevice(protocol, added!.Value.GetProperty("authenticatorId").GetString()!); // The protocol answers with it.
    }

    /// <summary>Its passkeys, private keys and all.</summary>
    public async Task<IReadOnlyList<JsonElement>> ExportAsync()
    {
        var answer = await _protocol.SendAsync("WebAuthn.getCredentials", new() { ["authenticatorId"] = _id });
        return [.. answer!.Value.GetProperty("credentials").EnumerateArray()]; // As above.
    }

    /// <summary>Puts another device's passkey on this one, as a synchronised keychain does.</summary>
    public Task ImportAsync(JsonElement passkey) => _protocol.SendAsync("WebAuthn.addCredential", new() { ["authenticatorId"] = _id, ["credential"] = passkey });

    /// <summary>Loses everything that is on it.</summary>
    public Task LoseAllAsync() => _protocol.SendAsync("WebAuthn.clearCredentials", new() { ["authenticatorId"] = _id });

    /// <summary>Whether the finger is on it.</summary>
    public Task TouchAsync(bool touched) =>
        _protocol.SendAsync("WebAuthn.setAutomaticPresenceSimulation", new() { ["authenticatorId"] = _id, ["enabled"] = touched });
}
