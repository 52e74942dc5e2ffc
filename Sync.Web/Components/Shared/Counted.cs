using System.Globalization;

namespace Sync.Web.Components.Shared;

/// <summary>How many of something, in words: "1 agent", "1,200 agents".</summary>
internal static class Counted
{
    /// <summary>The number, and the thing in its singular or plural; without a plural of its own it takes an s.</summary>
    public static string Of(long count, string one, string? many = null) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? one : many ?? one + "s")}");
}
