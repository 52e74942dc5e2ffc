using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Routing.Matching;
using Sync.Web.Http.Pages;

namespace Sync.Web.Components.Pages;

/// <summary>
/// Where a page and an operation have the same path (<c>/rooms</c>, <c>/inbox</c>), the page goes to who navigates with a browser and the operation to everybody else. Without it such a request would be
/// ambiguous.
/// </summary>
internal sealed class PageOrApiPolicy : MatcherPolicy, IEndpointSelectorPolicy
{
    public override int Order => 0;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => endpoints.Any(IsPage) && endpoints.Any(endpoint => !IsPage(endpoint));

    public Task ApplyAsync(HttpContext http, CandidateSet candidates)
    {
        var (pages, others) = (false, false);
        for (var i = 0; i < candidates.Count; i++)
        {
            if (candidates.IsValidCandidate(i))
            {
                _ = IsPage(candidates[i].Endpoint) ? pages = true : others = true;
            }
        }

        if (pages && others && IsAtSharedPath(http))
        {
            var page = TextResponse.IsWantedAsPage(http.Request);
            for (var i = 0; i < candidates.Count; i++)
            {
                if (candidates.IsValidCandidate(i) && IsPage(candidates[i].Endpoint) != page)
                {
                    candidates.SetValidity(i, value: false);
                }
            }
        }

        return Task.CompletedTask;
    }

    // Elsewhere patterns of different precision meet, and routing knows which is meant.
    private static bool IsAtSharedPath(HttpContext http) => http.Request.Path.Value?.TrimEnd('/') is "/rooms" or "/inbox";

    private static bool IsPage(Endpoint endpoint) => endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null;
}
