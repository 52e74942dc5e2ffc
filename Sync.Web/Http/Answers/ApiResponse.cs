using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Net.Http.Headers;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Http.Pipeline;
using Sync.Web.Options;

namespace Sync.Web.Http.Answers;

/// <summary>Writes answers and refusals, each with its length, so that nothing is chunked.</summary>
internal static class ApiResponse
{
    private const string JsonType = "application/json; charset=utf-8";

    // The default encoder escapes <, > and quotes for the sake of HTML; these bodies are never HTML, and expressions are full of them.
    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static Task WriteAsync(HttpContext http, in ApiAnswer answer)
    {
        var response = http.Response;
        if (answer.Location is not null)
        {
            response.Headers.Location = answer.Location;
        }

        if (answer.Replayed)
        {
            response.Headers["Idempotent-Replay"] = "true";
        }

        if (answer.Tag is null)
        {
            return WriteJsonAsync(http, answer.Status, answer.Json);
        }

        // Whoever keeps it asks each time, and shares it with nobody: another token may see another room.
        response.Headers.ETag = answer.Tag.ToString();
        response.Headers.Append(HeaderNames.Vary, HeaderNames.Authorization);
        if (answer.Status != StatusCodes.Status304NotModified)
        {
            return WriteJsonAsync(http, answer.Status, answer.Json, "private, no-cache");
        }

        response.StatusCode = answer.Status;
        response.Headers.CacheControl = "private, no-cache";
        return Task.CompletedTask;
    }

    /// <summary>Writes a refusal with the status of its kind, or with <paramref name="status"/> where HTTP has a finer one.</summary>
    public static Task WriteErrorAsync(HttpContext http, SyncError error, int? status = null)
    {
        var response = http.Response;
        SetRetryAfter(response, error);
        if (error.Code.Kind is ErrorKind.Unauthenticated or ErrorKind.Forbidden
            && BearerChallenge.Of(error, http.RequestServices.GetRequiredService<ServerAddress>().For(http.Request), EndpointKinds.ResourceOf(http)) is { } challenge)
        {
            response.Headers.WWWAuthenticate = challenge;
        }

        return WriteJsonAsync(http, status ?? ErrorStatus.Of(error.Code.Kind), ToJson(error, StepsOf(http), http.Request.RouteValues["room"] as string));
    }

    /// <summary>Says when to try again, where a refusal knows.</summary>
    public static void SetRetryAfter(HttpResponse response, SyncError error)
    {
        if (error.RetryAfter is { } after)
        {
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>The words of the surface that an endpoint belongs to.</summary>
    public static IStepRenderer StepsOf(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<IStepRenderer>() ?? http.RequestServices.GetRequiredService<IStepRenderer>();

    /// <summary>A refusal as UTF-8 JSON, in the words of a surface.</summary>
    public static ReadOnlyMemory<byte> ToJson(SyncError error, IStepRenderer steps, string? room)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, s_writing))
        {
            error.WriteTo(writer, steps, room);
        }

        return buffer.WrittenMemory;
    }

    /// <summary>An object as UTF-8 JSON.</summary>
    public static ReadOnlyMemory<byte> ToJson(JsonObject node)
    {
        var buffer = new ArrayBufferWriter<byte>(1_024);
        using (var writer = new Utf8JsonWriter(buffer, s_writing))
        {
            node.WriteTo(writer);
        }

        return buffer.WrittenMemory;
    }

    private static Task WriteJsonAsync(HttpContext http, int status, ReadOnlyMemory<byte> json, string caching = "no-store")
    {
        var response = http.Response;
        response.StatusCode = status;
        response.ContentType = JsonType;
        response.ContentLength = json.Length;
        response.Headers.CacheControl = caching;
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(json, http.RequestAborted).AsTask();
    }
}
