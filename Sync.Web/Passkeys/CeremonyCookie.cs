using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.DataProtection;
using Sync.Web.Accounts;

namespace Sync.Web.Passkeys;

/// <summary>A ceremony that was begun.</summary>
/// <param name="Kind">Which one: what was begun as one is not finished as another.</param>
/// <param name="Challenge">What the authenticator signs (WebAuthn §13.4.3).</param>
/// <param name="UserId">Whose passkey is made or asked for; null for whichever the person picks.</param>
/// <param name="UserName">The name of whom a passkey is made for.</param>
/// <param name="Until">When it is too late.</param>
internal sealed record Ceremony(string Kind, byte[] Challenge, string? UserId, string? UserName, DateTimeOffset Until);

/// <summary>
/// Keeps a ceremony between its two requests in a cookie of the browser that began it, protected, and for the time that a person may take. Nothing about it is
/// kept on the server, so beginning a ceremony costs an anonymous caller's server nothing.
/// </summary>
internal sealed class CeremonyCookie(IDataProtectionProvider protection, TrustedOrigins own, TimeProvider time)
{
    /// <summary>How long a person may take: people look for their keys.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    private readonly IDataProtector _protector = protection.CreateProtector("Sync.Web.Passkeys.CeremonyCookie");

    private string Name => SessionCookie.Name("sync-ceremony", own);

    /// <summary>Begins a ceremony.</summary>
    public void Begin(HttpContext http, string kind, byte[] challenge, string? userId, string? userName)
    {
        var ceremony = new Ceremony(kind, challenge, userId, userName, time.GetUtcNow() + Life);
        var cookie = _protector.Protect(JsonSerializer.SerializeToUtf8Bytes(ceremony, CeremonyJson.Default.Ceremony));
        http.Response.Cookies.Append(Name, System.Buffers.Text.Base64Url.EncodeToString(cookie), Options());
    }

    /// <summary>The ceremony of this kind that this browser has begun, which is over with this; null when there is none, or it took too long.</summary>
    public Ceremony? End(HttpContext http, string kind)
    {
        if (http.Request.Cookies[Name] is not { Length: > 0 } cookie)
        {
            return null;
        }

        http.Response.Cookies.Delete(Name, Options());
        return Read(cookie) is { } ceremony && ceremony.Kind == kind && ceremony.Until > time.GetUtcNow() ? ceremony : null;
    }

    private Ceremony? Read(string cookie)
    {
        try
        {
            return JsonSerializer.Deserialize(_protector.Unprotect(System.Buffers.Text.Base64Url.DecodeFromChars(cookie)), CeremonyJson.Default.Ceremony);
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            // Not ours, or from before the keys were lost.
            return null;
        }
    }

    private CookieOptions Options() => new()
    {
        HttpOnly = true,
        IsEssential = true,
        Path = SessionCookie.Path(own),
        SameSite = SameSiteMode.Strict,
        Secure = own.IsSecure,
    };
}

/// <summary>The JSON form of <see cref="Ceremony"/>.</summary>
[JsonSerializable(typeof(Ceremony))]
internal sealed partial class CeremonyJson : JsonSerializerContext;
