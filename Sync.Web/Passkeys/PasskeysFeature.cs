using Sync.Web.Accounts;
using Sync.Web.Http.Pipeline;

namespace Sync.Web.Passkeys;

/// <summary>Passkeys: the Fido2 library verifies the ceremonies, the engine keeps what comes of them.</summary>
internal static class PasskeysFeature
{
    public static void AddPasskeys(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<Ceremonies>();
        services.AddSingleton<CeremonyCookie>();
        services.AddSingleton<PasskeyVerifier>();
        services.AddSingleton<DecoyPasskeys>();
        services.AddSingleton<ChallengeReplayCache>();
    }

    public static void MapPasskeys(this WebApplication app)
    {
        Map("sign-in/options", static (ceremonies, body, http) => ceremonies.SignInOptionsAsync(body, http));
        Map("sign-in", static (ceremonies, body, http) => ceremonies.SignInAsync(body, http));
        Map("register/options", static (ceremonies, body, http) => ceremonies.RegisterOptionsAsync(body, http));
        Map("register", static (ceremonies, body, http) => ceremonies.RegisterAsync(body, http));
        Map("recover/options", static (ceremonies, body, http) => ceremonies.RecoverOptionsAsync(body, http));
        Map("recover", static (ceremonies, body, http) => ceremonies.RecoverAsync(body, http));
        Map("link/options", static (ceremonies, body, http) => ceremonies.LinkOptionsAsync(body, http));
        Map("link", static (ceremonies, body, http) => ceremonies.LinkAsync(body, http));
        Map("confirm/options", static (ceremonies, _, http) => ceremonies.ConfirmOptionsAsync(http));
        Map("confirm", static (ceremonies, body, http) => ceremonies.ConfirmAsync(body, http));
        Map("add/options", static (ceremonies, _, http) => ceremonies.AddOptionsAsync(http));
        Map("add", static (ceremonies, body, http) => ceremonies.AddAsync(body, http));

        void Map(string step, CeremonyStep handle) =>
            app.MapPost("/auth/passkeys/" + step, AccountForms.Guarded(http => Ceremonies.AnswerAsync(http, handle))).WithMetadata(CredentialRateLimit.Metadata).ExcludeFromDescription();
    }
}
