using System.Text.Json.Serialization;
using Sync.Engine.Identity.Grants;
using Sync.Engine.Identity.Tokens;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Grants;
using Sync.Web.Http.Answers;

namespace Sync.Web.OAuth;

/// <summary>
/// Answers of the OAuth endpoints. A refusal has the fields of RFC 6749 §5.2 and those of every other refusal of the API, so that both kinds of client
/// find what they look for.
/// </summary>
internal static class OAuthAnswers
{
    /// <summary>A refusal, with status 400 unless it has another.</summary>
    public static ApiAnswer Refusal(OAuthError error, int status = StatusCodes.Status400BadRequest) => ApiAnswer.Of(
        new OAuthErrorJson { Error = error.Code, ErrorDescription = error.Message, Message = error.Message, Hint = error.Hint },
        OAuthJsonContext.Default.OAuthErrorJson,
        status);

    /// <summary>The client could not be identified.</summary>
    public static ApiAnswer UnknownClient(SyncError error, IStepRenderer steps) => Refusal(new OAuthError(OAuthError.InvalidClient, error.Message, error.HintFor(steps)));

    /// <summary>A refusal of the engine that OAuth clients may read as well.</summary>
    public static SyncError Described(SyncError error) => error.With("error_description", error.Message);

    /// <summary>The secrets of a token (RFC 6749 §5.1).</summary>
    public static ApiAnswer Of(IssuedToken issued) => ApiAnswer.Of(BearerTokenJson.Of(issued), TokenJsonContext.Default.BearerTokenJson);

    /// <summary>The answers to a polling device (RFC 8628 §3.5).</summary>
    public static ApiAnswer Of(DeviceAnswer answer) => answer.State switch
    {
        DeviceState.Approved when answer.Token is { } token => Of(token),
        DeviceState.Pending => Refusal(new OAuthError(OAuthError.AuthorizationPending, "The person has not decided yet.", "Ask again after the interval.")),
        DeviceState.SlowDown => Refusal(new OAuthError(OAuthError.SlowDown, "That was too early.", "Wait five seconds longer between polls from now on.")),
        DeviceState.Denied => Refusal(new OAuthError(OAuthError.AccessDenied, "The person has said no.")),
        DeviceState.Expired => Refusal(new OAuthError(OAuthError.ExpiredToken, "The code has expired.", "Begin again with POST /auth/device.")),
        _ => Refusal(new OAuthError(OAuthError.InvalidGrant, "This device code is unknown, another client's, or used up.", "Begin again with POST /auth/device.")),
    };

    /// <summary>The code of RFC 6749 §5.2 for a refusal of the engine.</summary>
    public static OAuthError Translate(SyncError error, IStepRenderer steps) => new(
        error.Code == ErrorCode.InvalidScope || error.Code == ErrorCode.ScopeExceedsToken || error.Code == ErrorCode.ScopeExceedsAccess ? OAuthError.InvalidScope
            : error.Code.Kind is ErrorKind.Limited or ErrorKind.Unavailable ? OAuthError.TemporarilyUnavailable
            : OAuthError.InvalidGrant,
        error.Message,
        error.HintFor(steps));
}

/// <summary>A refusal.</summary>
internal sealed record OAuthErrorJson
{
    public required string Error { get; init; }

    public required string ErrorDescription { get; init; }

    public required string Message { get; init; }

    public required string? Hint { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(OAuthErrorJson))]
[JsonSerializable(typeof(RegisteredClientJson))]
[JsonSerializable(typeof(AuthorizationServerJson))]
[JsonSerializable(typeof(ProtectedResourceJson))]
internal sealed partial class OAuthJsonContext : JsonSerializerContext;
