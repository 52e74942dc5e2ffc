using Sync.Web.Accounts;
using Sync.Web.Api;
using Sync.Web.Http.Pipeline;
using Sync.Web.Mcp.Access;
using Sync.Web.OAuth;

namespace Sync.Web.Hosting;

/// <summary>The middleware in front of the endpoints, in order. Whether a middleware acts on a request depends on the kind of its endpoint (<see cref="EndpointKinds"/>).</summary>
internal static class Pipeline
{
    public static void UsePipeline(this WebApplication app)
    {
        // Around everything: what went wrong anywhere below is answered, and every answer has its headers and its address.
        app.UseMiddleware<ExceptionMiddleware>();
        app.Use(SecurityHeaders.AddAsync);
        app.Use(app.Services.GetRequiredService<ServerAddress>().HandleAsync);

        // From here on the endpoint is known.
        app.UseRouting();
        AnswerCompression.Use(app);
        app.UseOpenCors();
        app.UseMcpCors();

        // Limits go by the token, so it is looked at before; a refusal of either carries the headers above.
        app.Use(BearerAuthentication.AuthenticateAsync);
        app.UseRateLimiter();
        app.Use(AnswerMeter.MeasureAsync);
        app.Use(NotFoundMiddleware.AnswerAsync);

        // The forms of the OAuth library are read within bounds before it reads them, which it does where browsers are signed in.
        app.UseOAuthForms();
        app.UseAccounts();
        app.UseAntiforgery();
    }
}
