using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.StaticAssets;
using Sync.Web.Http.Endpoints;

namespace Sync.Web.Http.Pipeline;

/// <summary>What an endpoint is. Every middleware that treats endpoints differently asks for this, and none for the path.</summary>
internal enum EndpointKind
{
    /// <summary>No endpoint, or a method that a path does not take: a request to the API that is wrong.</summary>
    Unknown,
    /// <summary>An operation of the API's table.</summary>
    Api,
    /// <summary>An operation that says whether the server lives.</summary>
    Health,
    /// <summary>The Model Context Protocol.</summary>
    Mcp,
    /// <summary>An endpoint of OAuth that programs call, with an error shape of its own.</summary>
    OAuth,
    /// <summary>A page, also the target of its own forms.</summary>
    Page,
    /// <summary>The target of a form or a script of a page.</summary>
    Form,
    /// <summary>The connection of an open page.</summary>
    Circuit,
    /// <summary>A file that is sent as it is.</summary>
    Asset,
}

/// <summary>Says of an endpoint that is not in the API's table what it is.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Resource">The path under which it is a protected resource of its own (RFC 9728), or empty.</param>
internal sealed record EndpointMark(EndpointKind Kind, string Resource = "");

/// <summary>What an endpoint is, and what follows from it.</summary>
internal static class EndpointKinds
{
    private const string CircuitPattern = "_blazor";

    /// <summary>What an endpoint is.</summary>
    public static EndpointKind Of(Endpoint? endpoint)
    {
        if (endpoint is not RouteEndpoint route)
        {
            return EndpointKind.Unknown;
        }

        if (route.Metadata.GetMetadata<EndpointMark>() is { } mark)
        {
            return mark.Kind;
        }

        if (route.Metadata.GetMetadata<ApiEndpoint>() is { } operation)
        {
            return operation.IsRateLimited ? EndpointKind.Api : EndpointKind.Health;
        }

        return route.Metadata.GetMetadata<ComponentTypeMetadata>() is not null ? EndpointKind.Page
            : route.RoutePattern.RawText?.TrimStart('/').StartsWith(CircuitPattern, StringComparison.Ordinal) == true ? EndpointKind.Circuit
            : route.Metadata.GetMetadata<StaticAssetDescriptor>() is not null ? EndpointKind.Asset
            : route.Metadata.GetMetadata<IHttpMethodMetadata>() is { HttpMethods: [var only] } && HttpMethods.IsPost(only) ? EndpointKind.Form
            : EndpointKind.Asset;
    }

    /// <summary>What the endpoint of a request is.</summary>
    public static EndpointKind Of(HttpContext http) => Of(http.GetEndpoint());

    /// <summary>The path of the protected resource that a request is for; empty for the API.</summary>
    public static string ResourceOf(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<EndpointMark>()?.Resource ?? "";

    /// <summary>Whether it takes bearer tokens and ignores cookies.</summary>
    public static bool IsCookieless(this EndpointKind kind) => kind is EndpointKind.Api or EndpointKind.Health or EndpointKind.Mcp;

    /// <summary>Whether pages of every origin may call it. What knows cookies is not open, and MCP has a rule of its own.</summary>
    public static bool IsOpenToOrigins(this EndpointKind kind) => kind is EndpointKind.Api or EndpointKind.Health or EndpointKind.OAuth or EndpointKind.Unknown;

    /// <summary>Whether requests are limited by who makes them. Health is asked for from the address of everybody behind a balancer.</summary>
    public static bool IsLimited(this EndpointKind kind) => kind is EndpointKind.Api or EndpointKind.Mcp or EndpointKind.OAuth or EndpointKind.Unknown;

    /// <summary>Whether refusals are JSON for programs.</summary>
    public static bool IsForPrograms(this EndpointKind kind) => kind.IsCookieless() || kind.IsOpenToOrigins();
}
