using Sync.Web.Options;

namespace Sync.Web.OAuth;

/// <summary>The resources for which a token can be requested (<c>resource</c>, RFC 8707): this server and its MCP endpoint, with or without a slash at the end.</summary>
internal sealed class OwnResources(SyncOptions options)
{
    /// <summary>The resources by their names.</summary>
    public IReadOnlyList<string> All { get; } = [options.PublicUrl, options.PublicUrl + "/", options.PublicUrl + "/mcp", options.PublicUrl + "/mcp/"];

    /// <summary>Whether each of these is one of ours; none at all is all of ours.</summary>
    public bool Hold(IEnumerable<string> resources) => resources.All(resource => All.Contains(resource, StringComparer.OrdinalIgnoreCase));
}
