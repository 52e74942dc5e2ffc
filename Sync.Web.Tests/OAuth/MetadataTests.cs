using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.OAuth;

/// <summary>What clients discover.</summary>
public sealed class MetadataTests(SyncHost host)
{
    [Theory]
    [InlineData("/.well-known/oauth-authorization-server")]
    [InlineData("/.well-known/oauth-authorization-server/mcp")]
    public async Task AuthorizationServer_Metadata_NamesEveryEndpoint(string path)
    {
        var reply = (await host.Client().GetAsync(path)).AssertOk();

        Assert.Equal(Journey.Issuer, reply["issuer"].GetString());
        Assert.Equal(Journey.Issuer + "/oauth/authorize", reply["authorization_endpoint"].GetString());
        Assert.Equal(Journey.Issuer + "/oauth/token", reply["token_endpoint"].GetString());
        Assert.Equal(Journey.Issuer + "/oauth/register", reply["registration_endpoint"].GetString());
        Assert.Equal(Journey.Issuer + "/oauth/revoke", reply["revocation_endpoint"].GetString());
        Assert.Equal(Journey.Issuer + "/auth/device", reply["device_authorization_endpoint"].GetString());
        Assert.Equal("""["authorization_code","refresh_token","urn:ietf:params:oauth:grant-type:device_code"]""", reply["grant_types_supported"].GetRawText());
        Assert.Equal("""["code"]""", reply["response_types_supported"].GetRawText());
        Assert.Equal("""["S256"]""", reply["code_challenge_methods_supported"].GetRawText());
        Assert.Equal("""["none"]""", reply["token_endpoint_auth_methods_supported"].GetRawText());
        Assert.Equal("""["create_rooms","rooms:*","rooms:*:read","rooms:*:write"]""", reply["scopes_supported"].GetRawText());
        Assert.True(reply["authorization_response_iss_parameter_supported"].GetBoolean());
        Assert.True(reply["client_id_metadata_document_supported"].GetBoolean());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/mcp")]
    public async Task ProtectedResource_Metadata_NamesTheResourceAndItsServer(string path)
    {
        var reply = (await host.Client().GetAsync("/.well-known/oauth-protected-resource" + path)).AssertOk();

        Assert.Equal(Journey.Issuer + path, reply["resource"].GetString());
        Assert.Equal($"[\"{Journey.Issuer}\"]", reply["authorization_servers"].GetRawText());
        Assert.Equal("""["header"]""", reply["bearer_methods_supported"].GetRawText());
    }

    [Theory]
    [InlineData("/.well-known/openid-configuration")]
    [InlineData("/.well-known/jwks")]
    public async Task Metadata_OfWhatThisIsNot_IsNotThere(string path) => Assert.Equal(404, (await host.Client().GetAsync(path)).Status);

    [Fact]
    public async Task Refusal_WithoutAToken_LeadsToTheMetadata()
    {
        var reply = (await host.Client().GetAsync("/rooms")).AssertRefusal("authentication_required", 401);

        Assert.Equal($"Bearer resource_metadata=\"{Journey.Issuer}/.well-known/oauth-protected-resource\"", reply.Header("WWW-Authenticate"));
    }

    [Fact]
    public async Task Refusal_ForWantOfScope_NamesTheScope()
    {
        var room = await host.RoomAsync();
        var metadata = $"resource_metadata=\"{Journey.Issuer}/.well-known/oauth-protected-resource\"";

        var outsider = (await (await host.UserAsync()).GetAsync(room.Path + "/context")).AssertRefusal("scope_denied", 403);
        var narrow = (await host.Client(await host.MintAsync(room.OwnerName, "create_rooms")).GetAsync(room.Path + "/context")).AssertRefusal("scope_denied", 403);
        var reader = (await room.InvokeAsync("_send_message", new { body = "hi" }, host.Client(await host.MintAsync(room.OwnerName, $"rooms:{room.Id}:read")))).AssertRefusal("read_only_token", 403);
        var creator = (await (await host.UserAsync("rooms:*")).PostAsync("/rooms", new { })).AssertRefusal("scope_denied", 403);
        var engineOnly = (await room.InvokeAsync("_register_action", new { id = "x", writes = new[] { new { scope = "_audit", key = "k", value = 1 } } })).AssertRefusal("scope_denied", 403);

        Assert.Equal($"Bearer error=\"insufficient_scope\", scope=\"rooms:{room.Id}:read\", {metadata}", narrow.Header("WWW-Authenticate"));
        Assert.Equal($"Bearer error=\"insufficient_scope\", scope=\"rooms:{room.Id}:write\", {metadata}", reader.Header("WWW-Authenticate"));
        Assert.Equal($"Bearer error=\"insufficient_scope\", scope=\"create_rooms\", {metadata}", creator.Header("WWW-Authenticate"));
        Assert.Null(outsider.Header("WWW-Authenticate")); // Its token reaches every room of its user; what it lacks is a role.
        Assert.Null(engineOnly.Header("WWW-Authenticate"));
    }
}
