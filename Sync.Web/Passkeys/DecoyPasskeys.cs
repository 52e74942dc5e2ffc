using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Sync.Web.Passkeys;

/// <summary>
/// Passkeys of names that nobody has. The options of a sign-in by name list that user's passkeys; without a stand-in for unknown names they would say who is
/// registered (WebAuthn §14.6.2). The same name gives the same stand-in for as long as the server runs.
/// </summary>
internal sealed class DecoyPasskeys
{
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    /// <summary>The options as they would look for a user of this name.</summary>
    public string Put(string optionsJson, string name)
    {
        var options = JsonNode.Parse(optionsJson) as JsonObject ?? throw new ArgumentException("The options are no object.", nameof(optionsJson));
        var id = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(name.ToUpperInvariant()));
        options["allowCredentials"] = new JsonArray(new JsonObject
        {
            ["type"] = "public-key",
            ["id"] = System.Buffers.Text.Base64Url.EncodeToString(id),
            ["transports"] = new JsonArray("internal"),
        });
        return options.ToJsonString();
    }
}
