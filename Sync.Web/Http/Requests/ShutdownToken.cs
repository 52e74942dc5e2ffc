using Sync.Engine.Primitives.Errors;

namespace Sync.Web.Http.Requests;

/// <summary>
/// The end of a request that may stay open for long: the client goes away, or the server stops. Without the latter every parked wait and open stream
/// would hold up the shutdown until its own end.
/// </summary>
internal static class ShutdownToken
{
    /// <summary>The answer to a parked request when the server stops.</summary>
    public static SyncError Refusal { get; } = new(ErrorCode.Unavailable, "The server is stopping.")
    {
        Hint = "Send the same request again in a moment.",
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    /// <summary>Cancelled at either end. Dispose it when the request is done.</summary>
    public static CancellationTokenSource Of(ApiCall call) => CancellationTokenSource.CreateLinkedTokenSource(
        call.Aborted,
        call.Http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);

    /// <summary>Runs what may be parked, and refuses when the server stops meanwhile.</summary>
    public static async Task<Outcome<T>> ParkedAsync<T>(ApiCall call, Func<CancellationToken, Task<Outcome<T>>> run)
    {
        using var ending = Of(call);
        try
        {
            return await run(ending.Token);
        }
        catch (OperationCanceledException) when (!call.Aborted.IsCancellationRequested)
        {
            return Refusal;
        }
    }
}
