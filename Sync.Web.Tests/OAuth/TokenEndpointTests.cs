using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenIddict.Server;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.OAuth;

/// <summary>Codes and refresh tokens against secrets.</summary>
public sealed class TokenEndpointTests(SyncHost host)
{
    [Fact]
    public async Task Code_Exchanged_GivesATokenThatWorks()
    {
        using var journey = await Journey.StartAsync(host);

        var tokens = (await journey.ExchangeAsync(await journey.CodeAsync(["create_rooms", "rooms:*"]))).AssertOk();

        Assert.StartsWith("tok_", tokens["access_token"].GetString(), StringComparison.Ordinal);
        Assert.StartsWith("ref_", tokens["refresh_token"].GetString(), StringComparison.Ordinal);
        Assert.Equal("Bearer", tokens["token_type"].GetString());
        Assert.Equal(3600, tokens["expires_in"].GetInt32());
        Assert.Equal("create_rooms rooms:*", tokens["scope"].GetString());
        Assert.Equal("no-store", tokens.Header("Cache-Control"));
        (await host.Client(tokens["access_token"].GetString()).PostAsync("/rooms", new { })).AssertOk(201);
        var listed = (await journey.User.GetAsync("/tokens")).AssertOk()["tokens"].EnumerateArray().Single(token => token.GetProperty("client_id").GetString() == journey.ClientId);
        Assert.Equal("Test client", listed.GetProperty("label").GetString());
    }

    [Fact]
    public async Task Code_ExchangedTwice_RevokesWhatTheFirstGave()
    {
        using var journey = await Journey.StartAsync(host);
        var code = await journey.CodeAsync(["create_rooms"]);
        var tokens = (await journey.ExchangeAsync(code)).AssertOk();

        (await journey.ExchangeAsync(code)).AssertOAuthRefusal("invalid_grant");

        (await host.Client(tokens["access_token"].GetString()).GetAsync("/rooms")).AssertRefusal("invalid_token", 401);
        await AssertRefusedAsync(journey, "invalid_grant", tokens);
    }

    [Fact]
    public void Code_OutlivesWhatItIsGoodFor_SoThatAThiefIsNoticed() =>
        Assert.Equal(TimeSpan.FromMinutes(10), host.Services.GetRequiredService<IOptionsMonitor<OpenIddictServerOptions>>().CurrentValue.AuthorizationCodeLifetime);

    [Theory]
    [InlineData("code_verifier", null, "invalid_request")]
    [InlineData("code_verifier", "another-verifier-of-forty-three-characters-or-so", "invalid_grant")]
    [InlineData("redirect_uri", "https://client.example/other", "invalid_grant")]
    [InlineData("redirect_uri", null, "invalid_request")]
    [InlineData("client_id", null, "invalid_request")]
    [InlineData("client_id", "client_other", "invalid_client")]
    [InlineData("code", null, "invalid_request")]
    [InlineData("code", "made-up", "invalid_grant")]
    [InlineData("grant_type", null, "invalid_request")]
    [InlineData("grant_type", "client_credentials", "unsupported_grant_type")]
    [InlineData("grant_type", "password", "unsupported_grant_type")]
    [InlineData("resource", "https://elsewhere.example/mcp", "invalid_target")]
    public async Task Code_WithAnythingWrong_GivesNothingAndStaysGood(string name, string? value, string error)
    {
        using var journey = await Journey.StartAsync(host);
        var code = await journey.CodeAsync(["create_rooms"]);

        var reply = await journey.ExchangeAsync(code, (name, value));

        Assert.Equal(error, reply.Error);
        Assert.Contains(reply.Status, (int[])[400, 401]);
        Assert.False(string.IsNullOrEmpty(reply["error_description"].GetString()));
        Assert.DoesNotContain("openiddict", reply.Text, StringComparison.OrdinalIgnoreCase);
        (await journey.ExchangeAsync(code)).AssertOk();
    }

    [Fact]
    public async Task Code_OfAnotherClient_GivesNothing()
    {
        using var journey = await Journey.StartAsync(host);
        using var other = await Journey.StartAsync(host);

        (await other.ExchangeAsync(await journey.CodeAsync(["create_rooms"]))).AssertOAuthRefusal("invalid_grant");
    }

    [Fact]
    public async Task Code_WhoseAuthorizationNamedNoResource_MayNameOneLater()
    {
        using var journey = await Journey.StartAsync(host);
        var code = await journey.CodeAsync(["create_rooms"], ("resource", null));

        (await journey.ExchangeAsync(code, ("resource", Journey.Issuer + "/mcp/"))).AssertOk();
    }

    [Fact]
    public async Task Refresh_Always_RotatesAndKeepsTheToken()
    {
        using var journey = await Journey.StartAsync(host);
        var first = (await journey.ExchangeAsync(await journey.CodeAsync(["rooms:*"]))).AssertOk();

        var second = (await RefreshAsync(journey, first, ("resource", Journey.Issuer + "/mcp"))).AssertOk();

        Assert.NotEqual(first["access_token"].GetString(), second["access_token"].GetString());
        Assert.NotEqual(first["refresh_token"].GetString(), second["refresh_token"].GetString());
        Assert.Equal("rooms:*", second["scope"].GetString());
        (await host.Client(first["access_token"].GetString()).GetAsync("/rooms")).AssertRefusal("invalid_token", 401);
        (await host.Client(second["access_token"].GetString()).GetAsync("/rooms")).AssertOk();
    }

    [Fact]
    public async Task Refresh_UsedAgainAfterItsSuccessor_RevokesTheToken()
    {
        using var journey = await Journey.StartAsync(host);
        var first = (await journey.ExchangeAsync(await journey.CodeAsync(["rooms:*"]))).AssertOk();
        var second = (await RefreshAsync(journey, first)).AssertOk();

        var again = (await RefreshAsync(journey, first)).AssertOk();
        Assert.Equal((second["access_token"].GetString(), second["refresh_token"].GetString()), (again["access_token"].GetString(), again["refresh_token"].GetString()));
        var third = (await RefreshAsync(journey, second)).AssertOk();

        (await RefreshAsync(journey, first)).AssertOAuthRefusal("invalid_grant");

        (await host.Client(third["access_token"].GetString()).GetAsync("/rooms")).AssertRefusal("invalid_token", 401);
        await AssertRefusedAsync(journey, "invalid_grant", third);
    }

    [Fact]
    public async Task Refresh_ToLess_NarrowsForGood()
    {
        using var journey = await Journey.StartAsync(host);
        var first = (await journey.ExchangeAsync(await journey.CodeAsync(["rooms:*", "create_rooms"]))).AssertOk();

        var second = (await RefreshAsync(journey, first, ("scope", "rooms:*:read"))).AssertOk();

        Assert.Equal("rooms:*:read", second["scope"].GetString());
        (await RefreshAsync(journey, second, ("scope", "rooms:*"))).AssertOAuthRefusal("invalid_scope");
        Assert.Equal("rooms:*:read", (await RefreshAsync(journey, second)).AssertOk()["scope"].GetString());
    }

    [Fact]
    public async Task Refresh_AfterThePersonNarrowedIt_StaysNarrow()
    {
        using var journey = await Journey.StartAsync(host);
        var first = (await journey.ExchangeAsync(await journey.CodeAsync(["rooms:*"]))).AssertOk();
        var id = (await journey.User.GetAsync("/tokens"))["tokens"].EnumerateArray().Single(token => token.GetProperty("client_id").GetString() == journey.ClientId).GetProperty("id").GetString();
        (await journey.User.PatchAsync("/tokens/" + id, new { scope = "rooms:*:read" })).AssertOk();

        Assert.Equal("rooms:*:read", (await RefreshAsync(journey, first)).AssertOk()["scope"].GetString());
    }

    [Theory]
    [InlineData("refresh_token", null, "invalid_request")]
    [InlineData("refresh_token", "ref_invented", "invalid_grant")]
    [InlineData("refresh_token", "tok_invented", "invalid_grant")]
    [InlineData("client_id", "client_other", "invalid_client")]
    [InlineData("client_id", null, "invalid_client")]
    [InlineData("resource", "https://elsewhere.example", "invalid_target")]
    [InlineData("scope", "everything", "invalid_scope")]
    public async Task Refresh_WithAnythingWrong_GivesNothingAndStaysGood(string name, string? value, string error)
    {
        using var journey = await Journey.StartAsync(host);
        var tokens = (await journey.ExchangeAsync(await journey.CodeAsync(["rooms:*"]))).AssertOk();

        Assert.Equal(error, (await RefreshAsync(journey, tokens, (name, value))).Error);

        (await RefreshAsync(journey, tokens)).AssertOk();
    }

    [Fact]
    public async Task Refresh_ByAnotherRegisteredClient_IsInvalidGrant()
    {
        using var journey = await Journey.StartAsync(host);
        var tokens = (await journey.ExchangeAsync(await journey.CodeAsync(["rooms:*"]))).AssertOk();

        (await RefreshAsync(journey, tokens, ("client_id", await Journey.RegisterAsync(host, Journey.Redirect)))).AssertOAuthRefusal("invalid_grant");

        (await RefreshAsync(journey, tokens)).AssertOk();
    }

    /// <summary>Every grant, asked for by a client that the server does not know: told so, it registers anew (RFC 6749 §5.2).</summary>
    [Theory]
    [InlineData("authorization_code", "code", "anything")]
    [InlineData("refresh_token", "refresh_token", "ref_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("urn:ietf:params:oauth:grant-type:device_code", "device_code", "dev_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Token_ByAnUnknownClient_IsInvalidClient(string grantType, string field, string value)
    {
        using var journey = await Journey.StartAsync(host);

        var reply = await journey.TokenAsync(
            ("grant_type", grantType), (field, value), ("client_id", "client_forgotten"), ("redirect_uri", Journey.Redirect), ("code_verifier", Journey.Verifier));

        Assert.Equal((401, "invalid_client"), (reply.Status, reply.Error));
        Assert.Contains("/oauth/register", reply["error_description"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refresh_ThreeAtOnce_AllGetTheSamePair()
    {
        using var journey = await Journey.StartAsync(host);
        var first = (await journey.ExchangeAsync(await journey.CodeAsync(["rooms:*"]))).AssertOk();

        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => RefreshAsync(journey, first)));

        Assert.All(answers, answer => answer.AssertOk());
        Assert.Single(answers.Select(answer => (answer["access_token"].GetString(), answer["refresh_token"].GetString())).Distinct());
        (await host.Client(answers[0]["access_token"].GetString()).GetAsync("/rooms")).AssertOk();
        (await RefreshAsync(journey, answers[2])).AssertOk();
    }

    [Fact]
    public async Task AccessToken_AsRefreshToken_GivesNothing()
    {
        using var journey = await Journey.StartAsync(host);
        var tokens = (await journey.ExchangeAsync(await journey.CodeAsync(["rooms:*"]))).AssertOk();

        Assert.Equal("invalid_grant", (await RefreshAsync(journey, tokens, ("refresh_token", tokens["access_token"].GetString()))).Error);
    }

    [Theory]
    [InlineData("access_token", "refresh_token")]
    [InlineData("refresh_token", "access_token")]
    public async Task Revoke_OfEither_KillsBoth(string revoked, string hint)
    {
        using var journey = await Journey.StartAsync(host);
        var tokens = (await journey.ExchangeAsync(await journey.CodeAsync(["rooms:*"]))).AssertOk();

        (await journey.PostFormAsync("/oauth/revoke", ("token", tokens[revoked].GetString()!), ("token_type_hint", hint), ("client_id", journey.ClientId))).AssertOk();

        (await host.Client(tokens["access_token"].GetString()).GetAsync("/rooms")).AssertRefusal("invalid_token", 401);
        await AssertRefusedAsync(journey, "invalid_grant", tokens);
    }

    [Fact]
    public async Task Revoke_ByAnotherClientOrOfNothing_IsSilent()
    {
        using var journey = await Journey.StartAsync(host);
        var tokens = (await journey.ExchangeAsync(await journey.CodeAsync(["rooms:*"]))).AssertOk();

        (await journey.PostFormAsync("/oauth/revoke", ("token", tokens["access_token"].GetString()!), ("client_id", "client_other"))).AssertOk();
        (await journey.PostFormAsync("/oauth/revoke", ("token", "tok_invented"))).AssertOk();

        (await host.Client(tokens["access_token"].GetString()).GetAsync("/rooms")).AssertOk();
        (await journey.PostFormAsync("/oauth/revoke", ("client_id", journey.ClientId))).AssertOAuthRefusal("invalid_request");
    }

    [Fact]
    public async Task DeviceGrant_AtTheTokenEndpoint_IsTheDeviceFlow()
    {
        using var journey = await Journey.StartAsync(host);
        var started = (await journey.PostFormAsync("/auth/device", ("client_id", journey.ClientId), ("scope", "rooms:* offline_access"))).AssertOk();
        (string, string)[] poll = [("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", started["device_code"].GetString()!), ("client_id", journey.ClientId)];

        Assert.Equal("authorization_pending", (await journey.TokenAsync(poll)).AssertOAuthRefusal("authorization_pending").Error);
        Assert.Equal("slow_down", (await journey.TokenAsync(poll)).Error);
        var approved = await host.Engine.Grants.ApproveDeviceAsync(await Person.SessionAsync(host, journey.UserName), started["user_code"].GetString()!, "rooms:*", TestContext.Current.CancellationToken);
        Assert.Null(approved.Error);
        (await journey.TokenAsync(poll)).AssertOk();
        Assert.Equal("invalid_grant", (await journey.TokenAsync(poll)).Error);
        Assert.Equal("invalid_request", (await journey.TokenAsync(("grant_type", "urn:ietf:params:oauth:grant-type:device_code"))).Error);
    }

    [Theory]
    [InlineData("application/json", """{"grant_type":"authorization_code"}""")]
    [InlineData("multipart/form-data; boundary=x", "--x--")]
    [InlineData(null, "grant_type=authorization_code")]
    [InlineData("application/x-www-form-urlencoded", "grant_type=refresh_token&grant_type=refresh_token&client_id=a&refresh_token=b")]
    [InlineData("application/x-www-form-urlencoded", "grant_type=refresh_token&client_id=%ff%fe&refresh_token=%00")]
    [InlineData("application/x-www-form-urlencoded", "=&&==&%&%zz")]
    [InlineData("application/x-www-form-urlencoded; charset=nonsense", "grant_type=refresh_token")]
    [InlineData("application/x-www-form-urlencoded", "")]
    public async Task Body_OfAnyOtherKind_IsRefusedInTheShapeOfOAuth(string? type, string body)
    {
        foreach (var path in (string[])["/oauth/token", "/oauth/authorize", "/oauth/revoke"])
        {
            var reply = await host.Client().PostRawAsync(path, Encoding.UTF8.GetBytes(body), type);

            Assert.True(reply.Status is 400 or 401, $"{path}: {reply.Status} {reply.Text}");
        }
    }

    [Fact]
    public async Task Body_TooLargeOrOfTooManyFields_IsRefused()
    {
        foreach (var path in (string[])["/oauth/token", "/oauth/authorize", "/oauth/revoke", "/auth/device", "/auth/device/token"])
        {
            var large = await host.Client().PostRawAsync(path, Encoding.ASCII.GetBytes("code=" + new string('a', 300_000)), "application/x-www-form-urlencoded");
            var many = await host.Client().PostRawAsync(path, Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 5000).Select(i => $"f{i}=1&"))), "application/x-www-form-urlencoded");

            Assert.True(large.Status == 413, $"{path}: {large.Status} {large.Text}");
            Assert.True(many.Status == 400, $"{path}: {many.Status} {many.Text}");
        }

        Assert.Empty(host.Errors.Entries);
    }

    [Theory]
    [InlineData("/oauth/token")]
    [InlineData("/oauth/register")]
    [InlineData("/oauth/revoke")]
    [InlineData("/.well-known/oauth-authorization-server")]
    [InlineData("/.well-known/oauth-protected-resource/mcp")]
    public async Task Endpoint_ForClients_IsOpenToPagesOfEveryOrigin(string path)
    {
        var method = path.StartsWith("/.well-known", StringComparison.Ordinal) ? "GET" : "POST";
        var preflight = await host.Client().SendAsync(HttpMethod.Options, path, content: null, ("Origin", "https://inspector.example"), ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", "content-type,mcp-protocol-version"));
        var reply = await host.Client().SendAsync(new HttpMethod(method), path, method == "GET" ? null : new StringContent(""), ("Origin", "https://inspector.example"));

        Assert.Equal(204, preflight.Status);
        Assert.Equal("*", preflight.Header("Access-Control-Allow-Origin"));
        Assert.Contains("MCP-Protocol-Version", preflight.Header("Access-Control-Allow-Headers"), StringComparison.Ordinal);
        Assert.Equal("*", reply.Header("Access-Control-Allow-Origin"));
    }

    private static Task<ApiReply> RefreshAsync(Journey journey, ApiReply tokens, params (string Name, string? Value)[] changes)
    {
        var fields = new List<(string Name, string Value)> { ("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].GetString()!), ("client_id", journey.ClientId) };
        foreach (var (name, value) in changes)
        {
            fields.RemoveAll(field => field.Name == name);
            if (value is not null)
            {
                fields.Add((name, value));
            }
        }

        return journey.TokenAsync([.. fields]);
    }

    private static async Task AssertRefusedAsync(Journey journey, string error, ApiReply tokens) => Assert.Equal(error, (await RefreshAsync(journey, tokens)).Error);
}
