using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Routing.Matching;
using Sync.Web.Docs;

namespace Sync.Web.Components.Docs;

/// <summary>The page of a document is there for names of documents alone; any other path below <c>/docs</c> is answered as a path where nothing is.</summary>
internal sealed class DocsPolicy(DocsLibrary library) : MatcherPolicy, IEndpointSelectorPolicy
{
    public override int Order => 1;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => endpoints.Any(IsDocument);

    public Task ApplyAsync(HttpContext http, CandidateSet candidates)
    {
        for (var i = 0; i < candidates.Count; i++)
        {
            if (candidates.IsValidCandidate(i) && IsDocument(candidates[i].Endpoint) && (candidates[i].Values?["Slug"] is not string slug || library.Find(slug) is null))
            {
                candidates.SetValidity(i, value: false);
            }
        }

        return Task.CompletedTask;
    }

    private static bool IsDocument(Endpoint endpoint) => endpoint.Metadata.GetMetadata<ComponentTypeMetadata>()?.Type == typeof(DocumentPage);
}
