using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Options;

namespace Sync.Web.Http.Requests;

/// <summary>
/// Reads a request body as bytes, bounded in size and time, and parses it. Model binding would be dearer, would answer its own
/// errors and would take a body of any shape. The content type is ignored: whatever is sent to an endpoint with a body is JSON or refused.
/// </summary>
internal static class RequestBody
{
    /// <summary>The body as a JSON object; <c>payload_too_large</c> before more than the limit is held, <c>invalid_json</c>.</summary>
    public static ValueTask<Outcome<JsonElement>> ReadObjectAsync(HttpRequest request, LimitOptions limits, TimeProvider time) =>
        ReadAsync(request, limits, time, StrictJson.ParseObject);

    /// <summary>The same for a body that somebody else parses after us: the value, of any kind, and its bytes.</summary>
    public static ValueTask<Outcome<KeptBody>> ReadKeptAsync(HttpRequest request, LimitOptions limits, TimeProvider time) =>
        ReadAsync(request, limits, time, Keep);

    /// <summary>The whole body, read by <paramref name="parse"/>; <c>payload_too_large</c> before more than the limit is held.</summary>
    public static async ValueTask<Outcome<T>> ReadAsync<T>(HttpRequest request, LimitOptions limits, TimeProvider time, BodyParser<T> parse)
    {
        // Kestrel's own limit would cut the connection of whoever sends too much, often before they could read why. Without it the rest
        // is drained, for five seconds at most, while the refusal is on its way.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (request.ContentLength > limits.BodyBytes)
        {
            return TooLarge(limits.BodyBytes);
        }

        // Kestrel ends bodies that trickle below its minimum rate; this ends those that trickle just above it. A cancelled token would leave the
        // reader in a state that Kestrel complains of when it drains the rest; a cancelled read does not.
        var reader = request.BodyReader;
        using var timeout = new CancellationTokenSource(limits.BodyTimeout, time);
        using var expiry = timeout.Token.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), reader); // It is what is passed.
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(request.HttpContext.RequestAborted);
                if (read.IsCanceled)
                {
                    reader.AdvanceTo(read.Buffer.End);
                    return TooSlow(limits.BodyTimeout);
                }

                if (read.Buffer.Length > limits.BodyBytes)
                {
                    reader.AdvanceTo(read.Buffer.End);
                    return TooLarge(limits.BodyBytes);
                }

                if (read.IsCompleted)
                {
                    var parsed = Parse(read.Buffer, parse);
                    reader.AdvanceTo(read.Buffer.End);
                    return parsed;
                }

                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (BadHttpRequestException exception)
        {
            return Malformed(exception, limits.BodyBytes);
        }
    }

    /// <summary>What the server says about a request whose framing it could not read.</summary>
    public static SyncError Malformed(BadHttpRequestException exception, int limit) => exception.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => TooLarge(limit),
        StatusCodes.Status408RequestTimeout => new SyncError(ErrorCode.InvalidJson, "The request body stopped arriving."),
        _ => new SyncError(ErrorCode.InvalidJson, "The request body ended before it was complete."),
    };

    private static SyncError TooLarge(int limit) =>
        new SyncError(ErrorCode.PayloadTooLarge, string.Create(CultureInfo.InvariantCulture, $"The body is larger than {limit} bytes."))
        {
            Hint = "Send less at once, or split the value over several keys.",
        }.With("limit_bytes", limit);

    private static SyncError TooSlow(TimeSpan timeout) => new(ErrorCode.InvalidJson, "The request body did not arrive in time.")
    {
        Hint = string.Create(CultureInfo.InvariantCulture, $"Send the whole body within {timeout.TotalSeconds} seconds."),
    };

    private static Outcome<KeptBody> Keep(ReadOnlySpan<byte> utf8) =>
        StrictJson.Parse(utf8).Try(out var json, out var error) ? new KeptBody(json, utf8.ToArray()) : error;

    private static Outcome<T> Parse<T>(ReadOnlySequence<byte> body, BodyParser<T> parse)
    {
        if (body.IsSingleSegment)
        {
            return parse(body.FirstSpan);
        }

        var length = (int)body.Length;
        var joined = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            body.CopyTo(joined);
            return parse(joined.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(joined);
        }
    }
}

/// <summary>Reads a body that is all there.</summary>
internal delegate Outcome<T> BodyParser<T>(ReadOnlySpan<byte> body);

/// <summary>A body that has been read and is there to be read again.</summary>
/// <param name="Json">The value.</param>
/// <param name="Utf8">Its bytes, as sent.</param>
internal sealed record KeptBody(JsonElement Json, byte[] Utf8);
