using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Api;

/// <summary>The device flow, as the quick start's curl lines use it.</summary>
public sealed class DeviceTests(SyncHost host)
{
    [Fact]
    public async Task Flow_Approved_GivesATokenOnce()
    {
        var name = SyncHost.NewName("person");
        await host.MintAsync(name);
        var started = (await host.Client().PostAsync("/auth/device", new { scope = "rooms:* create_rooms" })).AssertOk();
        Assert.StartsWith("dev_", started["device_code"].GetString(), StringComparison.Ordinal);
        Assert.Matches("^[A-Z0-9]{4}-[A-Z0-9]{4}$", started["user_code"].GetString());
        Assert.Equal("http://localhost:5080/auth/device", started["verification_uri"].GetString());
        Assert.Equal("http://localhost:5080/auth/device?code=" + started["user_code"].GetString(), started["verification_uri_complete"].GetString());
        Assert.Equal(900, started["expires_in"].GetInt32());
        Assert.Equal(5, started["interval"].GetInt32());
        (await PollAsync(host, started)).AssertOAuthRefusal("authorization_pending");
        (await PollAsync(host, started)).AssertOAuthRefusal("slow_down");

        var approved = await host.Engine.Grants.ApproveDeviceAsync(await Person.SessionAsync(host, name), started["user_code"].GetString()!, "rooms:*", TestContext.Current.CancellationToken); // A started flow has one.

        Assert.Null(approved.Error);
        var tokens = (await PollAsync(host, started)).AssertOk();
        Assert.Equal(["access_token", "expires_in", "refresh_token", "scope", "token_type"], tokens.Json.EnumerateObject().Select(field => field.Name).Order());
        Assert.Equal("no-store", tokens.Header("Cache-Control"));
        Assert.Equal("rooms:*", tokens["scope"].GetString());
        (await host.Client(tokens["access_token"].GetString()).GetAsync("/rooms")).AssertOk();
        (await host.Client().PostAsync("/tokens/refresh", new { refresh_token = tokens["refresh_token"].GetString() })).AssertOk();
        (await PollAsync(host, started)).AssertOAuthRefusal("invalid_grant");
    }

    [Fact]
    public async Task Flow_Denied_SaysSo()
    {
        var name = SyncHost.NewName("person");
        await host.MintAsync(name);
        var started = (await host.Client().PostAsync("/auth/device", new { })).AssertOk();

        await host.Engine.Grants.DenyDeviceAsync(await Person.SessionAsync(host, name), started["user_code"].GetString()!, TestContext.Current.CancellationToken); // As above.

        (await PollAsync(host, started)).AssertOAuthRefusal("access_denied");
    }

    [Fact]
    public async Task Flow_NobodyDecided_Expires()
    {
        var time = new FakeTimeProvider();
        await using var own = new SyncHost([], services => services.AddSingleton<TimeProvider>(time));
        await own.InitializeAsync();
        var started = (await own.Client().PostAsync("/auth/device", new { })).AssertOk();

        time.Advance(TimeSpan.FromMinutes(16));

        (await PollAsync(own, started)).AssertOAuthRefusal("expired_token");
    }

    [Fact]
    public async Task Flow_ByAForm_IsTheSame()
    {
        var client = await Sync.Web.Tests.OAuth.Journey.RegisterAsync(host, Sync.Web.Tests.OAuth.Journey.Redirect);
        using var start = new FormUrlEncodedContent([new("client_id", client), new("scope", "rooms:*:read"), new("unknown", "x")]);
        var started = (await host.Client().SendAsync(HttpMethod.Post, "/auth/device", start)).AssertOk();

        using var poll = new FormUrlEncodedContent([new("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), new("device_code", started["device_code"].GetString()!), new("client_id", client)]); // As above.

        (await host.Client().SendAsync(HttpMethod.Post, "/auth/device/token", poll)).AssertOAuthRefusal("authorization_pending");
    }

    [Theory]
    [InlineData("""{"scope":"everything"}""", "invalid_scope")]
    [InlineData("""{"scope":7}""", "invalid_parameter")]
    [InlineData("""{"client_id":"client_unknown"}""", "invalid_client")]
    [InlineData("""{"client_id":"https://10.0.0.1/client"}""", "invalid_client")]
    [InlineData("""{"client_id":"http://client.example/client"}""", "invalid_client")]
    [InlineData("""{"scopes":"rooms:*"}""", "unknown_field")]
    [InlineData("""nonsense""", "invalid_json")]
    public async Task Start_OfNonsense_IsRefusedInBothShapes(string body, string error)
    {
        var reply = await host.Client().PostRawAsync("/auth/device", Encoding.UTF8.GetBytes(body));

        reply.AssertOAuthRefusal(error).AssertRefusal(error, 400);
    }

    [Theory]
    [InlineData("""{}""", "missing_param")]
    [InlineData("""{"device_code":""}""", "missing_param")]
    [InlineData("""{"device_code":"dev_invented"}""", "invalid_grant")]
    [InlineData("""{"device_code":"\u0000"}""", "invalid_grant")]
    [InlineData("""{"device_code":["x"]}""", "invalid_parameter")]
    public async Task Poll_OfNonsense_IsRefusedInBothShapes(string body, string error)
    {
        var reply = await host.Client().PostRawAsync("/auth/device/token", Encoding.UTF8.GetBytes(body));

        reply.AssertOAuthRefusal(error).AssertRefusal(error, 400);
    }

    private static Task<ApiReply> PollAsync(SyncHost host, ApiReply started) => host.Client().PostAsync("/auth/device/token", new { device_code = started["device_code"].GetString() });
}
