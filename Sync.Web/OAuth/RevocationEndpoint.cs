using Sync.Engine.Services;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Pipeline;
using Sync.Web.Http.Requests;
using Sync.Web.Options;

namespace Sync.Web.OAuth;

/// <summary>
/// Revocation (RFC 7009). Written plainly: the library looks a token up before it asks anybody, and these tokens are the engine's. The secret is the proof; the
/// same answer whether there was such a token or not (§2.2).
/// </summary>
internal static class RevocationEndpoint
{
    public static void MapRevocation(this WebApplication app) =>
        app.MapPost(OAuthPaths.Revoke, AnswerAsync).WithMetadata(new EndpointMark(EndpointKind.OAuth)).ExcludeFromDescription();

    private static async Task AnswerAsync(HttpContext http)
    {
        var limits = http.RequestServices.GetRequiredService<SyncOptions>().Limits;
        if (!FormBody.IsOne(http.Request))
        {
            await RefuseAsync(http, "The body must be a form (application/x-www-form-urlencoded).");
            return;
        }

        if (!(await FormBody.ReadAsync(http.Request, limits, http.RequestServices.GetRequiredService<TimeProvider>())).Try(out var fields, out var error))
        {
            await RefuseAsync(http, error.Message, ErrorStatus.Of(error.Code.Kind));
            return;
        }

        if (fields.GetValueOrDefault("token") is not { Length: > 0 } token)
        {
            await RefuseAsync(http, "'token' is missing.");
            return;
        }

        await http.RequestServices.GetRequiredService<SyncEngine>().Tokens.RevokeSecretAsync(token, fields.GetValueOrDefault("client_id"), http.RequestAborted);
        http.Response.Headers.CacheControl = "no-store";
        http.Response.ContentLength = 0;
    }

    private static Task RefuseAsync(HttpContext http, string message, int status = StatusCodes.Status400BadRequest) =>
        ApiResponse.WriteAsync(http, OAuthAnswers.Refusal(new OAuthError(OAuthError.InvalidRequest, message), status));
}
