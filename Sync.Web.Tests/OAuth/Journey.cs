using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.OAuth;

/// <summary>A client and a signed-in person, through an authorisation step by step.</summary>
internal sealed class Journey : IDisposable
{
    public const string Issuer = "http://localhost:5080";
    public const string Redirect = "https://client.example/callback";
    public const string Verifier = "a-verifier-of-forty-three-characters-or-more";

    private readonly SyncHost _host;

    private Journey(SyncHost host, string clientId, string userName, ApiClient user)
    {
        _host = host;
        ClientId = clientId;
        UserName = userName;
        User = user;
        Browser = new TestBrowser(host);
    }

    public string ClientId { get; }

    public string UserName { get; }

    /// <summary>The person's own full token.</summary>
    public ApiClient User { get; }

    public TestBrowser Browser { get; }

    public static string Challenge { get; } = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    /// <summary>A new client and a new user, signed in unless told otherwise.</summary>
    public static async Task<Journey> StartAsync(SyncHost host, string? redirect = null, string? clientId = null, bool signedIn = true)
    {
        var name = SyncHost.NewName("person");
        var user = host.Client(await host.MintAsync(name));
        clientId ??= await RegisterAsync(host, redirect ?? Redirect);
        var journey = new Journey(host, clientId, name, user);
        if (signedIn)
        {
            var info = await host.Engine.Users.FindByNameAsync(name, TestContext.Current.CancellationToken);
            await journey.Browser.SignInAsync(info!); // Made above.
        }

        return journey;
    }

    public static async Task<string> RegisterAsync(SyncHost host, params string[] redirectUris)
    {
        var reply = await host.Client().PostAsync("/oauth/register", new { client_name = "Test client", redirect_uris = redirectUris });
        return reply.AssertOk(201)["client_id"].GetString()!; // An accepted registration has one.
    }

    /// <summary>The parameters of a good request, with others in their place; null leaves one out.</summary>
    public IEnumerable<KeyValuePair<string, string>> Request(params (string Name, string? Value)[] changes)
    {
        var fields = new List<KeyValuePair<string, string>>
        {
            new("response_type", "code"), new("client_id", ClientId), new("redirect_uri", Redirect), new("scope", "rooms:* create_rooms"),
            new("state", "a state+/="), new("code_challenge", Challenge), new("code_challenge_method", "S256"), new("resource", Issuer + "/mcp"),
        };
        foreach (var (name, value) in changes)
        {
            fields.RemoveAll(field => field.Key == name);
            if (value is not null)
            {
                fields.Add(new(name, value));
            }
        }

        return fields;
    }

    /// <summary>The authorisation endpoint, as the client sends the browser there.</summary>
    public Task<ApiReply> AuthorizeAsync(params (string Name, string? Value)[] changes) =>
        Browser.SendAsync(HttpMethod.Get, QueryHelpers.AddQueryString("/oauth/authorize", Request(changes).Select(field => KeyValuePair.Create(field.Key, (string?)field.Value))), content: null);

    /// <summary>The consent page's form, sent with a decision.</summary>
    public async Task<ApiReply> DecideAsync(string decision, string[] grants, params (string Name, string? Value)[] changes)
    {
        var page = (await AuthorizeAsync(changes)).Header("Location");
        Assert.StartsWith("/auth/consent?", page, StringComparison.Ordinal);
        (await Browser.OpenAsync(page!)).AssertOk(); // Seen above.
        return await Browser.PostFormAsync("/oauth/authorize", [.. Request(changes).Select(field => (field.Key, field.Value)), ("decision", decision), .. grants.Select(grant => ("grant", grant))]);
    }

    /// <summary>A code for these grants.</summary>
    public async Task<string> CodeAsync(string[] grants, params (string Name, string? Value)[] changes) =>
        Answer(await DecideAsync("allow", grants, changes))["code"];

    /// <summary>The token endpoint.</summary>
    public Task<ApiReply> TokenAsync(params (string Name, string Value)[] fields) => PostFormAsync("/oauth/token", fields);

    /// <summary>A code exchanged as it should be, with others in place of the parameters; null leaves one out.</summary>
    public Task<ApiReply> ExchangeAsync(string code, params (string Name, string? Value)[] changes)
    {
        var fields = new List<(string Name, string Value)>
        {
            ("grant_type", "authorization_code"), ("code", code), ("client_id", ClientId), ("redirect_uri", Redirect), ("code_verifier", Verifier),
        };
        foreach (var (name, value) in changes)
        {
            fields.RemoveAll(field => field.Name == name);
            if (value is not null)
            {
                fields.Add((name, value));
            }
        }

        return TokenAsync([.. fields]);
    }

    /// <summary>A form to an endpoint that knows no cookies.</summary>
    public async Task<ApiReply> PostFormAsync(string path, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return await _host.Client().SendAsync(HttpMethod.Post, path, form);
    }

    /// <summary>What a redirect to the client says.</summary>
    public static Dictionary<string, string> Answer(ApiReply reply, string redirect = Redirect)
    {
        Assert.True(reply.Status is 302 or 303, $"{reply.Status} {reply.Text}");
        var location = reply.Header("Location");
        Assert.StartsWith(redirect, location, StringComparison.Ordinal);
        return QueryHelpers.ParseQuery(new Uri(location!).Query).ToDictionary(field => field.Key, field => Assert.Single(field.Value)!); // Seen above.
    }

    public void Dispose() => Browser.Dispose();
}
