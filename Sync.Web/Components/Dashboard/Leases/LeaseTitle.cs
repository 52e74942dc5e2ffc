using Sync.Engine.Reads.Pages;

namespace Sync.Web.Components.Dashboard.Leases;

/// <summary>What a lease is called for people: its key, or, where that only counts up, what it covers.</summary>
internal static class LeaseTitle
{
    private const int MaxPaths = 3;

    // Whoever claims paths gets a key of its own for them: `paths:` and the number of the event.
    private const string OfPaths = "paths:";

    /// <summary>The title.</summary>
    public static string Of(LeaseModel lease)
    {
        if (!lease.Key.StartsWith(OfPaths, StringComparison.Ordinal) || lease.Holders is not [{ Paths: { IsDefaultOrEmpty: false } paths }, ..])
        {
            return lease.Key;
        }

        var named = string.Join(", ", paths.Take(MaxPaths));
        return paths.Length > MaxPaths ? $"{named} and {paths.Length - MaxPaths:N0} more" : named;
    }
}
