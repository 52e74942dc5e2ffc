using System.Collections.Immutable;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services.Grants;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Endpoints;
using Sync.Web.Http.Requests;
using Sync.Web.OAuth;

namespace Sync.Web.Api;

/// <summary>
/// The device flow (RFC 8628), for programs without a browser. Bodies are JSON or forms, as OAuth clients send them. Refusals have the names of the RFC
/// where it has one, and the shape of every other refusal besides.
/// </summary>
internal static class DeviceEndpoints
{
    private static readonly string[] s_startFields = ["scope", "client_id"];
    private static readonly string[] s_tokenFields = ["device_code", "client_id", "grant_type"];

    public static ImmutableArray<ApiEndpoint> All { get; } =
    [
        new()
        {
            Method = "POST", Pattern = "/auth/device", Name = "startDevice", Group = "Tokens",
            Summary = "Begin a device flow: show the person the link and the code, then poll",
            Description = "Without `scope` it asks for `rooms:* create_rooms`. The person may grant less. A form (`application/x-www-form-urlencoded`) is taken as well.",
            Body = "StartDevice", Answer = "DeviceStarted", Authentication = Authentication.None,
            Errors = [ErrorCode.InvalidScope, ErrorCode.InvalidParameter],
            IsCredentialRateLimited = true, SharesPathWithPage = true,
            Handle = StartAsync,
        },
        new()
        {
            Method = "POST", Pattern = "/auth/device/token", Name = "deviceToken", Group = "Tokens",
            Summary = "Ask whether the person has decided, and get the token once",
            Description = "Status 400 with `authorization_pending` (ask again after the interval), `slow_down` (five seconds longer from now on), `access_denied`, "
                + "`expired_token` or `invalid_grant` until then (RFC 8628 §3.5). A form (`application/x-www-form-urlencoded`) is taken as well.",
            Body = "DeviceToken", Answer = "BearerToken", Authentication = Authentication.None,
            Errors = [ErrorCode.MissingParam, ErrorCode.InvalidParameter],
            Handle = TokenAsync,
        },
    ];

    private static async Task<Outcome<ApiAnswer>> StartAsync(ApiCall call)
    {
        if (!(await call.FieldsAsync(s_startFields)).Try(out var fields, out var error))
        {
            return OAuthAnswers.Described(error);
        }

        GrantClient? client = null;
        if (fields.GetValueOrDefault("client_id") is { Length: > 0 } id)
        {
            if (!(await call.Http.RequestServices.GetRequiredService<KnownClients>().ClaimedAsync(id, call.Aborted)).Try(out client, out var unknown))
            {
                return OAuthAnswers.UnknownClient(unknown, ApiResponse.StepsOf(call.Http));
            }
        }

        if (!(await call.Engine.Grants.StartDeviceAsync(client, RequestedScope.Of(fields.GetValueOrDefault("scope")), call.Aborted)).Try(out var started, out error))
        {
            return OAuthAnswers.Described(error);
        }

        var page = call.Options.PublicUrl + "/auth/device";
        return ApiAnswer.Of(
            new DeviceStartedJson
            {
                DeviceCode = started.DeviceCode,
                UserCode = started.UserCode,
                VerificationUri = page,
                VerificationUriComplete = page + "?code=" + Uri.EscapeDataString(started.UserCode),
                ExpiresIn = (long)started.ExpiresIn.TotalSeconds,
                Interval = (long)started.Interval.TotalSeconds,
            },
            TokenJsonContext.Default.DeviceStartedJson);
    }

    private static async Task<Outcome<ApiAnswer>> TokenAsync(ApiCall call)
    {
        if (!(await call.FieldsAsync(s_tokenFields)).Try(out var fields, out var error))
        {
            return OAuthAnswers.Described(error);
        }

        if (fields.GetValueOrDefault("device_code") is not { Length: > 0 } deviceCode)
        {
            return OAuthAnswers.Described(Refusals.Missing("device_code", """{"device_code":"dev_…"}"""));
        }

        var answer = await call.Engine.Grants.PollDeviceAsync(deviceCode, fields.GetValueOrDefault("client_id"), call.Aborted);
        return OAuthAnswers.Of(answer);
    }
}
