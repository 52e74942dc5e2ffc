using Microsoft.AspNetCore.WebUtilities;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.OAuth;

/// <summary>The authorisation endpoint: who is sent where, and what is refused by whom.</summary>
public sealed class AuthorizeTests(SyncHost host)
{
    [Fact]
    public async Task Authorize_NotSignedIn_GoesToSignInAndComesBack()
    {
        using var journey = await Journey.StartAsync(host, signedIn: false);

        var location = (await journey.AuthorizeAsync()).Header("Location");

        Assert.StartsWith("/auth/sign-in?return=", location, StringComparison.Ordinal);
        var back = QueryHelpers.ParseQuery(new Uri(host.Address, location).Query)["return"].ToString();
        Assert.StartsWith("/oauth/authorize?", back, StringComparison.Ordinal);
        Assert.Equal("a state+/=", QueryHelpers.ParseQuery(new Uri(host.Address, back).Query)["state"]);
    }

    [Fact]
    public async Task Authorize_SignedIn_GoesToTheConsentPageWithTheSameRequest()
    {
        using var journey = await Journey.StartAsync(host);

        var location = (await journey.AuthorizeAsync()).Header("Location");

        Assert.StartsWith("/auth/consent?", location, StringComparison.Ordinal);
        var sent = QueryHelpers.ParseQuery(new Uri(host.Address, location).Query).ToDictionary(field => field.Key, field => field.Value.ToString());
        Assert.Equal(journey.Request().ToDictionary(), sent);
    }

    [Fact]
    public async Task Authorize_ByPostWithoutADecision_IsARequestLikeAnother()
    {
        using var journey = await Journey.StartAsync(host);
        using var form = new FormUrlEncodedContent(journey.Request());

        var reply = await journey.Browser.SendAsync(HttpMethod.Post, "/oauth/authorize", form);

        Assert.StartsWith("/auth/consent?", reply.Header("Location"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Allow_Always_AnswersWithCodeStateAndIssuer()
    {
        using var journey = await Journey.StartAsync(host);

        var answer = Journey.Answer(await journey.DecideAsync("allow", ["create_rooms"]));

        Assert.Equal(["code", "iss", "state"], answer.Keys.Order());
        Assert.Equal("a state+/=", answer["state"]);
        Assert.Equal(Journey.Issuer, answer["iss"]);
    }

    [Fact]
    public async Task Deny_Always_SendsTheErrorToTheClient()
    {
        using var journey = await Journey.StartAsync(host);

        var answer = Journey.Answer(await journey.DecideAsync("deny", []));

        Assert.Equal("access_denied", answer["error"]);
        Assert.Equal("a state+/=", answer["state"]);
        Assert.Equal(Journey.Issuer, answer["iss"]);
        Assert.DoesNotContain("error_uri", answer.Keys);
    }

    [Theory]
    [InlineData("response_type", "token", "unsupported_response_type")]
    [InlineData("response_type", "code id_token", "unsupported_response_type")]
    [InlineData("response_type", null, "unsupported_response_type")]
    [InlineData("code_challenge", null, "invalid_request")]
    [InlineData("code_challenge", "short", "invalid_request")]
    [InlineData("code_challenge_method", null, "invalid_request")]
    [InlineData("code_challenge_method", "plain", "invalid_request")]
    [InlineData("resource", "https://elsewhere.example/mcp", "invalid_target")]
    [InlineData("resource", "not an address", "invalid_target")]
    [InlineData("scope", "everything", "invalid_scope")]
    [InlineData("scope", "rooms:*:own", "invalid_scope")]
    [InlineData("prompt", "none", "consent_required")]
    [InlineData("request", "eyJ", "request_not_supported")]
    [InlineData("response_mode", "form_post", "invalid_request")]
    public async Task Authorize_WrongAfterTheRedirectIsKnown_SendsTheErrorToTheClient(string name, string? value, string error)
    {
        using var journey = await Journey.StartAsync(host);

        var answer = Journey.Answer(await journey.AuthorizeAsync((name, value)));

        Assert.Equal(error, answer["error"]);
        Assert.Equal("a state+/=", answer["state"]);
        Assert.Equal(Journey.Issuer, answer["iss"]);
        Assert.DoesNotContain("code", answer.Keys);
    }

    [Theory]
    [InlineData("rooms:* openid profile", "rooms:*")]
    [InlineData("openid  rooms:*:read offline_access rooms:a:reads", "rooms:*:read")]
    [InlineData("mcp:tools create_rooms", "create_rooms")]
    public async Task Scope_WithUnknownWords_IsGrantedAsFarAsItIsKnown(string asked, string granted)
    {
        using var journey = await Journey.StartAsync(host);

        var tokens = (await journey.ExchangeAsync(await journey.CodeAsync([granted], ("scope", asked)))).AssertOk();

        Assert.Equal(granted, tokens["scope"].GetString());
    }

    [Theory]
    [InlineData("openid")]
    [InlineData("openid profile offline_access")]
    [InlineData("rooms:a:reads")]
    public async Task Scope_OfUnknownWordsAlone_IsInvalidScope(string asked)
    {
        using var journey = await Journey.StartAsync(host);

        Assert.Equal("invalid_scope", Journey.Answer(await journey.AuthorizeAsync(("scope", asked)))["error"]);
    }

    [Fact]
    public async Task Client_Forgotten_IsAPageThatSaysWhatToDo()
    {
        using var journey = await Journey.StartAsync(host);

        var page = await journey.AuthorizeAsync(("client_id", "client_forgotten"));

        Assert.Equal(400, page.Status);
        Assert.Contains("connect anew: it then registers again", page.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("client_id", null)]
    [InlineData("client_id", "client_unknown")]
    [InlineData("client_id", "javascript:alert(1)")]
    [InlineData("redirect_uri", null)]
    [InlineData("redirect_uri", "")]
    [InlineData("redirect_uri", "https://client.example/callback/")]
    [InlineData("redirect_uri", "https://client.example/callback?x=1")]
    [InlineData("redirect_uri", "https://client.example/callback#x")]
    [InlineData("redirect_uri", "https://client.example:444/callback")]
    [InlineData("redirect_uri", "https://CLIENT.example/callback")]
    [InlineData("redirect_uri", "http://client.example/callback")]
    [InlineData("redirect_uri", "https://client.example/../callback")]
    [InlineData("redirect_uri", "https://client.example@evil.example/callback")]
    [InlineData("redirect_uri", "//client.example/callback")]
    [InlineData("redirect_uri", "javascript:alert(1)")]
    [InlineData("redirect_uri", "data:text/html,x")]
    public async Task Authorize_WrongClientOrAddress_IsAPageAndNeverARedirect(string name, string? value)
    {
        using var journey = await Journey.StartAsync(host);

        var reply = await journey.AuthorizeAsync((name, value));

        Assert.Equal(400, reply.Status);
        Assert.Null(reply.Header("Location"));
        Assert.StartsWith("text/html", reply.Header("Content-Type"), StringComparison.Ordinal);
        Assert.DoesNotContain("openiddict", reply.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Authorize_TheSameParameterTwice_IsAPage()
    {
        using var journey = await Journey.StartAsync(host);

        var reply = await journey.Browser.SendAsync(
            HttpMethod.Get,
            QueryHelpers.AddQueryString("/oauth/authorize", journey.Request().Append(new("redirect_uri", "https://evil.example")).Select(field => KeyValuePair.Create(field.Key, (string?)field.Value))),
            content: null);

        Assert.Equal(400, reply.Status);
        Assert.Null(reply.Header("Location"));
    }

    [Theory]
    [InlineData("http://127.0.0.1/callback", "http://127.0.0.1:53682/callback")]
    [InlineData("http://localhost:1/callback", "http://localhost:53682/callback")]
    [InlineData("http://[::1]/callback", "http://[::1]:53682/callback")]
    [InlineData("cursor://anysphere.cursor-mcp/oauth/callback", "cursor://anysphere.cursor-mcp/oauth/callback")]
    [InlineData("com.example.app:/callback", "com.example.app:/callback")]
    public async Task Authorize_NativeClient_IsAnsweredAtItsAddress(string registered, string asked)
    {
        using var journey = await Journey.StartAsync(host, registered);

        var answer = Journey.Answer(await journey.DecideAsync("allow", ["create_rooms"], ("redirect_uri", asked)), asked);

        var tokens = (await journey.ExchangeAsync(answer["code"], ("redirect_uri", asked))).AssertOk();
        Assert.Equal("create_rooms", tokens["scope"].GetString());
    }

    [Theory]
    [InlineData("http://127.0.0.1/callback", "http://localhost:53682/callback")]
    [InlineData("http://127.0.0.1/callback", "http://127.0.0.1:53682/other")]
    [InlineData("http://127.0.0.1/callback", "http://127.0.0.1.evil.example/callback")]
    [InlineData("http://127.0.0.1/callback", "https://127.0.0.1:53682/callback")]
    [InlineData("http://localhost/callback", "http://localhost:80@evil.example/callback")]
    public async Task Authorize_LoopbackOfAnotherKind_IsAPage(string registered, string asked)
    {
        using var journey = await Journey.StartAsync(host, registered);

        Assert.Equal(400, (await journey.AuthorizeAsync(("redirect_uri", asked))).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/mcp")]
    [InlineData("/mcp/")]
    public async Task Authorize_OwnResource_IsAccepted(string path)
    {
        using var journey = await Journey.StartAsync(host);

        Assert.StartsWith("/auth/consent?", (await journey.AuthorizeAsync(("resource", Journey.Issuer + path))).Header("Location"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decision_WithoutAntiforgery_IsRefused()
    {
        using var journey = await Journey.StartAsync(host);
        using var form = new FormUrlEncodedContent([.. journey.Request(), new("decision", "allow"), new("grant", "rooms:*")]);

        var reply = await journey.Browser.SendAsync(HttpMethod.Post, "/oauth/authorize", form);

        Assert.Equal(400, reply.Status);
        Assert.Null(reply.Header("Location"));
    }

    [Fact]
    public async Task Decision_OfNobody_GoesToSignInWithoutTheDecision()
    {
        using var journey = await Journey.StartAsync(host, signedIn: false);
        using var form = new FormUrlEncodedContent([.. journey.Request(), new("decision", "allow"), new("grant", "rooms:*")]);

        var location = (await journey.Browser.SendAsync(HttpMethod.Post, "/oauth/authorize", form)).Header("Location");

        Assert.StartsWith("/auth/sign-in?return=", location, StringComparison.Ordinal);
        Assert.DoesNotContain("decision", location, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rooms:*:read", "rooms:*")]
    [InlineData("rooms:*:read", "rooms:*:read create_rooms")]
    [InlineData("rooms:x:read", "rooms:y:read")]
    [InlineData("create_rooms", "everything")]
    public async Task Decision_BeyondWhatWasAsked_GrantsNothing(string asked, string chosen)
    {
        using var journey = await Journey.StartAsync(host);

        var reply = await journey.DecideAsync("allow", [chosen], ("scope", asked));

        Assert.Equal(400, reply.Status);
        Assert.Null(reply.Header("Location"));
    }

    [Fact]
    public async Task Decision_BeyondWhatThePersonMay_GrantsNothing()
    {
        using var journey = await Journey.StartAsync(host);
        var room = await host.RoomAsync();

        var reply = await journey.DecideAsync("allow", [$"rooms:{room.Id}"], ("scope", $"rooms:{room.Id} create_rooms"));

        Assert.Equal(400, reply.Status);
    }

    [Theory]
    [InlineData("allow")]
    [InlineData("perhaps")]
    [InlineData("")]
    public async Task Decision_WithNothingChosen_GrantsNothing(string decision)
    {
        using var journey = await Journey.StartAsync(host);

        Assert.Equal(400, (await journey.DecideAsync(decision, [])).Status);
    }

    [Fact]
    public async Task Session_ThatHasEnded_DecidesNothing()
    {
        using var journey = await Journey.StartAsync(host);
        var page = (await journey.AuthorizeAsync()).Header("Location")!;
        (await journey.Browser.OpenAsync(page)).AssertOk();
        var user = await host.Engine.Users.FindByNameAsync(journey.UserName, TestContext.Current.CancellationToken);
        await host.Engine.Users.EndSessionsAsync(user!.Id, exceptSessionId: null, TestContext.Current.CancellationToken);

        var reply = await journey.Browser.PostFormAsync("/oauth/authorize", [.. journey.Request().Select(field => (field.Key, field.Value)), ("decision", "allow"), ("grant", "rooms:*")]);

        Assert.StartsWith("/auth/sign-in", reply.Header("Location"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Authorize_FromAnotherSitesPage_IsNotReadable()
    {
        using var journey = await Journey.StartAsync(host);

        var reply = await journey.Browser.SendAsync(HttpMethod.Get, "/oauth/authorize", content: null, headers: [("Origin", "https://elsewhere.example")]);

        Assert.Null(reply.Header("Access-Control-Allow-Origin"));
    }
}
