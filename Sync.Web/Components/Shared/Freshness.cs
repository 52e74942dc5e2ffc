namespace Sync.Web.Components.Shared;

/// <summary>
/// Marks what has just changed. Two classes with the same animation take turns: a browser starts an animation again only when its name changes,
/// and giving the row a new key instead would throw away its focus.
/// </summary>
internal static class Freshness
{
    private static readonly TimeSpan s_brief = TimeSpan.FromSeconds(2.5);

    public static string Class(DateTimeOffset changed, long turn, DateTimeOffset now) =>
        now - changed > s_brief ? "" : turn % 2 == 0 ? "fresh-a" : "fresh-b";
}
