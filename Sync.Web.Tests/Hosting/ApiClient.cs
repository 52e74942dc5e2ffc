using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sync.Web.Tests.Hosting;

/// <summary>Speaks to the app as a program would.</summary>
internal sealed class ApiClient(Uri address, string? token)
{
    // One pool for all: sockets that every client kept for itself would run out.
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, MaxConnectionsPerServer = 1000 })
    {
        Timeout = TimeSpan.FromSeconds(60),
    };

    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string? Token => token;

    public Task<ApiReply> GetAsync(string path) => SendAsync(HttpMethod.Get, path, content: null);

    public Task<ApiReply> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, content: null);

    public Task<ApiReply> PostAsync(string path, object? body, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, Json(body), headers);

    public Task<ApiReply> PatchAsync(string path, object? body) => SendAsync(HttpMethod.Patch, path, Json(body));

    /// <summary>Sends bytes as they are.</summary>
    public Task<ApiReply> PostRawAsync(string path, ReadOnlyMemory<byte> body, string? contentType = "application/json")
    {
        var content = new ReadOnlyMemoryContent(body);
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        return SendAsync(HttpMethod.Post, path, content);
    }

    public async Task<ApiReply> SendAsync(HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = Request(method, path, content, headers);
        using var response = await s_http.SendAsync(request, TestContext.Current.CancellationToken);
        return await ApiReply.ReadAsync(response);
    }

    /// <summary>Sends and gives the response as soon as its headers are there.</summary>
    public async Task<HttpResponseMessage> OpenAsync(string path, CancellationToken cancellationToken, params (string Name, string Value)[] headers)
    {
        using var request = Request(HttpMethod.Get, path, content: null, headers);
        return await s_http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    private HttpRequestMessage Request(HttpMethod method, string path, HttpContent? content, (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, new Uri(address, path)) { Content = content };
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        return request;
    }

    private static StringContent Json(object? body) => new(JsonSerializer.Serialize(body, s_json), Encoding.UTF8, "application/json");
}

/// <summary>What came back.</summary>
internal sealed record ApiReply(int Status, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders, string Text)
{
    /// <summary>The body as JSON.</summary>
    public JsonElement Json => JsonElement.Parse(Text);

    /// <summary>A property of the body, or undefined.</summary>
    public JsonElement this[string name] => Json.TryGetProperty(name, out var value) ? value : default;

    /// <summary>The error code, or null.</summary>
    public string? Error => Text.StartsWith('{') && this["error"] is { ValueKind: JsonValueKind.String } code ? code.GetString() : null;

    public static async Task<ApiReply> ReadAsync(HttpResponseMessage response) => new(
        (int)response.StatusCode,
        response.Headers,
        response.Content.Headers,
        await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

    /// <summary>A header's value, or null.</summary>
    public string? Header(string name) =>
        Headers.TryGetValues(name, out var values) || ContentHeaders.TryGetValues(name, out values) ? string.Join(", ", values) : null;

    /// <summary>Asserts that this is a refusal in the shape every refusal has.</summary>
    public ApiReply AssertRefusal(string code, int status)
    {
        Assert.True(Error == code && Status == status, $"Expected {status} {code}, got {Status} {Text}");
        Assert.StartsWith("application/json", Header("Content-Type"), StringComparison.Ordinal);
        Assert.False(string.IsNullOrWhiteSpace(this["message"].GetString()));
        Assert.DoesNotContain("Exception", Text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", Text, StringComparison.Ordinal);
        return this;
    }

    /// <summary>Asserts that this is a refusal in the shape of RFC 6749 §5.2.</summary>
    public ApiReply AssertOAuthRefusal(string code)
    {
        Assert.True(Error == code && Status == 400, $"Expected 400 {code}, got {Status} {Text}");
        Assert.StartsWith("application/json", Header("Content-Type"), StringComparison.Ordinal);
        Assert.False(string.IsNullOrWhiteSpace(this["error_description"].GetString()));
        Assert.Contains("no-store", Header("Cache-Control"), StringComparison.Ordinal);
        return this;
    }

    /// <summary>Asserts success.</summary>
    public ApiReply AssertOk(int status = 200)
    {
        Assert.True(Status == status, $"Expected {status}, got {Status} {Text}");
        return this;
    }
}
