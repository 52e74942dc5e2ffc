using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components.Endpoints;
using MudBlazor;
using MudBlazor.Services;
using Sync.Web.Accounts;
using Sync.Web.Components.Dashboard;
using Sync.Web.Components.Docs;
using Sync.Web.Components.Inbox;
using Sync.Web.Components.Layout;
using Sync.Web.Components.Layout.Palette;
using Sync.Web.Components.Layout.Snackbars;
using Sync.Web.Components.Pages;
using Sync.Web.Components.Surfaces;
using Sync.Web.Http.Pages;

namespace Sync.Web.Components;

/// <summary>The pages: Blazor Server over the engine.</summary>
internal static class PagesFeature
{
    /// <summary>
    /// Scripts come from this server's files only, nothing inline. Style elements likewise; style <em>attributes</em> are allowed, because MudBlazor
    /// positions and sizes by them, and an attribute cannot load or run anything. Plug-ins and other hosts are out altogether; the one frame is <see cref="DiagramFrame"/>.
    /// </summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
        "connect-src 'self'; frame-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    private static readonly string[] s_reading = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>The policy of a page whose form may be answered by a redirect to another place.</summary>
    /// <param name="source">A checked source expression: an origin or a scheme.</param>
    internal static string PolicyWithForms(string source) =>
        ContentSecurityPolicy.Replace("form-action 'self'", $"form-action 'self' {source}", StringComparison.Ordinal);

    public static void AddPages(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddMudServices(options =>
        {
            options.SnackbarConfiguration.VisibleStateDuration = 6_000;
            options.SnackbarConfiguration.MaxDisplayedSnackbars = 4;
        });
        services.AddScoped<SnackbarService>();
        services.AddScoped<SnackbarNotes>();
        services.AddScoped<ISnackbar>(scope => scope.GetRequiredService<SnackbarNotes>());
        services.AddSingleton<ThemeSheet>();
        services.AddScoped<RoomOpener>();
        services.AddScoped<RoomInView>();
        services.AddScoped<PageCommands>();
        services.AddScoped<InboxState>();
        services.AddSingleton<MatcherPolicy, PageOrApiPolicy>();
        services.AddSingleton<MatcherPolicy, DocsPolicy>();
    }

    public static void MapPages(this WebApplication app)
    {
        app.MapStaticAssets();
        app.MapMethods(ThemeSheet.Path, s_reading, async (ThemeSheet sheet, HttpContext http) =>
        {
            var made = await sheet.MadeAsync();
            http.Response.Headers.CacheControl = http.Request.Query["v"] == made.Version ? "public, max-age=31536000, immutable" : "no-cache";
            return Results.Text(made.Css, "text/css");
        }).ExcludeFromDescription();

        // Browsers ask for this of whatever they show that names no icon, such as an answer of the API.
        app.MapMethods("/favicon.ico", s_reading, () => Results.Redirect("/favicon.svg", permanent: true)).ExcludeFromDescription();
        app.MapDiagramFrame();
        app.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null) // Ours says it, for every page.
            .Finally(ProtectPage);
    }

    private static void ProtectPage(EndpointBuilder endpoint)
    {
        if (endpoint.RequestDelegate is not { } page)
        {
            return;
        }

        // Browsers send GET and POST; link checkers and monitors ask with HEAD. The server leaves the body out by itself.
        if (endpoint.Metadata.OfType<ComponentTypeMetadata>().Any() && endpoint.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault() is { } methods)
        {
            endpoint.Metadata.Add(new HttpMethodMetadata([.. methods.HttpMethods, HttpMethods.Head]));
        }

        endpoint.RequestDelegate = async http =>
        {
            var headers = http.Response.Headers;
            headers.ContentSecurityPolicy = ContentSecurityPolicy;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            // A page says who is signed in, and the browser's history must not after they have signed out.
            headers.CacheControl = "no-cache, no-store";
            if (http.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false })
            {
                // Said here, since the framework would refuse such a form with an empty page.
                await RefusalPage.AnswerAsync(http, "Try again", AccountForms.OutOfDate);
                return;
            }

            await page(http);
        };
    }
}
