using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Sync.Web.Http.Endpoints;
using Sync.Web.Http.Pipeline;

namespace Sync.Web.Tests.Hosting;

/// <summary>What every endpoint of the server is, and what follows from it.</summary>
public sealed class EndpointKindTests(SyncHost host)
{
    [Theory]
    [InlineData("/rooms/{room}/context", EndpointKind.Api)]
    [InlineData("/vault/{**rest}", EndpointKind.Api)]
    [InlineData("/health/live", EndpointKind.Health)]
    [InlineData("/mcp", EndpointKind.Mcp)]
    [InlineData("/oauth/token", EndpointKind.OAuth)]
    [InlineData("/oauth/register", EndpointKind.OAuth)]
    [InlineData("/oauth/revoke", EndpointKind.OAuth)]
    [InlineData("/.well-known/oauth-authorization-server", EndpointKind.OAuth)]
    [InlineData("/manage", EndpointKind.Page)]
    [InlineData("/rooms/{Room}/dashboard", EndpointKind.Page)]
    [InlineData("/auth/sign-out", EndpointKind.Form)]
    [InlineData("/_blazor", EndpointKind.Circuit)]
    [InlineData("/favicon.ico", EndpointKind.Asset)]
    [InlineData("js/sync.js", EndpointKind.Asset)]
    internal void Endpoint_ByItsPattern_IsWhatItIs(string pattern, EndpointKind kind)
    {
        var found = Endpoints().Where(endpoint => endpoint.RoutePattern.RawText?.Trim('/') == pattern.Trim('/')).ToList();

        Assert.NotEmpty(found);
        Assert.All(found, endpoint => Assert.Equal(kind, EndpointKinds.Of(endpoint)));
    }

    [Fact]
    public void Endpoints_All_AreSomething()
    {
        var endpoints = Endpoints().ToList();

        Assert.DoesNotContain(endpoints, endpoint => EndpointKinds.Of(endpoint) == EndpointKind.Unknown);
        Assert.All(
            endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<ApiEndpoint>() is not null),
            endpoint => Assert.True(EndpointKinds.Of(endpoint) is EndpointKind.Api or EndpointKind.Health));
    }

    /// <summary>Kind, and whether it knows no cookies, is open to every origin, is limited, refuses in JSON.</summary>
    [Theory]
    [InlineData(EndpointKind.Unknown, false, true, true, true)]
    [InlineData(EndpointKind.Api, true, true, true, true)]
    [InlineData(EndpointKind.Health, true, true, false, true)]
    [InlineData(EndpointKind.Mcp, true, false, true, true)]
    [InlineData(EndpointKind.OAuth, false, true, true, true)]
    [InlineData(EndpointKind.Page, false, false, false, false)]
    [InlineData(EndpointKind.Form, false, false, false, false)]
    [InlineData(EndpointKind.Circuit, false, false, false, false)]
    [InlineData(EndpointKind.Asset, false, false, false, false)]
    internal void Kind_HasItsTraits(EndpointKind kind, bool cookieless, bool open, bool limited, bool forPrograms) =>
        Assert.Equal((cookieless, open, limited, forPrograms), (kind.IsCookieless(), kind.IsOpenToOrigins(), kind.IsLimited(), kind.IsForPrograms()));

    private IEnumerable<RouteEndpoint> Endpoints() => host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();
}
