using System.Text.Json;
using Sync.Engine.Identity.Scopes;
using Sync.Engine.Services;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Pipeline;
using Sync.Web.Http.Requests;
using Sync.Web.Options;

namespace Sync.Web.OAuth;

/// <summary>Clients register themselves (RFC 7591). All become public clients, whatever they ask for: they get no secret, and PKCE protects their codes.</summary>
internal static class ClientRegistrationEndpoint
{
    private const int MaxBytes = 64 * 1024;

    public static void MapClientRegistration(this WebApplication app) =>
        app.MapPost(OAuthPaths.Register, AnswerAsync).WithMetadata(new EndpointMark(EndpointKind.OAuth), CredentialRateLimit.Metadata).ExcludeFromDescription();

    private static async Task AnswerAsync(HttpContext http)
    {
        var limits = http.RequestServices.GetRequiredService<SyncOptions>().Limits;
        var bounds = limits with { BodyBytes = Math.Min(MaxBytes, limits.BodyBytes) };
        var answer = (await RequestBody.ReadObjectAsync(http.Request, bounds, http.RequestServices.GetRequiredService<TimeProvider>())).Try(out var body, out var error)
            ? await RegisterAsync(http, body)
            : OAuthAnswers.Refusal(new OAuthError(OAuthError.InvalidClientMetadata, error.Message, error.HintFor(ApiResponse.StepsOf(http))), ErrorStatus.Of(error.Code.Kind));
        await ApiResponse.WriteAsync(http, answer);
    }

    private static async Task<ApiAnswer> RegisterAsync(HttpContext http, JsonElement body)
    {
        var read = ClientMetadata.Read(body, byDefault: null);
        if (!read.Try(out var registration, out var wrong))
        {
            return OAuthAnswers.Refusal(wrong);
        }

        var engine = http.RequestServices.GetRequiredService<SyncEngine>();
        if (!(await engine.Clients.RegisterAsync(registration, http.RequestAborted)).Try(out var client, out var error))
        {
            return OAuthAnswers.Refusal(new OAuthError(OAuthError.InvalidClientMetadata, error.Message, error.HintFor(ApiResponse.StepsOf(http))), ErrorStatus.Of(error.Code.Kind));
        }

        return ApiAnswer.Of(
            new RegisteredClientJson
            {
                ClientId = client.Id,
                ClientIdIssuedAt = client.CreatedAt.ToUnixTimeSeconds(),
                ClientName = client.Name,
                ClientUri = client.Uri,
                RedirectUris = client.RedirectUris,
                GrantTypes = read.GrantTypes,
                ResponseTypes = ["code"],
                TokenEndpointAuthMethod = "none",
                Scope = body.TryGetProperty("scope", out var scope) && scope.ValueKind == JsonValueKind.String && Scope.Parse(RequestedScope.Of(scope.GetString()) ?? "").Try(out var parsed, out _) ? parsed.Text : null,
            },
            OAuthJsonContext.Default.RegisteredClientJson,
            StatusCodes.Status201Created);
    }
}

/// <summary>A registered client (RFC 7591 §3.2.1).</summary>
internal sealed record RegisteredClientJson
{
    public required string ClientId { get; init; }

    public required long ClientIdIssuedAt { get; init; }

    public required string ClientName { get; init; }

    public required string? ClientUri { get; init; }

    public required IReadOnlyList<string> RedirectUris { get; init; }

    public required IReadOnlyList<string> GrantTypes { get; init; }

    public required IReadOnlyList<string> ResponseTypes { get; init; }

    public required string TokenEndpointAuthMethod { get; init; }

    public required string? Scope { get; init; }
}
