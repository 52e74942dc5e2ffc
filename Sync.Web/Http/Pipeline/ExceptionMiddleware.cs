using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Answers;
using Sync.Web.Http.Requests;
using Sync.Web.Options;

namespace Sync.Web.Http.Pipeline;

/// <summary>
/// The outermost middleware. An exception that arrives here is a bug or a broken machine: it is logged, and the client is told to try again without a
/// word of it. What the server says about a request it could not read keeps its own status.
/// </summary>
internal sealed partial class ExceptionMiddleware(RequestDelegate next, SyncOptions options, ILogger<ExceptionMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer.
        }
        catch (BadHttpRequestException exception) when (!http.Response.HasStarted)
        {
            await ApiResponse.WriteErrorAsync(http, RequestBody.Malformed(exception, options.Limits.BodyBytes), exception.StatusCode);
        }
#pragma warning disable CA1031 // Whatever it is, this is the last place to keep it from the client.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Failed(http.Request.Method, http.GetEndpoint()?.DisplayName, exception);
            if (http.Response.HasStarted)
            {
                http.Abort();
                return;
            }

            await ApiResponse.WriteErrorAsync(http, new SyncError(ErrorCode.Unavailable, "The server could not do this.")
            {
                Hint = "Try again in a moment; if it stays so, the server's log says why.",
                RetryAfter = TimeSpan.FromSeconds(1),
            });
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Endpoint} failed")]
    private partial void Failed(string method, string? endpoint, Exception exception);
}
