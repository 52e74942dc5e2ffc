using Sync.Web.Http.Pipeline;

namespace Sync.Web.OAuth;

/// <summary>The resources for which a token can be requested (<c>resource</c>, RFC 8707): this server and its MCP endpoint in each spelling of its address, with or without a slash at the end.</summary>
internal sealed class OwnResources(ServerAddress address)
{
    /// <summary>The resources by their names.</summary>
    public IReadOnlyList<string> All { get; } = [.. address.Spellings.SelectMany(static url => (string[])[url, url + "/", url + OAuthPaths.Mcp, url + OAuthPaths.Mcp + "/"])];

    /// <summary>Whether each of these is one of ours; none at all is all of ours.</summary>
    public bool Hold(IEnumerable<string> resources) => resources.All(resource => All.Contains(resource, StringComparer.OrdinalIgnoreCase));
}
