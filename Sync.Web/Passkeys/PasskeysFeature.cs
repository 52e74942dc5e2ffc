using Microsoft.AspNetCore.Identity;
using Sync.Web.Accounts;
using Sync.Web.Api.Pipeline;

namespace Sync.Web.Passkeys;

/// <summary>Passkeys: ASP.NET Core Identity verifies the ceremonies, the engine keeps what comes of them.</summary>
internal static class PasskeysFeature
{
    private const string Required = "required";

    public static void AddPasskeys(this IServiceCollection services)
    {
        services.AddIdentityCore<SyncUser>().AddSignInManager();
        services.AddScoped<IUserStore<SyncUser>, SyncUserStore>();
        services.AddScoped<Ceremonies>();
        services.AddSingleton<DecoyPasskeys>();
        services.AddSingleton<SpentChallenges>();
        services.AddOptions<IdentityPasskeyOptions>().Configure<OwnOrigin>(static (passkeys, own) =>
        {
            passkeys.ServerDomain = own.Domain;
            passkeys.UserVerificationRequirement = Required;
            passkeys.ResidentKeyRequirement = Required;
            passkeys.ValidateOrigin = own.AllowsCeremonyAsync;
        });
    }

    public static void MapPasskeys(this WebApplication app)
    {
        Map("sign-in/options", static (ceremonies, body, http) => ceremonies.SignInOptionsAsync(body, http.RequestAborted));
        Map("sign-in", static (ceremonies, body, http) => ceremonies.SignInAsync(body, http));
        Map("register/options", static (ceremonies, body, http) => ceremonies.RegisterOptionsAsync(body, http.RequestAborted));
        Map("register", static (ceremonies, body, http) => ceremonies.RegisterAsync(body, http));
        Map("recover/options", static (ceremonies, body, http) => ceremonies.RecoverOptionsAsync(body, http.RequestAborted));
        Map("recover", static (ceremonies, body, http) => ceremonies.RecoverAsync(body, http));
        Map("confirm/options", static (ceremonies, _, http) => ceremonies.ConfirmOptionsAsync(http));
        Map("confirm", static (ceremonies, body, http) => ceremonies.ConfirmAsync(body, http));
        Map("add/options", static (ceremonies, _, http) => ceremonies.AddOptionsAsync(http));
        Map("add", static (ceremonies, body, http) => ceremonies.AddAsync(body, http));

        void Map(string step, CeremonyStep handle) =>
            app.MapPost("/auth/passkeys/" + step, AccountForms.Guarded(http => Ceremonies.AnswerAsync(http, handle))).WithMetadata(GuessLimited.Metadata).ExcludeFromDescription();
    }
}
