using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Sync.Engine.Identity.Users;
using Sync.Web.Accounts;

namespace Sync.Web.Tests.Hosting;

/// <summary>A browser without scripts: it keeps cookies, opens pages, and sends forms with the antiforgery token of the page it saw last.</summary>
internal sealed partial class TestBrowser : IDisposable
{
    private readonly Dictionary<string, string> _cookies = [];
    private readonly HttpClient _http;
    private readonly SyncHost _host;
    private string? _antiforgery;

    public TestBrowser(SyncHost host)
    {
        _host = host;
        // Cookies are kept by hand: the framework's own jar keeps back those that ask for TLS.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri($"http://localhost:{host.Address.Port}") };
    }

    /// <summary>The origin that its pages have.</summary>
    public string Origin => _http.BaseAddress!.GetLeftPart(UriPartial.Authority); // Set above.

    /// <summary>What the server has set, with all its attributes, newest last.</summary>
    public List<string> SetCookies { get; } = [];

    /// <summary>The value of a cookie, or null.</summary>
    public string? Cookie(string name) => _cookies.GetValueOrDefault(name);

    /// <summary>Sets a cookie as if the server had.</summary>
    public void Give(string name, string value) => _cookies[name] = value;

    /// <summary>Loses a cookie.</summary>
    public void Drop(string name) => _cookies.Remove(name);

    /// <summary>Signs a user in by the shortest way: a session of the engine, in the cookie that a sign-in would give.</summary>
    public async Task<SessionInfo> SignInAsync(UserInfo user)
    {
        var session = await _host.Engine.Users.StartSessionAsync(user.Id, "Test", TestContext.Current.CancellationToken);
        var options = _host.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(SessionCookie.Scheme);
        var ticket = new AuthenticationTicket(SessionCookie.PrincipalOf(user, session), SessionCookie.PropertiesOf(session), SessionCookie.Scheme);
        Give(options.Cookie.Name!, options.TicketDataFormat.Protect(ticket)); // Configured with a name.
        return session;
    }

    /// <summary>Opens a page and remembers its antiforgery token.</summary>
    public async Task<ApiReply> OpenAsync(string path)
    {
        var page = await SendAsync(HttpMethod.Get, path, content: null);
        if (AntiforgeryField().Match(page.Text) is { Success: true } field)
        {
            _antiforgery = WebUtility.HtmlDecode(field.Groups[1].Value);
        }

        return page;
    }

    /// <summary>Sends JSON as the pages' script does.</summary>
    public Task<ApiReply> PostJsonAsync(string path, object body) =>
        SendAsync(HttpMethod.Post, path, new StringContent(JsonSerializer.Serialize(body), System.Text.Encoding.UTF8, "application/json"), withToken: true);

    /// <summary>Sends a form of the page.</summary>
    public Task<ApiReply> PostFormAsync(string path, params (string Name, string Value)[] fields) =>
        SendAsync(HttpMethod.Post, path, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))), withToken: true);

    public async Task<ApiReply> SendAsync(HttpMethod method, string path, HttpContent? content, bool withToken = false, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (withToken)
        {
            request.Headers.Add("RequestVerificationToken", _antiforgery ?? throw new InvalidOperationException("Open a page first."));
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        if (_cookies.Count > 0)
        {
            request.Headers.Add("Cookie", string.Join("; ", _cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        }

        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        foreach (var set in response.Headers.TryGetValues("Set-Cookie", out var all) ? all : [])
        {
            SetCookies.Add(set);
            var pair = set.Split(';')[0].Split('=', 2);
            if (pair[1].Length == 0)
            {
                _cookies.Remove(pair[0]);
            }
            else
            {
                _cookies[pair[0]] = pair[1];
            }
        }

        return await ApiReply.ReadAsync(response);
    }

    /// <summary>Makes a passkey by a ceremony: <c>register</c>, <c>recover</c> or <c>add</c>.</summary>
    public async Task<ApiReply> CreateAsync(string ceremony, SoftwarePasskey passkey, object fields, Func<JsonElement, JsonObject>? answer = null)
    {
        var options = await PostJsonAsync($"/auth/passkeys/{ceremony}/options", fields);
        return options.Status == 200 ? await FinishAsync(ceremony, fields, answer?.Invoke(options.Json) ?? passkey.Create(options.Json, Origin)) : options;
    }

    /// <summary>Signs in with a passkey.</summary>
    public async Task<ApiReply> SignInAsync(SoftwarePasskey passkey, object? fields = null, Func<JsonElement, JsonObject>? answer = null)
    {
        if ((await OpenAsync("/auth/sign-in")).Status != 200)
        {
            // Signed in already; an antiforgery token is on every page then.
            await OpenAsync("/auth/signed-out");
        }

        var options = (await PostJsonAsync("/auth/passkeys/sign-in/options", fields ?? new { })).AssertOk();
        return await FinishAsync("sign-in", fields ?? new { }, answer?.Invoke(options.Json) ?? passkey.Use(options.Json, Origin));
    }

    /// <summary>Shows a passkey in a ceremony for who is signed in: <c>confirm</c>.</summary>
    public async Task<ApiReply> UseAsync(string ceremony, SoftwarePasskey passkey)
    {
        var options = await PostJsonAsync($"/auth/passkeys/{ceremony}/options", new { });
        return options.Status == 200 ? await FinishAsync(ceremony, new { }, passkey.Use(options.Json, Origin)) : options;
    }

    /// <summary>The second step of a ceremony.</summary>
    public Task<ApiReply> FinishAsync(string ceremony, object fields, JsonObject credential)
    {
        var body = JsonSerializer.SerializeToNode(fields)!.AsObject(); // An object.
        body["credential"] = credential;
        return PostJsonAsync($"/auth/passkeys/{ceremony}", body);
    }

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex AntiforgeryField();
}
