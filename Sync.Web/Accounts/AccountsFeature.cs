using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.CookiePolicy;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Sync.Web.Http.Pipeline;
using Sync.Web.Options;

namespace Sync.Web.Accounts;

/// <summary>Signed-in browsers: the cookie, the forms of the account pages. The API knows nothing of any of it: it goes by bearer tokens alone.</summary>
internal static class AccountsFeature
{
    // Set by UseAuthentication and UseAuthorization, which are used in a branch; a WebApplication that misses them would put its own in front of everything.
    private static readonly string[] s_usedInABranch = ["__AuthenticationMiddlewareSet", "__AuthorizationMiddlewareSet"];

    public static void AddAccounts(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<TrustedOrigins>();
        services.AddHostedService<AccountStartup>();
        AddKeys(builder);

        services.AddAuthentication(SessionCookie.Scheme).AddCookie(SessionCookie.Scheme);
        services.AddOptions<CookieAuthenticationOptions>(SessionCookie.Scheme).Configure<TrustedOrigins>(SessionCookie.Configure);
        services.AddOptions<CookiePolicyOptions>().Configure<TrustedOrigins>(static (policy, own) =>
        {
            policy.HttpOnly = HttpOnlyPolicy.Always;
            policy.Secure = own.IsSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
        });
        services.AddOptions<AntiforgeryOptions>().Configure<TrustedOrigins>(static (antiforgery, own) =>
        {
            // The cookie policy makes it secure. Told here, the framework would refuse every request that a proxy hands on without TLS.
            antiforgery.Cookie.Name = SessionCookie.Name("sync-antiforgery", own);
            antiforgery.Cookie.Path = SessionCookie.Path(own);
            // Every response says DENY already; this would say SAMEORIGIN.
            antiforgery.SuppressXFrameOptionsHeader = true;
        });
        services.AddAuthorization();
        services.AddCascadingAuthenticationState();
        services.AddScoped<AuthenticationStateProvider, SessionAuthentication>();
    }

    /// <summary>Who the person is, for pages and forms; never for the API.</summary>
    public static void UseAccounts(this WebApplication app)
    {
        foreach (var name in s_usedInABranch)
        {
            ((IApplicationBuilder)app).Properties[name] = true;
        }

        var own = app.Services.GetRequiredService<TrustedOrigins>();
        app.Use(own.GuardCircuitsAsync);
        app.UseWhen(IsForPeople, static people => people.UseCookiePolicy().UseAuthentication().UseAuthorization());
    }

    public static void MapAccounts(this WebApplication app)
    {
        app.MapAccountForms();
    }

    // What takes bearer tokens never looks at a cookie.
    private static bool IsForPeople(HttpContext http) => !EndpointKinds.Of(http).IsCookieless();

    private static void AddKeys(WebApplicationBuilder builder)
    {
        builder.Services.AddDataProtection().SetApplicationName("Sync");
        builder.Services.AddOptions<KeyManagementOptions>().Configure<SyncOptions, ILoggerFactory>(static (keys, options, loggers) =>
            keys.XmlRepository = new FileSystemXmlRepository(AccountStartup.KeyFolder(options), loggers));
        // It warns that the keys are not encrypted. They lie beside a database in clear text, both readable by their owner only.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error);
    }
}
