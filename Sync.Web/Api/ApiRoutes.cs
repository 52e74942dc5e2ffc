using System.Collections.Immutable;
using Sync.Engine.Identity;
using Sync.Engine.Primitives.Errors;
using Sync.Engine.Services;
using Sync.Web.Api.OpenApi;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Endpoints;
using Sync.Web.Http.Pages;
using Sync.Web.Http.Pipeline;
using Sync.Web.Http.Requests;
using Sync.Web.Options;

namespace Sync.Web.Api;

/// <summary>Puts the API into the app: its services, and a route for each operation of <see cref="ApiTable"/>.</summary>
internal static class ApiRoutes
{
    // Longer ones are no ids.
    private const int MaxRoomId = 64;

    // What people take for a parameter that carries a token.
    private static readonly HashSet<string> s_tokens = new(StringComparer.OrdinalIgnoreCase) { "token", "access_token", "view_token", "room_token", "auth", "authorization", "bearer", "api_key", "apikey" };

    public static void AddApi(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ServerAddress>();
        builder.Services.AddSingleton<IStepRenderer>(static services => new HttpSteps(services.GetRequiredService<SyncOptions>().PublicUrl));
        builder.Services.AddOpenCors();
        builder.Services.AddRateLimits();
        AnswerCompression.Add(builder.Services);
        builder.Services.AddSingleton<OpenApiDocument>();
    }

    public static void MapApi(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<SyncOptions>();
        foreach (var operation in ApiTable.All)
        {
            var parameters = PathParameter.Of(operation.Pattern);
            RequestDelegate answer = http => AnswerAsync(http, operation, parameters, options);
            var route = operation.Method switch
            {
                null => app.Map(operation.Pattern, answer),
                "GET" => app.MapMethods(operation.Pattern, ["GET", "HEAD"], answer),
                var method => app.MapMethods(operation.Pattern, [method], answer),
            };
            route.WithMetadata(operation).WithDisplayName(operation.Name);
            if (operation.IsCredentialRateLimited)
            {
                route.WithMetadata(CredentialRateLimit.Metadata);
            }

            if (operation.SharesPathWithPage)
            {
                route.WithOrder(-1);
            }
        }
    }

    private static async Task AnswerAsync(HttpContext http, ApiEndpoint operation, ImmutableArray<PathParameter> parameters, SyncOptions options)
    {
        if (operation.Parks && HttpMethods.IsHead(http.Request.Method))
        {
            // Said here and not by routing, which would look on for an endpoint that takes HEAD: in development there is one for every path. NotFoundMiddleware writes the sentence.
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            http.Response.Headers.Allow = string.Join(", ", ApiTable.All.Where(other => other.Pattern == operation.Pattern).Select(other => other.Method));
            return;
        }

        var outcome = await HandleAsync(http, operation, parameters, options);
        if (!outcome.Try(out var answer, out var error))
        {
            // Whoever opens a room's address in a browser looks for its page.
            if (PageOf(http, operation) is { } room && !error.Next.Any(static step => step.Kind == StepKind.OpenRoom))
            {
                error = error with { Next = [.. error.Next, NextStep.OpenRoom(room)] };
            }

            await ApiResponse.WriteErrorAsync(http, error);
        }
        else if (!answer.Streamed)
        {
            await ApiResponse.WriteAsync(http, answer);
        }
    }

    private static Task<Outcome<ApiAnswer>> HandleAsync(HttpContext http, ApiEndpoint operation, ImmutableArray<PathParameter> parameters, SyncOptions options)
    {
        var caller = Caller.Anonymous;
        if (http.Features.Get<BearerAuthentication>() is { } presented && !presented.Caller.Try(out caller, out var refusal))
        {
            return Refused(refusal);
        }

        var path = parameters.IsEmpty ? [] : new string[parameters.Length];
        for (var i = 0; i < parameters.Length; i++)
        {
            if (!RawPath.Of(http).TryDecode(parameters[i].Index, parameters[i].Rest, out var text))
            {
                // Only the vault and the root of a catch-all may be without it.
                if (!parameters[i].Rest || http.Request.RouteValues.Values.LastOrDefault() is not null)
                {
                    return Refused(Refusals.Path());
                }

                text = "";
            }

            path[i] = text;
        }

        return CheckQuery(http, operation) is { } unknown
            ? Refused(unknown)
            : operation.Handle(new ApiCall(http, caller, http.RequestServices.GetRequiredService<SyncEngine>(), options, path));
    }

    private static string? PageOf(HttpContext http, ApiEndpoint operation) => operation.Pattern == "/rooms/{room}" && TextResponse.IsWantedAsPage(http.Request) ? RoomOf(http, operation) : null;

    // Whether there is a room of that id is not asked: the address names it already.
    private static string? RoomOf(HttpContext http, ApiEndpoint operation) =>
        operation.Pattern.StartsWith("/rooms/{room}", StringComparison.Ordinal) && RawPath.Of(http).TryDecode(1, rest: false, out var room) && room.Length <= MaxRoomId ? room : null;

    private static SyncError? CheckQuery(HttpContext http, ApiEndpoint operation)
    {
        if (!http.Request.QueryString.HasValue || operation.Authentication == Authentication.None)
        {
            return null;
        }

        foreach (var (name, values) in http.Request.Query)
        {
            if (!operation.Query.Any(parameter => parameter.Name == name))
            {
                if (s_tokens.Contains(name))
                {
                    return Refusals.TokenInQuery(name, RoomOf(http, operation));
                }

                return Refusals.UnknownQuery(name, [.. operation.Query.Select(parameter => parameter.Name)]);
            }

            if (values.Count > 1)
            {
                return Refusals.Parameter(name, $"`{name}` is given {values.Count} times.");
            }
        }

        return null;
    }

    private static Task<Outcome<ApiAnswer>> Refused(SyncError error) => Task.FromResult<Outcome<ApiAnswer>>(error);
}
