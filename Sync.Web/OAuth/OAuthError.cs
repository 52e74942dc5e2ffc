using Sync.Engine.Primitives.Errors;

namespace Sync.Web.OAuth;

/// <summary>A refusal of an OAuth endpoint, with a code out of the RFC that names it.</summary>
/// <param name="Code">The code.</param>
/// <param name="Message">One plain sentence.</param>
/// <param name="Hint">What to do next, or null.</param>
internal sealed record OAuthError(string Code, string Message, string? Hint = null)
{
    /// <summary>One plain sentence. What it quotes is shown with all its characters.</summary>
    public string Message { get; } = VisibleText.Of(Message);

    /// <summary>What to do next, or null.</summary>
    public string? Hint { get; } = Hint is null ? null : VisibleText.Of(Hint);

    public const string InvalidRequest = "invalid_request";
    public const string InvalidClient = "invalid_client";
    public const string InvalidGrant = "invalid_grant";
    public const string InvalidScope = "invalid_scope";
    public const string InvalidTarget = "invalid_target";
    public const string AccessDenied = "access_denied";
    public const string LoginRequired = "login_required";
    public const string ConsentRequired = "consent_required";
    public const string AuthorizationPending = "authorization_pending";
    public const string SlowDown = "slow_down";
    public const string ExpiredToken = "expired_token";
    public const string InvalidRedirectUri = "invalid_redirect_uri";
    public const string InvalidClientMetadata = "invalid_client_metadata";
    public const string TemporarilyUnavailable = "temporarily_unavailable";
}
