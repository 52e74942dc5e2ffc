using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Sync.Engine.Primitives.Errors;
using Sync.Web.Api;
using Sync.Web.Http.Endpoints;
using Sync.Web.Tests.Hosting;

namespace Sync.Web.Tests.Api;

/// <summary>The document says what the app does.</summary>
public sealed class OpenApiTests(SyncHost host)
{
    [Fact]
    public async Task Document_ListsEveryMappedEndpointAndNoOther()
    {
        var document = await DocumentAsync();

        var described = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name.ToUpperInvariant()} {path.Name}"));
        var mapped = host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<ApiEndpoint>() is not null)
            .SelectMany(endpoint => Methods(endpoint).Select(method => $"{method} /{endpoint.RoutePattern.RawText!.TrimStart('/').Replace("{**", "{", StringComparison.Ordinal)}")); // Mapped from text.
        Assert.Equal(mapped.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Endpoints_OfRoomsAndServer_AreAllInTheTable()
    {
        string[] ours = ["rooms", "tokens", "health", "openapi", "docs", "reference", "vault"];

        var strays = host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<ApiEndpoint>() is null)
            .Where(endpoint => ours.Contains(endpoint.RoutePattern.RawText?.TrimStart('/').Split('/')[0]))
            .Where(endpoint => endpoint.Metadata.GetMetadata<Microsoft.AspNetCore.Components.Endpoints.ComponentTypeMetadata>() is null);

        Assert.Empty(strays);
    }

    [Fact]
    public async Task Document_References_AllResolve()
    {
        var document = await DocumentAsync();
        var schemas = document.GetProperty("components").GetProperty("schemas");

        var references = References(document).ToHashSet(StringComparer.Ordinal);

        Assert.NotEmpty(references);
        Assert.All(references, reference => Assert.True(schemas.TryGetProperty(reference["#/components/schemas/".Length..], out _), reference));
        Assert.All(schemas.EnumerateObject(), schema => Assert.Contains("#/components/schemas/" + schema.Name, references));
    }

    [Fact]
    public async Task Document_Operations_HaveIdsAnswersAndSecurity()
    {
        var document = await DocumentAsync();
        var operations = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).Select(operation => operation.Value).ToArray();

        Assert.Equal(operations.Length, operations.Select(operation => operation.GetProperty("operationId").GetString()).Distinct().Count());
        Assert.All(operations, operation => Assert.NotEmpty(operation.GetProperty("responses").EnumerateObject()));
        Assert.True(document.GetProperty("components").GetProperty("securitySchemes").TryGetProperty("bearer", out _));
        Assert.Equal("bearer", Operation(document, "/rooms/{room}/context", "get").GetProperty("security")[0].EnumerateObject().Single().Name);
        Assert.Empty(Operation(document, "/health", "get").GetProperty("security").EnumerateArray());
    }

    [Fact]
    public async Task Document_ErrorCodes_AllExistAndAllStandSomewhere()
    {
        var text = (await DocumentAsync()).GetProperty("paths").GetRawText();

        // Of pages and of /mcp, which are not in the document.
        string[] later = ["registration_closed", "confirmation_required", "last_passkey", "embodiment_required", "agent_held"];
        Assert.All(ErrorCode.All.Keys.Except(later), code => Assert.Contains($"`{code}`", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("createRoom")]
    [InlineData("forkRoom")]
    [InlineData("updateRoom")]
    [InlineData("inviteMember")]
    [InlineData("claimRoom")]
    [InlineData("joinRoom")]
    [InlineData("updateAgent")]
    [InlineData("invokeAction")]
    [InlineData("explainAction")]
    [InlineData("evaluate")]
    [InlineData("waitFor")]
    [InlineData("mintToken")]
    [InlineData("changeToken")]
    [InlineData("refreshToken")]
    [InlineData("startDevice")]
    [InlineData("deviceToken")]
    [InlineData("transferRoom")]
    [InlineData("createInvitation")]
    public async Task RequestSchema_Fields_AreThoseTheOperationTakes(string name)
    {
        var document = await DocumentAsync();
        var operation = ApiTable.All.Single(candidate => candidate.Name == name);
        var fields = document.GetProperty("components").GetProperty("schemas").GetProperty(operation.Body!).GetProperty("properties").EnumerateObject().Select(field => field.Name); // It has one.
        var room = await host.RoomAsync();
        (await room.Owner.PostAsync(room.Path + "/agents", new { id = "alice" })).AssertOk(201);
        var path = operation.Pattern.Replace("{room}", room.Id, StringComparison.Ordinal).Replace("{agent}", "alice", StringComparison.Ordinal).Replace("{action}", "_send_message", StringComparison.Ordinal);

        foreach (var field in fields)
        {
            // An array of an object fits no field, and a field that is not known is refused before its value is looked at.
            using var body = new StringContent($$"""{"{{field}}":[{}]}""");
            var reply = await room.Owner.SendAsync(new HttpMethod(operation.Method!), path, body);
            Assert.True(reply.Error is not ("unknown_field" or "unavailable"), $"{field}: {reply.Text}");
        }

        using var unknown = new StringContent("""{"no_such_field":1}""");
        var refused = await room.Owner.SendAsync(new HttpMethod(operation.Method!), path, unknown);
        Assert.True(refused.Error is "unknown_field" or "invalid_parameter" or "missing_param", refused.Text);
    }

    private static IEnumerable<string> Methods(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Where(method => method != "HEAD" || endpoint.Metadata.GetMetadata<ApiEndpoint>() is not { Parks: true }) ?? ["GET"];

    private static JsonElement Operation(JsonElement document, string path, string method) => document.GetProperty("paths").GetProperty(path).GetProperty(method);

    private static IEnumerable<string> References(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(property =>
            property is { Name: "$ref", Value.ValueKind: JsonValueKind.String } ? [property.Value.GetString()!] : References(property.Value)), // A string is not null.
        JsonValueKind.Array => json.EnumerateArray().SelectMany(References),
        _ => [],
    };

    private async Task<JsonElement> DocumentAsync() => (await host.Client().GetAsync("/openapi/v1.json")).AssertOk().Json;
}
