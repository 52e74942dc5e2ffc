using System.Globalization;

namespace Sync.Web.Components.Shared;

/// <summary>A number of things in words.</summary>
internal static class Counted
{
    /// <summary>"1 agent", "1,204 agents".</summary>
    public static string Of(long count, string thing) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {thing}{(count == 1 ? "" : "s")}");
}
