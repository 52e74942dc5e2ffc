using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;

namespace Sync.Web.Mcp.Tools;

/// <summary>The arguments of a tool, read from its description.</summary>
/// <param name="Names">Their names, in the order in which they are described.</param>
/// <param name="Forms">What each of them accepts.</param>
/// <param name="Properties">The <c>properties</c> of the published input schema.</param>
internal sealed record ToolInput(ImmutableArray<string> Names, FrozenDictionary<string, ArgumentForm> Forms, JsonElement Properties);
